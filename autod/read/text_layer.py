"""The words of a page's text layer, as pdfium tells them, with their boxes.

pdfium gives characters in the order of the content stream and marks where a word ends. A box costs one
call, so that only the first and the last character of a word are asked for theirs; a word whose ends do
not fit together is looked at character by character.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import pypdfium2.raw as pdfium

from autod.read.characters import clean

MAX_CHARACTERS = (
    400_000  # of one page; a page of small print has 10,000. More is told: see ``TextPage.is_cut``
)
_WORD = re.compile(r"[^\s\x02\ufffe]+[\x02\ufffe]?|[\x02\ufffe]")
_PLAIN = re.compile(r"[\t\n\r\x20-\x7e]*")
_TELLS_ANGLE = 4  # characters: a word so long that stands level in its box is not turned
_WIDEST = 1.6  # times its height: no character is wider on average
_TORN = 0.6  # of its height: a gap that no word has between two characters
_LINE_GAP = 0.6  # of the height: wider gaps are not those between the words of a sentence
_FALSE_SPACE = 0.125  # of the height: no space is narrower
_FALSE_SHARE = 0.1  # of the gaps between words: more than that are narrow by design
_SLANTED = 0.2  # radians off a quarter turn: a stamp or watermark, not a line among others


class RawWord(NamedTuple):
    """A word in user space (points, y upward).

    ``quarters`` is how often its reading direction is turned clockwise in user space, None when it
    stands at a slant. ``x``, ``y`` is its origin, on the baseline. ``start`` and ``end`` are the indices
    of its characters in pdfium.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    x: float
    y: float
    quarters: int | None
    start: int
    end: int

    @property
    def height(self) -> float:
        """Across the reading direction."""
        return self.right - self.left if self.quarters in (1, 3) else self.top - self.bottom


