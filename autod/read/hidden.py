"""Which words of a text layer a person does not see.

Each word is judged by the page as it is drawn: it is seen where its text paints something. Words that a small
picture of the page leaves in doubt are looked at again, larger. Words that paint nothing are the ordinary
text of a scanner when a picture covers the page.
"""

from __future__ import annotations

import ctypes
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pypdfium2.raw as pdfium

from autod.domain.reading import Box
from autod.read.frame import Frame
from autod.read.ink import Ink, PageInk
from autod.read.page_objects import PageObjects, address
from autod.read.text_layer import RawWord

_SMALLEST = 2.0  # points: nobody reads smaller print
_SQUEEZED = 0.08  # of its height: no character is narrower on average
_CLEARLY = 60  # of 255 grey values, seen from afar
_FAINTLY = 20  # of 255 grey values, seen close by
_CLOSE = 150  # dots per inch
_SCAN_SHARE = 0.5  # of the page that a scanner's picture covers
_ASTRAY = 0.3  # of the words of a scanner's text: where so many lie over nothing, it is not this picture's
_ROWS = (0.52, 0.62, 0.42, 0.72, 0.32)  # of a word's height from its top: where letters are looked for first
_DIGIT_ROWS = (0.32, 0.42, 0.52, 0.62, 0.72, 0.77)  # down to the foot of a decimal point
_HOLE, _HOLE_AT_AN_END = 1.6, 0.9  # characters: wider ones in a number are looked at close by
_IS_INK = bytes(value >= _CLEARLY for value in range(256))
_DIGIT = re.compile(r"\d")
_BAND = 6.0  # points: words whose middles are so far apart do not stand on one another


def split_hidden(
    page_ink: PageInk,
    text_page: pdfium.FPDF_TEXTPAGE,
    words: Sequence[RawWord],
    objects: PageObjects,
    frame: Frame,
) -> tuple[list[RawWord], list[RawWord]]:
    """The words that are seen and those that are not, each in their order.

    ``frame`` is that of the page's own /Rotate.
    """
    smallest = min(_SMALLEST, frame.height / 300)
    gone = {id(word) for word in words if _is_out_of_sight(word, frame, smallest)}
    judged = [word for word in words if id(word) not in gone and _says_something(word.text)]
    unseen = _unseen(page_ink, text_page, judged, frame)
    if unseen and objects.image_area >= _SCAN_SHARE * frame.width * frame.height:
        # A scanner's text lies over the ink it was read from; smuggled text lies over nothing.
        astray = _over_nothing(page_ink, unseen, frame)
        if len(judged) - len(unseen) <= len(unseen) / 10 and len(astray) < _ASTRAY * len(unseen):
            unseen = astray
    gone |= set(map(id, unseen))
    return _split(words, gone)


def _split(words: Sequence[RawWord], gone: set[int]) -> tuple[list[RawWord], list[RawWord]]:
    """Points and dashes, which are too small to be judged, go with the word before them."""
    seen: list[RawWord] = []
    hidden: list[RawWord] = []
    last: tuple[RawWord, bool] | None = None
    for word in words:
        is_gone = id(word) in gone
        if not is_gone and not _says_something(word.text) and last and word.start - last[0].end <= 1:
            is_gone = last[1]
        last = word, is_gone
        (hidden if is_gone else seen).append(word)
    return seen, hidden


def _is_out_of_sight(word: RawWord, frame: Frame, smallest: float) -> bool:
    x, y = (word.left + word.right) / 2, (word.bottom + word.top) / 2
    inside = frame.left <= x <= frame.right and frame.bottom <= y <= frame.top
    return not inside or word.height < smallest or _is_squeezed(word)


def _is_squeezed(word: RawWord) -> bool:
    if word.quarters is None:
        return False
    length = word.top - word.bottom if word.quarters % 2 else word.right - word.left
    return length < _SQUEEZED * word.height * len(word.text)


def _says_something(text: str) -> bool:
    return text.isalnum() or any(map(str.isalnum, text))


def _unseen(
    page_ink: PageInk, text_page: pdfium.FPDF_TEXTPAGE, words: Sequence[RawWord], frame: Frame
) -> list[RawWord]:
    """Those of ``words`` that paint nothing."""
    ink = page_ink.of_page() if words else None
    if ink is None:
        return list(words)
    doubtful = _not_clear(words, ink, frame)
    unseen = _without_paint(page_ink, text_page, doubtful, frame)
    if len(unseen) == len(words):
        return unseen
    gone = set(map(id, unseen))
    crossing = _on_one_another([word for word in words if id(word) not in gone])
    for group in crossing:
        unseen += _without_paint_of_their_own(page_ink, text_page, group, frame)
    return unseen


