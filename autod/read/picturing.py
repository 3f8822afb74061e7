"""Pictures of pages for a model that sees, bounded in number, pixels and bytes; drawn in the sandbox."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdfium2.raw as pdfium
from PIL import Image

from autod.domain.reading import Box, Page, Reading
from autod.read.opening import open_document
from autod.read.rendering import Picture, render

DOTS_PER_INCH = 150
MOST_BYTES = 1_500_000
_QUALITIES = (80, 60, 40)


def picture_pages(
    path: str, reading_path: str, pictures_path: str, most_pages: int, max_side: int
) -> dict[str, Any]:
    """What the sandbox calls: writes ``{pictures_path}.page{number}.jpg`` for the first ``most_pages`` pages.

    The longer side has ``max_side`` pixels at most; pages lie as they are read. Returns
    ``{"pictures": {number: path}}``, without the pages that have nothing to show or cannot be drawn.
    """
    reading = Reading.from_json(Path(reading_path).read_text(encoding="utf-8"))
    pictures: dict[str, str] = {}
    with open_document(Path(path)) as opened:
        for page in reading.pages[:most_pages]:
            content = _jpeg(opened.handle, page, max_side)
            if content is not None:
                target = Path(f"{pictures_path}.page{page.number}.jpg")
                target.write_bytes(content)
                pictures[str(page.number)] = str(target)
    return {"pictures": pictures}


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
