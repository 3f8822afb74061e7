"""Keep what one page looks like from changing how the next one is read.

For a font that is neither embedded nor one of the standard fourteen, pdfium takes one of two faces of its own
and stretches it to the widths that the document gives. The face stays as the last letter drawn has left it,
for all documents of the process, and how wide its letters are then decides where pdfium sees spaces between
words ("behalf of the", "behalfofthe").
"""

from __future__ import annotations

import pypdfium2.raw as pdfium

_FONT = (
    b"%d 0 obj <</Type/Font/Subtype/TrueType/BaseFont/Unknown%d/FirstChar 65/LastChar 65/Widths[300]"
    b"/Encoding/WinAnsiEncoding/FontDescriptor<</Type/FontDescriptor/FontName/Unknown%d/Flags %d"
    b"/FontBBox[0 0 1000 1000]/Ascent 800/Descent -200/CapHeight 700/ItalicAngle 0/StemV 80>>>> endobj\n"
)
_SANS, _SERIF = 32, 34  # flags of a font: letters, without and with serifs
_PAGE = (
    b"%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n"
    b"2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
    b"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R"
    b"/Resources<</Font<</F5 5 0 R/F6 6 0 R>>>>>> endobj\n"
    b"4 0 obj <</Length 38>> stream\nBT /F5 9 Tf (A) Tj /F6 9 Tf (A) Tj ET \nendstream endobj\n"
    + _FONT % (5, 5, 5, _SANS)
    + _FONT % (6, 6, 6, _SERIF)
    + b"trailer <</Root 1 0 R>>\n%%EOF\n"
)
_SIDE = 9  # pixels
_SCALES = 50_000  # so many sizes of a letter that pdfium tells apart, each a little larger
_KEPT = 1_000  # letters that pdfium may keep for us before they are given back


def settle() -> None:
    """Put the faces back to where every page finds them; call it before a page is loaded."""
    _STAND_INS.draw()


class _StandIns:
    """A page that is set in both faces. A letter of a size that was drawn before would be kept, not drawn."""

    def __init__(self) -> None:
        self._document: pdfium.FPDF_DOCUMENT | None = None
        self._page: pdfium.FPDF_PAGE | None = None
        self._drawn = 0

    def draw(self) -> None:
        if self._drawn % _KEPT == 0:
            self._open()
        scale = 1 + self._drawn % _SCALES / 10_000
        self._drawn += 1
        bitmap = pdfium.FPDFBitmap_CreateEx(_SIDE, _SIDE, pdfium.FPDFBitmap_Gray, None, 0)
        try:
            matrix = pdfium.FS_MATRIX(scale, 0, 0, scale, 0, 0)
            whole = pdfium.FS_RECTF(0, 0, _SIDE, _SIDE)
            pdfium.FPDF_RenderPageBitmapWithMatrix(bitmap, self._page, matrix, whole, 0)
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)

    def _open(self) -> None:
        if self._page:
            pdfium.FPDF_ClosePage(self._page)
            pdfium.FPDF_CloseDocument(self._document)
        self._document = pdfium.FPDF_LoadMemDocument(_PAGE, len(_PAGE), None)
        self._page = pdfium.FPDF_LoadPage(self._document, 0)


_STAND_INS = _StandIns()
