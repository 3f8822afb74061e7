"""The date a document bears."""

from __future__ import annotations

import re
from datetime import date

from autod.domain.extraction import Found
from autod.domain.kinds import DocType, kind_of
from autod.extract.local.dates.candidates import (
    DateCandidate,
    DocumentDates,
    best_labelled,
    date_found,
    unclaimed,
)
from autod.extract.local.dates.contract import contract_date
from autod.extract.local.page.candidates import Relation, in_line
from autod.extract.local.page.layout import fold
from autod.extract.local.weights import DateWeights
from autod.words import any_of, leading, phrases

_DOCUMENTS = phrases("dates.documents")
_POSSESSIVE = re.compile("^" + leading("dates.your"))
_TOWN_AND_DATE = re.compile(rf"^[^\W\d][\w .'\-/]{{1,30}},? ?(?:{any_of('dates.after_town')}|,) ?$")
_OF_ANOTHER = re.compile(  # "Gutschrift zu Rechnung 88120 vom 10.02.2026" bears that invoice's date
    rf"\b{any_of('dates.of_another')} (?:\w+ )?{any_of('dates.other_documents')}\b"
)
_LETTERS = re.compile(r"[^\W\d_]+")
_LEADS = frozenset(phrases("dates.leads"))
_LEAD_ALONE = [[lead] for lead in sorted(_LEADS)]
_UPPER_PART = 0.45  # of the first page's height, where a date that stands alone is the document's
_CLOCK = re.compile(r"\b(?:[01]?\d|2[0-3]):[0-5]\d\b")


def primary_keys(doc_type: DocType) -> tuple[str, ...]:
    """The labels that may name the date of such a document, the best first."""
    return kind_of(doc_type).dated_by


def primary_date(context: DocumentDates, labelled: list[DateCandidate], latest: date) -> Found | None:
    usable = [d for d in labelled if d.match.value <= latest]
    kind = kind_of(context.doc_type)
    if kind.agreement:
        return contract_date(context, labelled, latest)
    for key in kind.dated_by:
        if key == "plain" and kind.dated_beside_heading and (heading := _beside_heading(context, latest)):
            return heading
        choices = unclaimed(usable, key)
        if key == "plain" and all(d.relation is Relation.BELOW for d in choices):
            town = _after_town(context, latest)  # rather than a column headed "Date"
            if town is not None:
                return town
        if choices:
            return best_labelled(choices, key)
    if kind.dated_unlabelled:
        return _unlabelled(context, labelled, latest)
    return None


def _after_town(context: DocumentDates, latest: date) -> Found | None:
    """ "Idstein, 17.03.2026" in the upper half of the first page."""
    kind = kind_of(context.doc_type)
    if not kind.dated_unlabelled or kind.from_till:
        return None
    for page in context.pages[:1]:
        for line in page.lines:
            for match in context.dates(line.text)[:1]:
                alone = not line.text[match.end :].strip(" .")
                if match.value <= latest and alone and _TOWN_AND_DATE.match(fold(line.text[: match.start])):
                    return date_found(in_line(page, line, match), DateWeights.after_town)
    return None


def _beside_heading(context: DocumentDates, latest: date) -> Found | None:
    """ "Rechnung Nr. 47 vom 3.5.2025": the date in a line that begins with the document's name.

    The end of such a heading may stand in a line of its own: "vom 3.5.2025".
    """
    for page in context.pages[:2]:
        for line in page.lines:
            opening = _POSSESSIVE.sub("", fold(line.text[:40]))
            first = _LETTERS.match(opening)
            if first is None or not (first.group() in _LEADS or first.group().endswith(_DOCUMENTS)):
                continue
            for match in context.dates(line.text):
                before = fold(line.text[: match.start]).split()
                if _OF_ANOTHER.search(" ".join(before)):
                    continue
                if match.value <= latest and before and before[-1] in _LEADS and before[0] not in _LEADS:
                    return date_found(in_line(page, line, match), DateWeights.beside_heading)
                if (
                    match.value <= latest
                    and before in _LEAD_ALONE
                    and line.text[match.end :].strip(" .,") == ""
                ):
                    return date_found(in_line(page, line, match), DateWeights.ends_heading)
    return None


def _unlabelled(context: DocumentDates, labelled: list[DateCandidate], latest: date) -> Found | None:
    """A date no label explains: after a town, with a clock time on a receipt, or the only one there is."""
    taken = {date.words for date in labelled if date.key not in {"plain", "printed"}}
    free = [
        (candidate, line.text)
        for page in context.pages[:3]
        for line in page.lines
        for match in context.dates(line.text)
        if (candidate := in_line(page, line, match)).words not in taken and match.value <= latest
    ]
    for candidate, text in free:
        if candidate.page.number == 1 and _TOWN_AND_DATE.match(fold(text[: candidate.match.start])):
            return date_found(candidate, DateWeights.after_town)
    if (only := _only_day([candidate for candidate, _ in free])) is not None:
        return date_found(only, DateWeights.only_date)
    kind = kind_of(context.doc_type)
    if kind.from_till:
        timed = _only_day([candidate for candidate, text in free if _CLOCK.search(text)])
        if timed is not None:
            return date_found(timed, DateWeights.beside_time)
    if kind.dated_alone:
        alone = _only_day([candidate for candidate, text in free if _stands_alone(candidate, text)])
        if alone is not None:
            return date_found(alone, DateWeights.alone_in_line)
    return None


def _only_day(candidates: list[DateCandidate]) -> DateCandidate | None:
    """The first, if all name the same day."""
    return candidates[0] if len({candidate.match.value for candidate in candidates}) == 1 else None


def _stands_alone(date: DateCandidate, text: str) -> bool:
    """Whether its line, in the upper half of the first page, holds nothing else."""
    alone = len(text) - (date.match.end - date.match.start) < 4
    return alone and date.page.number == 1 and date.box.y0 < _UPPER_PART * date.page.height
