"""Does the page say what the embedded data says? A person pays what the page says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from autod.domain.extraction import STATED, Found
from autod.domain.fields import names_where
from autod.grammar.dates import MONTHS
from autod.verify.page_index import DocumentIndex, letters_and_digits

_PRINTED = names_where(lambda field: field.about.printed)
_ENOUGH_WORDS = 40


def disagreements(found: Mapping[str, Found], index: DocumentIndex) -> list[str]:
    """The fields whose embedded value the pages do not show, where the pages have text at all."""
    if index.word_count < _ENOUGH_WORDS:
        return []
    return [
        name
        for name in _PRINTED
        if name in found and found[name].source in STATED and not _shown(found[name].value, index)
    ]


def _shown(value: Any, index: DocumentIndex) -> bool:
    if isinstance(value, date):
        return any(text in index.compact for text in _written(value))
    if isinstance(value, Decimal):
        # Nothing to pay is often left unsaid.
        return value == 0 or index.shows_amount(value)
    return letters_and_digits(str(value)) in index.compact


def _written(day: date) -> set[str]:
    """How a date may be printed, without spaces and punctuation."""
    years = (f"{day.year}", f"{day.year % 100:02d}")
    days = {f"{day.day:02d}", f"{day.day}"}
    months = {f"{day.month:02d}", f"{day.month}"}
    texts = {f"{day:%Y%m%d}"}
    for d in days:
        for m in months:
            texts |= {d + m + years[0], m + d + years[0], d + m + years[1], m + d + years[1]}
            texts |= {years[0] + m + d}
        for name in (letters_and_digits(name) for name, month in MONTHS.items() if month == day.month):
            texts |= {d + name, f"{d}de{name}", name + d}
    return texts
