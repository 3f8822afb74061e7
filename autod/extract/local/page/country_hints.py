"""What a page says in passing about its country, as far as dates and money are written differently there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from autod.extract.local.page.postal import US_STATES
from autod.grammar.dates import MONTH_FIRST
from autod.words import any_of

_AMERICAN = re.compile(
    rf"\b(?:{US_STATES})[ .,]{{1,2}}\d{{5}}(?:-\d{{4}})?\b|\bU\.?S\.?A\b\.?|\bUSD\b|\bUS\$"
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
    if language is not None and language not in MONTH_FIRST:
        return False
    here, there = american(texts), any(_ELSEWHERE.search(text) for text in texts)
    if here and not there:
        return True
    if there and not here:
        return False
    return None
