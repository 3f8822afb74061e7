"""Small words and words of paperwork, by language: what tells one language from another on a page.

The seven languages of our word lists come with words; py3langid alone decides about the others.
"""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = (
    "en", "de", "fr", "es", "pt", "it", "nl", "pl", "cs", "da", "sv", "no", "fi", "hu", "ro", "tr",
    "ms", "id", "ca", "el", "ru", "uk", "bg", "hr", "sk", "sl", "ja", "zh", "ko", "ar", "he", "vi",
)  # fmt: skip

FUNCTION_WORDS: Final = {
    "en": (
        "the and of to for with is are was this that your you we our by from on be or not have has if "
        "any please will shall which invoice date total amount number page description quantity price "
        "tax due bill payment account name address order receipt cash change thank customer statement "
        "balance period unit item items subtotal net gross agreement form company between each all "
        "paid bank contract advertiser employee employer signature"
    ),
    "de": (
        "der die das und ist nicht mit von für zu den dem des ein eine einer eines auf im bei wir sie "
        "ihr ihre ihnen uns bitte oder als nach vom zum zur sich werden wird sind haben rechnung "
        "datum betrag menge preis summe gesamt seite kunde nummer anschrift straße strasse zahlung "
        "konto bezeichnung mwst netto brutto einzelpreis lieferung vertrag steuer kundennummer "
        "rechnungsnummer rechnungsdatum gesamtbetrag währung zahlbar verkäufer käufer betreff"
    ),
    "fr": (
        "le la les des du et est pour dans avec sur par une un au aux vous nous votre notre qui que "
        "ce cette ces ou en sont pas être facture montant quantité prix numéro adresse client "
        "paiement compte désignation désignations échéance tva ht ttc livraison commande société "
        "siret banque règlement conditions contrat objet page total"
    ),
    "es": (
        "el la los las del y es para con por una un al su sus que en no se como más este esta lo "
        "factura fecha importe cantidad precio número dirección cliente pago cuenta descripción iva "
        "total empresa domicilio código vencimiento banco contrato recibo teléfono forma artículo "
        "nombre usted periodo"
    ),
    "pt": (
        "o a os as do da dos das e é para com por uma um ao à que em no na nos nas não se como mais "
        "este esta seu sua fatura data valor quantidade preço número endereço cliente pagamento conta "
        "descrição total empresa nome município bairro emissão série natureza código vencimento "
        "contribuinte imposto recibo contrato serviço transporte destinatário remetente chave nota "
        "cálculo"
    ),
    "it": (
        "il lo la i gli le del della dei delle e è per con una un al alla che di in non si come più "
        "questo questa suo fattura data importo quantità prezzo numero indirizzo cliente pagamento "
        "conto descrizione totale iva azienda via nome imponibile scadenza banca contratto ricevuta "
        "partita codice fiscale spett pagina sconto"
    ),
    "nl": (
        "de het een en van voor met is zijn op te dat die aan bij uit door naar u uw wij onze niet "
        "ook of als worden wordt factuur datum bedrag aantal prijs nummer adres klant betaling "
        "rekening omschrijving btw totaal bedrijf straat klantnummer factuurnummer factuurdatum "
        "vervaldatum kvk levering overeenkomst artikel incl excl pagina"
    ),
}
