"""Which pages show nothing at all, as the backs of scanned sheets do."""

from __future__ import annotations

from collections.abc import Sequence

import pypdfium2.raw as pdfium

from autod.domain.reading import Box
from autod.open_files import read_bytes
from autod.read.opening import open_document
from autod.read.rendering import render

SIDE = 600  # pixels: enough to see whether there is ink
_MOST_PIXELS = SIDE * SIDE
_DOTS_PER_INCH = 100
SAME_GREY = 20  # grey values between the lightest and the darkest pixel


def blank_pages(document: int, numbers: Sequence[int]) -> frozenset[int]:
    """Those of the pages (from 1) of the open file that are blank; one that cannot be drawn is not."""
    if not numbers:
        return frozenset()
    with open_document(read_bytes(document)) as opened:
        return frozenset(number for number in numbers if _is_blank(opened.handle, number - 1))


def _is_blank(document: pdfium.FPDF_DOCUMENT, index: int) -> bool:
    page = pdfium.FPDF_LoadPage(document, index)
    if not page:
        return False
    try:
        whole = Box(0, 0, pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page))
        picture = render(page, whole, _DOTS_PER_INCH, _MOST_PIXELS, SIDE)
    finally:
        pdfium.FPDF_ClosePage(page)
    return picture is not None and picture.contrast(Box(0, 0, picture.width, picture.height)) < SAME_GREY
