"""Numbers that name the document, the parties and the accounts."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from autod.domain.extraction import EvidenceSource
from autod.domain.kinds import DocType
from autod.domain.reading import Box, FormField
from autod.extract.local.numbers.fields import find_identifiers
from tests.extract.sheets import reading_of


def values(text: str, doc_type: DocType = DocType.INVOICE, language: str = "en") -> dict[str, Any]:
    found = find_identifiers(reading_of(text), language, doc_type)
    return {name: item.value for name, item in found.items()}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Invoice number: NF-2026-0117", "NF-2026-0117"),
        ("Invoice # 1458020", "1458020"),
        ("Invoice FA-2017-0008", "FA-2017-0008"),
        ("Rechnungsnummer    471102", "471102"),
        ("Rechnung Nr. RE-2026/508 vom 03.03.2026", "RE-2026/508"),
        ("Handelsrechnung (380) Nr. 471102 vom 05.03.2026", "471102"),
        ("Facture n°562044387 du 02 Juillet 2026", "562044387"),
        ("Numero fattura: 2026/A/17", "2026/A/17"),
        ("Factura nº: A-2201", "A-2201"),
        ("Factuurnummer: 993548900", "993548900"),
        ("Beleg-Nr    : R8765", "R8765"),
        ("Invoice No: RE 2026-001", "RE 2026-001"),
    ],
)
def test_the_invoice_number_is_found_in_many_languages(text: str, number: str) -> None:
    assert values(text)["reference_number"] == number


def test_a_number_under_its_heading_in_a_table_is_found() -> None:
    text = """
    Invoice number    Invoice date    Customer number
    VF100519          8-9-2026        SC-0303
    """

    found = values(text)

    assert (found["reference_number"], found["customer_number"]) == ("VF100519", "SC-0303")


def test_a_remark_in_brackets_belongs_to_the_heading() -> None:
    text = """
    Account number (see instructions)
                 20211101
    """

    assert values(text, DocType.TAX_FORM)["account_number"] == "20211101"


def test_a_number_under_a_heading_that_names_the_document_is_its_own() -> None:
    assert values("INVOICE\nNo. 77812")["reference_number"] == "77812"


def test_a_label_that_is_part_of_a_longer_one_yields_to_the_plain_one() -> None:
    text = """
    Agency Order #: 30064583
    Order #: 26918895
    """

    assert values(text, DocType.PURCHASE_ORDER)["reference_number"] == "26918895"


@pytest.mark.parametrize(
    "text",
    [
        "Invoice number: 03.03.2026",
        "Invoice number: 1,250.00",
        "Invoice date: 2026-03-03",
        "Invoice 2026",
        "Your order number: 4711",
        "Invoice",
        "Item no. 4711",
    ],
)
def test_what_is_not_the_documents_number_is_not_taken(text: str) -> None:
    assert "reference_number" not in values(text)


def test_the_kind_decides_which_number_is_the_documents_own() -> None:
    text = """
    Order number: 4500123
    Invoice number: 77001
    Contract no.: C-9
    """

    assert values(text, DocType.INVOICE)["reference_number"] == "77001"
    assert values(text, DocType.PURCHASE_ORDER)["reference_number"] == "4500123"
    assert values(text, DocType.CONTRACT)["reference_number"] == "C-9"
    assert "reference_number" not in values(text, DocType.ARTICLE)


def test_numbers_of_accounts_and_parties_are_told_apart() -> None:
    text = """
    Kundennummer: 10-4711
    Vertragskonto Nr.: 2000 3344 55
    Versicherungsschein-Nr.: VS 12345678
    Schadennummer: S-2026-99
    Darlehensnummer: 600123
    """

    found = values(text, DocType.LETTER, "de")

    assert found["customer_number"] == "10-4711"
    assert found["account_number"] == "2000 3344 55"
    assert found["policy_number"] == "VS 12345678"
    assert found["claim_number"] == "S-2026-99"
    assert found["loan_number"] == "600123"


def test_two_numbers_under_the_same_label_are_less_sure() -> None:
    one = find_identifiers(reading_of("Invoice number: 77001"), "en", DocType.INVOICE)
    two = find_identifiers(reading_of("Invoice number: 77001\nInvoice number: 77002"), "en", DocType.INVOICE)

    assert two["reference_number"].score < one["reference_number"].score


def test_an_iban_is_taken_only_with_right_check_digits() -> None:
    assert values("IBAN DE02 1203 0000 0000 2020 51 BIC BYLADEM1001")["iban"] == "DE02120300000000202051"
    assert "iban" not in values("IBAN DE03 1203 0000 0000 2020 51")


def test_the_iban_is_quoted_from_the_page_with_its_box() -> None:
    found = find_identifiers(reading_of("Konto: IBAN DE02 1203 0000 0000 2020 51"), "de", DocType.INVOICE)

    assert found["iban"].quote == "DE02 1203 0000 0000 2020 51"
    assert found["iban"].box is not None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("USt-IdNr.: DE 136 695 976", "DE136695976"),
        ("VAT number NL810433941B01", "NL810433941B01"),
        ("Steuernummer: 201/113/40209", "201/113/40209"),
        ("CNPJ: 81.583.054/0001-29", "81.583.054/0001-29"),
        ("SIRET : 732 829 320 00074", "732 829 320 00074"),
        ("EIN 12-3456789", "12-3456789"),
        ("GST No: 000123456789", "000123456789"),
    ],
)
def test_tax_numbers_of_many_countries_are_found(text: str, number: str) -> None:
    assert values(text)["tax_id"] == number


def test_the_recipients_vat_number_is_not_the_issuers() -> None:
    text = """
    Your VAT number: NL810433941B01
    VAT number: DE136695976
    """

    assert values(text)["tax_id"] == "DE136695976"


def test_the_vat_number_is_preferred_to_the_local_one() -> None:
    assert values("Steuernummer 201/113/40209\nUSt-IdNr. DE136695976")["tax_id"] == "DE136695976"


def test_a_filled_form_field_under_its_label_counts() -> None:
    page = reading_of("List account number(s) here (optional)")
    line = page.pages[0].lines[0].box
    box = Box(line.x0, line.y1 + 2, line.x0 + 120, line.y1 + 14)
    reading = dataclasses.replace(page, form_fields=(FormField("f1_7", "12489054, 30497523", 1, box),))

    found = find_identifiers(reading, "en", DocType.TAX_FORM)

    assert found["account_number"].value == "12489054, 30497523"
    assert found["account_number"].source is EvidenceSource.FORM
