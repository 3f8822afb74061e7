"""Meter readings on utility bills: the meter's number, its new reading, the unit, the day it was read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from autod.domain.extraction import Found
from autod.domain.kinds import DocType, kind_of
from autod.domain.metadata import MeterReading
from autod.domain.reading import Box, Line, Page, Reading, Word
from autod.extract.local.page.layout import (
    LabelHit,
    Relation,
    candidates_for,
    find_labels,
    fold,
    layout_of,
    page_source,
    rows,
    under,
)
from autod.grammar.amounts import parse_amounts
from autod.grammar.dates import parse_dates
from autod.words import either, groups, table

_PAGES = 6
_MOST_METERS = 30
_MOST_LABELS = 10
_LONGEST_ROW = 60
_LABELS = table("meters.labels")
_UNITS = {printed: unit for unit, texts in groups("meters.units").items() for printed in texts}
_UNIT = re.compile(rf"(?<![a-z]){either(_UNITS)}(?![a-z0-9])")
_METER = re.compile(r"[A-Z0-9][A-Z0-9./\-]{2,24}")
_TABLE_REACH = 14.0  # rows of a table of readings, in heights of its heading
_LABELLED, _IN_TABLE, _LONE = 0.85, 0.8, 0.7


@dataclass(frozen=True, slots=True)
class _Seen:
    value: Decimal
    quote: str
    box: Box
    score: float
    hit: LabelHit


def find_meter_readings(reading: Reading, language: str | None, doc_type: DocType) -> dict[str, Found]:
    """``meter_readings`` of a bill: for each meter the newest reading; empty for other documents."""
    if not kind_of(doc_type).meters:
        return {}
    for page in reading.pages[:_PAGES]:
        hits = find_labels(page, _LABELS)
        meters = [hit for hit in hits if hit.key == "meter"][:_MOST_LABELS]
        newest = [hit for hit in hits if hit.key == "current"][:_MOST_LABELS]
        all_seen = (s for hit in newest for s in _values(page, hit, language))
        seen = list(islice(all_seen, _MOST_METERS))
        left_out = sum(1 for _ in all_seen)
        if not seen and meters and not any(hit.key == "previous" for hit in hits):
            lone = [hit for hit in hits if hit.key == "only"]
            seen = [s for hit in lone[:1] for s in _values(page, hit, language)][:1]
        readings = [_reading(page, s, meters, language) for s in seen]
        if readings:
            quote = " ".join(s.quote for s in seen)
            score = min(s.score for s in seen)
            box = Box.around([s.box for s in seen])
            source = page_source(page)
            found = Found(tuple(readings), score, source, page.number, quote, box, left_out)
            return {"meter_readings": found}
    return {}


def _values(page: Page, hit: LabelHit, language: str | None) -> Iterator[_Seen]:
    """The readings that ``hit`` announces: one beside it, or the column under it."""
    heading = not any(character.isdigit() for character in hit.line.text[hit.end :])
    for candidate in candidates_for(hit, reach=2.2):
        if candidate.relation is Relation.BELOW:
            break
        taken = _number(candidate.text, language)
        if taken is not None:
            value, start, end = taken
            yield _Seen(value, candidate.quote(start, end), candidate.box(start, end), _LABELLED, hit)
            return
        if candidate.relation is Relation.RIGHT and not candidate.text.strip(" :"):
            continue
        break
    if heading:
        yield from _column(page, hit, language)


def _column(page: Page, hit: LabelHit, language: str | None) -> Iterator[_Seen]:
    bottom = hit.box.y1 + _TABLE_REACH * hit.box.height
    last = hit.box.y1
    for row in rows(page):
        top = min(line.box.y0 for line in row)
        if top < hit.box.y1 - 1:
            continue
        if top > bottom or top > last + 3 * hit.box.height:
            return
        for line in row:
            words = _words_under(hit.box, line)
            taken = _number(" ".join(word.text for word in words), language) if words else None
            if taken is not None:
                box = Box.around([word.box for word in words])
                last = box.y1
                yield _Seen(taken[0], " ".join(word.text for word in words), box, _IN_TABLE, hit)


def _words_under(heading: Box, line: Line) -> list[Word]:
    """The words in the column of ``heading``: most lines are beside it, and need no look at their words."""
    if line.box.x1 <= heading.x0 or line.box.x0 >= heading.x1:
        return []
    return [word for word in line.words if under(heading, word.box)]


def _number(text: str, language: str | None) -> tuple[Decimal, int, int] | None:
    """The first plain number of ``text`` that is not part of a date and has no currency."""
    dates = parse_dates(text, language)
    for match in parse_amounts(text, language):
        inside = any(d.start < match.end and match.start < d.end for d in dates)
        if not inside and match.currency is None and match.symbol is None and match.value >= 0:
            return match.value, match.start, match.end
    return None


def _reading(page: Page, seen: _Seen, meters: list[LabelHit], language: str | None) -> MeterReading:
    level = _row(page, seen.box)
    text = " ".join(line.text for line in level)
    unit = _UNIT.search(fold(text)) or _UNIT.search(fold(seen.hit.line.text))
    days = parse_dates(text, language) or parse_dates(seen.hit.line.text, language)
    return MeterReading(
        meter=_meter(page, seen, meters),
        value=seen.value,
        unit=_UNITS[unit[0]] if unit else None,
        read_on=days[-1].value if days else None,
    )


def _meter(page: Page, seen: _Seen, meters: list[LabelHit]) -> str | None:
    """The number of the meter in the reading's row, else the only one the page names."""
    level = _row(page, seen.box)
    for hit in meters[:_MOST_LABELS]:
        for line in level:
            words = [word.text for word in _words_under(hit.box, line)]
            if words and line is not seen.hit.line and _is_meter(" ".join(words)):
                return " ".join(words)
    named = set()
    for hit in meters[:_MOST_LABELS]:
        for candidate in candidates_for(hit):
            match = _METER.search(candidate.text)
            if match and candidate.relation is not Relation.BELOW and _is_meter(match[0]):
                named.add(match[0])
                break
    return named.pop() if len(named) == 1 else None


def _row(page: Page, box: Box) -> list[Line]:
    """The lines level with ``box``, left to right."""
    near = islice(layout_of(page).between(box.y0 - box.height, box.y1), _LONGEST_ROW)
    return sorted((line for line in near if _level(line.box, box)), key=lambda line: line.box.x0)


def _is_meter(text: str) -> bool:
    return any(character.isdigit() for character in text) and _METER.fullmatch(text) is not None


def _level(one: Box, other: Box) -> bool:
    return min(one.y1, other.y1) - max(one.y0, other.y0) > 0.4 * min(one.height, other.height)