def _not_clear(words: Sequence[RawWord], ink: Ink, frame: Frame) -> list[RawWord]:
    """The words whose place shows no strong paint on the small picture."""
    paint, scale, width = ink.paint.pixels, ink.paint.scale, ink.paint.width
    doubtful = []
    for word in words:
        if frame.quarters or word.quarters != 0:
            if ink.most(_core(_box(word, frame))) < _CLEARLY:
                doubtful.append(word)
            continue
        # Nearly all words: a few rows of pixels are enough, and far cheaper than a part of the picture.
        left, right = int((word.left - frame.left) * scale), int((word.right - frame.left) * scale) + 1
        left, right = max(left, 0), min(right, width)
        top, height = (frame.top - word.top) * scale, (word.top - word.bottom) * scale
        if _DIGIT.search(word.text):
            rows = (int(top + share * height) * width for share in _DIGIT_ROWS)
            if _has_hole([paint[row + left : row + right] for row in rows], len(word.text)):
                doubtful.append(word)
            continue
        for share in _ROWS:
            row = int(top + share * height) * width
            if max(paint[row + left : row + right], default=0) >= _CLEARLY:
                break
        else:
            doubtful.append(word)
    return doubtful


def _has_hole(rows: Sequence[bytes], characters: int) -> bool:
    """Whether a number lacks a digit, seen from afar: one that is clipped away makes it another number."""
    inked = 0
    for row in rows:
        inked |= int.from_bytes(row.translate(_IS_INK))
    length = len(rows[0])
    columns = inked.to_bytes(length)
    within = bytes(max(int(_HOLE * length / characters), 3))
    at_an_end = bytes(max(int(_HOLE_AT_AN_END * length / characters), 2))
    return not inked or within in columns or columns.startswith(at_an_end) or columns.endswith(at_an_end)


def _without_paint(
    page_ink: PageInk, text_page: pdfium.FPDF_TEXTPAGE, words: Sequence[RawWord], frame: Frame
) -> list[RawWord]:
    """Those of ``words`` that paint nothing, or lack a digit, seen close by."""
    if not words:
        return []
    boxes = [_box(word, frame) for word in words]
    ink = page_ink.of_part(Box.around(boxes), _CLOSE)
    if ink is None:
        return list(words)
    return [
        word
        for word, box in zip(words, boxes, strict=True)
        if ink.most(_core(box)) < _FAINTLY
        or any(ink.most(digit) < _FAINTLY for digit in _digits(text_page, word, frame))
    ]


def _digits(text_page: pdfium.FPDF_TEXTPAGE, word: RawWord, frame: Frame) -> Iterator[Box]:
    """The places of a word's digits."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    for index in range(word.start, word.end):
        if chr(pdfium.FPDFText_GetUnicode(text_page, index)).isdigit() and pdfium.FPDFText_GetCharBox(
            text_page, index, left, right, bottom, top
        ):
            yield frame.box(left.value, bottom.value, right.value, top.value)


def _without_paint_of_their_own(
    page_ink: PageInk, text_page: pdfium.FPDF_TEXTPAGE, words: Sequence[RawWord], frame: Frame
) -> list[RawWord]:
    """Those of ``words`` without which the page looks the same, whatever other text paints in their place."""
    texts = {}
    for word in words:
        for index in range(word.start, word.end):
            item = pdfium.FPDFText_GetTextObject(text_page, index)
            if item:
                texts[address(item)] = item
    boxes = [_box(word, frame) for word in words]
    ink = page_ink.of_part(Box.around(boxes), _CLOSE, list(texts.values())) if texts else None
    if ink is None:
        return list(words)
    return [word for word, box in zip(words, boxes, strict=True) if ink.most(_core(box)) < _FAINTLY]


def _on_one_another(words: Sequence[RawWord]) -> list[list[RawWord]]:
    """Words that stand in another word's place, in two groups whose words do not."""
    bands: defaultdict[int, list[RawWord]] = defaultdict(list)
    for word in words:
        band = int((word.bottom + word.top) / 2 / _BAND)
        bands[band].append(word)
        bands[band + 1].append(word)
    one: dict[int, RawWord] = {}
    other: dict[int, RawWord] = {}
    for row in bands.values():
        if len(row) < 2:
            continue
        row.sort(key=_left)
        for before, word in pairwise(row):
            if before.right - word.left > 1 and _covers(before, word) and before.text != word.text:
                first, second = (other, one) if id(before) in other else (one, other)
                first[id(before)] = before
                second[id(word)] = word
    return [list(group.values()) for group in (one, other) if group]


def _left(word: RawWord) -> float:
    return word.left


def _covers(one: RawWord, other: RawWord) -> bool:
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.top, other.top) - max(one.bottom, other.bottom)
    return width > 0.3 * min(one.right - one.left, other.right - other.left) and height > 0.5 * min(
        one.top - one.bottom, other.top - other.bottom
    )


def _over_nothing(page_ink: PageInk, words: Sequence[RawWord], frame: Frame) -> list[RawWord]:
    """Those of ``words`` in whose place the page shows one even colour."""
    boxes = [_box(word, frame) for word in words]
    ink = page_ink.of_part(Box.around(boxes), _CLOSE)
    if ink is None:
        return list(words)
    return [word for word, box in zip(words, boxes, strict=True) if ink.contrast(_core(box)) < _FAINTLY]


def _box(word: RawWord, frame: Frame) -> Box:
    return frame.box(word.left, word.bottom, word.right, word.top)


def _core(box: Box) -> Box:
    """The middle of a word, without what borders on it."""
    edge = 0.2 * min(box.width, box.height)
    return Box(box.x0 + edge, box.y0 + edge, box.x1 - edge, box.y1 - edge)
