"""The number that a label announces: after it, right of it, or under it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import Final

from stdnum import iban as iban_number

from autod.domain.reading import Box, FormField, Line, Page, Reading, Word
from autod.extract.local.numbers.labels import KIND_ENDINGS
from autod.extract.local.page.candidates import Candidate, Place, Relation, TextMatch
from autod.extract.local.page.layout import LabelHit, Span, label_tokens, layout_of, level
from autod.extract.local.page.walk import Column, Habit, along, down
from autod.extract.local.weights import NumberWeights, Weight
from autod.words import any_of

_BY_RELATION = {
    Relation.SAME_LINE: NumberWeights.same_line, Relation.RIGHT: NumberWeights.right,
    Relation.BELOW: NumberWeights.below,
}  # fmt: skip
_HABIT: Final = Habit(cells=0, reach=0.0, column=Column.WORDS)
_REACH = 2.2  # label heights down to a number under its label
_LEAD = re.compile(
    r"[\s:;.,\-–#*°º№/]*(?:\([^()\d]{0,12}\d{0,4}\))?[\s:;.\-–#*°º№]*"
    rf"(?:{any_of('numbers.lead', 'numbers.marks')}\b(?![\-/]\w)[\s:;.\-#*°º№]*)?",
    re.IGNORECASE,
)
_VALUE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9./_\\\-–]{0,38}[A-Za-z0-9])?")
_DATE = re.compile(
    r"\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}|\d{4}[./\-]\d{1,2}[./\-]\d{1,2}|\d{1,2}-[A-Za-z]{3}-\d{2,4}"
)
_AMOUNT = re.compile(r"\d{1,3}(?:[.,]\d{3})*[.,]\d{2}|\d+[.,]\d{2}")
_DECIMALS = re.compile(r"[.,]\d")
_VERSION = re.compile(r"[vV]\d[\d.]*")
_PLACE = re.compile(r"(?:AT|BE|CH|DE|ES|FR|IT|LU|NL|PL)[ \-]\d{4,5}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PREFIX = re.compile(r"[A-Z]{1,5}")
_GROUP = re.compile(r"[A-Z0-9]{1,12}|[-/]")
_PADDED = re.compile(r"0\d{2}(?:\.\d{3})+")
_CODE = re.compile(r"(?=[^\d]{0,6}\d)[A-Z0-9][A-Z0-9./\-]{0,30}[,;]?")  # "A/2026-118840" after "FT"
_DIGIT_GROUPS = re.compile(r"(?=(?:\D?\d){9})\d{1,10}(?: \d{2,10}){1,5}")
_THOUSANDS = re.compile(r"\d{1,3}(?: \d{3}){2,5}")
_MOST_GROUPS = 6
_CELLS = 3
_MOST_WORDS_BACK = 8
_FAR_BACK = 80
_HEADING_REACH = 3.0
_FORM_REACH = 40.0
_FORM_GAP = 120  # points from a label to the form field right of it
_SIGN = re.compile(
    rf"(?<![\w.])(?:{any_of('numbers.marks')}|№|{any_of('numbers.signs')}(?!\w))[.:]?", re.IGNORECASE
)
_NUMBER_MARKS = ("#", "°", "º", "№")
NUMBER_SIGN = "number?"
_ENDINGS = [
    (key, tuple(token.text for ending in finished for token in label_tokens(ending)))
    for key, finished in KIND_ENDINGS.items()
]


NumberCandidate = Candidate[TextMatch]


def number_signs(page: Page) -> Iterator[LabelHit]:
    """Each "No.", "Nr." or "Nº" with, as its key, what the words before it in the line say is numbered."""
    for line in page.lines:
        for sign in _SIGN.finditer(line.text):
            before = line.text[max(0, sign.start() - _FAR_BACK) : sign.start()]
            words = [token.text for token in label_tokens(before)]
            key = _numbered(words[-_MOST_WORDS_BACK:]) if words else _headed(page, line)
            if key is not None:
                yield LabelHit(page, line, sign.start(), sign.end(), key, sign[0])


def _headed(page: Page, line: Line) -> str:
    """What the heading just above a line that starts with "No." says is numbered."""
    for above in layout_of(page).between(line.box.y0 - _HEADING_REACH * line.box.height, line.box.y0 - 1):
        words = [token.text for token in label_tokens(above.text[-_FAR_BACK:])]
        if abs(above.box.x0 - line.box.x0) < line.box.height * 2 and words:
            key = _numbered(words[-1:])
            if key is not None and key != NUMBER_SIGN:
                return key
    return NUMBER_SIGN


def _numbered(words: list[str]) -> str | None:
    for word in reversed(words):
        for key, finished in _ENDINGS:
            if word.endswith(finished):
                return None if key == "other" else f"{key}?"
    return NUMBER_SIGN if len(words) == 1 else None


def read_labelled(reading: Reading, label: LabelHit, *, grouped: bool) -> NumberCandidate | None:
    """The number that ``label`` announces.

    ``grouped`` lets blanks part a number (``519 45 - A``), as account numbers are printed. A bare label
    (key ends in ``?``) must be followed by ``#``, a colon or the number itself.
    """
    for field in reading.form_fields:
        if field.page == label.page.number and field.box is not None and _beside(label, field.box):
            text = _form_value(field)
            if text:
                typed = Place(Span(label.page, (Word(text, field.box),)), Relation.IN_FORM)
                return Candidate(
                    TextMatch(text, 0, len(text)), typed, label, label.key, (NumberWeights.in_form,)
                )
    bare = label.key.endswith("?") and label.key != NUMBER_SIGN
    habit = _habit(label)
    numbers = chain(
        along(label, lambda text: _read(text, grouped), habit),
        down(label, lambda text: _read(text, grouped), habit, heading=_heading_box(label)),
    )
    for number in numbers:
        if not bare or _stands_alone(number.match.value):
            return number.because(_BY_RELATION[number.relation], *_doubts(label))
    return None


def _doubts(label: LabelHit) -> Iterator[Weight]:
    """What makes a label less sure: that it only names a document, or is part of a longer one."""
    before, after = label.line.text[: label.start].rstrip(), label.line.text[label.end :].lstrip()[:1]
    if before[-1:].isalpha():
        yield NumberWeights.label_within_words
    if label.key.endswith("?") and after not in _NUMBER_MARKS:
        yield NumberWeights.bare_before_colon if after == ":" else NumberWeights.bare


def _habit(label: LabelHit) -> Habit:
    """Same line, else the nearest to the right, else what stands under the label."""
    after = label.line.text[label.end :]
    bare = label.key.endswith("?")
    announced = after.lstrip()[:1] in (*_NUMBER_MARKS, ":")
    alone = not after.strip(" :.#°º№*()-/")
    if bare and not (announced or alone):
        return _HABIT
    right = alone and (label.starts_line or not bare)
    under = not bare or announced or label.key == NUMBER_SIGN or (alone and _heads_column(label))
    return _looking(right=right, under=under)


@cache
def _looking(*, right: bool, under: bool) -> Habit:
    return replace(_HABIT, cells=int(right), reach=_REACH if under else 0.0)


def _heads_column(hit: LabelHit) -> bool:
    """Whether the label is a cell of its own in a row of headings."""
    return hit.starts_line and layout_of(hit.page).cells_beside(hit.line) >= _CELLS


def _read(text: str, grouped: bool) -> list[TextMatch]:
    """The number with which ``text`` begins, if it does."""
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    match = _VALUE.match(text, start)
    if match is None:
        return []
    value, end = match[0], match.end()
    rest = text[end:].split()[:_MOST_GROUPS]
    if _PREFIX.fullmatch(value) and rest and _CODE.fullmatch(rest[0]) and text[end : end + 1] == " ":
        follower = _VALUE.match(text, end + 1)
        if follower is None:
            return []
        value, end = f"{value} {follower[0]}", follower.end()
        if grouped:
            value, end = _with_groups(text, value, end)
    elif _THOUSANDS.fullmatch(text[start:].strip()):
        value, end = text[start:].strip().replace(" ", ""), len(text)
    elif _DIGIT_GROUPS.fullmatch(text[start:].strip()):
        value, end = text[start:].strip(), len(text)
    elif grouped and text[end : end + 1] in ("", " ", ","):
        value, end = _with_groups(text, value, end)
    if not is_number(value, text[end : end + 2]) or _DECIMALS.match(text, end):
        return []
    return [TextMatch(plain(value), start, end)]


def _heading_box(hit: LabelHit) -> Box:
    """The label's box, or its whole line's when only a remark in brackets follows."""
    rest = hit.line.text[hit.end :].strip(" :")
    remark = rest.startswith("(") and rest.endswith(")")
    return hit.line.box if hit.starts_line and remark else hit.box


def _with_groups(text: str, value: str, end: int) -> tuple[str, int]:
    """Add the following short groups of digits or capitals, as long as nothing else comes between."""
    for group in text[end:].split()[:_MOST_GROUPS]:
        at = text.find(group, end)
        digits = any(character.isdigit() for character in group) or group in ("-", "/")
        letter = len(group) == 1 and group.isupper() and value.endswith(("-", "/"))
        if not _GROUP.fullmatch(group) or not (digits or letter):
            break
        value, end = f"{value} {group}", at + len(group)
    return value.rstrip(" -/"), end


def is_number(value: str, after: str = "") -> bool:
    """Whether ``value`` can be a document's or party's number: digits, and no date, amount, rate or IBAN."""
    if not any(character.isdigit() for character in value):
        return False
    if _VERSION.fullmatch(value) or _PLACE.fullmatch(value):
        return False
    if _DATE.fullmatch(value) or _AMOUNT.fullmatch(value) or after.startswith(("%", " %")):
        return False
    compact = value.replace(" ", "")
    return not (compact[:2].isalpha() and len(compact) > 14 and iban_number.is_valid(compact))


def plain(value: str) -> str:
    """Grouped and zero-padded numbers (``000.000.046``) as the number they mean."""
    if _PADDED.fullmatch(value):
        return value.replace(".", "").lstrip("0") or "0"
    return value


def _stands_alone(value: str) -> bool:
    return len(value) >= 3 and not _YEAR.fullmatch(value)


def _beside(hit: LabelHit, box: Box) -> bool:
    """Whether a form field starts under the label's line or right of it on its row."""
    line = hit.line.box
    below = -2 <= box.y0 - line.y0 <= _FORM_REACH and abs(box.x0 - line.x0) < _FORM_REACH
    right = level(box, line) and 0 <= box.x0 - line.x1 < _FORM_GAP
    return (below and box.y0 >= line.y0) or right


def _form_value(field: FormField) -> str | None:
    text = " ".join(field.value.split())
    return text if len(text) <= 40 and is_number(text) else None
