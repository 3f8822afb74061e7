"""Amounts of money are found as they are printed in many countries, and nothing else is."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from autod.grammar.amounts import parse_amounts
from autod.grammar.manner import Manner
from autod.grammar.money import amount_spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("1'234.50", "1234.50"), ("1’234.50", "1234.50"),
        ("1,00,000.00", "100000.00"), ("1.234.567,89", "1234567.89"), ("$1,234", "1234"), ("0.500", "0.500"),
        ("1234.5-", "-1234.5"), ("(123.45)", "-123.45"), ("-$5.00", "-5.00"), ("− 5,00 €", "-5.00"),
        ("EUR 12,--", "12"), ("CHF 1’200.–", "1200"), ("R$ 1.234,56", "1234.56"), ("RM9.00", "9.00"),
        ("12.50S", "12.50"), ("Total:12.50", "12.50"), ("Total.....12.50", "12.50"),
    ],
)  # fmt: skip
def test_an_amount_is_read_however_it_is_written(text: str, expected: str) -> None:
    assert [match.value for match in parse_amounts(text)] == [Decimal(expected)]


@pytest.mark.parametrize(
    "text", ["19 %", "7,5%", "12.03.2018", "14:30", "INV-100", "12kg", "A123", "2/15/2020", "10-20", "#45"]
)
def test_what_is_no_amount_is_left_alone(text: str) -> None:
    assert parse_amounts(text) == []


@pytest.mark.parametrize(
    ("text", "currency", "symbol"),
    [
        ("12,00 €", "EUR", None), ("EUR 12,00", "EUR", None), ("£12.00", "GBP", None),
        ("₹ 12.00", "INR", None),
        ("RM 12.00", "MYR", None), ("R$ 12,00", "BRL", None), ("12.00 CHF", "CHF", None),
        ("12,00 Kč", "CZK", None),
        ("US$12.00", "USD", None), ("$12.00", None, "$"), ("12,00 kr", None, "kr"), ("12.00", None, None),
    ],
)  # fmt: skip
def test_the_currency_beside_an_amount_is_named(text: str, currency: str | None, symbol: str | None) -> None:
    (match,) = parse_amounts(text)
    assert (match.currency, match.symbol) == (currency, symbol)


def test_blanks_group_thousands_only_in_languages_that_write_so() -> None:
    assert [m.value for m in parse_amounts("1 234,56 €", "fr")] == [Decimal("1234.56")]
    assert [m.value for m in parse_amounts("2 100.00", "en")] == [Decimal(2), Decimal("100.00")]


_NOT_BY_SPACE = ["de", "en", "it", "es", "nl", None]


@pytest.mark.parametrize("language", _NOT_BY_SPACE)
@pytest.mark.parametrize("point", [",", "."])
@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009"])
@pytest.mark.parametrize("form", ["{}", "{} EUR", "Total {} EUR", "-{}"])
def test_a_fixed_space_groups_thousands_in_every_language(
    language: str | None, point: str, space: str, form: str
) -> None:
    text = form.format(f"1{space}234{space}567{point}80")
    value = Decimal("-1234567.80") if "-" in form else Decimal("1234567.80")
    assert [m.value for m in parse_amounts(text, language)] == [value]


@pytest.mark.parametrize("language", _NOT_BY_SPACE)
@pytest.mark.parametrize("text", ["Summe: 1 234,56 EUR", "EUR 1 234,56", "Total: 1 234.56 €", "$ 1 234.56"])
def test_a_space_groups_thousands_where_the_currency_leaves_no_doubt(language: str | None, text: str) -> None:
    assert [m.value for m in parse_amounts(text, language)] == [Decimal("1234.56")]


@pytest.mark.parametrize("language", _NOT_BY_SPACE)
@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("2 100,00", 0), ("Menge: 2 100.00", 7), ("Summe 1 234,56 EUR", 6), ("3 100 EUR", 0),
        ("2026 100,00", None), ("12.03.2026 100,00", None), ("A12 100,00", None), ("2 1100,00", None),
        ("2 3,50", None), ("19 % 100,00", None),
    ],
)  # fmt: skip
def test_digits_that_a_space_parts_from_an_amount_are_told_with_it(
    language: str | None, text: str, head: int | None
) -> None:
    last = parse_amounts(text, language)[-1]
    assert (last.longer.start if last.longer else None) == head


@pytest.mark.parametrize("language", [*_NOT_BY_SPACE, "fr"])
@pytest.mark.parametrize("joint", ["'", "’", "‘", "´", "`", "ʼ", "·"])
def test_no_part_of_a_number_with_an_apostrophe_or_a_middle_dot_is_an_amount(
    language: str | None, joint: str
) -> None:
    def read(text: str) -> list[str]:
        return [str(m.value) for m in parse_amounts(text, language)]

    as_point = ["12.50"] if joint == "·" else []
    grouped = ["1234.50"] if joint != "·" else []
    assert read(f"12{joint}50 EUR") == read(f"£12{joint}50") == as_point
    assert read(f"CHF 1{joint}234.50") == read(f"1{joint}234,50 €") == grouped
    assert read(f"1{joint}2345.00") == read(f"1{joint}234{joint}5") == []
    for part in ("50", "12", "234.50", "1"):
        says = amount_spans(Decimal(part), f"12{joint}50 1{joint}234.50", Manner(language))
        assert list(says) == []


def test_offsets_survive_the_gaps_that_ocr_leaves() -> None:
    text = "CASH RM 55, 20 then 1 .50 more"
    matches = parse_amounts(text, "en", spaced=True)
    assert [(m.value, text[m.start : m.end]) for m in matches] == [
        (Decimal("55.20"), "RM 55, 20"),
        (Decimal("1.50"), "1 .50"),
    ]


@pytest.mark.parametrize("piece", ["1,", "1 ", "1.111", "€ ", "(", "-", "1. ", "1 111,00 "])
def test_hostile_text_takes_time_in_proportion(piece: str) -> None:
    started = time.process_time()
    for language in ("fr", "en"):
        parse_amounts(piece * 20_000, language, spaced=True)
    assert time.process_time() - started < 2
