"""When a file states everything itself, nothing is left to ask a paid reader."""

from __future__ import annotations

import dataclasses

import pytest

from autod.domain.reading import Reading
from autod.extract.stated import states_all
from tests.extract.sheets import reading_of
from tests.extract.test_einvoice import UBL, ZUGFERD_1, cii
from tests.extract.test_swiss_qr import PAYLOAD, SLIP

DUE = "<udt:DateTimeString>20260402</udt:DateTimeString>"
IBAN = "<ram:IBANID>DE02 1203 0000 0000 2020 51</ram:IBANID>"
ROWS = "IncludedSupplyChainTradeLineItem"
TO_PAY = "<ram:DuePayableAmount>138.00</ram:DuePayableAmount>"


def reading(xml: str | None, page: str = "Rechnung R-77/2026", codes: tuple[str, ...] = ()) -> Reading:
    return dataclasses.replace(reading_of(page), invoice_xml=xml, codes=codes)


def test_an_invoice_that_states_what_it_is_and_how_it_is_paid_leaves_nothing_to_ask() -> None:
    assert states_all(reading(cii()))


@pytest.mark.parametrize("left_out", [DUE, IBAN, ROWS, "R-77/2026", "Nordfeld GmbH", "238.00", "380"])
def test_one_that_leaves_something_open_is_asked_about(left_out: str) -> None:
    whole = cii()
    assert left_out in whole
    assert not states_all(reading(whole.replace(left_out, "Nothing" if left_out == ROWS else "")))


@pytest.mark.parametrize("code", ["381", "220", "231"])
def test_what_asks_for_no_money_need_not_say_how_it_is_paid(code: str) -> None:
    text = cii(code).replace(DUE, "").replace(IBAN, "")
    assert states_all(reading(text))


def test_an_invoice_that_is_paid_already_need_not_say_how() -> None:
    paid = cii().replace(DUE, "").replace(IBAN, "")
    assert not states_all(reading(paid))
    assert states_all(reading(paid.replace(TO_PAY, TO_PAY.replace("138.00", "0.00"))))


@pytest.mark.parametrize("xml", [None, "<no xml", ZUGFERD_1, UBL])
def test_a_file_that_states_little_or_nothing_is_asked_about(xml: str | None) -> None:
    assert not states_all(reading(xml))


def test_a_qr_bill_says_what_to_pay_and_not_what_the_paper_is() -> None:
    assert not states_all(reading(None, SLIP, (PAYLOAD,)))


def test_the_code_of_a_qr_bill_completes_an_invoice_that_names_no_account() -> None:
    text = cii().replace(IBAN, "")
    assert not states_all(reading(text))
    assert states_all(reading(text, SLIP, (PAYLOAD,)))


def test_what_is_only_printed_is_not_stated() -> None:
    assert not states_all(reading(cii().replace(IBAN, ""), SLIP))
