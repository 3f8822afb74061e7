"""From answers to a draft: every value with its place, nothing believed that is not printed."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from autod.domain.extraction import EvidenceSource, Extraction, Found
from autod.domain.kinds import DocType
from autod.domain.metadata import LineItem
from autod.domain.reading import FormField, Page, Reading, TextSource
from autod.extract.openai.drafting import AnswerExtractor, PartAnswer
from autod.extract.openai.failures import AnswerUnusable
from autod.extract.openai.merging import merge
from autod.extract.openai.schema import asked_fields
from autod.verify.verification import verify
from tests.verify.drafts import TODAY, page

ROWS = (
    "Northfield Supplies Ltd",
    "INVOICE",
    "Invoice number: NF-2026-0117",
    "Date: 3 March 2026",
    "Copper pipe 200.00",
    "Copper pipe 200.00",
    "Total € 400.00",
    "Please pay by 2 April 2026",
)
INVOICE = Reading((page(*ROWS),))


def fact(value: Any, quote: str, number: int = 1) -> dict[str, Any]:
    return {"value": value, "page": number, "quote": quote}


def drafted(reading: Reading = INVOICE, first_page: int = 1, **said: Any) -> dict[str, Found]:
    text = json.dumps(said, default=str)
    return AnswerExtractor([PartAnswer(text, first_page)]).extract(reading).found


def believed(reading: Reading = INVOICE, **said: Any) -> Extraction:
    whole = {**dict.fromkeys(asked_fields()), **said}  # as a service does that keeps to the schema
    draft = AnswerExtractor([PartAnswer(json.dumps(whole))]).extract(reading)
    return verify(draft, reading, 0.6, TODAY)


def test_values_that_are_printed_are_believed_with_page_quote_and_box() -> None:
    extraction = believed(
        doc_type=fact("invoice", "INVOICE"),
        title=fact("INVOICE", "INVOICE"),
        issuer=fact("Northfield Supplies Ltd", "Northfield Supplies Ltd"),
        primary_date=fact("2026-03-03", "3 March 2026"),
        reference_number=fact("NF-2026-0117", "NF-2026-0117"),
        total_amount=fact(400.0, "400.00"),
        currency=fact("EUR", "€"),
    )
    assert extraction.metadata.doc_type is DocType.INVOICE
    assert extraction.metadata.primary_date == date(2026, 3, 3)
    assert extraction.metadata.total_amount == Decimal(400)
    assert extraction.metadata.currency == "EUR"
    assert extraction.needs_review == ()
    assert extraction.checks == ()
    evidence = extraction.evidence["reference_number"]
    assert (evidence.page, evidence.quote) == (1, "NF-2026-0117")
    assert evidence.box is not None


@pytest.mark.parametrize(
    ("name", "value", "quote"),
    [
        ("issuer", "Acme Corporation", "Acme Corporation"),
        ("total_amount", 999.0, "999.00"),
        ("total_amount", 999.0, "400.00"),
        ("iban", "DE89370400440532013000", "DE89 3704 0044 0532 0130 00"),
        ("primary_date", "2026-03-04", "4 March 2026"),
        ("title", "A better title", "INVOICE"),
        ("subtype", "proforma", "proforma"),
    ],
)
def test_value_that_no_page_shows_is_never_a_fact(name: str, value: Any, quote: str) -> None:
    extraction = believed(**{name: fact(value, quote)})
    assert getattr(extraction.metadata, name) is None
    assert f"ungrounded:{name}" in extraction.checks


def test_value_without_a_quote_is_never_a_fact() -> None:
    extraction = believed(issuer=fact("Northfield Supplies Ltd", ""))
    assert extraction.metadata.issuer is None


@pytest.mark.parametrize("value", ["not a date", "2026-02-30", None, "", 12, ["x"]])
def test_value_of_the_wrong_kind_is_dropped(value: Any) -> None:
    assert "primary_date" not in drafted(primary_date={"value": value, "page": 1, "quote": "3 March"}) or (
        value == 12
    )


def test_wrong_page_is_put_right_when_the_quote_is_elsewhere() -> None:
    two = Reading((page("Nothing here"), dataclasses.replace(page(*ROWS), number=2)))
    assert (
        drafted(two, issuer=fact("Northfield Supplies Ltd", "Northfield Supplies Ltd", 1))["issuer"].page == 2
    )


def test_pages_of_a_cut_file_count_from_where_it_was_cut() -> None:
    pages = tuple(dataclasses.replace(page("INVOICE" if n == 5 else "x"), number=n) for n in range(1, 7))
    found = drafted(Reading(pages), first_page=4, title=fact("INVOICE", "INVOICE", 2))
    assert found["title"].page == 5


def test_scan_has_ocr_as_its_source() -> None:
    scan = Reading((page(*ROWS, source=TextSource.OCR),))
    assert drafted(scan, issuer=fact("Northfield", "Northfield"))["issuer"].source is EvidenceSource.OCR


def test_form_field_is_evidence_of_its_own_kind() -> None:
    form = Reading((page("Name:"),), form_fields=(FormField("name", "Erika Beispiel", 1),))
    item = drafted(form, recipient=fact("Erika Beispiel", "Erika Beispiel"))["recipient"]
    assert item.source is EvidenceSource.FORM


def test_page_nobody_could_read_proves_nothing() -> None:
    extraction = believed(
        Reading((Page(1, 595, 842),)), issuer=fact("Acme", "Acme"), total_amount=fact(5, "5")
    )
    assert extraction.metadata.issuer is None
    assert extraction.metadata.total_amount is None


def test_rows_are_kept_one_by_one_and_invented_ones_dropped() -> None:
    row = {"description": "Copper pipe", "quantity": None, "unit_price": None, "amount": 200.0, "page": 1}
    extraction = believed(
        line_items=[
            {**row, "quote": "Copper pipe 200.00"},
            {**row, "quote": "Copper pipe 200.00"},
            {**row, "description": "Gold bar", "quote": "Gold bar 200.00"},
            {**row, "amount": "much", "quote": "Copper pipe 200.00"},
            "nonsense",
        ]
    )
    item = LineItem(description="Copper pipe", amount=Decimal(200))
    assert extraction.metadata.line_items == (item, item)


def test_free_words_of_a_model_are_not_asked_for_and_not_kept() -> None:
    """An answer to a question of before may still hold them."""
    todo = [fact("Pay the invoice", "Please pay by 2 April 2026")]
    day = fact("2026-04-02", "2 April 2026")
    metadata = believed(summary="Invoice of 3 March 2026.", action_items=todo, deadline=day).metadata
    assert (metadata.summary, metadata.action_items, metadata.deadline) == (None, (), None)


@pytest.mark.parametrize(
    ("quote", "code", "kept"),
    [("€", "EUR", True), ("€", "USD", False), ("Total € 400.00", "EUR", True), ("INVOICE", "EUR", False)],
)
def test_currency_must_follow_from_its_words(quote: str, code: str, kept: bool) -> None:
    assert (believed(currency=fact(code, quote)).metadata.currency == code) is kept


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{", '"x"', "[" * 100_000, '{"issuer": ' + "9" * 5000 + "}"[:0], "NaN"]
)
def test_answer_that_is_not_the_asked_json_is_unusable(text: str) -> None:
    with pytest.raises(AnswerUnusable) as caught:
        AnswerExtractor([PartAnswer(text)]).extract(INVOICE)
    assert caught.value.code == "openai_answer_invalid"


@pytest.mark.parametrize("number", ["1e999999", "9" * 4000, "1" + "0" * 100 + ".5", "NaN", "Infinity"])
def test_monstrous_number_is_no_amount(number: str) -> None:
    text = '{"total_amount": {"value": ' + number + ', "page": 1, "quote": "400.00"}}'
    assert AnswerExtractor([PartAnswer(text)]).extract(INVOICE).found == {}


def test_orders_hidden_in_an_answer_change_nothing_but_their_own_field() -> None:
    extraction = believed(title=fact("INVOICE", "INVOICE"), obey={"value": "x"}, confidence=1.0)
    assert set(extraction.evidence) == {"title"}


def found(value: Any, score: float = 0.85) -> Found:
    return Found(value, score, EvidenceSource.TEXT, 1, "q")


def test_parts_are_merged_heads_first_and_totals_last() -> None:
    merged = merge(
        [
            {"issuer": found("A"), "total_amount": found(Decimal(1)), "addresses": found(("x", "y"))},
            {"issuer": found("A"), "total_amount": found(Decimal(2)), "addresses": found(("y", "z"))},
        ]
    )
    assert merged["issuer"] == found("A")
    assert merged["total_amount"].value == Decimal(2)
    assert merged["total_amount"].score < 0.6
    assert merged["addresses"].value == ("x", "y", "z")


def test_one_unreadable_part_does_not_lose_the_others() -> None:
    good = PartAnswer(json.dumps({"title": fact("INVOICE", "INVOICE")}))
    draft = AnswerExtractor([PartAnswer("{"), good]).extract(INVOICE)
    assert draft.found["title"].value == "INVOICE"
    assert draft.engine == "openai"
