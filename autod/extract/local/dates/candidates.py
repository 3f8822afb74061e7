"""Dates on a page tied to the labels beside them."""

from __future__ import annotations

import re
from functools import cache, partial
from typing import Any, Final

from autod.domain.extraction import Found
from autod.domain.kinds import DocType
from autod.domain.reading import Reading
from autod.extract.local.page.candidates import Candidate, Place, Read, Relation
from autod.extract.local.page.country_hints import month_first_country
from autod.extract.local.page.layout import LabelHit, find_labels, labels_by_line
from autod.extract.local.page.walk import Habit, walk
from autod.extract.local.weights import DateWeights, Weight
from autod.grammar.dates import DateMatch, order_evidence, parse_dates
from autod.grammar.periods import Period, parse_periods
from autod.words import keys, table

_WORD = re.compile(r"[^\W\d_]{2,}")
_MANY_PAGES = 40  # labels of interest stand on the first pages; the rest would only cost time
_MANY_LABELS = 300  # a page with more is a table of dates
_DOWN = 4  # times as far a date seems under its label as beside it
_LINE_BELOW = 12  # points more that a date under its label seems away
DATE_LABELS = table("dates.labels")
_OF_PERIODS = frozenset(keys("dates.labels", "service_period", "period", "delivery"))
_HABIT: Final = Habit(near=40, parted=True)
_BY_LABEL = {
    "plain": DateWeights.plain, "printed": DateWeights.printed, "delivery": DateWeights.delivery,
    "effective": DateWeights.effective,
}  # fmt: skip

DateCandidate = Candidate[DateMatch]


class DocumentDates:
    """What holds for the whole document while its dates are read."""

    def __init__(self, reading: Reading, language: str | None, doc_type: DocType) -> None:
        self.pages = reading.pages[:_MANY_PAGES]
        self.language = language
        self.doc_type = doc_type
        texts = [page.text for page in self.pages]
        self.day_first = order_evidence(texts)
        if self.day_first is None:
            month_first = month_first_country(texts, language)
            self.day_first = None if month_first is None else not month_first

        # Many labels look at the same text.
        order: dict[str, Any] = {"language": language, "day_first": self.day_first}
        self.dates: Read[DateMatch] = cache(partial(parse_dates, **order))
        self.dates_beside_label: Read[DateMatch] = cache(partial(parse_dates, **order, compact=True))
        self.periods: Read[Period] = cache(partial(parse_periods, **order))


def date_found(date: DateCandidate, *reasons: Weight) -> Found:
    """The date as a proposal; less sure when day and month may be the other way round."""
    explained = date.because(*reasons)
    return (explained.scaled(DateWeights.ambiguous) if date.match.ambiguous else explained).found()


def read_labels(context: DocumentDates) -> tuple[list[DateCandidate], list[Candidate[Period]]]:
    """The date beside each label that has one, and the period beside each label of a period."""
    dates: list[DateCandidate] = []
    periods: list[Candidate[Period]] = []
    for page in context.pages:
        on_page = find_labels(page, DATE_LABELS)[:_MANY_LABELS]
        if len(dates) > _MANY_LABELS:
            break
        labels = labels_by_line(on_page)
        for label in on_page:
            if label.key in _OF_PERIODS:
                period = next(walk(label, context.periods, _HABIT, labels), None)
                periods += [period] if period else []
            date = next(walk(label, context.dates_beside_label, _HABIT, labels), None)
            if date is None and label.key == "due":
                date = _just_before(context, label)
            if date is not None and not (label.key == "plain" and _says_more(date)):
                dates.append(date)
    return dates, periods


def _says_more(date: DateCandidate) -> bool:
    """Whether words between "Date" and the day make it another date: "Datum in dienst: 01-05-2021"."""
    between = date.place.text[: date.match.start]
    return date.relation is Relation.SAME_LINE and len(_WORD.findall(between)) > 1


def _just_before(context: DocumentDates, label: LabelHit) -> DateCandidate | None:
    """The date that the label follows: "wird am 30.01.2026 fällig"."""
    matches = context.dates(label.line.text[: label.start])
    if matches and label.start - matches[-1].end <= 2:
        return Candidate(matches[-1], Place(label.span, Relation.BEFORE), label, label.key)
    return None


def unclaimed(labelled: list[DateCandidate], key: str) -> list[DateCandidate]:
    """The dates of ``key`` that no label closer to the same words says are something else."""
    sharing: dict[tuple[int, ...], list[DateCandidate]] = {}
    for date in labelled:
        sharing.setdefault(_same_words(date), []).append(date)
    return [
        date
        for date in labelled
        if date.key == key
        and not any(
            other.key not in (key, "plain") and (key == "plain" or _distance(other) < _distance(date))
            for other in sharing[_same_words(date)]
        )
    ]


def _same_words(date: DateCandidate) -> tuple[int, ...]:
    return tuple(map(id, date.words))


def _distance(date: DateCandidate) -> float:
    if date.label is None:
        return 0.0
    label = date.label.box
    sideways = max(date.box.x0 - label.x1, label.x0 - date.box.x1, 0.0)
    down = _DOWN * max(date.box.y0 - label.y1, 0.0)
    return sideways + down + (_LINE_BELOW if date.relation is Relation.BELOW else 0)


def best_labelled(choices: list[DateCandidate], key: str) -> Found:
    """The first by page and place; others that disagree make it less sure."""
    best = min(choices, key=lambda date: (date.page.number, date.match.ambiguous))
    reasons = [_BY_LABEL.get(key, DateWeights.labelled)]
    if best.relation is Relation.BELOW:
        reasons.append(DateWeights.below)
    if len({date.match.value for date in choices}) > 1:
        reasons.append(DateWeights.plain_disagree if key == "plain" else DateWeights.disagree)
    return date_found(best, *reasons)
