"""Dates that sentences explain: when an agreement ends, by when the reader must act."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from autod.domain.kinds import kind_of
from autod.domain.reading import Line, Page
from autod.extract.local.dates.candidates import Dated, DocumentDates, dated_at
from autod.extract.local.page.layout import Candidate, Relation, Span, fold
from autod.words import any_of

_LONGEST_WAIT = timedelta(days=400)
_PAGES = 6
_BEFORE = 60
_UNTIL = re.compile(rf"\b{any_of('sentences.until')}[ ,]*$")
_TERM = re.compile(rf"\b{any_of('sentences.term')}\b")
_ACT_BY = re.compile(rf"\b{any_of('sentences.act_by')}[ ,]*$")
_ACT = re.compile(rf"\b{any_of('sentences.act')}\b")
_PAY = re.compile(rf"\b{any_of('sentences.pay')}\b")
_DISCOUNT = re.compile(rf"\b{any_of('sentences.discount')}\b")
_FROM = re.compile(rf"\b{any_of('sentences.from')}(?: {any_of('sentences.from_on')})*[ ,]*$")


def end_of_term(context: DocumentDates) -> Dated | None:
    """The day "this agreement continues until"; none when several are named."""
    ends = [
        dated
        for dated, before, said in _in_sentences(context)
        if _UNTIL.search(before) and _TERM.search(said)
    ]
    return ends[0] if len({end.match.value for end in ends}) == 1 else None


def start_of_term(context: DocumentDates) -> Dated | None:
    """The day "the term begins on"; none when several are named."""
    starts = [dated for dated, before, _ in _in_sentences(context) if _FROM.search(before)]
    return starts[0] if len({start.match.value for start in starts}) == 1 else None


def last_day_to_pay(context: DocumentDates, written: date) -> list[Dated]:
    """The days by which a document of the day ``written`` asks to be paid, in a sentence."""
    return [
        dated
        for dated, before, said in _in_sentences(context)
        if written <= dated.match.value <= written + _LONGEST_WAIT
        and _ACT_BY.search(before)
        and _PAY.search(said)
        and not _DISCOUNT.search(said)
    ]


def last_day_to_act(context: DocumentDates, written: date) -> list[Dated]:
    """The days by which a letter of the day ``written`` asks its reader to do something."""
    if not kind_of(context.doc_type).asks_by_day:
        return []
    return [
        dated
        for dated, before, said in _in_sentences(context)
        if written <= dated.match.value <= written + _LONGEST_WAIT
        and _ACT_BY.search(before)
        and _ACT.search(said)
    ]


def _in_sentences(context: DocumentDates) -> Iterator[tuple[Dated, str, str]]:
    """Each date of running text, the words just before it, and the whole passage around it, folded."""
    for page in context.pages[:_PAGES]:
        for at, line in enumerate(page.lines):
            if not any(character.isdigit() for character in line.text):
                continue
            for match in context.dates(line.text):
                previous = _line_above(page, at)
                lead = f"{previous} {line.text[: match.start]}"
                before = fold(lead)[-_BEFORE:]
                said = fold(f"{previous} {line.text} {_line_below(page, at)}")
                dated = dated_at(Candidate(Span(page, line.words), Relation.SAME_LINE), match, None)
                yield dated, before, said


def _line_above(page: Page, at: int) -> str:
    return _of_same_paragraph(page, at - 1, page.lines[at])


def _line_below(page: Page, at: int) -> str:
    return _of_same_paragraph(page, at + 1, page.lines[at])


def _of_same_paragraph(page: Page, at: int, line: Line) -> str:
    if not 0 <= at < len(page.lines):
        return ""
    other = page.lines[at]
    close = abs(other.box.y0 - line.box.y0) < 2 * line.box.height and abs(other.box.x0 - line.box.x0) < 40
    return other.text if close and len(other.words) > 3 else ""
