"""Values filled into AcroForms."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

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


def test_a_value_without_an_appearance_is_still_a_field(form: Path) -> None:
    def without_appearance(pdf: pikepdf.Pdf) -> None:
        for annotation in pdf.pages[0].Annots:
            if "/AP" in annotation:
                del annotation.AP

    reading = read(change(form, without_appearance))
    assert "PX-4711" not in reading.pages[0].text
    assert ("policy", "PX-4711") in [(field.name, field.value) for field in reading.form_fields]


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
