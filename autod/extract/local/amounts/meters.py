"""Meter readings on utility bills: the meter's number, its new reading, the unit, the day it was read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from autod.domain.extraction import Found
from autod.domain.kinds import DocType, kind_of
from autod.domain.metadata import MeterReading
from autod.domain.reading import Box, Line, Page, Reading
from autod.extract.local.page.candidates import Candidate, TextMatch
from autod.extract.local.page.layout import (
    LabelHit,
    find_labels,
    fold,
    layout_of,
    level,
    page_source,
    words_under,
)
from autod.extract.local.page.walk import Column, Habit, along, down
from autod.extract.local.weights import MeterWeights
from autod.grammar.amounts import AmountMatch, parse_amounts
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
_HABIT: Final = Habit(
    first_decides=True,
    reach=14.0,  # rows of a table of readings
    column=Column.WORDS,
    widest_row=3.0,
)
_METERS: Final = Habit()

MeterCandidate = Candidate[AmountMatch]


def find_meter_readings(reading: Reading, language: str | None, doc_type: DocType) -> dict[str, Found]:
    """``meter_readings`` of a bill: for each meter the newest reading; empty for other documents."""
    if not kind_of(doc_type).meters:
        return {}
    for page in reading.pages[:_PAGES]:
        hits = find_labels(page, _LABELS)
        meters = [hit for hit in hits if hit.key == "meter"][:_MOST_LABELS]
        newest = [hit for hit in hits if hit.key == "current"][:_MOST_LABELS]
        candidates = (candidate for hit in newest for candidate in _values(hit, language))
        newest_readings = list(islice(candidates, _MOST_METERS))
        left_out = sum(1 for _ in candidates)
        if not newest_readings and meters and not any(hit.key == "previous" for hit in hits):
            lone = [hit for hit in hits if hit.key == "only"]
            newest_readings = [candidate for hit in lone[:1] for candidate in _values(hit, language)][:1]
        readings = [_reading(page, candidate, meters, language) for candidate in newest_readings]
        if readings:
            quote = " ".join(candidate.quote for candidate in newest_readings)
            score = min(candidate.score for candidate in newest_readings)
            box = Box.around([candidate.box for candidate in newest_readings])
            source = page_source(page)
            proposal = Found(tuple(readings), score, source, page.number, quote, box, left_out)
            return {"meter_readings": proposal}
    return {}


def _values(hit: LabelHit, language: str | None) -> Iterator[MeterCandidate]:
    """The readings that ``hit`` announces: one beside it, or the column under it."""

    def read(text: str) -> list[AmountMatch]:
        return list(islice(_numbers(text, language), 1))

    def read_cell(text: str) -> list[AmountMatch]:
        return [replace(number, start=0, end=len(text)) for number in read(text)]

    beside = next(along(hit, read, _HABIT), None)
    if beside is not None:
        yield beside.because(MeterWeights.labelled)
    elif not any(character.isdigit() for character in hit.line.text[hit.end :]):
        for candidate in down(hit, read_cell, _HABIT):
            yield candidate.because(MeterWeights.in_table)


def _numbers(text: str, language: str | None) -> Iterator[AmountMatch]:
    """The plain numbers of ``text`` that are not part of a date and have no currency."""
    dates = parse_dates(text, language)
    for number in parse_amounts(text, language):
        dated = any(date.start < number.end and number.start < date.end for date in dates)
        if not dated and number.currency is None and number.symbol is None and number.value >= 0:
            yield number


def _reading(
    page: Page, candidate: MeterCandidate, meters: list[LabelHit], language: str | None
) -> MeterReading:
    text = " ".join(line.text for line in _row(page, candidate.box))
    heading = candidate.label.line.text if candidate.label else ""
    unit = _UNIT.search(fold(text)) or _UNIT.search(fold(heading))
    days = parse_dates(text, language) or parse_dates(heading, language)
    return MeterReading(
        meter=_meter(page, candidate, meters),
        value=candidate.match.value,
        unit=_UNITS[unit[0]] if unit else None,
        read_on=days[-1].value if days else None,
    )


def _meter(page: Page, candidate: MeterCandidate, meters: list[LabelHit]) -> str | None:
    """The number of the meter in the reading's row, else the only one the page names."""
    row = _row(page, candidate.box)
    heading = candidate.label.line if candidate.label else None
    for hit in meters:
        for line in row:
            text = " ".join(word.text for word in words_under(hit.box, line))
            if line is not heading and _is_meter(text):
                return text
    beside = (next(along(hit, _meter_numbers, _METERS), None) for hit in meters)
    named = {number.match.value for number in beside if number is not None}
    return named.pop() if len(named) == 1 else None


def _meter_numbers(text: str) -> list[TextMatch]:
    match = _METER.search(text)
    return [TextMatch(match[0], match.start(), match.end())] if match and _is_meter(match[0]) else []


def _row(page: Page, box: Box) -> list[Line]:
    """The lines level with ``box``, left to right."""
    near = islice(layout_of(page).between(box.y0 - box.height, box.y1), _LONGEST_ROW)
    return sorted((line for line in near if level(line.box, box)), key=lambda line: line.box.x0)


def _is_meter(text: str) -> bool:
    return any(character.isdigit() for character in text) and _METER.fullmatch(text) is not None
