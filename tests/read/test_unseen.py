"""What a page does not show is not among its lines, however it is hidden; and what it shows is."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from autod.read.limits import ReadLimits
from tests.read import unseen
from tests.read.pdfs import LETTER, change, draw, page_of, texts, write


@pytest.mark.parametrize("name", unseen.HIDINGS)
def test_an_amount_that_nobody_sees_is_kept_apart(name: str, tmp_path: Path) -> None:
    read = page_of(unseen.make(tmp_path / "a.pdf", name))
    assert texts(read) in (list(unseen.SEEN), ["Total 100.00", *unseen.SEEN])
    assert unseen.AMOUNT in read.hidden_text


def test_part_of_an_amount_that_is_clipped_away_is_not_believed(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "Payment within thirty days")
        path = canvas.beginPath()
        path.rect(72 + canvas.stringWidth("Total 1", "Helvetica", 12), 590, 300, 40)
        canvas.clipPath(path, stroke=0, fill=0)
        canvas.drawString(72, 600, "Total 1900.00")

    read = page_of(draw(tmp_path / "a.pdf", page))
    assert "1900.00" not in read.text
    assert "1900.00" in read.hidden_text


def _light_grey(canvas: Canvas) -> None:
    canvas.setFillGray(0.8)
    canvas.drawString(72, 600, "Total 100.00")


def _small(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 4)
    canvas.drawString(72, 600, "Total 100.00")


def _thin_lines(canvas: Canvas) -> None:
    text = canvas.beginText(72, 600)
    text.setTextRenderMode(1)
    canvas.setLineWidth(0.1)
    text.textOut("Total 100.00")
    canvas.drawText(text)


def _white_on_dark(canvas: Canvas) -> None:
    canvas.setFillColorRGB(0.05, 0.1, 0.3)
    canvas.rect(60, 590, 300, 30, stroke=0, fill=1)
    canvas.setFillGray(1)
    canvas.drawString(72, 600, "Total 100.00")


def _beneath_a_watermark(canvas: Canvas) -> None:
    canvas.drawString(72, 600, "Total 100.00")
    canvas.setFillAlpha(0.3)
    canvas.setFont("Helvetica", 80)
    canvas.drawString(60, 580, "COPY")


def _sideways(canvas: Canvas) -> None:
    canvas.rotate(90)
    canvas.drawString(300, -400, "Total 100.00")


def _underlined(canvas: Canvas) -> None:
    canvas.drawString(72, 600, "Total 100.00")
    canvas.line(72, 598, 140, 598)
    canvas.line(72, 604, 140, 604)


def _bold_by_printing_twice(canvas: Canvas) -> None:
    canvas.drawString(72, 600, "Total 100.00")
    canvas.drawString(72.3, 600, "Total 100.00")


def _wide_apart(canvas: Canvas) -> None:
    canvas.drawString(72, 600, "Total 100.00", charSpace=3)


@pytest.mark.parametrize(
    "show",
    [
        _light_grey,
        _small,
        _thin_lines,
        _white_on_dark,
        _beneath_a_watermark,
        _sideways,
        _underlined,
        _bold_by_printing_twice,
        _wide_apart,
    ],
)
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_what_is_printed_faintly_small_or_oddly_is_seen(show: object, turned: int, tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "Payment within thirty days")
        show(canvas)  # type: ignore[operator]

    path = change(draw(tmp_path / "a.pdf", page), lambda pdf: pdf.pages[0].rotate(turned, relative=False))
    read = page_of(path)
    assert "Total 100.00" in read.text
    assert read.hidden_text == ""


@pytest.mark.parametrize("name", unseen.LIES)
def test_what_is_printed_counts_and_not_what_the_file_says_of_it(name: str, tmp_path: Path) -> None:
    read = page_of(unseen.LIES[name](tmp_path / "a.pdf"), ReadLimits())
    assert unseen.PRINTED in read.text
    assert unseen.AMOUNT not in read.text
    assert read.hidden_text


@pytest.mark.parametrize("name", unseen.LIES)
def test_without_ocr_a_font_that_lies_is_not_believed_all_the_same(name: str, tmp_path: Path) -> None:
    read = page_of(unseen.LIES[name](tmp_path / "a.pdf"))
    assert unseen.AMOUNT not in read.text
    assert read.hidden_text


def test_a_font_of_drawings_that_draws_what_it_says_is_believed(tmp_path: Path) -> None:
    read = page_of(unseen.drawn_font(tmp_path / "a.pdf", shown="9"))
    assert "Total 900.00" in read.text
    assert read.hidden_text == ""


def test_an_embedded_font_that_draws_what_it_says_is_believed(tmp_path: Path) -> None:
    read = page_of(unseen.embedded(tmp_path / "a.pdf"))
    assert texts(read) == list(unseen.SEEN)
    assert read.hidden_text == ""


@pytest.mark.parametrize("font", ["Courier-Bold", "Times-BoldItalic", "Helvetica-Oblique"])
def test_the_digits_of_every_standard_font_are_known(font: str, tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont(font, 11)
        canvas.drawString(72, 700, "0123456789 and more")

    assert texts(page_of(draw(tmp_path / "a.pdf", page))) == ["0123456789 and more"]


def test_on_a_page_of_more_objects_than_are_looked_at_what_is_printed_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autod.read.page_objects.MAX_OBJECTS", 2)

    def page(canvas: Canvas) -> None:
        canvas.rect(50, 50, 20, 20)
        write(canvas)

    assert texts(page_of(draw(tmp_path / "a.pdf", page))) == list(LETTER)


def test_what_is_drawn_on_one_page_changes_no_word_of_another(tmp_path: Path) -> None:
    """Fonts that are not in the file share a face that drawing stretches."""
    from tests.read.unseen import foreign_fonts

    path = foreign_fonts(tmp_path / "a.pdf")
    first = page_of(path)
    for width in (200, 400, 900, 1200):
        page_of(foreign_fonts(tmp_path / "b.pdf", width))
        assert page_of(path) == first
