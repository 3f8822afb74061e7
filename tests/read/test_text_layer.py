"""Words, boxes and lines of pages that carry their text."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from autod.domain.reading import Page, TextSource
from tests.read.pdfs import HEIGHT, WIDTH, change, draw, page_of, texts, write


def test_a_word_has_its_place_seen_from_the_top_left(tmp_path: Path) -> None:
    page = page_of(draw(tmp_path / "a.pdf", lambda c: c.drawString(100, 700, "Invoice")))
    (word,) = page.lines[0].words
    assert word.text == "Invoice"
    assert word.confidence == 1.0
    assert word.box.x0 == pytest.approx(100, abs=1.5)
    assert word.box.y0 < HEIGHT - 700 < word.box.y1
    assert 8 < word.box.height < 18
    assert (page.width, page.height, page.source) == (WIDTH, HEIGHT, TextSource.TEXT_LAYER)


def test_lines_come_in_reading_order_whatever_the_order_of_drawing(tmp_path: Path) -> None:
    def shuffled(canvas: Canvas) -> None:
        canvas.drawString(72, 600, "third line")
        canvas.drawString(72, 700, "first line")
        canvas.drawString(72, 650, "second line")

    assert texts(page_of(draw(tmp_path / "a.pdf", shuffled))) == ["first line", "second line", "third line"]


def test_columns_and_table_cells_are_lines_of_their_own(tmp_path: Path) -> None:
    def table(canvas: Canvas) -> None:
        canvas.drawRightString(500, 700, "20.00")
        canvas.drawString(72, 700, "Copper pipe")
        canvas.drawString(250, 700.4, "2 pieces")

    page = page_of(draw(tmp_path / "a.pdf", table))
    assert texts(page) == ["Copper pipe", "2 pieces", "20.00"]
    assert page.lines[0].box.x1 < page.lines[1].box.x0


def test_words_drawn_one_by_one_make_one_line(tmp_path: Path) -> None:
    def words(canvas: Canvas) -> None:
        for x, word in ((72, "Pay"), (95, "within"), (130, "thirty"), (163, "days")):
            canvas.drawString(x, 700, word)

    assert texts(page_of(draw(tmp_path / "a.pdf", words))) == ["Pay within thirty days"]


def test_a_raised_figure_stays_in_its_line(tmp_path: Path) -> None:
    def area(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "Area of 250 m")
        canvas.setFont("Helvetica", 7)
        canvas.drawString(72 + canvas.stringWidth("Area of 250 m", "Helvetica", 12) + 3, 704, "2")

    (line,) = page_of(draw(tmp_path / "a.pdf", area)).lines
    assert line.text == "Area of 250 m 2"


def test_small_print_under_a_heading_is_another_line(tmp_path: Path) -> None:
    def heading(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 30)
        canvas.drawString(72, 700, "Rechnung")
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 690, "im Original")

    assert texts(page_of(draw(tmp_path / "a.pdf", heading))) == ["Rechnung", "im Original"]


def test_a_heading_set_with_spaced_letters_is_read_as_words(tmp_path: Path) -> None:
    def heading(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "I N V O I C E   N O T E")

    assert texts(page_of(draw(tmp_path / "a.pdf", heading))) == ["INVOICE NOTE"]


def test_single_letters_far_apart_stay_apart(tmp_path: Path) -> None:
    def weekdays(canvas: Canvas) -> None:
        for column, day in enumerate("MTWTF"):
            canvas.drawString(72 + 30 * column, 700, day)

    assert texts(page_of(draw(tmp_path / "a.pdf", weekdays))) == list("MTWTF")


def test_text_printed_twice_to_look_bold_is_read_once(tmp_path: Path) -> None:
    def bold(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "Total 240.00")
        canvas.drawString(72.3, 700, "Total 240.00")

    assert texts(page_of(draw(tmp_path / "a.pdf", bold))) == ["Total 240.00"]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_the_pages_own_rotation_is_followed(tmp_path: Path, rotation: int) -> None:
    path = draw(tmp_path / "a.pdf", write)
    straight = page_of(path)
    turned = page_of(change(path, lambda pdf: _rotate(pdf, rotation)))
    # Text that the page's rotation lays on its side is brought upright again.
    assert texts(turned) == texts(straight)
    assert (turned.width, turned.height) == (WIDTH, HEIGHT)
    assert turned.turned == 360 - rotation
    assert turned.lines[0].box.x0 == pytest.approx(straight.lines[0].box.x0, abs=0.5)
    assert turned.lines[0].box.y0 == pytest.approx(straight.lines[0].box.y0, abs=0.5)


def test_a_landscape_page_made_by_rotation_needs_no_turn(tmp_path: Path) -> None:
    def sideways(canvas: Canvas) -> None:
        canvas.translate(WIDTH, 0)
        canvas.rotate(90)
        canvas.drawString(100, 500, "Landscape table of deliveries")

    page = page_of(change(draw(tmp_path / "a.pdf", sideways), lambda pdf: _rotate(pdf, 90)))
    assert texts(page) == ["Landscape table of deliveries"]
    assert (page.width, page.height, page.turned) == (HEIGHT, WIDTH, 0)
    assert page.lines[0].box.x0 == pytest.approx(100, abs=1.5)
    assert page.lines[0].box.y1 == pytest.approx(WIDTH - 500, abs=5)


def test_text_in_the_margin_that_runs_upward_follows_the_rest(tmp_path: Path) -> None:
    def margin(canvas: Canvas) -> None:
        write(canvas)
        canvas.translate(30, 100)
        canvas.rotate(90)
        canvas.drawString(0, 0, "Form 12 edition 2026")

    page = page_of(draw(tmp_path / "a.pdf", margin))
    last = page.lines[-1]
    assert last.text == "Form 12 edition 2026"
    assert page.turned == 0
    assert last.box.height > 5 * last.box.width
    assert last.box.y1 == pytest.approx(HEIGHT - 100, abs=2)


def test_a_slanted_stamp_does_not_disturb_the_lines(tmp_path: Path) -> None:
    def stamped(canvas: Canvas) -> None:
        write(canvas, ["one line of text", "another line of text"])
        canvas.translate(90, 300)
        canvas.rotate(40)
        canvas.setFont("Helvetica", 40)
        canvas.drawString(0, 0, "PAID IN FULL")

    page = page_of(draw(tmp_path / "a.pdf", stamped))
    assert texts(page) == ["one line of text", "another line of text", "PAID IN FULL"]


def test_boxes_are_seen_from_the_crop_box(tmp_path: Path) -> None:
    def crop(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].cropbox = pikepdf.Rectangle(50, 100, 450, 800)

    path = draw(tmp_path / "a.pdf", lambda c: c.drawString(150, 700, "Inside"))
    page = page_of(change(path, crop))
    assert (page.width, page.height) == (400, 700)
    assert page.lines[0].box.x0 == pytest.approx(100, abs=1.5)
    assert page.lines[0].box.y1 == pytest.approx(100, abs=5)


def test_ligatures_soft_hyphens_and_hard_spaces_become_ordinary_text(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", lambda c: c.drawString(72, 700, "XYZ"))
    assert _with_unicode(path, {"X": "ﬁ", "Y": "\u00a0", "Z": "½"}) == ["fi ½"]
    path = draw(tmp_path / "b.pdf", lambda c: c.drawString(72, 700, "AXB"))
    assert _with_unicode(path, {"A": "2026", "X": "\u00ad", "B": "€"}) == ["2026-€"]


def test_characters_beyond_sixteen_bits_keep_the_boxes_of_the_others(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", lambda c: c.drawString(72, 700, "X 240.00 Y"))
    page = _page_with_unicode(path, {"X": "\U0001f4c4"})
    assert texts(page) == ["\U0001f4c4 240.00 Y"]
    plain = page_of(draw(tmp_path / "b.pdf", lambda c: c.drawString(72, 700, "X 240.00 Y")))
    assert page.lines[0].words[1].box.x0 == pytest.approx(plain.lines[0].words[1].box.x0, abs=0.5)


def _rotate(pdf: pikepdf.Pdf, degrees: int) -> None:
    pdf.pages[0].Rotate = degrees


def _with_unicode(path: Path, meaning: dict[str, str]) -> list[str]:
    return texts(_page_with_unicode(path, meaning))


def _page_with_unicode(path: Path, meaning: dict[str, str]) -> Page:
    """The page when its font says that a letter means another text."""
    codes = {**{sign: sign for sign in "0123456789. ABXYZ"}, **meaning}
    rows = "\n".join(f"<{ord(code):02x}> <{text.encode('utf-16-be').hex()}>" for code, text in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{rows}\nendbfchar\nendcmap end end"
    )

    def edit(pdf: pikepdf.Pdf) -> None:
        for font in pdf.pages[0].Resources.Font.values():
            font.ToUnicode = pdf.make_stream(cmap.encode())

    return page_of(change(path, edit))
