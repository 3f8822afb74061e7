"""A text says a value only if reading it by the field's grammar gives exactly this value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autod.domain.metadata import LineItem
from autod.grammar.cells import said_part
from autod.grammar.manner import Manner
from autod.grammar.says import says

PLAIN, SCAN = Manner(), Manner(ocr=True)


@pytest.mark.parametrize(
    ("name", "value", "text", "manner"),
    [
        ("primary_date", date(2026, 3, 3), "3 March 2026", PLAIN),
        ("primary_date", date(2026, 4, 3), "03/04/2026", PLAIN),
        ("primary_date", date(2026, 3, 4), "03/04/2026", PLAIN),
        ("period_start", date(2026, 3, 1), "March 2026", PLAIN),
        ("period_end", date(2026, 3, 31), "1 to 31 March 2026", PLAIN),
        ("total_amount", Decimal("1234.50"), "1.234,50", PLAIN),
        ("total_amount", Decimal("-12.50"), "12,50-", PLAIN),
        ("tax_amount", Decimal("10.98"), "7.98 3.00", PLAIN),
        ("total_amount", Decimal("1050.00"), "1O5O.00", SCAN),
        ("reference_number", "2", "Nº000.000.002", PLAIN),
        ("reference_number", "NF-7", "No. NF-7", PLAIN),
        ("iban", "DE02120300000000202051", "DE02 1203 0000 0000 2020 51", PLAIN),
        ("issuer", "Société Générale", "SOCIETE GENERALE", PLAIN),
        ("issuer", "Northfield Ltd", "Northfie1d Ltd", SCAN),
        ("currency", "EUR", "12,50 €", PLAIN),
        ("currency", "MYR", "Kuala Lumpur", PLAIN),
    ],
)
def test_a_text_says_a_value(name: str, value: Any, text: str, manner: Manner) -> None:
    assert says(name, value, text, manner)


@pytest.mark.parametrize(
    ("name", "value", "text", "manner"),
    [
        ("primary_date", date(2026, 4, 3), "3 March 2026", PLAIN),
        ("primary_date", date(2026, 3, 1), "March 2026", PLAIN),
        ("primary_date", date(2026, 4, 3), "03/04/2026", Manner(order=lambda: False)),
        ("period_start", date(2026, 3, 2), "March 2026", PLAIN),
        ("period_start", date(2026, 3, 31), "1 to 31 March 2026", Manner("en", lambda: False)),
        ("total_amount", Decimal("123450"), "1.234,50", PLAIN),
        ("total_amount", Decimal("12.345"), "1.234,50", PLAIN),
        ("total_amount", Decimal("12.50"), "12,50-", PLAIN),
        ("total_amount", Decimal("50"), "1.234,50", PLAIN),
        ("tax_amount", Decimal("10.98"), "7.98 for 3.00", PLAIN),
        ("total_amount", Decimal("1050.00"), "1O5O.00", PLAIN),
        ("reference_number", "2026-011", "2026-0117", PLAIN),
        ("reference_number", "0117", "2026-0117", PLAIN),
        ("issuer", "Northfield Holding Ltd", "Northfield Ltd", PLAIN),
        ("issuer", "North", "Northfield Ltd", PLAIN),
        ("issuer", "Ltd Northfield", "Northfield Ltd", PLAIN),
        ("issuer", "Northfield Ltd", "Northfie1d Ltd", PLAIN),
        ("currency", "USD", "12,50 €", PLAIN),
    ],
)
def test_a_text_does_not_say_another_value(name: str, value: Any, text: str, manner: Manner) -> None:
    assert not says(name, value, text, manner)


@given(st.decimals(min_value=1, max_value=999_999, places=2), st.sampled_from((10, 100, 1000)))
def test_an_amount_is_said_however_it_is_written_and_its_multiples_never(
    amount: Decimal, factor: int
) -> None:
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    for text in (english, german, f"{amount}", f"EUR {german}", f"{english} GBP"):
        assert says("total_amount", amount, text, PLAIN), text
        assert not says("total_amount", amount * factor, text, PLAIN), text
        assert not says("total_amount", -amount, text, PLAIN), text


@given(st.dates(date(1990, 1, 1), date(2059, 12, 31)), st.dates(date(1990, 1, 1), date(2059, 12, 31)))
def test_a_day_is_said_however_it_is_written_and_no_other_day_is(day: date, other: date) -> None:
    known = Manner("en", lambda: True)
    for text in (f"{day:%d.%m.%Y}", f"{day:%Y-%m-%d}", f"{day:%d/%m/%Y}", f"{day.day} {day:%B %Y}"):
        assert says("primary_date", day, text, known), text
        assert says("primary_date", other, text, known) is (day == other), text


PIPE = LineItem(
    description="Copper pipe", quantity=Decimal(10), unit_price=Decimal("20.00"), amount=Decimal("200.00")
)


def test_a_row_keeps_the_cells_that_its_words_say() -> None:
    assert said_part(PIPE, "Copper pipe 15 mm 10 20.00 200.00", PLAIN) == PIPE
    assert said_part(PIPE, "Copper pipe 10 20.00", PLAIN) == PIPE.model_copy(update={"amount": None})
    assert said_part(PIPE, "Gold pipe 10 20.00 200.00", PLAIN) is None


def test_one_number_says_one_cell() -> None:
    one = LineItem(description="Pipe", unit_price=Decimal("20.00"), amount=Decimal("20.00"))

    assert said_part(one, "Pipe 20.00 20.00", PLAIN) == one
    assert said_part(one, "Pipe 20.00", PLAIN) == one.model_copy(update={"unit_price": None})
