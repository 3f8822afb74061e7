"""Words that lead to the parties of a document: labels, legal forms, and words no name consists of."""

from __future__ import annotations

from typing import Final

ISSUER_LABELS: Final = (
    "seller", "vendor", "supplier", "from", "issued by", "issuer", "sold by", "remit to",
    "remit payment to", "remit address", "payable to", "make checks payable to",
    "please make payment to", "payee", "merchant", "service provider", "provider", "shipper",
    "landlord", "employer", "employer name", "company name", "payer s name", "insurer", "lender",
    "carrier", "account payable to", "beneficiary", "biller", "bill from", "verkäufer", "lieferant",
    "rechnungssteller", "aussteller", "absender", "zahlungsempfänger", "konto zahlbar an",
    "leistungserbringer", "auftragnehmer", "arbeitgeber", "vermieter", "versicherer", "vendeur",
    "fournisseur", "émetteur", "émis par", "expéditeur", "prestataire", "compte payable à", "employeur",
    "bailleur", "bénéficiaire", "assureur", "vendedor", "proveedor", "emisor", "emitido por",
    "remitente", "empresa", "empleador", "arrendador", "emitente", "prestador", "prestador de serviços",
    "prestador do serviço", "fornecedor", "remetente", "cedente", "beneficiário",
    "identificação do emitente", "senhorio", "locador", "venditore", "fornitore", "emittente",
    "cedente prestatore", "mittente", "conto pagabile a", "datore di lavoro", "locatore", "verkoper",
    "leverancier", "afzender", "werkgever", "begunstigde", "verhuurder",
)  # fmt: skip

RECIPIENT_LABELS: Final = (
    "bill to", "billed to", "invoice to", "invoiced to", "sold to", "ship to", "customer",
    "customer name", "client", "client name", "buyer", "buyer name", "purchaser", "to", "attention to",
    "recipient", "billing address", "deliver to", "prepared for", "quote to", "quotation for",
    "issued to", "consignee", "employee", "employee name", "account holder", "account name",
    "cardholder", "tenant", "borrower", "insured", "named insured", "policyholder", "patient",
    "patient name", "member", "advertiser", "advertiser name", "passenger", "passenger name",
    "received from", "recipient s name", "payable by", "payable by name address", "mail to",
    "bill to party", "billing information", "rechnungsempfänger", "käufer", "käufer leistungsempfänger",
    "kunde", "empfänger", "an", "rechnungsadresse", "rechnungsanschrift", "rechnung an", "auftraggeber",
    "arbeitnehmer", "mitarbeiter", "mieter", "versicherungsnehmer", "zahlbar durch",
    "zahlbar durch name adresse", "leistungsempfänger", "besteller", "patient in", "acheteur",
    "client facturé", "facturé à", "facturer à", "adressé à", "destinataire", "adresse de facturation",
    "salarié", "titulaire", "titulaire du compte", "locataire", "assuré", "souscripteur", "payable par",
    "emprunteur", "cliente", "comprador", "facturar a", "facturado a", "destinatario",
    "datos del cliente", "trabajador", "titular", "arrendatario", "asegurado", "tomador", "paciente",
    "señor", "señores", "destinatário", "destinatário remetente", "tomador do serviço",
    "tomador de serviços", "adquirente", "sacado", "pagador", "faturar a", "exmo sr", "exmos senhores",
    "inquilino", "locatário", "segurado", "funcionário", "dados do cliente", "acquirente",
    "cessionario committente", "spett le", "spettabile", "intestatario", "fatturato a", "dipendente",
    "pagabile da", "conduttore", "contraente", "destinatario fattura", "spett", "klant", "koper", "aan",
    "factuuradres", "factureren aan", "ontvanger", "geadresseerde", "werknemer", "huurder",
    "rekeninghouder", "verzekeringnemer", "afnemer", "t a v", "assicurato", "contraente assicurato",
    "versicherte person", "verzekerde", "assegurado", "tomador del seguro", "preneur d'assurance",
    "abonado",
    "titular del contrato", "titular da conta", "titular de la cuenta", "kontoinhaber", "karteninhaber",
    "darlehensnehmer", "kreditnehmer", "prestatario", "mutuario", "mutuatario", "kredietnemer", "lessee",
    "renter", "insured person", "policy holder", "account owner", "warranty holder", "purchaser name",
    "reisende", "reisender", "fahrgast", "passager", "voyageur", "pasajero", "viajero", "passageiro",
    "passeggero", "viaggiatore", "passagier", "reiziger", "guest", "guest name", "gast", "attendee",
    "ticket holder", "traveler", "traveller", "this is to certify that", "this certifies that",
    "presented to", "awarded to", "hiermit wird bescheinigt dass", "verliehen an", "nous certifions que",
    "décerné à", "certifie que", "se certifica que", "certifica que", "otorgado a", "si certifica che",
    "conferito a", "hierbij wordt verklaard dat", "uitgereikt aan", "we certify that", "kontoinhaberin",
    "zahlungspflichtiger", "schuldner", "debtor", "debiteur", "deudor", "debitore",
)  # fmt: skip

