from __future__ import annotations

import time

import pytest

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.kinds import DocType
from autod.extract.local.page.language import find_language
from autod.extract.local.parties.contacts import find_contacts
from autod.extract.local.parties.fields import find_parties
from tests.extract.kind_samples import SAMPLES
from tests.extract.sheets import reading_of

GERMAN_LETTER = """
    Tischlerei Holzinger GmbH · Ahornweg 3 · 80333 München

    Frau
    Berta Beispiel
    Lindenstraße 8
    12345 Berlin

    # Rechnung Nr. 42
"""


def names(text: str, kind: DocType) -> tuple[str | None, str | None]:
    found = find_parties(reading_of(text), kind)
    return tuple(found[field].value if field in found else None for field in ("issuer", "recipient"))  # type: ignore[return-value]


def sample(kind: DocType, language: str) -> str:
    return next(text for k, lang, text in SAMPLES if (k, lang) == (kind, language))


def test_sender_line_and_address_window_give_both_parties() -> None:
    assert names(GERMAN_LETTER, DocType.INVOICE) == ("Tischlerei Holzinger GmbH", "Berta Beispiel")


@pytest.mark.parametrize(
    ("kind", "language", "issuer", "recipient"),
    [
        (DocType.INVOICE, "en", "Northfield Supplies Ltd", "Harlow & Finch Partners"),
        (DocType.INVOICE, "fr", "Atelier Moulin SARL", "Jean Dupont"),
        (DocType.PAYSLIP, "en", "Brightwell Engineering Inc.", "Ann Lee"),
        (DocType.INSURANCE_POLICY, "de", "Leuchtturm Versicherung AG", "Berta Beispiel"),
        (DocType.LEASE, "de", "Otto Hausmann", "Berta Beispiel"),
        (DocType.TRANSPORT_DOCUMENT, "en", "Oriental Tea Ltd", "Leaf Imports BV"),
    ],
)
def test_labels_and_letterheads_name_the_parties(
    kind: DocType, language: str, issuer: str, recipient: str
) -> None:
    assert names(sample(kind, language), kind) == (issuer, recipient)


@pytest.mark.parametrize(
    ("between", "pair"),
    [
        (
            "This Agreement is made by and between Alder Robotics, Inc., a Delaware corporation (“Alder”), "
            "and Birch Sensors GmbH.",
            ("Alder Robotics, Inc.", "Birch Sensors GmbH"),
        ),
        (
            "Vertrag zwischen Alder Robotik GmbH, Hauptstraße 1, und Birch AG, Zürich",
            ("Alder Robotik GmbH", "Birch AG"),
        ),
        (
            "entered into between MAPLE CORPORATION AND DIGITAL OAK, INC. as of May 1",
            ("MAPLE CORPORATION", "DIGITAL OAK, INC."),
        ),
    ],
)
def test_a_contract_names_its_parties_without_their_description(between: str, pair: tuple[str, str]) -> None:
    assert names(between, DocType.CONTRACT) == pair


def test_the_shop_at_the_head_of_a_receipt_is_the_issuer_with_its_legal_form_from_the_next_line() -> None:
    text = """
        GREEN GROCER MARKET
        SDN BHD
        12, Jalan Bunga Raya
        47400 Petaling Jaya
        Total   9.70
    """

    assert names(text, DocType.RECEIPT) == ("GREEN GROCER MARKET SDN BHD", None)


def test_the_sender_of_a_letter_is_the_one_who_signs_it() -> None:
    assert names(sample(DocType.LETTER, "en"), DocType.LETTER) == ("Ann Lee", None)


def test_name_inside_a_party_box_is_found() -> None:
    text = """
        Verkäufer
        Nummer:      12345
        Name:        Rohstoff Muster AG
        Anschrift:   Marktstr. 153
        Käufer
        Nummer:      999
        Name:        Metallbau Beispiel GmbH
    """

    assert names(text, DocType.INVOICE) == ("Rohstoff Muster AG", "Metallbau Beispiel GmbH")


@pytest.mark.parametrize(
    "text",
    [
        "# INVOICE\nInvoice number: 12\nTotal 4.00",
        "Date: 4 May 2026\nAmount 3.00",
        "Bill to:\nInvoice date: 3 May 2026",
    ],
)
def test_headings_and_labels_are_never_names(text: str) -> None:
    assert names(text, DocType.INVOICE) == (None, None)


def test_a_web_address_that_agrees_makes_the_name_surer() -> None:
    plain = find_parties(reading_of("Northfield Supplies Ltd\n# INVOICE"), DocType.INVOICE)["issuer"]
    agreed = find_parties(
        reading_of("Northfield Supplies Ltd\n# INVOICE\nwww.northfield.example"), DocType.INVOICE
    )["issuer"]

    assert agreed.score > plain.score


@pytest.mark.parametrize("unit", ["(", "a", "1", "@", "Ab ", "Ab, ", "between A and ", "- ", "12345 A"])
@pytest.mark.parametrize("kind", [DocType.CONTRACT, DocType.RECEIPT, DocType.INVOICE])
def test_a_hostile_line_takes_linear_time(kind: DocType, unit: str) -> None:
    reading = reading_of(unit * (100_000 // len(unit)))
    start = time.process_time()

    find_parties(reading, kind)
    find_contacts(reading, None, None)
    find_language(reading)

    assert time.process_time() - start < 5.0


def test_the_quote_stands_on_the_page_as_printed() -> None:
    reading = reading_of(GERMAN_LETTER)
    found = find_parties(reading, DocType.INVOICE)

    for field in ("issuer", "recipient"):
        each: Found = found[field]
        assert each.quote in reading.text
        assert each.value in each.quote
        assert each.source is EvidenceSource.TEXT
        assert each.page == 1
        assert each.box is not None
