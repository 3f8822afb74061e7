"""What is drawn on a page, as far as it matters for trusting its text."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2.raw as pdfium

MAX_OBJECTS = 200_000  # looked at on one page, forms' inner ones included
_MAX_DEPTH = 8
_UNPAINTED = frozenset({pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP})
_SCAN_PIXELS = 600  # the shorter side of a picture that can be a scanned page


@dataclass(slots=True)
class PageObjects:
    """``image_area`` is in square points, overlaps counted twice; ``texts`` are valid while the page is open.

    ``others`` counts what is drawn and is no text. ``complete`` is false when there were more objects than
    are looked at.
    """

    count: int = 0
    paths: int = 0
    others: int = 0
    image_area: float = 0.0
    texts: list[pdfium.FPDF_PAGEOBJECT] = field(default_factory=list)
    complete: bool = True


def look_at_objects(page: pdfium.FPDF_PAGE) -> PageObjects:
    """The objects of a page, those inside nested forms included."""
    seen = PageObjects(count=pdfium.FPDFPage_CountObjects(page))
    seen.complete = seen.count <= MAX_OBJECTS
    for order in range(min(seen.count, MAX_OBJECTS)):
        item = pdfium.FPDFPage_GetObject(page, order)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            seen.texts.append(item)
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            seen.paths += 1
            seen.others += 1
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            _look_inside(item, seen)
        else:
            seen.others += 1
            if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                seen.image_area += _area(item)
    return seen


def _look_inside(form: pdfium.FPDF_PAGEOBJECT, seen: PageObjects) -> None:
    """The place of what a form holds is told in its own coordinates: its large pictures count as the form."""
    large = False
    room = MAX_OBJECTS - len(seen.texts) - seen.others
    for number, (part, kind) in enumerate(_inside(form, _MAX_DEPTH)):
        if number >= room:
            seen.complete = False
            break
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            seen.texts.append(part)
            continue
        seen.others += 1
        seen.paths += kind == pdfium.FPDF_PAGEOBJ_PATH
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            seen.complete = False
        large = large or (kind == pdfium.FPDF_PAGEOBJ_IMAGE and _is_large(part))
    if large:
        seen.image_area += _area(form)


def _inside(form: pdfium.FPDF_PAGEOBJECT, depth: int) -> Iterator[tuple[pdfium.FPDF_PAGEOBJECT, int]]:
    """What a form holds; a form that lies too deep is given as such."""
    for index in range(pdfium.FPDFFormObj_CountObjects(form)):
        part = pdfium.FPDFFormObj_GetObject(form, index)
        kind = pdfium.FPDFPageObj_GetType(part)
        if kind == pdfium.FPDF_PAGEOBJ_FORM and depth > 1:
            yield from _inside(part, depth - 1)
        else:
            yield part, kind


def address(item: pdfium.FPDF_PAGEOBJECT) -> int:
    """Identifies an object while its page is open."""
    return ctypes.c_void_p.from_buffer(item).value or 0  # a fifth of what a cast costs


def is_unpainted(text: pdfium.FPDF_PAGEOBJECT) -> bool:
    """Whether a text object says of itself that it draws nothing, as a scanner's text does."""
    return pdfium.FPDFTextObj_GetTextRenderMode(text) in _UNPAINTED


def _area(item: pdfium.FPDF_PAGEOBJECT) -> float:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top):
        return 0.0
    return max(right.value - left.value, 0.0) * max(top.value - bottom.value, 0.0)


def _is_large(image: pdfium.FPDF_PAGEOBJECT) -> bool:
    width, height = ctypes.c_uint(), ctypes.c_uint()
    if not pdfium.FPDFImageObj_GetImagePixelSize(image, width, height):
        return False
    return min(width.value, height.value) >= _SCAN_PIXELS