# Recipients by these labels yield to the others where both are printed: they name where goods go or who pays.
WEAK_RECIPIENT_LABELS: Final = frozenset({
    "ship to", "deliver to", "consignee", "to", "an", "aan", "member", "mail to", "attention to",
    "billing address", "empfänger", "titular", "t a v", "tomador do serviço", "client", "customer",
    "received from", "buyer",
})  # fmt: skip
WEAK_ISSUER_LABELS: Final = frozenset({
    "from", "empresa", "carrier", "provider", "supplier", "vendor", "shipper", "remitente", "remetente",
    "mittente", "beneficiary", "company name", "payable to", "lieferant", "fournisseur", "leverancier",
    "fornitore",
})  # fmt: skip

# On an invoice these stand beside the issuer's bank account, elsewhere beside the addressee's.
ACCOUNT_HOLDER_LABELS: Final = frozenset({
    "account holder", "account name", "titulaire du compte", "titulaire", "titular",
    "titular de la cuenta",
    "titular da conta", "rekeninghouder", "intestatario", "kontoinhaber", "kontoinhaberin",
    "account owner",
})  # fmt: skip

# Labels that say "the name stands here" inside a party's box.
NAME_LABELS: Final = (
    "name", "full name", "company", "firma", "firmenname", "nom", "raison sociale", "nombre",
    "razón social", "nome", "razão social", "nome razão social", "ragione sociale", "denominazione",
    "naam", "bedrijfsnaam", "name or company", "nome empresarial", "nome nome empresarial",
    "nom et prénom", "nom prénom", "nombre o razón social", "nome completo",
)  # fmt: skip

LEGAL_FORMS: Final = (
    "gmbh", "g m b h", "mbh", "ag", "kg", "kgaa", "ohg", "gbr", "ug", "e k", "e v", "eg", "se", "co kg",
    "partg", "partg mbb", "ltd", "limited", "llc", "l l c", "inc", "incorporated", "corp",
    "corporation", "plc", "llp", "lp", "l p", "co", "company", "pte ltd", "pty ltd", "sdn bhd", "bhd",
    "s b", "enterprise", "trading", "sa", "s a", "sas", "s a s", "sasu", "sarl", "s a r l", "eurl",
    "sci", "snc", "s n c", "spa", "s p a", "srl", "s r l", "sapa", "sl", "s l", "slu", "s l u", "sau",
    "lda", "ltda", "s a u", "unipessoal lda", "eireli", "me", "epp", "mei", "bv", "b v", "nv", "n v",
    "vof", "v o f", "bvba", "aps", "a s", "ab", "oy", "as", "sp z o o", "kft", "genossenschaft",
    "stiftung", "verein", "bank", "sparkasse", "volksbank", "versicherung", "versicherungen",
    "stadtwerke", "insurance", "university", "universität", "foundation", "hospital", "association",
    "trust", "n a", "council", "finanzamt", "gemeinde", "mairie", "ayuntamiento", "comune", "gemeente",
    "belastingdienst", "society", "cooperative", "credit union", "institut", "institute", "institution",
    "school", "college", "academy", "akademie", "hochschule", "schule", "université", "universidad",
    "universidade", "università", "universiteit", "ministry", "ministère", "ministerio", "ministero",
    "agency", "landratsamt", "préfecture", "tribunal", "gericht", "amtsgericht", "klinik", "klinikum",
    "krankenhaus", "clinic", "clinique", "hôpital", "ospedale", "ziekenhuis", "diagnostics",
    "laboratory",
    "centro de salud", "praxis", "kanzlei", "notar", "câmara municipal", "prefeitura",
    "direction générale",
    "department of", "city of", "county of", "town of", "ville de", "stadt", "agencia tributaria",
)  # fmt: skip

