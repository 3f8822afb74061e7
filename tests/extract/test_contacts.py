from __future__ import annotations

import pytest

from autod.domain.extraction import Found
from autod.extract.local.page.postal import is_place, is_street
from autod.extract.local.parties.contacts import find_contacts
from tests.extract.sheets import reading_of


def contacts(text: str, issuer: str | None = None) -> dict[str, Found]:
    return find_contacts(reading_of(text), None, issuer)


@pytest.mark.parametrize(
    ("name", "street", "place"),
    [
        ("Acme Bolts LLC", "345 Willow Street", "Larch, TX 98342"),
        ("Northfield Ltd", "14 Harbour Lane", "Bristol BS1 4QA"),
        ("Holz GmbH", "Ahornweg 3", "80333 München"),
        ("Moulin SARL", "12 rue des Lilas", "69003 Lyon"),
        ("Sol S.L.", "Calle Mayor 4", "28013 Madrid"),
        ("Mar Lda", "Rua do Sol 8", "1000-205 Lisboa"),
        ("Rossi S.r.l.", "Via Roma 2", "20121 Milano (MI)"),
        ("Fiets B.V.", "Weena 664 straat 2", "3012 CN Rotterdam"),
        ("Berg AG", "Bahnhofstrasse 9", "8001 Zürich"),
        ("GREEN SDN BHD", "12, Jalan Bunga Raya", "47400 Petaling Jaya"),
    ],
)
def test_an_address_block_of_each_country_is_read_without_the_name(
    name: str, street: str, place: str
) -> None:
    found = contacts(f"{name}\n{street}\n{place}")["addresses"]

    assert found.value == (f"{street}, {place}",)
    assert found.quote == f"{street} {place}"


def test_the_issuers_address_comes_first() -> None:
    text = """
        Berta Beispiel
        Lindenstraße 8
        12345 Berlin

        Holz GmbH
        Ahornweg 3
        80333 München
    """

    assert contacts(text, "Holz GmbH")["addresses"].value == (
        "Ahornweg 3, 80333 München",
        "Lindenstraße 8, 12345 Berlin",
    )


def test_a_sender_line_holds_an_address() -> None:
    found = contacts("Holz GmbH · Ahornweg 3 · 80333 München", "Holz GmbH")["addresses"]

    assert found.value == ("Ahornweg 3, 80333 München",)


def test_the_email_address_of_the_issuer_wins_over_others() -> None:
    found = contacts("client@example.org\nsales@northfield.example", "Northfield Supplies Ltd")["email"]

    assert found.value == "sales@northfield.example"


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("Tel: +49 89 123456", "+49 89 123456"),
        ("Telefon    089 / 12 34 56", "089 / 12 34 56"),
        ("Fax: 089 999999\nPhone: (415) 555-0134", "(415) 555-0134"),
        ("+33 4 50 44 68 99", "+33 4 50 44 68 99"),
    ],
)
def test_the_telephone_number_is_found_and_the_fax_is_not(text: str, phone: str) -> None:
    assert contacts(text)["phone"].value == phone


@pytest.mark.parametrize(
    "text", ["Invoice 20260304", "03.04.2026", "Total 1.234,56", "IBAN DE89 3704 0044 0532 0130 00"]
)
def test_other_numbers_are_neither_telephone_numbers_nor_addresses(text: str) -> None:
    assert contacts(text) == {}


@pytest.mark.parametrize("text", ["(002050590", "(849000 / 40030000", "(15.11.2019", "+999 12345678"])
def test_a_number_that_nobody_can_dial_is_no_telephone_number_without_a_label(text: str) -> None:
    assert "phone" not in contacts(text)


@pytest.mark.parametrize("text", ["(415) 555-2671", "(089) 2180-0", "+48 71 555 01 42"])
def test_a_number_of_some_country_needs_no_label(text: str) -> None:
    assert contacts(text)["phone"].value == text


@pytest.mark.parametrize(
    "text", ["Exchange Act of 1934", "Order 4711 Bolts", "Period 2025 to 2026", "Tel 12345 Berlin"]
)
def test_a_number_and_a_word_are_no_place(text: str) -> None:
    assert not is_place(text)


def test_a_post_box_counts_as_a_street() -> None:
    assert is_street("PO Box 206270")
    assert not is_street("Copper pipe 15 mm")
