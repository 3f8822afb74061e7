"""The words before tax numbers, and those that mark the recipient's own; ``|`` parts phrases."""

from __future__ import annotations

_ROWS: dict[str, str] = {
    "vat": (
        "vat | vat no | vat number | vat id | vat reg no | vat registration number | vat registration "
        "no | vat identification number | ust idnr | ust identnr | ust ident nr | ust id nr | ust id "
        "| ustidnr | umsatzsteuer id | umsatzsteuer identifikationsnummer | umsatzsteuer ident nr | "
        "umsatzsteuer id nr | mwst nr | mwst nummer | uid | uid nr | uid nummer | tva | no tva | n "
        "tva | numero de tva | numero tva | tva intracommunautaire | tva intracom | n tva "
        "intracommunautaire | id tva | identifiant tva | partita iva | p iva | piva | p i | iva | "
        "codice fiscale | cif | nif | nif cif | cif nif | nipc | contribuinte | no contribuinte | btw "
        "| btw nr | btw nummer | btw id | btw identificatienummer | umsatzsteuernummer"
    ),
    "local": (
        "steuernummer | steuer nr | steuer nummer | st nr | stnr | st nummer | tax number | tax no | "
        "tax id | tax id no | tax identification number | taxpayer identification number | ein | fein "
        "| employer identification number | federal tax id | federal id | federal id no | fed id | "
        "tin | gst | gst no | gst id | gst id no | gst reg no | gst registration no | gst number | "
        "gstin | abn | sst no | sst id | cnpj | cnpj cpf | cpf cnpj | rfc | rut | nit | ruc | cuit | "
        "siret | no siret | n siret | numero siret | siren | no siren | n siren"
    ),
}
TAX_LABELS = {key: tuple(phrase.strip() for phrase in row.split("|")) for key, row in _ROWS.items()}

_RECIPIENT = (
    "kunde | kaufer | your | ihre | customer | client | buyer | votre | cliente | acheteur | recipient | "
    "destinat | tomador | bill to | erwerber | klant"
)
RECIPIENT_WORDS = tuple(word.strip() for word in _RECIPIENT.split("|"))
