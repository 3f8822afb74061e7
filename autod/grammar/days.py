"""Whether a text says a day: it gives exactly this one, or a stretch of time that begins or ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from autod.grammar.dates import DateMatch, make_date
from autod.grammar.letters import with_digits
from autod.grammar.manner import Manner
from autod.grammar.periods import parse_periods

_OCR_DIGITS = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1"})


def day_spans(
    value: date, text: str, manner: Manner, *, starts: bool = False, ends: bool = False
) -> Iterator[tuple[int, int]]:
    """Where ``text`` says ``value``.

    Args:
        starts, ends: the field is the first or the last day of a stretch of time, so that a month, or a range
            that leaves a year or a month out, says it, too.
    """
    found: dict[tuple[int, int], None] = {}
    for said in _texts(text, manner):
        periods = parse_periods(said, manner.language, manner.day_first()) if starts or ends else []
        for period in periods:
            if value == (period.first if starts else period.last):
                found[period.start, period.end] = None
        for match in manner.dates(said):
            in_range = any(p.start <= match.start < p.end for p in periods)
            if value in readings(match) and not in_range:
                found[match.start, match.end] = None
    yield from found


def readings(match: DateMatch) -> tuple[date, ...]:
    """The days that a date can mean: two when nothing tells whether the day or the month comes first."""
    other = make_date(match.value.year, match.value.day, match.value.month) if match.ambiguous else None
    return (match.value,) if other is None else (match.value, other)


def _texts(text: str, manner: Manner) -> tuple[str, ...]:
    if not manner.ocr:
        return (text,)
    return tuple(dict.fromkeys((text, with_digits(text, _OCR_DIGITS))))
