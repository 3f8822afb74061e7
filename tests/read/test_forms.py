"""Values filled into AcroForms."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from autod.child.understand import understand
from autod.domain.extraction import Extraction
from tests.read.pdfs import HEIGHT, change, draw, read, texts


def _form(canvas: Canvas) -> None:
    canvas.drawString(72, 760, "Policy number")
    form = canvas.acroForm
    form.textfield(name="policy", value="PX-4711", x=200, y=750, width=200, height=20)
    form.textfield(name="empty", value="", x=200, y=720, width=200, height=20)
    form.checkbox(name="smoker", checked=True, x=200, y=690, size=15)
    form.checkbox(name="pilot", checked=False, x=200, y=660, size=15)
    form.radio(name="pay", value="yearly", selected=True, x=200, y=630)
    form.radio(name="pay", value="monthly", selected=False, x=240, y=630)
    options = [("Switzerland", "CH"), ("Austria", "AT")]
    form.choice(name="country", value="CH", options=options, x=200, y=600, width=120, height=20)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return draw(tmp_path / "form.pdf", _form)


def test_filled_fields_have_name_value_and_place(form: Path) -> None:
    fields = {field.name: field for field in read(form).form_fields}
    assert set(fields) == {"policy", "smoker", "pay", "country"}
    assert fields["policy"].value == "PX-4711"
    assert fields["policy"].page == 1
    box = fields["policy"].box
    assert box is not None
    assert box.rounded() == pytest.approx([200, HEIGHT - 770, 400, HEIGHT - 750], abs=1)


def test_boxes_that_are_on_say_which_choice_they_are(form: Path) -> None:
    values = {field.name: field.value for field in read(form).form_fields}
    assert values["smoker"] == "Yes"
    assert values["pay"] == "yearly"


def test_a_list_gives_the_words_it_shows(form: Path) -> None:
    values = {field.name: field.value for field in read(form).form_fields}
    assert values["country"] == "Switzerland"


def test_what_a_field_shows_is_also_a_line_of_the_page(form: Path) -> None:
    assert "PX-4711" in texts(read(form).pages[0])


def _without_drawings(pdf: pikepdf.Pdf) -> None:
    for annotation in pdf.pages[0].Annots:
        if "/AP" in annotation:
            del annotation.AP


def test_a_value_without_a_drawing_is_a_line_of_the_page_as_viewers_draw_it(form: Path) -> None:
    reading = read(change(form, _without_drawings))

    assert {"PX-4711", "Switzerland"} <= set(texts(reading.pages[0]))
    assert ("policy", "PX-4711") in [(field.name, field.value) for field in reading.form_fields]
    (line,) = (line for line in reading.pages[0].lines if line.text == "PX-4711")
    assert 200 <= line.box.x0 < line.box.x1 <= 400
    assert "Yes" not in texts(reading.pages[0]) and "yearly" not in texts(reading.pages[0])


@pytest.mark.parametrize("flag", [2, 32])
def test_a_field_that_nobody_sees_is_no_line_of_the_page(form: Path, flag: int) -> None:
    def hide(pdf: pikepdf.Pdf) -> None:
        _without_drawings(pdf)
        pdf.pages[0].Annots[0].F = flag

    assert "PX-4711" not in read(change(form, hide)).pages[0].text


@pytest.mark.parametrize("rect", [(200, 750, 201, 751), (700, 750, 900, 770), (200, -40, 400, -20)])
def test_a_field_too_small_or_off_the_page_is_no_line_of_it(form: Path, rect: tuple[int, ...]) -> None:
    def shrink(pdf: pikepdf.Pdf) -> None:
        _without_drawings(pdf)
        pdf.pages[0].Annots[0].Rect = pikepdf.Array(rect)

    assert "PX-4711" not in read(change(form, shrink)).pages[0].text


def test_what_is_printed_at_the_place_of_a_field_is_not_said_twice(tmp_path: Path) -> None:
    def both(canvas: Canvas) -> None:
        _form(canvas)
        canvas.drawString(205, 755, "PX-9999")

    page = read(change(draw(tmp_path / "both.pdf", both), _without_drawings)).pages[0]
    assert "PX-9999" in page.text and "PX-4711" not in page.text


@pytest.mark.parametrize(
    ("label", "value", "total"), [("Gesamtbetrag EUR:", "480,00", "480.00"), ("Total:", "$75.20", "75.20")]
)
def test_a_value_without_a_drawing_is_understood_by_the_label_before_it(
    tmp_path: Path, label: str, value: str, total: str
) -> None:
    def bill(canvas: Canvas) -> None:
        canvas.drawString(72, 800, "Invoice" if "$" in value else "Rechnung")
        canvas.drawString(72, 756, label)
        canvas.acroForm.textfield(name="field_7", value=value, x=200, y=750, width=200, height=20)

    reading = read(change(draw(tmp_path / "bill.pdf", bill), _without_drawings))
    believed = understand(reading, review_below=0.6, today=date(2026, 11, 24))
    assert str(believed.metadata.total_amount) == total


def test_names_and_values_are_inherited_from_the_fields_above(form: Path) -> None:
    def nest(pdf: pikepdf.Pdf) -> None:
        widget = pdf.pages[0].Annots[0]
        parent = pdf.make_indirect(pikepdf.Dictionary(T="contract", FT=widget.FT, V=widget.V, Kids=[widget]))
        del widget.FT, widget.V
        widget.Parent = parent

    names = {field.name: field.value for field in read(change(form, nest)).form_fields}
    assert names["contract.policy"] == "PX-4711"


def test_fields_that_are_their_own_ancestors_do_not_hang_the_reader(form: Path) -> None:
    def loop(pdf: pikepdf.Pdf) -> None:
        widget = pdf.pages[0].Annots[0]
        widget.Parent = widget

    values = [field.value for field in read(change(form, loop)).form_fields]
    assert "PX-4711" in values


def test_a_hidden_field_and_a_password_are_left_out(form: Path) -> None:
    def hide(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Annots[0].Ff = 1 << 13
        pdf.pages[0].Annots[2].F = 2

    names = {field.name for field in read(change(form, hide)).form_fields}
    assert names == {"pay", "country"}


def test_a_damaged_form_costs_only_its_values(form: Path) -> None:
    def spoil(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Annots[0].Rect = pikepdf.Array([1, 2])
        pdf.pages[0].Annots[1] = pikepdf.Name.Nothing
        pdf.pages[0].Annots[2].Parent = 7

    reading = read(change(form, spoil))
    assert "Policy number" in reading.pages[0].text
    assert {field.name for field in reading.form_fields} >= {"policy", "pay"}


@pytest.mark.parametrize(
    ("typed", "drawn"), [("480,00", "900,00"), ("480,00", "4800,00"), ("75,20", "-75,20")]
)
def test_a_typed_value_is_not_believed_where_another_one_is_printed(
    tmp_path: Path, typed: str, drawn: str
) -> None:
    believed = _understood(tmp_path, typed, drawn)

    assert believed.metadata.total_amount is None
    assert "ungrounded:total_amount" in believed.checks
    assert "total_amount" not in believed.evidence


@pytest.mark.parametrize("drawn", ["480,00", "480,00 €", "EUR 480,00", ""])
def test_a_typed_value_is_believed_where_it_is_printed_or_nothing_is(tmp_path: Path, drawn: str) -> None:
    assert str(_understood(tmp_path, "480,00", drawn).metadata.total_amount) == "480.00"


def _understood(tmp_path: Path, typed: str, drawn: str) -> Extraction:
    """A bill whose total stands in a field with a telling name, without a label on the page."""

    def bill(canvas: Canvas) -> None:
        canvas.drawString(72, 800, "Rechnung")
        canvas.drawString(205, 755, drawn)
        canvas.acroForm.textfield(name="Gesamtbetrag", value=typed, x=200, y=750, width=200, height=20)

    reading = read(change(draw(tmp_path / "bill.pdf", bill), _without_drawings))
    return understand(reading, review_below=0.6, today=date(2026, 11, 24))
