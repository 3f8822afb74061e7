"""The whole reading: metadata, the answer to the sandbox, and the file it writes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from autod.child.handing import open_for
from autod.codes import Code
from autod.domain.left_out import LeftOut
from autod.domain.reading import Reading, TextSource
from autod.read.reader import read_file
from tests.read.pdfs import LETTER, NO_OCR, draw, draw_scan, read, scan, texts, write


def test_the_reading_survives_its_file(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", write, write)
    with open_for({"document": path}, {"reading": tmp_path / "reading.json"}) as files:
        summary = read_file(**files, **asdict(NO_OCR))
    assert summary == {"pages": 2, "ocr_pages": 0, "notes": []}
    reading = Reading.from_json((tmp_path / "reading.json").read_text(encoding="utf-8"))
    assert texts(reading.pages[1]) == list(LETTER)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.pdf", "reading.json"]


def test_the_files_own_metadata_is_told(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setTitle("Rechnung Nr. 7 für Küche")
        canvas.setAuthor("")
        write(canvas)

    info = read(draw(tmp_path / "a.pdf", page)).info
    assert info["title"] == "Rechnung Nr. 7 für Küche"
    assert "created" in info


def test_an_empty_page_needs_no_ocr(tmp_path: Path) -> None:
    def white_box(canvas: Canvas) -> None:
        canvas.setFillColorRGB(1, 1, 1)
        canvas.rect(0, 0, 595, 842, stroke=0, fill=1)

    reading = read(draw(tmp_path / "a.pdf", lambda canvas: None, white_box))
    assert [page.source for page in reading.pages] == [TextSource.NONE, TextSource.NONE]
    assert reading.notes == ()


def test_a_scan_without_ocr_says_that_ocr_is_missing(tmp_path: Path) -> None:
    reading = read(draw(tmp_path / "a.pdf", draw_scan(scan())))
    assert reading.pages[0].source is TextSource.NONE
    assert reading.left_out == (LeftOut(Code.OCR_UNAVAILABLE, 1, 1),)


def test_a_letter_on_a_picture_of_paper_needs_no_ocr(tmp_path: Path) -> None:
    picture = draw_scan(scan(["Letterhead"]))

    def page(canvas: Canvas) -> None:
        picture(canvas)
        canvas.setFont("Helvetica", 12)
        write(canvas, LETTER * 3, top=650)

    reading = read(draw(tmp_path / "a.pdf", page))
    assert reading.notes == ()
    assert reading.pages[0].source is TextSource.TEXT_LAYER


def test_an_endless_page_is_read_like_any_other(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", write, size=(2_000_000, 2_000_000))
    (page,) = read(path).pages
    assert texts(page) == list(LETTER)
    assert page.hidden_text == ""
