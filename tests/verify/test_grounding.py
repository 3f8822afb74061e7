"""Only what stands on the page is believed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from autod.domain.extraction import EvidenceSource, RowPlace
from autod.domain.metadata import LineItem, MeterReading
from autod.domain.reading import Box, FormField, Reading, TextSource
from tests.extract.sheets import reading_of
from tests.verify.drafts import found, page, reading, verified


def test_a_value_on_its_page_is_kept_with_the_box_of_its_words() -> None:
    result = verified(reading("Invoice number: NF-7"), reference_number=found("NF-7", "NF-7"))

    evidence = result.evidence["reference_number"]
    assert result.metadata.reference_number == "NF-7"
    assert evidence.box == Box(50 + 16 * 6, 40, 50 + 20 * 6, 50)
    assert evidence.confidence == pytest.approx(0.9)
    assert result.checks == ()


@pytest.mark.parametrize("name", ["reference_number", "customer_number"])
@pytest.mark.parametrize("value", ["RE20260117", "re-2026-0117", "RE 2026/0117", "RE-2026-0117"])
@pytest.mark.parametrize("quote", ["RE-2026-0117", "Number: RE-2026-0117", "RE20260117"])
@pytest.mark.parametrize("printed", ["RE-2026-0117", "RE/2026.0117", "RE20260117"])
def test_a_number_is_shown_as_the_page_prints_it(name: str, value: str, quote: str, printed: str) -> None:
    result = verified(reading(f"Number: {printed}, page 1"), **{name: found(value, quote)})
    assert getattr(result.metadata, name) == printed


def test_a_number_in_several_pieces_keeps_the_spelling_it_was_given() -> None:
    result = verified(reading("Number: 20 26 01 17"), reference_number=found("20260117", "20 26 01 17"))
    assert result.metadata.reference_number == "20260117"


def test_a_quote_that_is_not_on_the_page_drops_the_field() -> None:
    result = verified(reading("Invoice number: NF-7"), reference_number=found("NF-8", "NF-8"))

    assert result.metadata.reference_number is None
    assert result.checks == ("ungrounded:reference_number",)
    assert "reference_number" not in result.evidence


def test_a_quote_on_another_page_than_named_drops_the_field() -> None:
    result = verified(reading("Invoice number: NF-7"), reference_number=found("NF-7", "NF-7", page=2))

    assert result.checks == ("ungrounded:reference_number",)


@pytest.mark.parametrize(
    ("name", "value", "quote"),
    [
        ("primary_date", date(2026, 3, 3), "3 March 2026"),
        ("primary_date", date(2026, 3, 3), "03/03/26"),
        ("primary_date", date(2026, 3, 3), "20260303"),
        ("period_start", date(2026, 3, 1), "March 2026"),
        ("total_amount", Decimal("1234.50"), "1.234,50"),
        ("total_amount", Decimal("1234.5"), "£1,234.50"),
        ("tax_amount", Decimal("10.98"), "7.98 3.00"),
        ("iban", "DE02120300000000202051", "DE02 1203 0000 0000 2020 51"),
        ("issuer", "Nordfeld GmbH", "NORDFELD GmbH"),
    ],
)
def test_a_value_that_follows_from_its_quote_is_kept(name: str, value: Any, quote: str) -> None:
    assert getattr(verified(reading(quote), **{name: found(value, quote)}).metadata, name) == value


@pytest.mark.parametrize(
    ("name", "value", "quote"),
    [
        ("primary_date", date(2026, 3, 4), "3 March 2026"),
        ("primary_date", date(2025, 3, 3), "03/03/2026"),
        ("total_amount", Decimal("1234.50"), "1.234,60"),
        ("total_amount", Decimal("12.34"), "Total"),
        ("reference_number", "NF-7", "NF-8"),
        ("issuer", "Nordfeld GmbH", "Harlow KG"),
    ],
)
def test_a_value_that_does_not_follow_from_its_quote_is_dropped(name: str, value: Any, quote: str) -> None:
    assert verified(reading(quote), **{name: found(value, quote)}).checks == (f"ungrounded:{name}",)


def test_what_ocr_confuses_is_still_found_but_less_sure() -> None:
    scan = reading("Tota1 amount due to Northfie1d Supplies", source=TextSource.OCR, confidence=0.8)
    quote = "Total amount due to Northfield Supplies"

    result = verified(scan, issuer=found("Northfield Supplies", quote, source=EvidenceSource.OCR))

    assert result.metadata.issuer == "Northfield Supplies"
    assert 0 < result.evidence["issuer"].confidence < 0.9


def test_the_confidence_of_ocr_words_lowers_that_of_the_value() -> None:
    scan = reading("Invoice NF-7", source=TextSource.OCR, confidence=0.5)

    result = verified(scan, reference_number=found("NF-7", "NF-7", source=EvidenceSource.OCR))

    assert result.evidence["reference_number"].confidence == pytest.approx(0.45)
    assert result.needs_review == ("reference_number",)


def test_a_value_over_two_lines_is_found_word_by_word() -> None:
    result = verified(
        reading("Ambikaipagan &", "Wohnung 7B", "Deepshikha"),
        issuer=found("Ambikaipagan & Deepshikha", "Ambikaipagan & Deepshikha"),
    )

    assert result.metadata.issuer == "Ambikaipagan & Deepshikha"


def test_a_judgement_needs_no_quote() -> None:
    result = verified(reading("Guten Tag"), language=found("de", "", page=None))

    assert result.metadata.language == "de"


def test_derived_values_need_no_evidence() -> None:
    derived = found("A summary.", "", source=EvidenceSource.DERIVED, page=None)

    assert verified(reading("x"), summary=derived).metadata.summary == "A summary."


def test_a_form_value_must_be_in_the_form() -> None:
    form = Reading((page("Name"),), form_fields=(FormField("f1", "Jane Doe", 1, Box(1, 2, 3, 4)),))

    kept = verified(form, issuer=found("Jane Doe", "Jane Doe", source=EvidenceSource.FORM))
    dropped = verified(form, issuer=found("John Doe", "John Doe", source=EvidenceSource.FORM))

    assert kept.evidence["issuer"].box == Box(1, 2, 3, 4)
    assert dropped.checks == ("ungrounded:issuer",)


def test_a_value_of_the_wrong_type_is_dropped() -> None:
    result = verified(reading("soon"), due_date=found("soon", "soon"))

    assert result.checks == ("invalid:due_date",)


@pytest.mark.parametrize(
    "quote",
    ["1.00", "10,0", "1 00"],
)
def test_a_quote_with_the_same_digits_is_not_what_the_page_says(quote: str) -> None:
    result = verified(reading("Total 100"), total_amount=found(Decimal("1.00"), quote))

    assert result.metadata.total_amount is None


@pytest.mark.parametrize("quote", ["…240.00…", "240.00 printed", "Total: 240.00 EUR", "24O.00", "240,00"])
def test_a_right_value_with_a_clumsy_quote_is_found_where_the_page_says_it(quote: str) -> None:
    result = verified(reading("Net 200.00", "Total 240.00"), total_amount=found(Decimal("240.00"), quote))

    assert result.metadata.total_amount == Decimal("240.00")
    assert result.evidence["total_amount"].quote in ("240.00", quote)


def test_of_several_places_the_one_most_like_the_quote_is_taken() -> None:
    page_of_two = reading("Subtotal 240.00", "Balance due 240.00")

    result = verified(page_of_two, total_amount=found(Decimal("240.00"), "Balance due now 240.00"))

    box = result.evidence["total_amount"].box
    assert box is not None and box.y0 > 50


def test_a_row_is_kept_with_the_cells_that_its_words_show() -> None:
    rows = (LineItem(description="Pipe", quantity=Decimal(10), amount=Decimal("200.00")),)
    places = (RowPlace(1, "Pipe 200.00"),)

    result = verified(reading("Pipe 200.00"), line_items=found(rows, "Pipe 200.00", rows=places))

    assert result.metadata.line_items == (LineItem(description="Pipe", amount=Decimal("200.00")),)
    assert result.checks == ("ungrounded:line_items",)
    assert result.needs_review == ("line_items",)


ITEMS = reading("Pane 2 30.00 60.00", "Tape wide", "and thin 4 10.00 40.00", "Silicone 1 25.00 25.00")


def item(description: str, *cells: str) -> LineItem:
    quantity, price, amount = map(Decimal, cells)
    return LineItem(description=description, quantity=quantity, unit_price=price, amount=amount)


@pytest.mark.parametrize(
    ("row", "quote"),
    [
        (item("Pane", "4", "10", "40"), "Pane 4 10.00 40.00"),
        (item("Pane", "2", "30", "40"), "Pane 2 30.00 40.00"),
        (item("Pane", "2", "10", "40"), "Pane 2 30.00 60.00 Tape wide and thin 4 10.00 40.00"),
        (item("Silicone", "4", "10", "40"), "and thin 4 10.00 40.00 Silicone 1 25.00 25.00"),
    ],
)
def test_cells_are_not_taken_from_two_rows(row: LineItem, quote: str) -> None:
    result = verified(ITEMS, line_items=found((row,), quote, rows=(RowPlace(1, quote),)))

    assert row not in result.metadata.line_items
    assert "ungrounded:line_items" in result.checks


def test_a_description_may_go_on_in_a_row_of_its_own() -> None:
    row, quote = item("Tape wide and thin", "4", "10", "40"), "Tape wide and thin 4 10.00 40.00"

    result = verified(ITEMS, line_items=found((row,), quote, rows=(RowPlace(1, quote),)))

    assert result.metadata.line_items == (row,)
    assert result.needs_review == ()


LETTERHEAD = reading_of("""
    Alpenglas GmbH             Baumarkt Nord GmbH
    Seestrasse 4               Kai 12
    80331 Muenchen             20457 Hamburg
""")


@pytest.mark.parametrize(
    ("address", "stands"),
    [
        ("Alpenglas GmbH, Seestrasse 4, 80331 Muenchen", True),
        ("Kai 12, 20457 Hamburg", True),
        ("Alpenglas Hamburg 4", False),
        ("Seestrasse 4, 20457 Hamburg", False),
        ("Seestrasse 4 Kai 12", False),
    ],
)
def test_an_address_stands_in_one_block(address: str, stands: bool) -> None:
    result = verified(LETTERHEAD, addresses=found((address,), address, rows=(RowPlace(1, address),)))

    assert result.metadata.addresses == ((address,) if stands else ())


def test_a_meter_reading_is_of_one_row() -> None:
    page_of_two = reading("Meter 778899 2025-12-31 1200 kWh", "Meter 112233 2024-12-31 3400 m3")
    swapped = MeterReading(meter="778899", value=Decimal(3400), unit="m3", read_on=date(2024, 12, 31))
    quote = "Meter 778899 2024-12-31 3400 m3"

    result = verified(page_of_two, meter_readings=found((swapped,), quote, rows=(RowPlace(1, quote),)))

    assert result.metadata.meter_readings == ()
