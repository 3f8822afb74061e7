"""Pictures of a page, never larger than asked for."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

from autod.domain.reading import Box

if TYPE_CHECKING:
    from PIL.Image import Image

_WHITE = 0xFFFFFFFF
_MAX_SCALED_PAGE = 1 << 30  # pixels of the whole page's side when a part of it is drawn


@dataclass(frozen=True, slots=True)
class Picture:
    """Grey values, row by row from the top left; ``scale`` is pixels to a point."""

    pixels: bytes
    width: int
    height: int
    scale: float

    def contrast(self, box: Box) -> int:
        """The difference between the lightest and the darkest pixel of ``box`` (pixels), 0 to 255."""
        darkest, lightest = self._extremes(box)
        return lightest - darkest

    def lightest(self, box: Box) -> int:
        """The grey value of the lightest pixel of ``box`` (pixels), 0 to 255; 0 outside the picture."""
        return self._extremes(box)[1]

    def difference(self, other: Picture) -> Picture:
        """By how much each pixel differs from that of another picture of the same size."""
        from PIL import ImageChops

        return self._with(ImageChops.difference(self._image(), other._image()))

    def inverted(self) -> Picture:
        """Black for white."""
        from PIL import ImageChops

        return self._with(ImageChops.invert(self._image()))

    def cut(self, box: Box) -> Image | None:
        """What ``box`` (pixels) shows; None outside the picture."""
        x0, y0 = max(int(box.x0), 0), max(int(box.y0), 0)
        x1, y1 = min(math.ceil(box.x1), self.width), min(math.ceil(box.y1), self.height)
        return self._image().crop((x0, y0, x1, y1)) if x0 < x1 and y0 < y1 else None

    def _extremes(self, box: Box) -> tuple[int, int]:
        shown = self.cut(box)
        if shown is None:
            return 0, 0
        darkest, lightest = shown.getextrema()
        return int(darkest), int(lightest)  # type: ignore[arg-type]  # single numbers for a grey picture

    def _image(self) -> Image:
        from PIL import Image

        return Image.frombuffer("L", (self.width, self.height), self.pixels, "raw", "L", 0, 1)

    def _with(self, image: Image) -> Picture:
        return Picture(image.tobytes(), self.width, self.height, self.scale)


def render(
    page: pdfium.FPDF_PAGE, part: Box, dots_per_inch: float, max_pixels: int, max_side: int = 30_000
) -> Picture | None:
    """``part`` of an open page in grey; shrunk when it would have more pixels than allowed.

    ``part`` is in points on the page as its own /Rotate shows it. None when there is nothing to draw on.
    """
    scale = _scale(part, dots_per_inch, max_pixels, max_side)
    page_width, page_height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    if scale <= 0 or max(page_width, page_height) * scale > _MAX_SCALED_PAGE:
        return None
    width, height = max(round(part.width * scale), 1), max(round(part.height * scale), 1)
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_Gray, None, 0)
    if not bitmap:
        return None
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, _WHITE)
        pdfium.FPDF_RenderPageBitmap(
            bitmap,
            page,
            -round(part.x0 * scale),
            -round(part.y0 * scale),
            max(round(page_width * scale), 1),
            max(round(page_height * scale), 1),
            0,
            pdfium.FPDF_ANNOT | pdfium.FPDF_GRAYSCALE,
        )
        return Picture(_rows(bitmap, width, height), width, height, scale)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)


def _scale(part: Box, dots_per_inch: float, max_pixels: int, max_side: int) -> float:
    if part.width <= 0 or part.height <= 0:
        return 0.0
    return min(
        dots_per_inch / 72,
        math.sqrt(max_pixels / (part.width * part.height)),
        max_side / max(part.width, part.height),
    )


def _rows(bitmap: pdfium.FPDF_BITMAP, width: int, height: int) -> bytes:
    stride = pdfium.FPDFBitmap_GetStride(bitmap)
    data = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
    if stride == width:
        return data
    return b"".join(data[row * stride : row * stride + width] for row in range(height))
