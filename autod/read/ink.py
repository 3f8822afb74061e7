"""What the text of a page paints: the page's picture with it, against the picture without it.

A letter is seen where the two differ. That holds for every way of hiding at once (clipped, in a layer that is
off, masked, covered, of the ground's colour, transparent), and for print of any colour on any ground.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2.raw as pdfium

from autod.domain.reading import Box
from autod.read.page_objects import PageObjects
from autod.read.rendering import Picture, render

if TYPE_CHECKING:
    from PIL.Image import Image

_MAX_PIXELS = 2_500_000


class Ink(NamedTuple):
    """``paint`` is by how much text changed each pixel; ``picture`` is what a person sees.

    Both show ``part`` of the page, in points as its own /Rotate shows it.
    """

    paint: Picture
    picture: Picture
    part: Box

    def most(self, box: Box) -> int:
        """The strongest paint within ``box`` (points), 0 to 255."""
        return self.paint.lightest(self._pixels(box))

    def painted(self, box: Box) -> Image | None:
        """What text paints within ``box`` (points), light on black."""
        return self.paint.cut(self._pixels(box))

    def contrast(self, box: Box) -> int:
        """As ``Picture.contrast``, with ``box`` in points: whether anything at all is seen there."""
        return self.picture.contrast(self._pixels(box))

    def _pixels(self, box: Box) -> Box:
        scale, left, top = self.paint.scale, self.part.x0, self.part.y0
        return Box(
            (box.x0 - left) * scale, (box.y0 - top) * scale, (box.x1 - left) * scale, (box.y1 - top) * scale
        )


class PageInk:
    """Pictures of an open page; the one of the whole page at ``OVERVIEW`` dots per inch is drawn once.

    None in place of an ``Ink`` when there is nothing to draw on.
    """

    OVERVIEW = 72  # dots per inch

    def __init__(self, page: pdfium.FPDF_PAGE, objects: PageObjects) -> None:
        self._page = page
        self._objects = objects
        self._whole = Box(0, 0, pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page))
        self._overview: Picture | None = None

    def overview(self) -> Picture | None:
        """The whole page, small."""
        if self._overview is None:
            self._overview = self._render(self._whole, self.OVERVIEW)
        return self._overview

    def of_page(self) -> Ink | None:
        """What all text paints on the page, seen from afar."""
        return self._ink(self.overview(), self._objects.texts, self._whole, self.OVERVIEW)

    def of_part(
        self, part: Box, dots_per_inch: float, texts: Sequence[pdfium.FPDF_PAGEOBJECT] | None = None
    ) -> Ink | None:
        """What ``texts``, or all text, paint on a part of the page."""
        picture = self._render(part, dots_per_inch)
        return self._ink(picture, self._objects.texts if texts is None else texts, part, dots_per_inch)

    def _ink(
        self,
        picture: Picture | None,
        texts: Sequence[pdfium.FPDF_PAGEOBJECT],
        part: Box,
        dots_per_inch: float,
    ) -> Ink | None:
        if picture is None:
            return None
        everything = texts is self._objects.texts
        if everything and (not self._objects.others or not self._objects.complete):
            # Nothing but text on white paper; or so much that some text is not known: then all ink counts.
            return Ink(picture.inverted(), picture, part)
        with _left_out(texts):
            bare = self._render(part, dots_per_inch)
        return Ink(picture.difference(bare), picture, part) if bare else None

    def _render(self, part: Box, dots_per_inch: float) -> Picture | None:
        return render(self._page, part, dots_per_inch, _MAX_PIXELS)


@contextmanager
def _left_out(texts: Sequence[pdfium.FPDF_PAGEOBJECT]) -> Iterator[None]:
    """The page is drawn without ``texts`` meanwhile."""
    try:
        for text in texts:
            pdfium.FPDFPageObj_SetIsActive(text, False)
        yield
    finally:
        for text in texts:
            pdfium.FPDFPageObj_SetIsActive(text, True)
