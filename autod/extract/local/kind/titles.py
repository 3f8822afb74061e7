"""A document's own title: what names its kind, its subject line, or its largest heading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median

from autod.domain.extraction import Found
from autod.domain.kinds import DocType, kind_of
from autod.domain.reading import Box, Line, Page
from autod.extract.local.kind.signs import INNER_HEADINGS
from autod.extract.local.kind.weights import TitleWeights
from autod.extract.local.page.layout import (
    LabelHit,
    LabelTable,
    Span,
    find_labels,
    fold,
    label_tokens,
    layout_of,
    page_source,
)
from autod.extract.local.page.postal import is_place, is_street
from autod.grammar.dates import parse_dates
from autod.words import any_of, phrases

_SUBJECTS = LabelTable({"subject": phrases("phrases.subject")})
_GREETING = re.compile(rf"{any_of('signs.greets')}\b")
_MEANINGLESS = re.compile(rf"^{any_of('signs.meaningless')}\b")
_NUMBER_SIGN_AT_END = re.compile(
    rf"[\s:]*(?:{any_of('numbers.marks', 'signs.number_sign')}|#|№)?[\s:#.º°]*$", re.IGNORECASE
)
_LONGEST_SUBJECT = 140
_SUBJECT_ABOVE = 0.6  # of the page's height
_FREE = 0.8  # line heights of white beyond a subject without a label
_CLOSE = (0.3, 4)  # line heights between it and the greeting
_MOSTLY_LETTERS = 0.6  # of what is printed
_LARGE = 1.3  # times the height of most lines


def find_title(page: Page, doc_type: DocType, heading: LabelHit | None, strength: float) -> Found | None:
    """The title as printed.

    ``heading`` is the line that named the kind, and ``strength`` (0 to 1.6) how much it looks like a heading.
    """
    kind = kind_of(doc_type)
    named = (
        heading
        if heading and strength >= TitleWeights.least_strength and heading.phrase not in INNER_HEADINGS
        else None
    )
    if kind.titled_by_subject and (named is None or strength < 1.0):
        subject = _subject(page) or _beside_greeting(page)
        if subject is not None:
            return subject
    if named is not None:
        return _heading_found(
            named, min(TitleWeights.most, TitleWeights.heading + TitleWeights.strength * strength)
        )
    # What is large on a till's receipt is the shop's name.
    return None if kind.from_till else _largest(page)


def _heading_found(hit: LabelHit, score: float) -> Found:
    """The heading without an amount before it, and without a number sign whose number stands elsewhere."""
    start = 0 if any(character.isalpha() for character in hit.line.text[: hit.start]) else hit.start
    rest = hit.line.text[hit.end :]
    end = len(hit.line.text) if any(c.isalnum() for c in _NUMBER_SIGN_AT_END.sub("", rest)) else hit.end
    return _found(hit.page, hit.line, start, end, score)


def _found(page: Page, line: Line, start: int, end: int, score: float) -> Found:
    span = Span(page, line.words)
    text = line.text[start:end].strip(" :")
    return Found(
        text, round(score, 3), page_source(page), page.number, span.quote(start, end), span.box(start, end)
    )


def starts_as_subject(line: Line) -> bool:
    """Whether the line is a subject line: it says what a letter is about, not what it is."""
    first = next(iter(_SUBJECTS.find(label_tokens(line.text[:40]))), None)
    return first is not None and first[2] == 0 and line.text[first[3] :].lstrip(" .").startswith(":")


def _subject(page: Page) -> Found | None:
    """What "Subject:" announces."""
    for hit in find_labels(page, _SUBJECTS):
        if not hit.starts_line or hit.line.box.y0 > _SUBJECT_ABOVE * page.height:
            continue
        rest = hit.line.text[hit.end :]
        if rest.lstrip().startswith((":", ".:")) and len(rest.strip(" :.")) > 4:
            lead = len(rest) - len(rest.lstrip(" :."))
            return _found(
                page, hit.line, hit.end + lead, len(hit.line.text[:_LONGEST_SUBJECT]), TitleWeights.subject
            )
        if not rest.strip(" :."):
            beside = layout_of(page).right_of(hit.line.box, but=hit.line)
            if beside and len(beside[0].text) > 4 and beside[0].box.x0 - hit.line.box.x1 < 150:
                return _found(
                    page, beside[0], 0, len(beside[0].text[:_LONGEST_SUBJECT]), TitleWeights.subject_beside
                )
    return None


def _beside_greeting(page: Page) -> Found | None:
    """The line over or under "Dear Sir" when it stands alone there, as letters print their subject."""
    lines = page.lines[:80]
    at = next((i for i, line in enumerate(lines) if _GREETING.match(fold(line.text))), None)
    if at is None or at == 0:
        return None
    greeting = lines[at]
    for other, beyond in ((at - 1, at - 2), (at + 1, at + 2)):
        if other >= len(lines) or abs(lines[other].box.x0 - greeting.box.x0) >= 12:
            continue
        line = lines[other]
        free = not 0 <= beyond < len(lines) or _gap(line, lines[beyond]) > _FREE * line.box.height
        close = _CLOSE[0] * line.box.height < _gap(line, greeting) < _CLOSE[1] * line.box.height
        if free and close and 2 <= len(line.words) <= 16 and _says_something(line.text):
            return _found(page, line, 0, len(line.text), TitleWeights.beside_greeting)
    return None


def _gap(one: Line, other: Line) -> float:
    """The empty height between two lines, whichever is the upper one."""
    return max(one.box.y0, other.box.y0) - min(one.box.y1, other.box.y1)


def _says_something(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    return (
        letters > _MOSTLY_LETTERS * len(text.replace(" ", ""))
        and not text.rstrip().endswith((",", "."))
        and not is_place(text)
        and not is_street(text)
        and not (parse_dates(text) and len(text) < 40)
    )


def _largest(page: Page) -> Found | None:
    body = median(line.box.height for line in page.lines) or 1.0
    headings = list(_headings(page, body))
    if not headings:
        return None
    line = max(headings, key=lambda line: (round(line.box.height, 1), -line.box.y0))
    return Found(
        line.text,
        TitleWeights.largest,
        page_source(page),
        page.number,
        line.text,
        Box.around([w.box for w in line.words]),
    )


def _headings(page: Page, body: float) -> Iterator[Line]:
    for line in page.lines:
        letters = sum(character.isalpha() for character in line.text)
        if (
            line.box.y0 < 0.5 * page.height
            and line.box.height >= _LARGE * body
            and letters >= 4
            and letters > _MOSTLY_LETTERS * len(line.text.replace(" ", ""))
            and len(line.words) <= 14
            and sum(word.confidence for word in line.words) >= TitleWeights.least_confidence * len(line.words)
            and not _MEANINGLESS.match(fold(line.text))
        ):
            yield line
