"""The date a document bears."""

from __future__ import annotations

import re
from datetime import date

from autod.domain.extraction import Found
from autod.domain.kinds import DocType, kind_of
from autod.domain.reading import Line, Page
from autod.extract.local.dates.candidates import Dated, DocumentDates, best_labelled, claimed, dated_at
from autod.extract.local.dates.contract import contract_date
from autod.extract.local.page.layout import Candidate, Relation, Span, fold
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
_CLOCK = re.compile(r"\b(?:[01]?\d|2[0-3]):[0-5]\d\b")


def primary_keys(doc_type: DocType) -> tuple[str, ...]:
    """The labels that may name the date of such a document, the best first."""
    return kind_of(doc_type).dated_by


def primary_date(context: DocumentDates, labelled: list[Dated], latest: date) -> Found | None:
    usable = [d for d in labelled if d.match.value <= latest]
    kind = kind_of(context.doc_type)
    if kind.agreement:
        return contract_date(context, labelled, latest)
    for key in kind.dated_by:
        if key == "plain" and kind.dated_beside_heading and (heading := _beside_heading(context, latest)):
            return heading
        choices = [d for d in usable if d.key == key and not claimed(d, usable, key)]
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
                    return dated_at(_whole(page, line), match, None).found(0.85)
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
                    return dated_at(_whole(page, line), match, None).found(0.88)
                if (
                    match.value <= latest
                    and before in _LEAD_ALONE
                    and line.text[match.end :].strip(" .,") == ""
                ):
                    return dated_at(_whole(page, line), match, None).found(0.8)
    return None


def _whole(page: Page, line: Line) -> Candidate:
    return Candidate(Span(page, line.words), Relation.SAME_LINE)


def _unlabelled(context: DocumentDates, labelled: list[Dated], latest: date) -> Found | None:
    """A date no label explains: after a town, with a clock time on a receipt, or the only one there is."""
    taken = {d.words for d in labelled if d.key not in {"plain", "printed"}}
    free: list[tuple[Dated, str]] = []
    for page in context.pages[:3]:
        for line in page.lines:
            for match in context.dates(line.text):
                dated = dated_at(Candidate(Span(page, line.words), Relation.SAME_LINE), match, None)
                if dated.words not in taken and match.value <= latest:
                    free.append((dated, line.text))
    for dated, text in free:
        if dated.page.number == 1 and _TOWN_AND_DATE.match(fold(text[: dated.match.start])):
            return dated.found(0.85)
    values = {dated.match.value for dated, _ in free}
    if len(values) == 1:
        return free[0][0].found(0.75)
    kind = kind_of(context.doc_type)
    if kind.from_till:
        timed = [dated for dated, text in free if _CLOCK.search(text)]
        if timed and len({dated.match.value for dated in timed}) == 1:
            return timed[0].found(0.7)
    if kind.dated_alone:
        alone = [
            d
            for d, text in free
            if d.page.number == 1
            and len(text) - (d.match.end - d.match.start) < 4
            and d.box.y0 < 0.45 * d.page.height
        ]
        if alone and len({d.match.value for d in alone}) == 1:
            return alone[0].found(0.75)
    return None
