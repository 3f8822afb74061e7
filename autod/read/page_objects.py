"""What is drawn on a page, as far as it matters for trusting its text."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import pypdfium2.raw as pdfium

MAX_OBJECTS = 5_000  # looked at on one page; drawings with more are maps and plans
_MAX_INNER = 1_000  # of one form
_MAX_DEPTH = 3
_SMALL = 4.0  # points: thinner fills are rules and borders
_OPAQUE = 250  # of 255
_TRANSPARENT = 13  # of 255: fainter is not seen
_UNPAINTED = frozenset({pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP})
_FILLED = frozenset({pdfium.FPDF_TEXTRENDERMODE_FILL, pdfium.FPDF_TEXTRENDERMODE_FILL_CLIP})
_SCAN_PIXELS = 600  # the shorter side of a picture that can be a scanned page

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Fill:
    """An opaque filled area in user space; ``order`` is its place in the order of drawing."""

    left: float
    bottom: float
    right: float
    top: float
    colour: Colour
    order: int

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.bottom <= y <= self.top


class TextStyle(NamedTuple):
    """How a text object is painted. ``colour`` is None where no plain colour fills the letters.

    ``order`` is its place in the order of drawing, None inside a form.
    """

    painted: bool
    colour: Colour | None
    order: int | None


@dataclass(slots=True)
class PageObjects:
    """``image_area`` is in square points, overlaps counted twice; ``texts`` is by object address.

    ``complete`` is false when there were more objects than are looked at.
    """

    count: int = 0
    paths: int = 0
    image_area: float = 0.0
    fills: list[Fill] = field(default_factory=list)
    texts: dict[int, TextStyle] = field(default_factory=dict)
    complete: bool = True


def look_at_objects(page: pdfium.FPDF_PAGE) -> PageObjects:
    """The objects of a page, pictures inside nested forms included."""
    seen = PageObjects(count=pdfium.FPDFPage_CountObjects(page))
    seen.complete = seen.count <= MAX_OBJECTS
    bounds, colours = _Bounds(), _Colours()
    for order in range(min(seen.count, MAX_OBJECTS)):
        item = pdfium.FPDFPage_GetObject(page, order)
        match pdfium.FPDFPageObj_GetType(item):
            case pdfium.FPDF_PAGEOBJ_TEXT:
                seen.texts[address(item)] = colours.style(item, order)
            case pdfium.FPDF_PAGEOBJ_PATH:
                seen.paths += 1
                fill = _fill(item, order, bounds, colours)
                if fill is not None:
                    seen.fills.append(fill)
            case pdfium.FPDF_PAGEOBJ_IMAGE:
                seen.image_area += bounds.area(item)
            case pdfium.FPDF_PAGEOBJ_FORM:
                inner = list(_inside(item, _MAX_DEPTH))
                seen.complete = seen.complete and len(inner) < _MAX_INNER
                for part, kind in inner:
                    if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                        seen.texts[address(part)] = colours.style(part, None)
                seen.paths += sum(kind == pdfium.FPDF_PAGEOBJ_PATH for _, kind in inner)
                if any(kind == pdfium.FPDF_PAGEOBJ_IMAGE and _is_large(part) for part, kind in inner):
                    seen.image_area += bounds.area(item)
    return seen


def address(item: pdfium.FPDF_PAGEOBJECT) -> int:
    """Identifies an object while its page is open."""
    return ctypes.c_void_p.from_buffer(item).value or 0  # a fifth of what a cast costs


class _Bounds:
    """Room for one answer of pdfium, used again and again."""

    def __init__(self) -> None:
        self.numbers = [ctypes.c_float() for _ in range(4)]
        self._references = [ctypes.byref(number) for number in self.numbers]

    def of(self, item: pdfium.FPDF_PAGEOBJECT) -> tuple[float, float, float, float] | None:
        if not pdfium.FPDFPageObj_GetBounds(item, *self._references):
            return None
        left, bottom, right, top = (number.value for number in self.numbers)
        return left, bottom, right, top

    def area(self, item: pdfium.FPDF_PAGEOBJECT) -> float:
        box = self.of(item)
        return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0) if box else 0.0


class _Colours:
    """As ``_Bounds``, for colours."""

    def __init__(self) -> None:
        self._numbers = [ctypes.c_uint() for _ in range(4)]
        self._references = [ctypes.byref(number) for number in self._numbers]

    def of(self, item: pdfium.FPDF_PAGEOBJECT) -> tuple[int, int, int, int] | None:
        """Red, green, blue and opacity, 0 to 255 each; None for a pattern."""
        if not pdfium.FPDFPageObj_GetFillColor(item, *self._references):
            return None
        red, green, blue, alpha = self._numbers
        return red.value, green.value, blue.value, alpha.value

    def style(self, text: pdfium.FPDF_PAGEOBJECT, order: int | None) -> TextStyle:
        mode = pdfium.FPDFTextObj_GetTextRenderMode(text)
        if mode in _UNPAINTED:
            return TextStyle(False, None, order)
        found = self.of(text) if mode in _FILLED else None
        if found is None:
            return TextStyle(True, None, order)
        return TextStyle(found[3] >= _TRANSPARENT, found[:3], order)


def _fill(item: pdfium.FPDF_PAGEOBJECT, order: int, bounds: _Bounds, colours: _Colours) -> Fill | None:
    box = bounds.of(item)
    if box is None or box[2] - box[0] < _SMALL or box[3] - box[1] < _SMALL:
        return None
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(item, mode, stroke) or mode.value == pdfium.FPDF_FILLMODE_NONE:
        return None
    colour = colours.of(item)
    return Fill(*box, colour[:3], order) if colour and colour[3] >= _OPAQUE else None


def _inside(form: pdfium.FPDF_PAGEOBJECT, depth: int) -> Iterator[tuple[pdfium.FPDF_PAGEOBJECT, int]]:
    if depth == 0:
        return
    for index in range(min(pdfium.FPDFFormObj_CountObjects(form), _MAX_INNER)):
        part = pdfium.FPDFFormObj_GetObject(form, index)
        kind = pdfium.FPDFPageObj_GetType(part)
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            yield from _inside(part, depth - 1)
        else:
            yield part, kind


def _is_large(image: pdfium.FPDF_PAGEOBJECT) -> bool:
    width, height = ctypes.c_uint(), ctypes.c_uint()
    if not pdfium.FPDFImageObj_GetImagePixelSize(image, width, height):
        return False
    return min(width.value, height.value) >= _SCAN_PIXELS
