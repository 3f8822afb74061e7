"""The date of a contract: from its opening sentence, the head of a letter, or the signatures."""

from __future__ import annotations

import re
from datetime import date

from autod.domain.extraction import Found
from autod.domain.reading import Page
from autod.extract.local.dated import Dated, DocumentDates, dated_at
from autod.extract.local.dates import DateMatch
from autod.extract.local.layout import Candidate, Relation, Span, fold

_REACH = 110  # characters before a date that may tie it to "this agreement"
_HEAD_LINES = 25
_TIED = re.compile(
    r"\b(?:dated|effective|made|entered|executed|concluded|signed|as of|date|geschlossen|vom|"
    r"conclu|signe|"
    r"fait|firmado|celebrado|stipulato|data|gesloten)\b[^.;]{0,60}$"
)
_OTHER_AGREEMENT = re.compile(
    r"\b(?:between you and|that certain|previous|prior|existing|original|supersede\w*|pursuant to|"
    r"under the|(?:agreement|lease|contract|plan|letter|amendment)[\"”'’)]{0,3},? dated(?: as of)?|"
    r"terminat\w*|"
    r"expir\w*|cease|until|commenc\w*|employment|"
    r"period of|during|before|after|incorporated|born|filed)\b[^.;]{0,60}$"
)
_THIS_AGREEMENT = re.compile(
    r"\b(?:this|dieser|le present|la presente|el presente|o presente|il presente|deze) "
    r"(?:[\w\-\"'“”()/&]+ ){0,8}(?:agreement|contract|lease|nda|undertaking|deed|vertrag|contrat|"
    r"contrato|contratto|overeenkomst)\b(?! dated)[^;]{0,90}$"
)
_OLDER = re.compile(r"\b(?:previous|prior|earlier|existing|original|that certain|supersed\w*|replac\w*)\b")
_NO_OTHER_MEANT = re.compile(
    r"\b(?:effective date|agreement date|contract date|executed (?:this|as of)|dated as of|"
    r"agreed(?: to)?,? as of|agreement is (?:made|entered|dated)|agreement,? made)\W"
)
_OPENING = 4_000  # characters of a page in which an agreement says when it was made
_LEFT_BLANK = re.compile(
    r"\b(?:made|entered into|dated|effective|as of|geschlossen|fait|firmado|celebrado|stipulato)\b"
    r"[^.;_]{0,60}(?:_{3,}|\[ ?[_ ]*\]|\bthis +day of\b)"
)
_DEFINED = re.compile(r"^[ ,)]{0,3}\(? ?(?:the|hereinafter)?,? ?[\"“”']{0,2}effective date")


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
