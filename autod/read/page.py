"""Read one page: its text layer, or what OCR sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pypdfium2.raw as pdfium

from autod.codes import Code
from autod.domain.reading import Box, Page, TextSource
from autod.read.actual_text import drop_actual_text, said_only, with_actual_text
from autod.read.blank import SAME_GREY, SIDE
from autod.read.fonts import bears_out, doubtful_words
from autod.read.frame import Frame
from autod.read.hidden import split_hidden
from autod.read.ink import PageInk
from autod.read.ocr_lines import OcrEngine, to_lines
from autod.read.page_objects import look_at_objects
from autod.read.page_text import lines_of, upright
from autod.read.qr import announces_code, read_codes
from autod.read.quality import is_garbled, is_sparse
from autod.read.rendering import Picture, render
from autod.read.substitutes import settle
from autod.read.text_layer import RawWord, TextPage

DOTS_PER_INCH = 200
_MAX_HIDDEN = 20_000
_MAX_ANNOTATIONS = 1_000
_DRAWN_ANNOTATIONS = frozenset(
    {pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP}
)
_COARSE_DOTS_PER_INCH = 75  # a letter of 10 points has 10 pixels: the least that is read
_CODE_SIDE = 2_400  # pixels: about 200 dots an inch of an A4 page

FindEngine = Callable[[], OcrEngine | None]


class PageReading(NamedTuple):
    """A page, the frame of its boxes, its QR codes, what was left out of it, and whether OCR was tried."""

    page: Page
    frame: Frame
    codes: tuple[str, ...] = ()
    lacks: tuple[Code, ...] = ()
    ocr: bool = False


class _Layer(NamedTuple):
    """``frame`` is that of the page's own /Rotate, before it is turned upright.

    ``doubtful`` are those of ``words`` whose letters do not look like what they claim to be.
    """

    words: list[RawWord]
    hidden: list[RawWord]
    doubtful: list[RawWord]
    garbled: bool
    sparse: bool
    cut: bool
    frame: Frame

    def without_doubtful(self) -> _Layer:
        """The layer as far as it is believed."""
        gone = set(map(id, self.doubtful))
        words = [word for word in self.words if id(word) not in gone]
        return self._replace(words=words, hidden=self.hidden + self.doubtful, doubtful=[])


def read_page(
    document: pdfium.FPDF_DOCUMENT,
    number: int,
    find_engine: FindEngine,
    max_pixels: int,
    *,
    may_ocr: bool = True,
) -> PageReading | None:
    """Page ``number`` (from 1); None when pdfium cannot load it."""
    with _open_page(document, number - 1) as page:
        if not page:
            return None
        layer = _text_layer(page)
        read = _from_text_layer(number, layer.without_doubtful())
        if not (layer.garbled or layer.sparse or layer.doubtful):
            if not announces_code(read.page.text):
                return read
            picture = _picture(page, max_pixels, _CODE_SIDE)
            return read._replace(codes=read_codes(picture)) if picture else read
        if not may_ocr:
            return read._replace(lacks=(*read.lacks, Code.PAGES_NOT_READ))
        engine = find_engine()
        max_side = engine.max_side if engine else SIDE
        picture = _picture(page, max_pixels, max_side)
    if picture is None or picture.contrast(Box(0, 0, picture.width, picture.height)) < SAME_GREY:
        return read
    read = read._replace(codes=read_codes(picture))
    if engine is None:
        return read._replace(lacks=(*read.lacks, Code.OCR_UNAVAILABLE))
    read = read._replace(ocr=True)
    seen = engine.read(picture)
    if layer.doubtful and bears_out(seen.text, layer.doubtful):
        layer = layer._replace(doubtful=[])
        read = read._replace(page=_from_text_layer(number, layer).page)
        if not (layer.garbled or layer.sparse):
            return read
    poor = layer.garbled or bool(layer.doubtful)
    layer = layer.without_doubtful()
    if seen.characters == 0 or (not poor and seen.characters < _characters(layer.words)):
        return read
    frame = layer.frame.turned(seen.quarters)
    page_read = Page(
        number,
        round(frame.width, 2),
        round(frame.height, 2),
        tuple(to_lines(seen, picture.scale)),
        TextSource.OCR,
        _joined(layer.hidden),
        seen.quarters * 90,
    )
    coarse = picture.scale * 72 < _COARSE_DOTS_PER_INCH
    return PageReading(page_read, frame, read.codes, (Code.PAGES_COARSE,) if coarse else (), ocr=True)


@contextmanager
def _open_page(document: pdfium.FPDF_DOCUMENT, index: int) -> Iterator[pdfium.FPDF_PAGE | None]:
    """The page with what its annotations draw made part of it: filled-in values, typed comments, stamps."""
    settle()
    page = pdfium.FPDF_LoadPage(document, index)
    if page and _has_drawn_annotations(page):
        flattened = pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
        if flattened == pdfium.FLATTEN_SUCCESS:
            pdfium.FPDF_ClosePage(page)
            page = pdfium.FPDF_LoadPage(document, index)
    try:
        yield page
    finally:
        if page:
            pdfium.FPDF_ClosePage(page)


def _has_drawn_annotations(page: pdfium.FPDF_PAGE) -> bool:
    """Whether some are drawn; where they are too many to look at, some may be."""
    count = pdfium.FPDFPage_GetAnnotCount(page)
    if count > _MAX_ANNOTATIONS:
        return True
    for index in range(count):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind in _DRAWN_ANNOTATIONS:
            return True
    return False


def _text_layer(page: pdfium.FPDF_PAGE) -> _Layer:
    frame = _frame(page)
    objects = look_at_objects(page)
    said: list[RawWord] = []
    marked = with_actual_text(objects.texts)
    if marked:
        with TextPage(page) as text_page:
            said = text_page.words()
        drop_actual_text(marked)
    with TextPage(page) as text_page:
        words = text_page.words()
        cut = text_page.is_cut
        page_ink = PageInk(page, objects)
        seen, hidden = split_hidden(page_ink, text_page.handle, words, objects, frame)
        doubtful = doubtful_words(page_ink, text_page.handle, seen, frame)
        hidden += said_only(said, words)
    return _Layer(seen, hidden, doubtful, is_garbled(seen), is_sparse(seen, objects, frame), cut, frame)


def _frame(page: pdfium.FPDF_PAGE) -> Frame:
    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, box):
        return Frame(0, 0, pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page))
    return Frame(box.left, box.bottom, box.right, box.top, pdfium.FPDFPage_GetRotation(page) % 4)


def _from_text_layer(number: int, layer: _Layer) -> PageReading:
    frame = upright(layer.words, layer.frame)
    lines = lines_of(layer.words, frame)
    page = Page(
        number,
        round(frame.width, 2),
        round(frame.height, 2),
        lines,
        TextSource.TEXT_LAYER if lines else TextSource.NONE,
        _joined(layer.hidden),
        (frame.quarters - layer.frame.quarters) % 4 * 90,
    )
    return PageReading(page, frame, lacks=(Code.PAGES_CUT,) if layer.cut else ())


def _picture(page: pdfium.FPDF_PAGE, max_pixels: int, max_side: int) -> Picture | None:
    whole = Box(0, 0, pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page))
    return render(page, whole, DOTS_PER_INCH, max_pixels, max_side)


def _characters(words: list[RawWord]) -> int:
    return sum(len(word.text) for word in words)


def _joined(words: list[RawWord]) -> str:
    return " ".join(word.text for word in words)[:_MAX_HIDDEN]
