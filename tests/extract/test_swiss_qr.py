"""Swiss QR-bills, as printed and as coded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from autod.domain.extraction import EvidenceSource
from autod.domain.kinds import DocType
from autod.extract.swiss_qr import find_swiss_qr, parse_payload
from tests.extract.sheets import reading_of

SLIP = """
Empfangsschein      Zahlteil            Konto / Zahlbar an
Konto / Zahlbar an                      CH44 3199 9123 0008 8901 2
CH44 3199 9123 0008 8901 2              Garten Huber AG
Garten Huber AG                         Weg 3
Weg 3                                   3000 Bern
                                        Referenz
                                        21 00000 00003 13947 14300 09017
                                        Zahlbar durch
                                        Pia Muster
                                        3001 Bern
Währung   Betrag    Währung   Betrag
CHF   1 949.75      CHF       1 949.75
"""

PAYLOAD = "\n".join(
    [
        *("SPC", "0200", "1", "CH4431999123000889012"),
        *("S", "Garten Huber AG", "Weg", "3", "3000", "Bern", "CH"),
        *([""] * 7),
        *("1949.75", "CHF"),
        *("S", "Pia Muster", "Gasse", "7", "3001", "Bern", "CH"),
        *("QRR", "210000000003139471430009017", "", "EPD"),
        "//S1/10/10201409/11/260512/30/106017086",
    ]
)


def test_the_printed_payment_part_is_read() -> None:
    values = {name: item.value for name, item in find_swiss_qr(reading_of(SLIP)).items()}

    assert values == {
        "iban": "CH4431999123000889012",
        "issuer": "Garten Huber AG",
        "recipient": "Pia Muster",
        "currency": "CHF",
        "amount_due": Decimal("1949.75"),
        "total_amount": Decimal("1949.75"),
        "doc_type": DocType.PAYMENT_SLIP,
        "reference_number": "210000000003139471430009017",
    }


def test_under_a_letter_the_slip_does_not_name_the_document() -> None:
    letter = "\n".join(f"Rechnung für Arbeiten im Garten, Posten {n}" for n in range(10))

    found = find_swiss_qr(reading_of(letter + "\n" + SLIP))

    assert found["iban"].value == "CH4431999123000889012"
    assert found["amount_due"].value == Decimal("1949.75")
    assert not {"doc_type", "total_amount", "reference_number"} & set(found)


def test_a_slip_without_an_amount_has_none() -> None:
    blank = SLIP.replace("1 949.75", "")

    assert not {"amount_due", "total_amount"} & set(find_swiss_qr(reading_of(blank)))


def test_a_wrong_account_number_makes_it_no_qr_bill() -> None:
    assert find_swiss_qr(reading_of(SLIP.replace("8901 2", "8901 3"))) == {}


def test_a_page_without_a_payment_part_gives_nothing() -> None:
    assert find_swiss_qr(reading_of("Invoice number: 7")) == {}


def test_the_payload_of_the_code_is_parsed_exactly() -> None:
    values = {name: item.value for name, item in parse_payload(PAYLOAD).items()}

    assert values == {
        "iban": "CH4431999123000889012",
        "issuer": "Garten Huber AG",
        "recipient": "Pia Muster",
        "amount_due": Decimal("1949.75"),
        "currency": "CHF",
        "addresses": ("Weg 3, 3000 Bern, CH", "Gasse 7, 3001 Bern, CH"),
        "reference_number": "10201409",
        "primary_date": date(2026, 5, 12),
        "tax_id": "CHE106017086",
    }


def test_what_the_code_says_is_taken_over_print() -> None:
    found = find_swiss_qr(reading_of(SLIP.replace("Garten Huber AG", "Garten Hubert")), [PAYLOAD])

    assert found["issuer"].value == "Garten Huber AG"
    assert found["issuer"].source is EvidenceSource.QR_CODE


def test_another_qr_code_gives_nothing() -> None:
    assert parse_payload("https://example.org/pay?iban=CH4431999123000889012") == {}
