"""The words that stand before numbers on documents: tables only; ``|`` parts the phrases of a row.

Keys are what the number belongs to. A phrase that names a number ("invoice number") is sure of one; a bare
phrase (key with ``?``) names a document, and counts only when a number follows at once.
"""

from __future__ import annotations

from autod.extract.local.layout import LabelTable


def _phrases(row: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in row.split("|"))


_STEMS: dict[str, str] = {
    "invoice": (
        "invoice | inv | tax invoice | bill | facture | factura | fattura | fatura | factuur | "
        "rechnungs | rechnung | de facture | de factura | nota fiscal | da nota | da fatura | da nfs "
        "e | da nf e"
    ),
    "credit": (
        "credit note | credit memo | credit | gutschrift | gutschrifts | avoir | nota credito | nota "
        "di credito | nota de credito | creditnota | creditfactuur | rechnungskorrektur"
    ),
    "receipt": (
        "receipt | cash bill | cash sale | slip | bon | kassenbon | quittung | quittungs | recu | "
        "ticket de caisse | recibo | ricevuta | scontrino | bonnummer | cash receipt"
    ),
    "order": (
        "purchase order | order | p o | po | bestell | bestellung | auftrags | auftrag | commande | "
        "bon de commande | de commande | pedido | orden de compra | ordine | ordem de compra | "
        "inkooporder | bestelling"
    ),
    "confirmation": (
        "order confirmation | order acknowledgement | order response | "
        "auftragsbestatigung | auftragsbestatigungs | confirmation de commande | confirmation | "
        "conferma ordine | orderbevestiging"
    ),
    "sales": "sales order | sales order reference",
    "change": "order change | purchase order change | change order",
    "quote": (
        "quote | quotation | offer | estimate | proposal | angebots | angebot | devis | presupuesto | "
        "preventivo | orcamento | offerte | offertenummer | cotizacion"
    ),
    "delivery": (
        "delivery note | packing slip | packing list | delivery | lieferschein | lieferscheins | bon "
        "de livraison | albaran | bolla | ddt | pakbon | guia de remessa"
    ),
    "waybill": (
        "waybill | air waybill | awb | bill of lading | b l | consignment | tracking | frachtbrief | "
        "shipment | cte | ct e | mdf e | lettre de voiture"
    ),
    "statement": (
        "statement | kontoauszug | auszug | auszugs | releve | extracto | extrato | estratto conto | "
        "afschrift | rekeningafschrift"
    ),
    "contract": (
        "contract | agreement | vertrags | vertrag | contrat | de contrat | contrato | contratto | "
        "contract revision | lease | mietvertrags"
    ),
    "reminder": "reminder | dunning | mahnungs | mahn | mahnung | relance | sollecito",
    "payslip": "payslip | pay slip | advice | lohnabrechnungs | bulletin",
    "assessment": "assessment | bescheid | bescheids | avis | notice | de l avis | avis d imposition",
    "certificate": "certificate | zertifikats | zertifikat | certificat | certificado | certificato",
    "booking": (
        "booking | reservation | ticket | buchungs | dossier | reserva | prenotazione | confirmation "
        "code | booking reference | pnr"
    ),
    "report": "report | case | file | berichts | rapport | prufberichts",
    "prescription": "prescription | rx | rezept | ordonnance",
    "account": (
        "account | acct | a c | acc | konto | bank account | compte | de compte | cuenta | de cuenta "
        "| conta | da conta | conto | rekening | contract account | vertragskonto | buchungskonto"
    ),
    "customer": (
        "customer | client | kunden | kunde | de client | cliente | de cliente | do cliente | klant | "
        "debiteuren | debitoren | debitor | member | membership | mitglieds | abonne | patient | "
        "patienten | acheteur | reference client | votre reference client | abonnement | member | tu cliente"
    ),
    "policy": (
        "policy | insurance policy | versicherungsschein | versicherungs | policen | police | de "
        "police | poliza | apolice | polizza | polis | versicherungsscheins"
    ),
    "claim": (
        "claim | claim reference | schaden | schadens | sinistre | de sinistre | siniestro | sinistro "
        "| schade"
    ),
    "loan": (
        "loan | loan account | mortgage | darlehens | darlehen | kredit | kreditvertrags | pret | de "
        "pret | prestamo | emprestimo | mutuo | lening"
    ),
    "document": (
        "document | doc | beleg | dokument | dokumenten | piece | documento | vorgangs | transaction "
        "| buchungsbeleg | voucher"
    ),
    "reference": (
        "reference | our reference | our ref | unser zeichen | geschaftszeichen | aktenzeichen | "
        "notre reference | nostro riferimento | nuestra referencia | file reference | case reference "
        "| ons kenmerk | dossier | prot | protocollo | expediente | nuestra ref"
    ),
}

