"""Payment terms in words: "payable within 30 days", "zahlbar innerhalb 14 Tagen", "à 30 jours"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autod.extract.local.layout import fold

_LONGEST = 120
_TERMS = re.compile(
    r"\b(?:payable|payment|due|pay|paid|net|terms?|zahlbar|zahlung|zahlungsziel|zahlungsbedingung(?:en)?|"
    r"fallig|netto|paiement|reglement|reglee?|pago|pagar|pagamento|pagare|betaling|betalen|betaaltermijn|"
    r"betalingstermijn|voldoen|begleichen|uberweisen|uberweisung)\b"
    r"[^.\d%]{0,40}(?P<days>\d{1,3}) ?(?:\(\w{1,12}\) )?(?:calendar )?"
    r"(?P<unit>days|day|tagen?|jours|dias|giorni|dagen)\b(?=(?P<rest>[^.,;]{0,40}))"
    r"|\bnet ?(?P<net>\d{1,3})\b(?![.,]?\d| ?[%a-z])"
    r"|\b(?P<before>\d{1,3}) ?(?:days|tage) (?:net|netto)\b"
    r"|\binnerhalb (?:von )?(?P<within>\d{1,3}) tagen?\b"
    r"(?=[^.]{0,40}(?:zahlbar|zu zahlen|begleichen|uberweisen))"
)
_NOT_FROM_DATE = re.compile(
    r"receipt|erhalt|zugang|reception|recibo|ricevimento|ontvangst|recepcion|fin de mois|fine mese|"
    r"end of month|eom|monatsende|fim do mes|fin de mes|einde maand|delivery|lieferung|livraison|skonto|"
    r"business|working|werktag|arbeitstag|ouvre|habiles|uteis|lavorativi|werkdagen"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Days to pay, counted from the document's date, and where that is said."""

    days: int
    start: int
    end: int


def days_to_pay(text: str) -> Terms | None:
    """The payment terms in one line; the longest when a discount for early payment is offered too."""
    if not any(character.isdigit() for character in text):
        return None
    found = None
    for m in _TERMS.finditer(fold(text)):
        days = int(m["days"] or m["net"] or m["before"] or m["within"])
        end = m.end("unit") if m["unit"] else m.end()
        if not 0 < days <= _LONGEST or (m["rest"] and _NOT_FROM_DATE.search(m["rest"])):
            continue
        if found is None or days > found.days:
            found = Terms(days, m.start(), end)
    return found