# Forms that are ordinary words elsewhere or match initials: they make no name by themselves.
WEAK_FORMS: Final = frozenset({
    "me", "as", "se", "co", "company", "s b", "a s", "lp", "l p", "ab", "sa", "s a", "trading",
    "enterprise", "ag", "sl", "s l", "trust", "n a", "bank", "insurance", "council", "society",
    "association", "foundation", "hospital", "university", "verein", "versicherung", "limited",
    "gemeinde", "comune", "eg", "ug", "mei", "epp", "oy", "aps", "sci", "versicherungen", "corporation",
    "stiftung", "institut", "institute", "institution", "school", "college", "academy", "akademie",
    "hochschule", "schule", "université", "universidad", "universidade", "università", "universiteit",
    "ministry", "ministère", "ministerio", "ministero", "agency", "landratsamt", "préfecture",
    "tribunal",
    "gericht", "amtsgericht", "klinik", "klinikum", "krankenhaus", "clinic", "clinique", "hôpital",
    "ospedale",
    "ziekenhuis", "diagnostics", "laboratory", "centro de salud", "praxis", "kanzlei", "notar",
    "câmara municipal", "prefeitura", "direction générale", "department of", "city of", "county of",
    "town of",
    "ville de", "stadt", "agencia tributaria",
})  # fmt: skip

# Institutions whose names begin with what they are: "Institut de ...", "City of ...".
LEADING_FORMS: Final = frozenset({
    "institut", "institute", "university", "université", "universidad", "universidade", "università",
    "universität",
    "universiteit", "ministry", "ministère", "ministerio", "ministero", "tribunal", "amtsgericht",
    "landratsamt",
    "préfecture", "klinik", "klinikum", "krankenhaus", "clinique", "hôpital", "hospital", "ospedale",
    "ziekenhuis",
    "câmara municipal", "prefeitura", "direction générale", "department of", "city of", "county of",
    "town of",
    "ville de", "stadt", "stadtwerke", "sparkasse", "volksbank", "gemeinde", "gemeente", "mairie",
    "ayuntamiento",
    "comune", "finanzamt", "bank", "agencia tributaria", "centro de salud", "praxis", "kanzlei",
    "academy",
    "akademie", "school", "college", "hochschule", "belastingdienst",
})  # fmt: skip

