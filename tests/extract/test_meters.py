"""Meter readings on utility bills."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from autod.domain.kinds import DocType
from autod.domain.metadata import MeterReading
from autod.extract.local.amounts.meters import find_meter_readings
from tests.extract.sheets import reading_of


def test_a_labelled_reading_is_found_with_its_meter_unit_and_day() -> None:
    reading = reading_of(
        """
        Electricity bill
        Meter number: E123456
        Previous reading (01/01/2026): 10500 kWh
        Current reading (31/03/2026): 11250 kWh
        """
    )

    found = find_meter_readings(reading, "en", DocType.UTILITY_BILL)

    assert found["meter_readings"].value == (
        MeterReading(meter="E123456", value=Decimal(11250), unit="kWh", read_on=date(2026, 3, 31)),
    )


def test_a_table_gives_the_new_reading_of_each_meter() -> None:
    reading = reading_of(
        """
        Zählernummer     Zählerstand alt     Zählerstand neu     Verbrauch
        1ESY1160         10500               11250               750 kWh
        7GMT0042         804                 911                 107 m³
        """
    )

    readings = find_meter_readings(reading, "de", DocType.UTILITY_BILL)["meter_readings"].value

    assert [(r.meter, r.value, r.unit) for r in readings] == [
        ("1ESY1160", Decimal(11250), "kWh"),
        ("7GMT0042", Decimal(911), "m³"),
    ]


def test_only_the_new_of_two_readings_counts() -> None:
    reading = reading_of("Ancien index: 804   Nouvel index: 911")

    readings = find_meter_readings(reading, "fr", DocType.UTILITY_BILL)["meter_readings"].value

    assert [r.value for r in readings] == [Decimal(911)]


def test_a_date_is_not_taken_for_a_reading() -> None:
    reading = reading_of("Meter number: E123456   Current reading: 31/03/2026")

    assert find_meter_readings(reading, "en", DocType.UTILITY_BILL) == {}


def test_a_contract_has_no_meter_readings() -> None:
    reading = reading_of("Meter number: E123456   Current reading: 11250 kWh")

    assert find_meter_readings(reading, "en", DocType.CONTRACT) == {}
