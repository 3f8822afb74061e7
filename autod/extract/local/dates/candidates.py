"""Dates on a page tied to the labels beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autod.domain.extraction import Found
from autod.domain.kinds import DocType
from autod.domain.reading import Box, Page, Reading, Word
from autod.extract.local.page.country_hints import month_first_country
from autod.extract.local.page.layout import (
    Candidate,
    LabelHit,
    Relation,
    find_labels,
    labels_by_line,
    page_source,
    value_of,
)
from autod.grammar.dates import DateMatch, order_evidence, parse_dates
from autod.grammar.periods import Period, parse_periods
from autod.words import table

_WORD = re.compile(r"[^\W\d_]{2,}")
_MANY_PAGES = 40  # labels of interest stand on the first pages; the rest would only cost time
_MANY_LABELS = 300  # a page with more is a table of dates
_AMBIGUOUS = 0.7  # what is left of a score when day and month may be the other way round
DATE_LABELS = table("dates.labels")
LABEL_WEIGHT = {"plain": 0.88, "printed": 0.6, "delivery": 0.6, "effective": 0.85}


@dataclass(frozen=True)
class Dated:
    """A date on a page with the words that carry it."""

    match: DateMatch
    page: Page
    quote: str
    box: Box
    key: str
    relation: Relation
    words: tuple[Word, ...]
    hit: LabelHit | None = None

    def found(self, score: float) -> Found:
        if self.match.ambiguous:
            score *= _AMBIGUOUS
        return Found(
            self.match.value,
            round(score, 3),
            page_source(self.page),
            self.page.number,
            self.quote,
            self.box,
        )


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

    def dates(self, text: str) -> list[DateMatch]:
        return parse_dates(text, self.language, self.day_first)

    def dates_beside_label(self, text: str) -> list[DateMatch]:
        return parse_dates(text, self.language, self.day_first, compact=True)

    def periods(self, text: str) -> list[Period]:
        return parse_periods(text, self.language, self.day_first)


def read_labels(
    context: DocumentDates,
) -> tuple[list[Dated], list[tuple[LabelHit, Candidate, Period]]]:
    """The date beside each label that has one, and the period beside each label of a period."""
    dated: list[Dated] = []
    periods: list[tuple[LabelHit, Candidate, Period]] = []
    for page in context.pages:
        on_page = find_labels(page, DATE_LABELS)[:_MANY_LABELS]
        if len(dated) > _MANY_LABELS:
            break
        lines = labels_by_line(on_page)
        for hit in on_page:
            if hit.key in {"service_period", "period", "delivery"} and (
                ranged := value_of(hit, lines, context.periods)
            ):
                periods.append((hit, ranged[0], ranged[1][0]))
            place = value_of(hit, lines, context.dates_beside_label)
            if place:
                candidate, matches = place
                if hit.key == "plain" and _says_more(candidate, matches[0]):
                    continue
                dated.append(dated_at(candidate, matches[0], hit))
            elif hit.key == "due" and (before := _just_before(context, hit)):
                dated.append(before)
    return dated, periods


def _says_more(candidate: Candidate, match: DateMatch) -> bool:
    """Whether words between "Date" and the day make it another date: "Datum in dienst: 01-05-2021"."""
    between = candidate.text[: match.start]
    return candidate.relation is Relation.SAME_LINE and len(_WORD.findall(between)) > 1


def _just_before(context: DocumentDates, hit: LabelHit) -> Dated | None:
    """The date that the label follows: "wird am 30.01.2026 fällig"."""
    matches = context.dates(hit.line.text[: hit.start])
    if matches and hit.start - matches[-1].end <= 2:
        return dated_at(Candidate(hit.span, Relation.SAME_LINE), matches[-1], hit)
    return None


def dated_at(candidate: Candidate, match: DateMatch, hit: LabelHit | None, key: str = "") -> Dated:
    start, end = match.start, match.end
    return Dated(
        match,
        candidate.span.page,
        candidate.quote(start, end),
        candidate.box(start, end),
        hit.key if hit else key,
        candidate.relation,
        candidate.span.words_at(start + candidate.offset, end + candidate.offset),
        hit,
    )


def claimed(dated: Dated, labelled: list[Dated], key: str) -> bool:
    """Whether another label, closer to the same words, says the date is something else."""
    return any(
        other.key != key and other.key != "plain" and other.words == dated.words
        and (key == "plain" or _distance(other) < _distance(dated))
        for other in labelled
    )  # fmt: skip


def _distance(dated: Dated) -> float:
    if dated.hit is None:
        return 0.0
    label = dated.hit.box
    sideways = max(dated.box.x0 - label.x1, label.x0 - dated.box.x1, 0.0)
    return sideways + 4 * max(dated.box.y0 - label.y1, 0.0) + (12 if dated.relation is Relation.BELOW else 0)


def best_labelled(choices: list[Dated], key: str) -> Found:
    """The first by page and place; others that disagree make it less sure."""
    best = min(choices, key=lambda d: (d.page.number, d.match.ambiguous))
    score = LABEL_WEIGHT.get(key, 0.95) - (0.04 if best.relation is Relation.BELOW else 0.0)
    values = {d.match.value for d in choices}
    if len(values) > 1:
        score -= 0.25 if key == "plain" else 0.15
    return best.found(score)
