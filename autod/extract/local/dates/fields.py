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
from autod.extract.local.dates.candidates import (
    DATE_LABELS,
    DateCandidate,
    DocumentDates,
    date_found,
    read_labels,
    unclaimed,
)
from autod.extract.local.dates.in_sentences import (
    end_of_term,
    last_day_to_act,
    last_day_to_pay,
    start_of_term,
)
from autod.extract.local.dates.payment_terms import days_to_pay
from autod.extract.local.dates.primary import primary_date, primary_keys
from autod.extract.local.page.candidates import Candidate, Relation, in_line
from autod.extract.local.page.form_values import form_values
from autod.extract.local.page.layout import Span, rows
from autod.extract.local.weights import DateWeights, PeriodWeights, Weight
from autod.grammar.periods import Period
from autod.words import keys, phrases

_LONGEST_AHEAD = timedelta(days=400)  # how far in the future a document may be dated
_ENDS_OF_TERM = frozenset(phrases("dates.ends_of_term"))
_HEAD = 0.35  # of the first page's height
_PERIOD_KEYS = keys("dates.labels", "service_period", "period", "delivery")


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
    fields: dict[str, Found] = {}
    _put(fields, "primary_date", primary_date(context, labelled, latest))
    _put(fields, "due_date", _due(context, labelled, fields.get("primary_date")))
    fields.update(_period(context, labelled, periods))
    if "primary_date" not in fields and "period_end" in fields and kind.dated_at_close:
        fields["primary_date"] = dataclasses.replace(fields["period_end"], score=DateWeights.closes_period)
    _from_form(fields, context, reading)
    _put(fields, "deadline", _deadline(context, labelled, fields))
    return fields


def _runs_out(date: DateCandidate) -> DateCandidate:
    """On a policy or a lease "Scadenza" and "expires" name the last day it covers."""
    phrase = date.label.phrase if date.label else ""
    return dataclasses.replace(date, key="period_end") if phrase in _ENDS_OF_TERM else date


def _from_form(fields: dict[str, Found], context: DocumentDates, reading: Reading) -> None:
    """Fill what the page itself left open with what was typed into a form's fields."""

    def parse(text: str) -> date | None:
        matches = context.dates_beside_label(text)
        return matches[0].value if len(matches) == 1 and not matches[0].ambiguous else None

    names = {"due": "due_date", "period_start": "period_start", "period_end": "period_end"}
    names |= dict.fromkeys(primary_keys(context.doc_type), "primary_date")
    for key, value in form_values(reading, DATE_LABELS, parse):
        if key in names:
            fields.setdefault(names[key], value)


def _put(fields: dict[str, Found], name: str, value: Found | None) -> None:
    if value is not None:
        fields[name] = value


def _due(context: DocumentDates, labelled: list[DateCandidate], primary: Found | None) -> Found | None:
    kind = kind_of(context.doc_type)
    if kind.due_in_sentence and primary is not None:
        asked = last_day_to_pay(context, primary.value)
        if asked:
            return date_found(asked[-1], DateWeights.due_in_sentence)
    choices = unclaimed(labelled, "due")
    if primary is not None:
        earliest = primary.value
        choices = [d for d in choices if d.match.value >= earliest]
    if choices:
        best = choices[0] if len({d.match.value for d in choices}) == 1 else min(
            choices, key=lambda d: d.page.number
        )  # fmt: skip
        reasons = [DateWeights.due]
        if len({d.match.value for d in choices}) > 1:
            reasons.append(DateWeights.due_disagree)
        if best.relation is Relation.BELOW:
            reasons.append(DateWeights.below)
        return date_found(best, *reasons)
    if primary is None or not kind.due_by_terms:
        return None
    asked = last_day_to_pay(context, primary.value)
    if asked and len({d.match.value for d in asked}) == 1:
        return date_found(asked[0], DateWeights.only_due_in_sentence)
    for page in context.pages:
        for row in rows(page):
            span = Span(page, tuple(word for line in row for word in line.words))
            terms = days_to_pay(span.text)
            if terms:
                return Found(
                    primary.value + timedelta(days=terms.days),
                    round(min(DateWeights.due_by_terms, primary.score), 3),
                    EvidenceSource.DERIVED,
                    page.number,
                    span.quote(terms.start, terms.end),
                    span.box(terms.start, terms.end),
                )
    return None


