"""Rows of a list, cell by cell: each number is said by words of its own, and no word is added."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from autod.domain.metadata import LineItem, MeterReading
from autod.grammar.days import day_spans
from autod.grammar.letters import letters_and_digits, name_spans, number_spans, runs
from autod.grammar.manner import Manner
from autod.grammar.money import amount_spans

Place = tuple[int, int]

_THOUSANDTHS = re.compile(r"(?<![\w.,])[-−–+]?\d{1,3}[.,]\d{3}(?![\w.,]*\d)")
_MOST_PLACES = 6


def said_part(row: Any, text: str, manner: Manner) -> Any:
    """The row with the cells that ``text`` says; None if it does not say what the row is about."""
    if isinstance(row, str):
        return row if any(True for _ in name_spans(row, text, ocr=manner.ocr)) else None
    if isinstance(row, LineItem) and not _in_order(row.description, text, manner):
        return None
    if isinstance(row, LineItem):
        return _with_cells(row, ("amount", "unit_price", "quantity"), text, manner)
    if isinstance(row, MeterReading):
        return _meter(row, text, manner)
    return None


def _meter(row: MeterReading, text: str, manner: Manner) -> MeterReading | None:
    if not any(True for _ in _number_places(row.value, text, manner)):
        return None
    keep: dict[str, Any] = {}
    if row.meter is not None and not any(True for _ in number_spans(row.meter, text, ocr=manner.ocr)):
        keep["meter"] = None
    if row.unit is not None and letters_and_digits(row.unit) not in {run.text for run in runs(text)}:
        keep["unit"] = None
    if isinstance(row.read_on, date) and not any(True for _ in day_spans(row.read_on, text, manner)):
        keep["read_on"] = None
    return row.model_copy(update=keep)


def _in_order(words: str, text: str, manner: Manner) -> bool:
    """Whether all words stand in ``text`` in order, be there others between them: a row has columns."""
    said = iter(run.text for run in runs(text, ocr=manner.ocr))
    return all(run.text in said for run in runs(words, ocr=manner.ocr)) and bool(letters_and_digits(words))


def _with_cells(row: BaseModel, names: Sequence[str], text: str, manner: Manner) -> Any:
    taken: list[Place] = []
    emptied: dict[str, Any] = {}
    for name in names:
        value = getattr(row, name)
        if value is None:
            continue
        place = next((p for p in _number_places(value, text, manner) if _is_free(p, taken)), None)
        if place is None:
            emptied[name] = None
        else:
            taken.append(place)
    return row.model_copy(update=emptied)


def _number_places(value: Decimal, text: str, manner: Manner) -> Iterable[Place]:
    """As for an amount; three digits behind the separator may be thousandths, as of a quantity."""
    places = list(amount_spans(value, text, manner, columns=True))
    places += [m.span() for m in _THOUSANDTHS.finditer(text) if Decimal(m.group().replace(",", ".")) == value]
    # The last of equal numbers first: amounts stand behind prices, and prices behind quantities.
    return sorted(dict.fromkeys(places), reverse=True)[:_MOST_PLACES]


def _is_free(place: Place, taken: Sequence[Place]) -> bool:
    return all(place[1] <= start or place[0] >= end for start, end in taken)
