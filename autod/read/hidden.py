"""Which words of a text layer a person does not see.

Cheap signs name the suspects; what is drawn in their place, on a picture of the page, convicts them. Words
that are not painted at all are the ordinary text of a scanner when a picture covers the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pypdfium2.raw as pdfium

from autod.domain.reading import Box
from autod.read.frame import Frame
from autod.read.page_objects import Colour, Fill, PageObjects, TextStyle, address
from autod.read.rendering import render
from autod.read.text_layer import RawWord

_NEAR_WHITE = 225  # each of red, green and blue
_LIKE = 48  # difference of each colour part that is hard to see
_SMALLEST = 2.0  # points: nobody reads smaller print
_CONTRAST = 20  # of 255 grey values
_DOTS_PER_INCH = 110
_MAX_PIXELS = 2_000_000
_SCAN_SHARE = 0.5  # of the page that a scanner's picture covers


class _Look(NamedTuple):
    """What is sure about a word: ``hidden`` or not, or that its picture must be looked at."""

    hidden: bool = False
    unpainted: bool = False
    doubtful: bool = False


_VISIBLE, _HIDDEN = _Look(), _Look(hidden=True)
_UNPAINTED, _DOUBTFUL = _Look(unpainted=True), _Look(doubtful=True)


def split_hidden(
    page: pdfium.FPDF_PAGE,
    text_page: pdfium.FPDF_TEXTPAGE,
    words: Sequence[RawWord],
    objects: PageObjects,
    frame: Frame,
) -> tuple[list[RawWord], list[RawWord]]:
    """The words that are seen and those that are not, each in their order.

    ``frame`` is that of the page's own /Rotate.
    """
    looks = _looks(text_page, words, objects, frame)
    unpainted = [word for word, look in zip(words, looks, strict=True) if look.unpainted]
    doubtful = [word for word, look in zip(words, looks, strict=True) if look.doubtful]
    if unpainted and objects.image_area >= _SCAN_SHARE * frame.width * frame.height:
        # A scanner's text lies over the ink it was read from; smuggled text lies over nothing.
        others = sum(not (look.hidden or look.unpainted) for look in looks)
        if others > len(unpainted) / 10:
            doubtful += unpainted
        unpainted = []
    unseen = set(map(id, unpainted)) | set(map(id, _without_contrast(page, doubtful, frame)))
    seen: list[RawWord] = []
    hidden: list[RawWord] = []
    for word, look in zip(words, looks, strict=True):
        (hidden if look.hidden or id(word) in unseen else seen).append(word)
    return seen, hidden


def _looks(
    text_page: pdfium.FPDF_TEXTPAGE, words: Sequence[RawWord], objects: PageObjects, frame: Frame
) -> list[_Look]:
    smallest = min(_SMALLEST, frame.height / 300)
    fills = _suspicious_fills(objects)
    plain = not fills and objects.complete and all(map(_is_plain, objects.texts.values()))
    looks = []
    for word in words:
        if _is_out_of_sight(word, frame, smallest):
            looks.append(_HIDDEN)
        elif plain:
            looks.append(_VISIBLE)
        else:
            item = pdfium.FPDFText_GetTextObject(text_page, word.start)
            style = objects.texts.get(address(item))
            looks.append(_look(word, style or TextStyle(True, (255, 255, 255), None), fills))
    return looks


def _suspicious_fills(objects: PageObjects) -> list[Fill]:
    """Areas that can hide text: of its colour, or drawn later."""
    colours = {style.colour for style in objects.texts.values() if style.colour}
    first = min((style.order for style in objects.texts.values() if style.order is not None), default=None)
    return [
        fill
        for fill in objects.fills
        if (first is not None and fill.order > first)
        or any(_alike(fill.colour, colour) for colour in colours)
    ]


def _is_plain(style: TextStyle) -> bool:
    return style.painted and (style.colour is None or min(style.colour) < _NEAR_WHITE)


def _is_out_of_sight(word: RawWord, frame: Frame, smallest: float) -> bool:
    x, y = (word.left + word.right) / 2, (word.bottom + word.top) / 2
    inside = frame.left <= x <= frame.right and frame.bottom <= y <= frame.top
    return not inside or word.height < smallest


def _look(word: RawWord, style: TextStyle, fills: Sequence[Fill]) -> _Look:
    if not style.painted:
        return _UNPAINTED
    if style.colour is None:
        return _VISIBLE
    if min(style.colour) >= _NEAR_WHITE:
        return _DOUBTFUL
    x, y = (word.left + word.right) / 2, (word.bottom + word.top) / 2
    for fill in fills:
        if fill.holds(x, y) and (
            _alike(fill.colour, style.colour) or (style.order is not None and fill.order > style.order)
        ):
            return _DOUBTFUL
    return _VISIBLE


def _alike(one: Colour, other: Colour) -> bool:
    return all(abs(a - b) <= _LIKE for a, b in zip(one, other, strict=True))


def _without_contrast(page: pdfium.FPDF_PAGE, words: Sequence[RawWord], frame: Frame) -> list[RawWord]:
    """Those of ``words`` in whose place the picture of the page shows one even colour."""
    if not words:
        return []
    boxes = [frame.box(word.left, word.bottom, word.right, word.top) for word in words]
    part = Box.around(boxes)
    picture = render(page, part, _DOTS_PER_INCH, _MAX_PIXELS)
    if picture is None:
        return list(words)
    return [
        word
        for word, box in zip(words, boxes, strict=True)
        if picture.contrast(_core(box, part, picture.scale)) < _CONTRAST
    ]


def _core(box: Box, part: Box, scale: float) -> Box:
    """The middle of a word in the picture's pixels, without what borders on it."""
    edge = 0.2 * min(box.width, box.height)
    return Box(
        (box.x0 + edge - part.x0) * scale,
        (box.y0 + edge - part.y0) * scale,
        (box.x1 - edge - part.x0) * scale,
        (box.y1 - edge - part.y0) * scale,
    )