def _period(
    context: DocumentDates, labelled: list[DateCandidate], periods: list[Candidate[Period]]
) -> dict[str, Found]:
    """First and last day covered: a labelled range, or two labelled days, or the only range there is."""
    named = next(
        (group for key in _PERIOD_KEYS if (group := [period for period in periods if period.key == key])),
        [],
    )
    if named:
        agree = len({period.match.value for period in named}) == 1
        return _range_found(named[0], PeriodWeights.labelled if agree else PeriodWeights.labelled_several)
    fields: dict[str, Found] = {}
    starts = [d for d in labelled if d.key == "period_start"]
    ends = [d for d in labelled if d.key == "period_end"]
    if starts and ends and starts[0].match.value <= ends[0].match.value:
        fields["period_start"] = date_found(starts[0], PeriodWeights.labelled_days)
        fields["period_end"] = date_found(ends[0], PeriodWeights.labelled_days)
        return fields
    fields = _only_range(context)
    if fields:
        return fields
    start: DateCandidate | None = None
    end: DateCandidate | None = None
    kind = kind_of(context.doc_type)
    if kind.agreement:
        start, end = start_of_term(context), end_of_term(context)
    if kind.runs_out:
        start = starts[0] if starts else start
        end = ends[0] if ends else end
    if start:
        fields["period_start"] = date_found(start, PeriodWeights.term)
    if end and not (start and end.match.value < start.match.value):
        fields["period_end"] = date_found(end, PeriodWeights.term)
    return fields or _month_headed(context)


def _month_headed(context: DocumentDates) -> dict[str, Found]:
    """The month in the head of a payslip or statement: "Entgeltabrechnung für März 2026"."""
    if not kind_of(context.doc_type).covers_month or not context.pages:
        return {}
    page = context.pages[0]
    months = [
        in_line(page, line, period)
        for line in page.lines
        if line.box.y0 < _HEAD * page.height and len(line.words) <= 8
        for period in context.periods(line.text)
        if not period.complete and not context.dates(line.text)
    ]
    one = len({month.match.first for month in months}) == 1
    return _range_found(months[0], PeriodWeights.month_headed) if one else {}


def _only_range(context: DocumentDates) -> dict[str, Found]:
    ranges = [
        in_line(page, line, period)
        for page in context.pages[:5]
        for line in page.lines
        for period in context.periods(line.text)
        if period.complete and timedelta(0) < period.last - period.first < timedelta(days=400)
    ]
    one = len({period.match.value for period in ranges}) == 1
    return _range_found(ranges[0], PeriodWeights.only_range) if one else {}


def _range_found(period: Candidate[Period], reason: Weight) -> dict[str, Found]:
    explained = period.because(reason)
    if period.match.ambiguous:
        explained = explained.scaled(DateWeights.ambiguous)
    return {
        "period_start": explained.found(value=period.match.first),
        "period_end": explained.found(value=period.match.last),
    }


def _deadline(
    context: DocumentDates, labelled: Iterable[DateCandidate], fields: dict[str, Found]
) -> Found | None:
    """The earliest day by which something must be done: an explicit deadline or the day to pay."""
    primary = fields.get("primary_date")
    named = [
        date_found(d, DateWeights.deadline)
        for d in labelled
        if d.key == "deadline" and (primary is None or d.match.value >= primary.value)
    ]
    if not named and primary is not None:
        named = [date_found(d, DateWeights.asks_by_day) for d in last_day_to_act(context, primary.value)]
    choices = [*named, fields["due_date"]] if "due_date" in fields else named
    return min(choices, key=lambda f: f.value) if choices else None
