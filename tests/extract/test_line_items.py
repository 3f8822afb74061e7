"""Rows of goods are read from tables, and only when their numbers agree."""

from __future__ import annotations

from decimal import Decimal

from autod.domain.extraction import Found
from autod.domain.kinds import DocType
from autod.domain.metadata import LineItem
from autod.extract.local.amounts.candidates import labelled_amounts
from autod.extract.local.amounts.line_items import find_line_items
from tests.extract.sheets import reading_of

TABLE = """
    Pos    Description             Qty    Unit price    Amount
    1      Copper pipe 15 mm       10     20.00         200.00
    2      Bend                    4      2.50          10.00
           Total                                        210.00
    """


def items_of(text: str, doc_type: DocType) -> dict[str, Found]:
    reading = reading_of(text)
    return find_line_items(reading, "en", doc_type, labelled_amounts(reading, "en")[0])


def test_rows_become_items_with_quantity_price_and_amount() -> None:
    found = items_of(TABLE, DocType.INVOICE)["line_items"]
    assert found.value == (
        LineItem(
            description="Copper pipe 15 mm",
            quantity=Decimal(10),
            unit_price=Decimal("20.00"),
            amount=Decimal("200.00"),
        ),
        LineItem(
            description="Bend", quantity=Decimal(4), unit_price=Decimal("2.50"), amount=Decimal("10.00")
        ),
    )
    assert found.quote == "1 Copper pipe 15 mm 10 20.00 200.00"
    assert found.score > 0.9


def test_rows_that_nothing_vouches_for_are_left_out() -> None:
    wrong = TABLE.replace("200.00", "198.00").replace("  10.00", "  11.00")
    assert items_of(wrong, DocType.INVOICE) == {}


def test_a_letter_has_no_items() -> None:
    assert items_of(TABLE, DocType.LETTER) == {}
