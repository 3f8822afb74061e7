"""Pictures of pages for a model that sees, bounded in number, pixels and bytes; drawn in the sandbox."""

from __future__ import annotations

import io
from typing import TypedDict

import pypdfium2.raw as pdfium
from PIL import Image

from autod.domain.reading import Box, Page, Reading
from autod.open_files import read_bytes, read_text, write_bytes
from autod.read.opening import open_document
from autod.read.rendering import Picture, render

DOTS_PER_INCH = 150
MOST_BYTES = 1_500_000
_QUALITIES = (80, 60, 40)


class PictureSizes(TypedDict):
    """The bytes of each picture by its page's number, in the order in which they lie in the file."""

    sizes: dict[str, int]


def picture_pages(document: int, reading: int, pictures: int, most_pages: int, max_side: int) -> PictureSizes:
    """What the sandbox calls: writes the first ``most_pages`` pages as JPEG to an open file, in a row.

    The longer side has ``max_side`` pixels at most; pages lie as they are read. Pages that have
    nothing to show or cannot be drawn are left out.
    """
    read = Reading.from_json(read_text(reading))
    sizes: dict[str, int] = {}
    with open_document(read_bytes(document)) as opened:
        for page in read.pages[:most_pages]:
            content = _jpeg(opened.handle, page, max_side)
            if content is not None:
                sizes[str(page.number)] = write_bytes(pictures, content)
    return {"sizes": sizes}


def _jpeg(document: pdfium.FPDF_DOCUMENT, page: Page, max_side: int) -> bytes | None:
    drawn = _drawn(document, page.number - 1, max_side)
    if drawn is None:
        return None
    image = Image.frombuffer("L", (drawn.width, drawn.height), drawn.pixels, "raw", "L", 0, 1)
    if page.turned:
        image = image.rotate(-page.turned, expand=True)
    for quality in _QUALITIES:
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=quality)
        if stream.tell() <= MOST_BYTES:
            return stream.getvalue()
    return None


def _drawn(document: pdfium.FPDF_DOCUMENT, index: int, max_side: int) -> Picture | None:
    page = pdfium.FPDF_LoadPage(document, index)
    if not page:
        return None
    try:
        whole = Box(0, 0, pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page))
        return render(page, whole, DOTS_PER_INCH, max_side * max_side, max_side)
    finally:
        pdfium.FPDF_ClosePage(page)
