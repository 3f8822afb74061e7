"""Right values with quotes as models clumsily write them; and the same quotes under wrong values."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from autod.domain.fields import FIELDS
from tests.forging.answers import Case, Json
from tests.forging.forgeries import NAMES, NUMBERS
from tests.forging.judging import Fate, Table, believed, reads_as_itself


def clumsy_table(chosen: Sequence[Case], every: int = 1) -> Table:
    table = Table()
    tried = ((case, *one) for case in chosen for one in _clumsy(case))
    for number, (case, kind, name, entry) in enumerate(tried):
        if number % every:
            continue
        for wrong, value in (("right", entry["value"]), ("forged", forged(name, entry["value"]))):
            if value is None:
                continue
            answer = {**case.answer, name: {**entry, "value": value}}
            extraction = believed(answer, case.reading, blind=name)
            now = getattr(extraction.metadata, name)
            what = Fate.REFUSED
            if now is not None and _plain(now) == value:
                what = Fate.REVIEW if name in extraction.needs_review else Fate.ACCEPTED
            table.note(wrong, kind, name, what)
    return table


def forged(name: str, value: Any) -> Any:
    """Another value of the same kind that no page shows."""
    if FIELDS[name].is_amount:
        return value + 1.11
    if FIELDS[name].kind is date:
        day = date.fromisoformat(value)
        return day.replace(year=day.year + 1, day=min(day.day, 28)).isoformat()
    return f"{value} Holding" if name in NAMES else f"{value}7"


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _clumsy(case: Case) -> Iterator[tuple[str, str, Json]]:
    for name, item in case.answer.items():
        field = FIELDS[name]
        if field.is_list:
            continue
        if not (field.is_amount or field.kind is date or name in NAMES or name in NUMBERS):
            continue
        if not reads_as_itself(case, name):
            continue
        for kind, quote in _quotes(case, name, item):
            if quote and quote != item["quote"]:
                yield kind, name, {**item, "quote": quote}


def _quotes(case: Case, name: str, item: Json) -> Iterator[tuple[str, str | None]]:
    quote: str = item["quote"]
    line = next((t for page in case.reading.pages for ln in page.lines if quote in (t := ln.text)), quote)
    yield "ellipsis", f"…{quote}…"
    yield "ellipsis of points", f"{quote} ..."
    yield "line break", quote.replace(" ", "\n", 1)
    half = len(quote) // 2
    yield "hyphen and break", f"{quote[:half]}-\n{quote[half:]}" if quote[half - 1 :][:2].isalpha() else None
    yield "one word too many behind", f"{quote} printed"
    yield "one word too many before", f"value: {quote}"
    yield "the whole line and a word", f"{line} xyz"
    yield "O for 0", quote.replace("0", "O") if "0" in quote else None
    yield "other case", quote.swapcase() if quote.swapcase() != quote else None
    plain = "".join(c for c in unicodedata.normalize("NFD", quote) if not unicodedata.combining(c))
    yield "no accents", plain
    if FIELDS[name].kind is date:
        yield "ISO date", item["value"]
    if FIELDS[name].is_amount:
        yield "plain number", f"{item['value']:.2f}"
    parts = quote.split()
    yield "one word too few", " ".join(parts[:-1]) if name in NAMES and len(parts) > 2 else None
