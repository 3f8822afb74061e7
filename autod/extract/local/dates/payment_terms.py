"""Payment terms in words: "payable within 30 days", "zahlbar innerhalb 14 Tagen", "à 30 jours"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autod.extract.local.page.layout import fold
from autod.words import any_of

_LONGEST = 120
_DAYS = any_of("terms.days")
_TERMS = re.compile(
    rf"\b{any_of('terms.pay')}\b[^.\d%]{{0,40}}(?P<days>\d{{1,3}}) ?(?:\(\w{{1,12}}\) )?"
    rf"(?:{any_of('terms.calendar')} )?(?P<unit>{_DAYS})\b(?=(?P<rest>[^.,;]{{0,40}}))"
    rf"|\b{any_of('terms.net_before')} ?(?P<net>\d{{1,3}})\b(?![.,]?\d| ?[%a-z])"
    rf"|\b(?P<before>\d{{1,3}}) ?{_DAYS} {any_of('terms.net')}\b"
    rf"|\b{any_of('terms.within')} (?P<within>\d{{1,3}}) {_DAYS}\b"
    rf"(?=[^.]{{0,40}}{any_of('terms.to_be_paid')})"
)
_NOT_FROM_DATE = re.compile(any_of("terms.not_from_date"))


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
