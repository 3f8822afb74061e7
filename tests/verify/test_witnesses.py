"""A model and the embedded engine read one document: agreement, conflict, and what only one of them says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from autod.domain.extraction import Draft, Extraction, Found, RowPlace
from autod.domain.kinds import DocType
from autod.domain.metadata import LineItem
from autod.domain.reading import Reading
from autod.domain.reasons import review_reasons
from autod.verify.verification import verify
from tests.verify.drafts import TODAY, found, reading

PAGE = reading(
    "Northfield Ltd", "Invoice NF-7", "Net 200.00", "VAT 40.00", "Grand total 240.00", "Delivered 2026-03-09"
)


def both(paid: dict[str, Found], own: dict[str, Found], page: Reading = PAGE) -> Extraction:
    return verify(Draft("openai", paid), page, 0.6, TODAY, second=Draft("local", own))


def said(value: Any, quote: str = "", score: float = 0.85) -> Found:
    return found(value, quote or str(value), score=score)


def test_what_both_say_is_surer_than_what_one_says() -> None:
    name = said("Northfield Ltd")

    agreed, alone = both({"issuer": name}, {"issuer": name}), both({}, {"issuer": name})

    assert agreed.evidence["issuer"].confidence > alone.evidence["issuer"].confidence
    assert agreed.needs_review == alone.needs_review == ()


def test_spelling_is_no_difference() -> None:
    assert both({"issuer": said("NORTHFIELD LTD")}, {"issuer": said("Northfield Ltd")}).checks == ()


def test_where_they_differ_the_better_founded_is_shown_and_the_other_beside_it() -> None:
    total, tax = Decimal("240.00"), Decimal("40.00")

    sure = both({"total_amount": said(tax)}, {"total_amount": said(total, score=0.95)})
    unsure = both({"total_amount": said(total)}, {"total_amount": said(tax, score=0.6)})

    for extraction, other in ((sure, "40.00"), (unsure, "40.00")):
        beside = extraction.evidence["total_amount"].other
        assert extraction.metadata.total_amount == total
        assert beside is not None and beside.value == other
        assert extraction.needs_review == ("total_amount",)
        assert review_reasons(extraction.needs_review, extraction.checks) == {
            "total_amount": ["readers_differ"]
        }


def test_evidence_with_the_other_value_survives_being_written_down() -> None:
    extraction = both({"total_amount": said(Decimal("40.00"))}, {"total_amount": said(Decimal("240.00"))})

    assert Extraction.from_dict(extraction.to_dict()).evidence["total_amount"].other is not None


def test_what_only_the_model_found_waits_unless_a_sum_or_a_label_bears_it_out() -> None:
    summed = {"total_amount": said(Decimal("240.00")), "tax_amount": said(Decimal("40.00"))}

    assert both(summed, {}).needs_review == ()
    assert both({"total_amount": said(Decimal("240.00"))}, {}).needs_review == ()
    assert both({"total_amount": said(Decimal("200.00"))}, {}).checks == ("one_reader:total_amount",)
    assert both({"due_date": said(date(2026, 3, 9))}, {}).checks == ("one_reader:due_date",)
    assert both({"issuer": said("Northfield Ltd")}, {}).checks == ("one_reader:issuer",)
    assert both({"title": said("Invoice NF-7")}, {}).checks == ()


def test_what_only_the_embedded_engine_found_is_taken() -> None:
    extraction = both({"issuer": said("Harlow KG")}, {"issuer": said("Northfield Ltd")})

    assert extraction.metadata.issuer == "Northfield Ltd"
    assert extraction.needs_review == ()
    assert "ungrounded:issuer" in extraction.checks


def test_a_model_of_whose_values_none_is_on_the_page_is_told() -> None:
    judged = found("en", "", page=None)
    extraction = both({"issuer": said("Harlow KG"), "language": judged}, {"reference_number": said("NF-7")})

    assert "paid_values_dropped" in extraction.checks
    assert extraction.metadata.reference_number == "NF-7"


def test_kinds_that_differ_wait_unless_the_embedded_engine_has_none() -> None:
    paid = {"doc_type": said(DocType.INVOICE, "Invoice")}

    assert both(paid, {"doc_type": said(DocType.RECEIPT, "Invoice")}).checks == ("readers_differ:doc_type",)
    assert both(paid, {"doc_type": said(DocType.OTHER, "Invoice")}).checks == ()


def test_issuer_and_recipient_are_not_one() -> None:
    party = {"issuer": said("Northfield Ltd"), "recipient": said("Northfield Ltd")}

    assert both(party, party).needs_review == ("issuer", "recipient")


def test_a_deadline_that_is_the_last_day_to_pay_goes_and_waits_with_it() -> None:
    page = reading("Pay by 2026-04-02", "Printed 2026-05-05")
    own = {name: said(date(2026, 5, 5), score=0.7) for name in ("due_date", "deadline")}

    extraction = both({"due_date": said(date(2026, 4, 2))}, own, page)

    assert extraction.metadata.deadline == date(2026, 4, 2)
    assert extraction.needs_review == ("due_date", "deadline")


TABLE = reading("Pane 2 30.00 60.00", "Tape 4 10.00 40.00")


def items(*rows: str) -> tuple[LineItem, ...]:
    return tuple(
        LineItem(description=name, quantity=Decimal(n), unit_price=Decimal(price), amount=Decimal(amount))
        for name, n, price, amount in (row.split() for row in rows)
    )


def table(*rows: str) -> Found:
    places = tuple(RowPlace(1, row) for row in rows)
    return found(items(*rows), rows[0], score=0.85, rows=places)


PANE, TAPE = "Pane 2 30.00 60.00", "Tape 4 10.00 40.00"


@pytest.mark.parametrize("paid", [(PANE,), (TAPE,), ("Pane 2 30.00 60.00", "Tape 10 4.00 40.00")])
def test_rows_that_the_other_reader_has_otherwise_wait(paid: tuple[str, ...]) -> None:
    extraction = both({"line_items": table(*paid)}, {"line_items": found(items(PANE, TAPE), PANE)}, TABLE)

    assert "readers_differ:line_items" in extraction.checks
    assert extraction.needs_review == ("line_items",)


def test_rows_that_both_have_are_surer() -> None:
    own = {"line_items": found(items(PANE, TAPE), PANE)}

    extraction = both({"line_items": table(TAPE, PANE)}, own, TABLE)

    assert extraction.checks == ()
    assert extraction.evidence["line_items"].confidence > 0.85


OFFER = reading(
    "Glass 60.00 and tape 40.00 and freight 20.00", "which makes 171.00", "Grand total 88.00", "VAT 28.00"
)


def money(**amounts: str) -> dict[str, Found]:
    return {name: said(Decimal(amount), amount) for name, amount in amounts.items()}


@pytest.mark.parametrize(
    "paid",
    [
        money(total_amount="60.00", tax_amount="20.00"),
        money(total_amount="60.00", tax_amount="40.00"),
        money(total_amount="60.00", amount_due="60.00"),
        money(total_amount="60.00", tax_amount="40.00", amount_due="60.00"),
    ],
)
@pytest.mark.parametrize("own", [{}, money(total_amount="88.00"), money(tax_amount="28.00")])
def test_amounts_of_one_reader_do_not_bear_out_one_another(
    paid: dict[str, Found], own: dict[str, Found]
) -> None:
    assert set(both(paid, own, OFFER).needs_review) == paid.keys()


@pytest.mark.parametrize(("name", "amount"), [("amount_due", "60.00"), ("tax_amount", "28.00")])
def test_what_is_in_doubt_bears_nothing_out(name: str, amount: str) -> None:
    page = reading("Amount due 60.00", "VAT 28.00", "Net 32.00", "and 88.00")

    extraction = both(money(total_amount="88.00", **{name: amount}), money(total_amount="60.00"), page)
    agreed = both(money(total_amount="60.00", **{name: amount}), money(total_amount="60.00"), page)

    assert extraction.needs_review == ("total_amount",)
    assert extraction.evidence[name].confidence < agreed.evidence[name].confidence


def test_rows_of_which_a_part_was_dropped_bear_nothing_out() -> None:
    page = reading("Pane 2 30.00 60.00", "Tape 4 10.00 40.00", "100.00")
    rows = table(PANE, TAPE, "Foil 1 5.00 5.00")

    extraction = both({**money(total_amount="100.00"), "line_items": rows}, {}, page)

    assert extraction.needs_review == ("total_amount", "line_items")


def test_a_single_row_does_not_bear_out_a_total() -> None:
    row = (LineItem(description="Glass", amount=Decimal("60.00")),)
    quote = "Glass 60.00"
    rows = {"line_items": found(row, quote, score=0.85, rows=(RowPlace(1, quote),))}

    extraction = both({**money(total_amount="60.00"), **rows}, {}, OFFER)

    assert "one_reader:total_amount" in extraction.checks


def test_what_one_reader_found_beside_labels_is_a_witness() -> None:
    paid = money(total_amount="240.00", tax_amount="40.00")

    alone, summed = both(money(total_amount="240.00"), {}), both(paid, {})

    assert summed.evidence["total_amount"].confidence > alone.evidence["total_amount"].confidence