class TextPage:
    """pdfium's text page of an open page. Close it before the page."""

    def __init__(self, page: pdfium.FPDF_PAGE) -> None:
        self.handle = pdfium.FPDFText_LoadPage(page)
        self._box = pdfium.FS_RECTF()
        self._box_reference = ctypes.byref(self._box)
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._origin_references = ctypes.byref(self._x), ctypes.byref(self._y)

    def __enter__(self) -> TextPage:
        return self

    def __exit__(self, *_: object) -> None:
        if self.handle:
            pdfium.FPDFText_ClosePage(self.handle)

    @property
    def is_cut(self) -> bool:
        """Whether the page has more text than ``words`` gives."""
        return bool(self.handle) and pdfium.FPDFText_CountChars(self.handle) > MAX_CHARACTERS

    def words(self) -> list[RawWord]:
        """All words in the order of the content stream, hidden ones too."""
        if not self.handle:
            return []
        found: list[RawWord] = []
        text = self._text()
        is_plain = _PLAIN.fullmatch(text) is not None
        for match in _WORD.finditer(text):
            first = self._loose_box(match.start())
            last = self._loose_box(match.end() - 1)
            word = match.group()
            level = len(word) >= _TELLS_ANGLE or self._angle(match.start()) == 0
            if level and _fit_together(first, last, len(word)):
                spelt = word if is_plain else clean(word)
                found.append(self._piece(spelt, match.start(), match.end(), first, last, 0))
            else:
                found += self._odd_word(word, match.start(), first, last)
        return self._without_false_spaces(found)

    def _without_false_spaces(self, words: list[RawWord]) -> list[RawWord]:
        """The words, glued where pdfium guessed a space into a gap that is too narrow for one.

        Where many gaps are that narrow, as in condensed small print, they are spaces.
        """
        gaps = [_gap(before, word) for before, word in pairwise(words)]
        narrow = sum(0 < gap < _FALSE_SPACE for gap in gaps)
        if not narrow or narrow > _FALSE_SHARE * sum(0 < gap < _LINE_GAP for gap in gaps):
            return words
        found = words[:1]
        for word, gap in zip(words[1:], gaps, strict=True):
            if abs(gap) < _FALSE_SPACE and pdfium.FPDFText_IsGenerated(self.handle, found[-1].end) == 1:
                found[-1] = _glued(found[-1], word)
            else:
                found.append(word)
        return found

    def _text(self) -> str:
        """One character for each of pdfium's, so that offsets are its character indices."""
        count = min(pdfium.FPDFText_CountChars(self.handle), MAX_CHARACTERS)
        if count <= 0:
            return ""
        buffer = (ctypes.c_ushort * (count + 1))()
        written = pdfium.FPDFText_GetText(self.handle, 0, count, buffer)
        units = buffer[: max(written - 1, 0)]
        if len(units) != count:  # codes that say nothing are missing
            units = [pdfium.FPDFText_GetUnicode(self.handle, index) for index in range(count)]
        return "".join([chr(unit) if 0 < unit < 0x110000 else "\ufffd" for unit in units])

    def _odd_word(self, text: str, start: int, first: _Rectangle, last: _Rectangle) -> Iterator[RawWord]:
        """A short word, one that is turned, or a run of characters that is not one word."""
        turn = _quarters(self._angle(start))
        if turn is not None and _fit_together(_along(first, turn), _along(last, turn), len(text)):
            yield self._piece(clean(text), start, start + len(text), first, last, turn)
            return
        boxes = [self._loose_box(start + offset) for offset in range(len(text))]
        begin = 0
        for offset in range(1, len(text) + 1):
            if offset == len(text) or _jumps(boxes[offset - 1], boxes[offset], turn):
                whole = _around(boxes[begin:offset])
                spelt = clean(text[begin:offset])
                yield self._piece(spelt, start + begin, start + offset, whole, whole, turn)
                begin = offset

    def _piece(
        self,
        text: str,
        start: int,
        end: int,
        first: _Rectangle,
        last: _Rectangle,
        turn: int | None,
    ) -> RawWord:
        pdfium.FPDFText_GetCharOrigin(self.handle, start, *self._origin_references)
        x, y = self._x.value, self._y.value
        left, bottom, right, top = first
        if first is not last:
            left, right = min(left, last[0]), max(right, last[2])
            bottom, top = min(bottom, last[1]), max(top, last[3])
        return RawWord(text, left, bottom, right, top, x, y, turn, start, end)

    def _angle(self, index: int) -> float:
        """Radians, clockwise; negative when pdfium does not know."""
        return float(pdfium.FPDFText_GetCharAngle(self.handle, index))

    def _loose_box(self, index: int) -> _Rectangle:
        if not pdfium.FPDFText_GetLooseCharBox(self.handle, index, self._box_reference):
            return (0.0, 0.0, 0.0, 0.0)
        box = self._box
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
        if left > right or bottom > top:
            return (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
        return (left, bottom, right, top)


_Rectangle = tuple[float, float, float, float]  # left, bottom, right, top


def _gap(before: RawWord, word: RawWord) -> float:
    """Between two words that follow one another on a line, in heights; infinite for others."""
    height = max(min(before.height, word.height), 0.1)
    follows = word.start - before.end == 1 and word.quarters == 0 == before.quarters
    if not follows or abs(before.y - word.y) > 0.1 * height:
        return math.inf
    return (word.left - before.right) / height


def _glued(one: RawWord, other: RawWord) -> RawWord:
    return RawWord(
        one.text + other.text,
        one.left,
        min(one.bottom, other.bottom),
        other.right,
        max(one.top, other.top),
        one.x,
        one.y,
        one.quarters,
        one.start,
        other.end,
    )


def _quarters(angle: float) -> int | None:
    if angle < 0 or not math.isfinite(angle):
        return 0
    turns = angle / (math.pi / 2)
    nearest = round(turns)
    return nearest % 4 if abs(turns - nearest) * math.pi / 2 < _SLANTED else None


def _fit_together(first: _Rectangle, last: _Rectangle, length: int) -> bool:
    """Whether two boxes, seen along the reading direction, are the ends of one word."""
    begin, low, _, high = first
    _, low_last, end, high_last = last
    height = high - low
    if begin >= end or end - begin >= _WIDEST * max(height, 0.1) * length:
        return length == 1
    return min(high, high_last) - max(low, low_last) > 0.5 * min(height, high_last - low_last)


def _jumps(before: _Rectangle, after: _Rectangle, turn: int | None) -> bool:
    """Whether the pen was lifted between two characters."""
    if turn is None:
        return False
    begin, low, end, high = _along(before, turn)
    begin_after, low_after, _, high_after = _along(after, turn)
    height = max(high - low, 0.1)
    if begin_after - end > _TORN * height or begin - begin_after > height:
        return True
    return min(high, high_after) - max(low, low_after) <= 0.3 * min(height, high_after - low_after)


def _along(box: _Rectangle, turn: int) -> _Rectangle:
    """Begin, low, end and high in reading direction."""
    left, bottom, right, top = box
    match turn:
        case 0:
            return box
        case 1:
            return -top, left, -bottom, right
        case 2:
            return -right, -top, -left, -bottom
        case _:
            return bottom, -right, top, -left


def _around(boxes: Sequence[_Rectangle]) -> _Rectangle:
    left, bottom, right, top = zip(*boxes, strict=True)
    return min(left), min(bottom), max(right), max(top)