# A line beginning with one of these is a label or a heading, never a name.
NOT_A_NAME: Final = (
    "reconciliation", "entered by", "billing", "calendar", "flight dates", "page of",
    "date", "datum", "fecha", "data", "page", "seite", "página", "pagina", "tel", "telefon",
    "telephone", "phone", "fax", "mobile", "mobil", "email", "e mail", "mail", "web", "www", "website",
    "internet", "iban", "bic", "swift", "bank details", "bankverbindung", "vat", "vat no", "vat number",
    "ust id", "ust idnr", "ust id nr", "steuernummer", "steuer nr", "tva", "siret", "siren", "nif",
    "cif", "nipc", "cnpj", "cpf", "ie", "p iva", "partita iva", "codice fiscale", "btw", "kvk", "gst",
    "gst id", "gst no", "sst", "co reg", "reg no", "registration", "company no", "gln",
    "globale nummer", "nummer", "number", "no", "nr", "ref", "reference", "our ref", "your ref",
    "unser zeichen", "ihr zeichen", "order", "order no", "order number", "bestellung", "bestellnummer",
    "kundennummer", "customer no", "customer number", "customer id", "kundennr", "account",
    "account no", "account number", "konto", "kontonummer", "total", "subtotal", "amount", "betrag",
    "summe", "description", "beschreibung", "quantity", "qty", "menge", "price", "preis", "due date",
    "fällig", "terms", "payment terms", "address", "anschrift", "adresse", "dirección", "endereço",
    "indirizzo", "adres", "telefono", "teléfono", "telefone", "fone", "attention", "attn", "contact",
    "ansprechpartner", "ansprechpartnerin", "sachbearbeiter", "cashier", "table", "till", "time",
    "uhrzeit", "invoice date", "invoice no", "invoice number", "receipt", "rechnungsdatum",
    "rechnungsnummer", "billing address", "shipping address", "delivery address", "lieferanschrift",
    "lieferadresse", "adresse de livraison", "adresse de facturation", "dear", "sehr geehrte",
    "sehr geehrter", "estimado", "geachte", "subject", "betreff", "objet", "asunto", "oggetto",
    "betreft", "re", "via", "thank you", "thanks", "vielen dank", "merci", "gracias", "obrigado",
    "grazie", "bedankt", "welcome", "willkommen", "copy", "kopie", "original", "duplicate",
    "customer copy", "merchant copy", "confidential", "personal and confidential",
    "private and confidential", "exhibit", "logo", "handelsregister", "amtsgericht", "registergericht",
    "geschäftsführer", "vorstand", "aufsichtsrat", "inhaber", "capital", "rcs", "ape", "naf",
    "stylesheet", "print date", "printed", "status", "type", "terms and conditions", "currency",
    "währung", "sub total", "period", "tax", "tax id", "tax invoice", "chave de acesso", "protocolo",
    "inscrição estadual", "inscrição municipal", "município", "bairro", "cep", "uf", "série", "modelo",
    "folha", "telefone fax", "nome", "razão social", "name", "company", "none", "yes", "see",
    "special handling", "product", "property", "station", "estimate", "estimate number", "sales office",
    "account executive", "salesperson", "agency", "market", "handelsname", "usage", "balance",
    "opening balance", "closing balance", "employee id", "pay period", "pay date", "department",
    "position", "policy number", "claim number", "statement", "statement period", "statement date",
    "ordered by", "sort code", "bill type", "buyer", "demo", "brand", "remarks", "note", "notes",
    "code", "id", "details", "information", "info", "cfop", "natureza", "afleveradres", "factuuradres",
    "leveringsadres", "numeração", "quantidade", "ladies and gentlemen", "to whom it may concern",
    "sehr geehrte damen und herren", "page no", "request for", "department of the treasury", "hinweis",
    "bemerkung", "artikel", "artikelnummer", "pos", "einheit", "item", "items", "unit price",
    "einzelpreis", "gesamtpreis", "mwst", "netto", "brutto", "valor", "valeur", "designation",
    "désignation", "quantité", "montant", "prix", "cantidad", "importe", "precio", "aantal",
    "omschrijving", "prijs", "bedrag", "quantità", "prezzo", "importo", "descrizione", "lieferdatum",
    "leistungsdatum", "liefer und leistungsdatum", "zahlungsbedingungen", "zahlbar", "gültig bis",
    "valid until", "signature", "unterschrift", "assinatura", "firma", "handtekening",
)  # fmt: skip

SALUTATIONS: Final = (
    "herr", "herrn", "frau", "familie", "firma", "fa", "eheleute", "mr", "mrs", "ms", "miss", "dr",
    "monsieur", "madame", "mademoiselle", "m", "mme", "sr", "sra", "señor", "señora", "sig", "sig ra",
    "spett le", "spettabile", "dhr", "mevr", "de heer", "mevrouw", "exmo sr", "exma sra", "company",
    "société", "an", "to", "attention", "attn", "herrn und frau", "ilmo sr", "don", "doña", "dña",
    "d ña",
    "sig na", "sigra", "signor", "signora", "gentile", "egr", "gent", "prof", "dott", "dott ssa",
    "avv", "ing",
    "mag", "dipl ing", "exmo", "exma", "ilma sra", "mw", "mevr", "mlle", "dhr en mevr", "mr and mrs",
    "mr mrs", "monsieur et madame", "m et mme", "sr y sra", "de heer en mevrouw",
)  # fmt: skip
