"""Fonts that lie: what they draw for a digit is another digit.

A PDF says twice what a character is: by its shape, and by a map to Unicode that only machines read. A font's
digits are compared with what they claim to be, once for each outline in the life of the process.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import NamedTuple

import pypdfium2.raw as pdfium

from autod.domain.reading import Box
from autod.read import shapes
from autod.read.frame import Frame
from autod.read.ink import PageInk
from autod.read.page_objects import address, is_unpainted
from autod.read.text_layer import RawWord

_DIGITS = frozenset("0123456789")
_MISTAKEN = str.maketrans("OoIl|SB", "0011158")  # letters that OCR takes digits for
_SAME_PROPORTION = 0.03  # a stretched digit, or another than the font's map leads to
_CLOSE = 200  # dots per inch
_MOST_KEPT = 20_000  # outlines; a font has ten

_known: dict[tuple[str, bytes], tuple[bool, float]] = {}


class _Digit(NamedTuple):
    """A digit of a word, in user space."""

    word: RawWord
    claimed: str
    left: float
    bottom: float
    right: float
    top: float


def doubtful_words(
    page_ink: PageInk, text_page: pdfium.FPDF_TEXTPAGE, words: Sequence[RawWord], frame: Frame
) -> list[RawWord]:
    """Those of ``words`` that hold a digit which does not look like what it claims to be."""
    digits = _unlike(text_page, words)
    if not digits:
        return []
    boxes = [frame.box(*digit[2:]) for digit in digits]
    ink = page_ink.of_part(Box.around(boxes), _CLOSE)
    doubtful: dict[int, RawWord] = {}
    for digit, box in zip(digits, boxes, strict=True):
        painted = ink.painted(box) if ink else None
        if painted is not None and frame.quarters:
            painted = painted.rotate(90 * frame.quarters, expand=True)
        shape = shapes.of_picture(painted) if painted is not None else None
        if not shapes.looks_like(shape, digit.claimed):
            doubtful[id(digit.word)] = digit.word
    return list(doubtful.values())


def bears_out(printed: str, words: Sequence[RawWord]) -> bool:
    """Whether the digits of each of ``words`` stand in ``printed``, what OCR read on the page."""
    seen = set(map(_digits, printed.split()))
    return all(_digits(word.text) in seen for word in words)


def _digits(text: str) -> str:
    return "".join(sign for sign in text.translate(_MISTAKEN) if sign in _DIGITS)


def _unlike(text_page: pdfium.FPDF_TEXTPAGE, words: Sequence[RawWord]) -> list[_Digit]:
    """Digits whose outline is another's, is missing, or is not the one that is drawn."""
    found: list[_Digit] = []
    fonts: dict[int, _Font | None] = {}
    numbers = [ctypes.c_double() for _ in range(4)]
    references = [ctypes.byref(number) for number in numbers]
    left, right, bottom, top = numbers
    unicode_at, char_box = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetCharBox

    def font_at(index: int) -> _Font | None:
        text = pdfium.FPDFText_GetTextObject(text_page, index)
        if not text:
            return None
        at = address(text)
        if at not in fonts:
            fonts[at] = None if is_unpainted(text) else _font(text, fonts)
        return fonts[at]

    for word in words:
        if _DIGITS.isdisjoint(word.text):
            continue
        spelt = word.text
        if len(spelt) != word.end - word.start:
            spelt = "".join(chr(unicode_at(text_page, at)) for at in range(word.start, word.end))
        places = [word.start + offset for offset, sign in enumerate(spelt) if sign in _DIGITS]
        if not places:
            continue
        first, last = font_at(places[0]), font_at(places[-1])
        for index in places:
            font = first if first is last else font_at(index)
            if font is None or not char_box(text_page, index, *references):
                continue
            sign = spelt[index - word.start]
            like, proportion = font.digit(sign)
            width, height = right.value - left.value, top.value - bottom.value
            if word.quarters in (1, 3):
                width, height = height, width
            if not like:
                found.append(_Digit(word, sign, left.value, bottom.value, right.value, top.value))
            elif word.quarters is None or abs(width - proportion * height) <= _SAME_PROPORTION * height:
                font.fitting += 1
            else:
                font.other.append(_Digit(word, sign, left.value, bottom.value, right.value, top.value))
    for font in {font.at: font for font in fonts.values() if font}.values():
        # All boxes of a font that is not in the file are off when pdfium stretches another in its place.
        if font.embedded or font.fitting > len(font.other):
            found += font.other
    return found


class _Font:
    """``fitting`` counts the digits whose boxes fit their outlines, ``other`` holds the rest."""

    def __init__(self, handle: pdfium.FPDF_FONT) -> None:
        self.at = address(handle)
        self.embedded = pdfium.FPDFFont_GetIsEmbedded(handle) == 1
        self.fitting = 0
        self.other: list[_Digit] = []
        self._handle = handle
        self._digits: dict[str, tuple[bool, float]] = {}

    def digit(self, digit: str) -> tuple[bool, float]:
        """Whether the font's ``digit`` looks like one, and its width to its height."""
        if digit not in self._digits:
            self._digits[digit] = _judged(self._handle, digit)
        return self._digits[digit]


def _font(text: pdfium.FPDF_PAGEOBJECT, known: dict[int, _Font | None]) -> _Font:
    handle = pdfium.FPDFTextObj_GetFont(text)
    at = address(handle)
    return next((font for font in known.values() if font and font.at == at), None) or _Font(handle)


def _judged(font: pdfium.FPDF_FONT, digit: str) -> tuple[bool, float]:
    outline = shapes.outline(font, digit)
    if outline is None:
        return False, 0.0
    key = digit, outline
    if key not in _known:
        if len(_known) >= _MOST_KEPT:
            _known.clear()
        drawn = shapes.segments(font, digit)
        _known[key] = shapes.looks_like(shapes.of_outline(drawn), digit), shapes.proportion(drawn)
    return _known[key]
