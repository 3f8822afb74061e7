"""The date of a contract: from its opening sentence, the head of a letter, or the signatures."""

from __future__ import annotations

import re
from datetime import date

from autod.domain.extraction import Found
from autod.domain.reading import Page
from autod.extract.local.dates.candidates import Dated, DocumentDates, dated_at
from autod.extract.local.page.layout import Candidate, Relation, Span, fold
from autod.grammar.dates import DateMatch
from autod.words import any_of

_REACH = 110  # characters before a date that may tie it to "this agreement"
_HEAD_LINES = 25
_TIED = re.compile(rf"\b{any_of('contracts.tied')}\b[^.;]{{0,60}}$")
_OTHER_AGREEMENT = re.compile(
    rf"\b(?:{any_of('contracts.another')}|"
    rf"{any_of('contracts.named')}[\"”'’)]{{0,3}},? {any_of('contracts.dated')})\b[^.;]{{0,60}}$"
)
_THIS_AGREEMENT = re.compile(
    rf"\b{any_of('contracts.this')} (?:[\w\-\"'“”()/&]+ ){{0,8}}{any_of('contracts.agreement')}\b"
    rf"(?! {any_of('contracts.dated')})[^;]{{0,90}}$"
)
_OLDER = re.compile(rf"\b{any_of('contracts.older')}\b")
_NO_OTHER_MEANT = re.compile(rf"\b{any_of('contracts.plainly_this')}\W")
_OPENING = 4_000  # characters of a page in which an agreement says when it was made
_LEFT_BLANK = re.compile(
    rf"\b{any_of('contracts.left_blank')}\b[^.;_]{{0,60}}"
    rf"(?:_{{3,}}|\[ ?[_ ]*\]|\b{any_of('contracts.day_left_blank')}\b)"
)
_DEFINED = re.compile(
    rf"^[ ,)]{{0,3}}\(? ?{any_of('contracts.hereinafter')}?,? ?[\"“”']{{0,2}}{any_of('contracts.effective')}"
)


def contract_date(context: DocumentDates, labelled: list[Dated], latest: date) -> Found | None:
    """When the contract was made; ``None`` when only other dates are named."""
    opening = _in_running_text(context, latest)
    if opening:
        return opening
    if any(_LEFT_BLANK.search(fold(_flow(page).text[:_OPENING])) for page in context.pages[:2]):
        return None
    head = _head_of_letter(context, latest)
    if head:
        return head
    named = [d for d in labelled if d.key in {"issue", "plain"} and d.match.value <= latest]
    if not named:
        return None
    last = max(named, key=lambda d: d.match.value)
    return last.found(0.75 if len({d.match.value for d in named}) == 1 else 0.55)


def _in_running_text(context: DocumentDates, latest: date) -> Found | None:
    """The date tied to "this agreement", looked for across line ends."""
    best: tuple[float, Dated] | None = None
    for page in context.pages:
        candidate = Candidate(_flow(page), Relation.SAME_LINE)
        text = fold(candidate.text)
        for match in context.dates(candidate.text):
            strength = _strength(text, match)
            if strength > 0 and match.value <= latest and (best is None or strength > best[0]):
                best = strength, dated_at(candidate, match, None)
        if best and page.number >= 2:
            break
    return best[1].found(best[0]) if best else None


def _strength(text: str, match: DateMatch) -> float:
    before, after = text[max(0, match.start - _REACH) : match.start], text[match.end : match.end + 40]
    if _DEFINED.search(after):
        return 0.95
    if not _TIED.search(before):
        return 0.0
    tied = _THIS_AGREEMENT.search(before)
    if tied and not _OLDER.search(tied.group()):
        return 0.9
    if _OTHER_AGREEMENT.search(before):
        return 0.0
    return 0.8 if _NO_OTHER_MEANT.search(before) else 0.0


def _flow(page: Page) -> Span:
    return Span(page, tuple(word for line in page.lines for word in line.words))


def _head_of_letter(context: DocumentDates, latest: date) -> Found | None:
    """A line that is nothing but a date, near the top of the first page."""
    for page in context.pages[:1]:
        for line in page.lines[:_HEAD_LINES]:
            for match in context.dates(line.text):
                alone = len(line.text) - (match.end - match.start) < 3
                if alone and match.value <= latest:
                    candidate = Candidate(Span(page, line.words), Relation.SAME_LINE)
                    return dated_at(candidate, match, None).found(0.6)
    return None
