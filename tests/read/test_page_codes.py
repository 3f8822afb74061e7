"""Payment codes printed on pages reach the reading."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen.canvas import Canvas

from tests.read.pdfs import LETTER, Draw, draw, read, write

pytest.importorskip("zxingcpp", reason="the QR decoder is not installed")

PAYLOAD = "SPC\n0200\n1\nCH4431999123000889012\nS\nGarten Huber AG"


def _with_code(*lines: str) -> Draw:
    def page(canvas: Canvas) -> None:
        write(canvas, lines)
        drawing = Drawing(130, 130, transform=[3, 0, 0, 3, 0, 0])
        drawing.add(QrCodeWidget(PAYLOAD, barLevel="M"))
        renderPDF.draw(drawing, canvas, 300, 300)

    return page


def test_the_code_of_a_page_that_announces_one_is_read(tmp_path: Path) -> None:
    reading = read(draw(tmp_path / "bill.pdf", _with_code("Zahlteil", *LETTER)))

    assert reading.codes == (PAYLOAD,)


def test_pages_that_announce_no_code_are_not_searched_for_one(tmp_path: Path) -> None:
    reading = read(draw(tmp_path / "letter.pdf", _with_code(*LETTER)))

    assert reading.codes == ()
