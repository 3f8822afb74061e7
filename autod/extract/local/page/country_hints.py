"""What a page says in passing about its country, as far as dates and money are written differently there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from autod.words import any_of

_STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND "
    "OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC"
).replace(" ", "|")
_AMERICAN = re.compile(
    rf"\b(?:{_STATES})[ .,]{{1,2}}\d{{5}}(?:-\d{{4}})?\b|\bU\.?S\.?A\b\.?|\bUSD\b|\bUS\$"
    rf"|\b(?i:{any_of('countries.american')})\b"
)
_ELSEWHERE = re.compile(
    rf"€|£|₹|\b(?:EUR|GBP|INR|MYR|CHF)\b|\bRM ?\d|\b{any_of('countries.elsewhere')}\b", re.IGNORECASE
)


def american(texts: Iterable[str]) -> bool:
    """Whether a US address or the US dollar is named."""
    return any(_AMERICAN.search(text) for text in texts)


def month_first_country(texts: list[str], language: str | None) -> bool | None:
    """Whether the month comes first where the document is from; ``None`` when that cannot be told."""
    if language not in (None, "en"):
        return False
    here, there = american(texts), any(_ELSEWHERE.search(text) for text in texts)
    if here and not there:
        return True
    if there and not here:
        return False
    return None
