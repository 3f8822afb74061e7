"""Dates are found in running text, in seven languages, and only where there is one."""

from __future__ import annotations

from datetime import date

import pytest

from autod.extract.local.dates.payment_terms import days_to_pay
from autod.extract.local.page.country_hints import american
from autod.extract.local.page.postal import US_STATES, is_place
from autod.grammar.dates import order_evidence, parse_dates, parse_months
from autod.grammar.periods import parse_periods


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31.12.2025", date(2025, 12, 31)),
        ("Datum: 31.12.25 Seite 1", date(2025, 12, 31)),
        ("31/12/25", date(2025, 12, 31)),
        ("12/31/2025", date(2025, 12, 31)),
        ("2025-12-31T10:30:00", date(2025, 12, 31)),
        ("2025/12/31", date(2025, 12, 31)),
        ("31-Dec-2025", date(2025, 12, 31)),
        ("31DEC2025", date(2025, 12, 31)),
        ("Dec 31st, 2025", date(2025, 12, 31)),
        ("December 31 2025", date(2025, 12, 31)),
        ("this 4th day of June, 2005", date(2005, 6, 4)),
        ("1er janvier 2026", date(2026, 1, 1)),
        ("12 août 2020", date(2020, 8, 12)),
        ("3. März 2026", date(2026, 3, 3)),
        ("3. MAERZ 2026", date(2026, 3, 3)),
        ("5 de maio de 2024", date(2024, 5, 5)),
        ("1º de março de 2024", date(2024, 3, 1)),
        ("15 de septiembre de 2023", date(2023, 9, 15)),
        ("7 maggio 2021", date(2021, 5, 7)),
        ("14 mrt. 2022", date(2022, 3, 14)),
        ("25 / 03 / 2018", date(2018, 3, 25)),
        ("25/O3/2018", date(2018, 3, 25)),
        ("25-03-201816:00:43", date(2018, 3, 25)),
        ("29.02.2024", date(2024, 2, 29)),
    ],
)
def test_a_date_is_read_however_it_is_written(text: str, expected: date) -> None:
    assert [match.value for match in parse_dates(text)] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "31.02.2025", "29.02.2023", "12.03.2018.55", "192.168.10.20", "1.234.56", "11.14.90", "05/12-2019",
        "31.12.", "12/2025", "01/01/1899", "20260131", "Art. 12345-12-123", "+49 30 12.12.12.12", "12:30:45",
    ],
)  # fmt: skip
def test_what_only_resembles_a_date_is_left_alone(text: str) -> None:
    assert parse_dates(text) == []


def test_offsets_point_at_the_date_itself() -> None:
    text = "Délivré à Évreux le 3 février 2024, page 2"
    match = parse_dates(text, "fr")[0]
    assert text[match.start : match.end] == "3 février 2024"


def test_a_date_that_can_be_read_two_ways_says_so() -> None:
    assert parse_dates("03/04/2025", "en")[0].ambiguous
    assert not parse_dates("03/04/2025", "en", day_first=True)[0].ambiguous
    assert not parse_dates("03.04.2025", "de")[0].ambiguous
    assert not parse_dates("04/04/2025", "en")[0].ambiguous


def test_evidence_decides_the_order_of_day_and_month() -> None:
    assert parse_dates("03/04/2025", "en", day_first=True)[0].value == date(2025, 4, 3)
    assert parse_dates("03/04/2025", "en", day_first=False)[0].value == date(2025, 3, 4)


def test_other_dates_are_evidence_for_the_order() -> None:
    assert order_evidence(["paid 31/12/2024"]) is True
    assert order_evidence(["paid 12/31/2024"]) is False
    assert order_evidence(["paid 11/12/2024 at 11.14.90"]) is None


def test_run_together_digits_are_a_date_only_when_asked_for() -> None:
    assert [m.value for m in parse_dates("Datum 20260131", compact=True)] == [date(2026, 1, 31)]
    assert parse_dates("Datum 20261331", compact=True) == []


def test_a_month_with_its_year_is_read_as_its_first_day() -> None:
    assert [m.value for m in parse_months("Abrechnung März 2025")] == [date(2025, 3, 1)]
    assert [m.value for m in parse_months("periode 03/2025")] == [date(2025, 3, 1)]
    assert parse_months("on 01/03/2025") == []


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("01.03.2025 - 31.03.2025", date(2025, 3, 1), date(2025, 3, 31)),
        ("01.03. – 31.03.2025", date(2025, 3, 1), date(2025, 3, 31)),
        ("vom 1. bis 15. März 2025", date(2025, 3, 1), date(2025, 3, 15)),
        ("du 01/03/2025 au 31/03/2025", date(2025, 3, 1), date(2025, 3, 31)),
        ("March 1 – March 31, 2025", date(2025, 3, 1), date(2025, 3, 31)),
        ("15.12. bis 14.01.2025", date(2024, 12, 15), date(2025, 1, 14)),
        ("Februar 2024", date(2024, 2, 1), date(2024, 2, 29)),
    ],
)
def test_a_period_has_its_first_and_last_day(text: str, first: date, last: date) -> None:
    periods = parse_periods(text, None, True)
    assert [(period.first, period.last) for period in periods] == [(first, last)]


def test_two_unrelated_dates_are_no_period() -> None:
    assert parse_periods("Order of 01.03.2025, delivered on 31.03.2025") == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Payable within 30 days of invoice date", 30),
        ("Terms: Net 45", 45),
        ("Zahlbar innerhalb von 14 Tagen ohne Abzug", 14),
        ("Zahlung: 10 Tage 2% Skonto, 30 Tage netto", 30),
        ("Paiement à 30 jours", 30),
        ("Pago a 60 días", 60),
        ("Pagamento entro 30 giorni", 30),
        ("Betaling binnen 14 dagen", 14),
    ],
)
def test_terms_of_payment_are_understood(text: str, days: int) -> None:
    terms = days_to_pay(text)
    assert terms is not None
    assert terms.days == days


@pytest.mark.parametrize(
    "text",
    ["Paiement à 30 jours fin de mois", "due 30 days after receipt", "30 days of summer", "Net 3,500 kg"],
)
def test_terms_counted_from_another_day_are_left_alone(text: str) -> None:
    assert days_to_pay(text) is None


@pytest.mark.parametrize("state", US_STATES.split("|"))
def test_a_place_in_any_state_is_american_and_an_address(state: str) -> None:
    place = f"Larch, {state} 00901"

    assert american([place]) and is_place(place)