# Numbers of other things, known so that they are not taken for the document's own.
_OTHERS = (
    "alt order | alt order number | alternate order | your order | your reference | your ref | "
    "ihre bestellung | ihre bestellnummer | ihr zeichen | votre commande | votre reference | su "
    "pedido | vostro ordine | uw referentie | uw kenmerk | customer order | customer order number "
    "| customer reference | customer po | kundenreferenz | original invoice | invoice date | "
    "order date | rechnungsdatum | date de facture | contract date | contract dates | contract "
    "agreement between | invoice period | invoice month | invoice total | invoice amount | order "
    "type | order total | statement date | bill date | bill to | bill period | account type | "
    "account name | account executive | account rep | account manager | account holder | customer "
    "name | customer service | policy holder | policyholder | policy period | policy type | claim "
    "date | loan amount | loan type | loan term | product no | product number | item no | item "
    "number | artikelnummer | artikel nr | serial number | serial no | page no | page number | "
    "phone no | tel no | fax no | line no | position no | house no | unit no | room no | table no "
    "| reg no | company no | registration no | co reg no | handelsregisternummer | batch no | "
    "model no | vat number | vat no | gst no | tax no | id no | gst id no | gst reg no | "
    "commercial register | supplier number | lieferantennummer | lieferanten nr | lief nr | "
    "estimate number | estimate | payment reference | verwendungszweck | zahlungsreferenz | "
    "referenz | invoice to | order by | ordered by | invoice address | "
    "rechnungsadresse | rechnungsempfanger | rechnungsbetrag | lieferdatum | credit card | credit "
    "limit | credit terms | account balance | document type | document date | receipt date | "
    "ticket type | case of | delivery date | routing number | sort code | bank code | bank code "
    "number | blz | bankleitzahl | branch code"
)

# A number printed with its revision under one heading.
_REVISED: dict[str, str] = {
    "contract": "contract revision | contract rev | agreement revision",
    "order": "order revision | order rev",
}

_NEVER_BARE = ("account", "customer", "policy", "claim", "loan")
_COMPOUND_TAILS = ("nummer", "nr", "no", "number")
_NUMBER_AFTER = _phrases(
    "number | numbers | no | nr | num | nbr | id | n | nummer | numero | ref no | reference | "
    "reference number | reference no | code | nos | number s | no s"
)
_NUMBER_BEFORE = _phrases(
    "no | n | nr | numero | num | nro | numero de | numero do | numero da | no de | n de | numero "
    "del | n o | code | codice | ref | nr do | nr da | numero di"
)


def _named() -> dict[str, list[str]]:
    table: dict[str, list[str]] = {"other": list(_phrases(_OTHERS))}
    for key, row in _STEMS.items():
        known = table.setdefault(key, list(_phrases(_REVISED[key])) if key in _REVISED else [])
        for stem in _phrases(row):
            known += [f"{stem} {word}" for word in _NUMBER_AFTER]
            known += [f"{word} {stem}" for word in _NUMBER_BEFORE]
            known += [stem + tail for tail in _COMPOUND_TAILS]
    return table


def _bare() -> dict[str, tuple[str, ...]]:
    return {f"{key}?": _phrases(row) for key, row in _STEMS.items() if key not in _NEVER_BARE}


LABELS = LabelTable({**_named(), **_bare()})

# Ends of words that say, somewhere before a bare "No.", what is numbered; "other" is nothing of ours.
_ENDINGS: dict[str, str] = {
    "other": (
        "bestelldatum | seite | page | pagina | tel | telefon | phone | fax | konto | reg | "
        "handelsregister | steuer | ust | vat | gst | tax | artikel | item | pos | position | kunden "
        "| kunde | customer | client | lieferanten | your | ihre | ihr | votre | table | etage | "
        "floor | lot | unit | suite | jalan | street | ursprungsbeleg | original | originalrechnung | "
        "alt | ursprungsrechnung"
    ),
    "credit": "gutschrift | korrektur | stornorechnung | creditnote | avoir | credit | rettificativa",
    "confirmation": "auftragsbestatigung | bestatigung | acknowledgement | confirmation",
    "invoice": (
        "rechnung | invoice | facture | fattura | factura | fatura | factuur | abrechnung | buchungshilfe"
    ),
    "order": "bestellung | order | commande | pedido | ordine | auftrag | bestelling",
    "quote": "angebot | quotation | quote | devis | preventivo | presupuesto | offerte | orcamento",
    "delivery": "lieferschein | livraison | albaran | pakbon",
    "contract": "vertrag | contract | agreement | contrat | contrato | contratto",
    "statement": "auszug | statement | releve | extrato | extracto",
    "receipt": "receipt | quittung | beleg | recu | recibo | ricevuta | bon",
    "reminder": "mahnung | reminder | zahlungserinnerung | relance",
    "certificate": "certificate | zertifikat | certificat",
    "report": "report | bericht | rapport",
}
KIND_ENDINGS = {key: _phrases(row) for key, row in _ENDINGS.items()}

FIELDS = {
    "account_number": "account",
    "customer_number": "customer",
    "policy_number": "policy",
    "claim_number": "claim",
    "loan_number": "loan",
}
