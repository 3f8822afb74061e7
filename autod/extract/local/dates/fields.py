"""Which of a document's dates is which: the date it bears, the last day to pay, the period it covers.

Labels decide. Without a label a date is taken only where a document of its kind has one place for it:
beside the heading, after the town of a letter, or because it is the only one there is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import date, timedelta

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.kinds import DocType, kind_of
from autod.domain.reading import Reading
from autod.extract.local.dates.candidates import DATE_LABELS, Dated, DocumentDates, claimed, read_labels
from autod.extract.local.dates.in_sentences import (
    end_of_term,
    last_day_to_act,
    last_day_to_pay,
    start_of_term,
)
from autod.extract.local.dates.payment_terms import days_to_pay
from autod.extract.local.dates.primary import primary_date, primary_keys
from autod.extract.local.page.form_values import form_values
from autod.extract.local.page.layout import Candidate, LabelHit, Relation, Span, page_source, rows
from autod.grammar.periods import Period
from autod.words import phrases

_LONGEST_AHEAD = timedelta(days=400)  # how far in the future a document may be dated
_ENDS_OF_TERM = frozenset(phrases("dates.ends_of_term"))
_PERIOD_KEYS = ("service_period", "period", "delivery")


def find_dates(
    reading: Reading, language: str | None, doc_type: DocType, today: date | None = None
) -> dict[str, Found]:
    """The dates of a document by field name: primary_date, due_date, period_start, period_end, deadline.

    Args:
        language: ISO 639-1 code of the text, if known.
        today: documents dated long after this are misread ones; the clock's day by default.
    """
    context = DocumentDates(reading, language, doc_type)
    latest = (today or date.today()) + _LONGEST_AHEAD  # noqa: DTZ011  a document's day has no time zone
    labelled, periods = read_labels(context)
    kind = kind_of(doc_type)
    if kind.runs_out:
        labelled = [_runs_out(entry) for entry in labelled]
    found: dict[str, Found] = {}
    _put(found, "primary_date", primary_date(context, labelled, latest))
    _put(found, "due_date", _due(context, labelled, found.get("primary_date")))
    found.update(_period(context, labelled, periods))
    if "primary_date" not in found and "period_end" in found and kind.dated_at_close:
        found["primary_date"] = dataclasses.replace(found["period_end"], score=0.7)
    _from_form(found, context, reading)
    _put(found, "deadline", _deadline(context, labelled, found))
    return found


def _runs_out(dated: Dated) -> Dated:
    """On a policy or a lease "Scadenza" and "expires" name the last day it covers."""
    label = dated.hit.phrase if dated.hit else ""
    return dataclasses.replace(dated, key="period_end") if label in _ENDS_OF_TERM else dated


def _from_form(found: dict[str, Found], context: DocumentDates, reading: Reading) -> None:
    """Fill what the page itself left open with what was typed into a form's fields."""

    def parse(text: str) -> date | None:
        matches = context.dates_beside_label(text)
        return matches[0].value if len(matches) == 1 and not matches[0].ambiguous else None

    names = {"due": "due_date", "period_start": "period_start", "period_end": "period_end"}
    names |= dict.fromkeys(primary_keys(context.doc_type), "primary_date")
    for key, value in form_values(reading, DATE_LABELS, parse):
        if key in names:
            found.setdefault(names[key], value)


def _put(found: dict[str, Found], name: str, value: Found | None) -> None:
    if value is not None:
        found[name] = value


def _due(context: DocumentDates, labelled: list[Dated], primary: Found | None) -> Found | None:
    kind = kind_of(context.doc_type)
    if kind.due_in_sentence and primary is not None:
        asked = last_day_to_pay(context, primary.value)
        if asked:
            return asked[-1].found(0.8)
    choices = [d for d in labelled if d.key == "due" and not claimed(d, labelled, "due")]
    if primary is not None:
        earliest = primary.value
        choices = [d for d in choices if d.match.value >= earliest]
    if choices:
        best = choices[0] if len({d.match.value for d in choices}) == 1 else min(
            choices, key=lambda d: d.page.number
        )  # fmt: skip
        disagree = len({d.match.value for d in choices}) > 1
        return best.found(
            0.9 - (0.25 if disagree else 0.0) - (0.04 if best.relation is Relation.BELOW else 0)
        )
    if primary is None or not kind.due_by_terms:
        return None
    asked = last_day_to_pay(context, primary.value)
    if asked and len({d.match.value for d in asked}) == 1:
        return asked[0].found(0.78)
    for page in context.pages:
        for row in rows(page):
            span = Span(page, tuple(word for line in row for word in line.words))
            terms = days_to_pay(span.text)
            if terms:
                return Found(
                    primary.value + timedelta(days=terms.days),
                    round(min(0.75, primary.score), 3),
                    EvidenceSource.DERIVED,
                    page.number,
                    span.quote(terms.start, terms.end),
                    span.box(terms.start, terms.end),
                )
    return None


def _period(
    context: DocumentDates, labelled: list[Dated], periods: list[tuple[LabelHit, Candidate, Period]]
) -> dict[str, Found]:
    """First and last day covered: a labelled range, or two labelled days, or the only range there is."""
    named = next(
        (group for key in _PERIOD_KEYS if (group := [entry for entry in periods if entry[0].key == key])),
        [],
    )
    if named:
        _, candidate, period = named[0]
        agree = len({(p.first, p.last) for _, _, p in named}) == 1
        return _range_found(candidate, period, 0.88 if agree else 0.65)
    found: dict[str, Found] = {}
    starts = [d for d in labelled if d.key == "period_start"]
    ends = [d for d in labelled if d.key == "period_end"]
    if starts and ends and starts[0].match.value <= ends[0].match.value:
        found["period_start"] = starts[0].found(0.8)
        found["period_end"] = ends[0].found(0.8)
        return found
    found = _only_range(context)
    if found:
        return found
    start: Dated | None = None
    end: Dated | None = None
    kind = kind_of(context.doc_type)
    if kind.agreement:
        start, end = start_of_term(context), end_of_term(context)
    if kind.runs_out:
        start = starts[0] if starts else start
        end = ends[0] if ends else end
    if start:
        found["period_start"] = start.found(0.7)
    if end and not (start and end.match.value < start.match.value):
        found["period_end"] = end.found(0.7)
    return found or _month_headed(context)


def _month_headed(context: DocumentDates) -> dict[str, Found]:
    """The month in the head of a payslip or statement: "Entgeltabrechnung für März 2026"."""
    if not kind_of(context.doc_type).covers_month or not context.pages:
        return {}
    page = context.pages[0]
    months = [
        (Candidate(Span(page, line.words), Relation.SAME_LINE), period)
        for line in page.lines
        if line.box.y0 < 0.35 * page.height and len(line.words) <= 8
        for period in context.periods(line.text)
        if not period.complete and not context.dates(line.text)
    ]
    return _range_found(*months[0], 0.75) if len({p.first for _, p in months}) == 1 else {}


def _only_range(context: DocumentDates) -> dict[str, Found]:
    ranges = [
        (Candidate(Span(page, line.words), Relation.SAME_LINE), period)
        for page in context.pages[:5]
        for line in page.lines
        for period in context.periods(line.text)
        if period.complete and timedelta(0) < period.last - period.first < timedelta(days=400)
    ]
    if ranges and len({(p.first, p.last) for _, p in ranges}) == 1:
        return _range_found(*ranges[0], 0.6)
    return {}


def _range_found(candidate: Candidate, period: Period, score: float) -> dict[str, Found]:
    if period.ambiguous:
        score *= 0.7
    page = candidate.span.page
    quote, box = candidate.quote(period.start, period.end), candidate.box(period.start, period.end)
    return {
        name: Found(value, round(score, 3), page_source(page), page.number, quote, box)
        for name, value in (("period_start", period.first), ("period_end", period.last))
    }


def _deadline(context: DocumentDates, labelled: Iterable[Dated], found: dict[str, Found]) -> Found | None:
    """The earliest day by which something must be done: an explicit deadline or the day to pay."""
    primary = found.get("primary_date")
    named = [
        d.found(0.75)
        for d in labelled
        if d.key == "deadline" and (primary is None or d.match.value >= primary.value)
    ]
    if not named and primary is not None:
        named = [d.found(0.65) for d in last_day_to_act(context, primary.value)]
    choices = [*named, found["due_date"]] if "due_date" in found else named
    return min(choices, key=lambda f: f.value) if choices else None
