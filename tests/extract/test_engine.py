"""The embedded engine, whole: embedded data first, then the page."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

from autod.domain.extraction import EvidenceSource
from autod.domain.kinds import DocType
from autod.domain.reading import Reading
from autod.extract.base import Extractor
from autod.extract.local.extractor import LocalExtractor
from tests.extract.sheets import reading_of

INVOICE = """
Northfield Supplies Ltd                        # INVOICE
14 Harbour Lane
Bristol BS1 4QA

Bill to:                                       Invoice number: NF-2026-0117
Harlow & Finch Partners                        Invoice date: 3 March 2026
                                               Due date: 2 April 2026

Description              Quantity     Unit price     Amount
Copper pipe 15 mm        4            50.00          200.00

                                      Subtotal       200.00
                                      VAT 20%        40.00
                                      Total GBP      240.00
VAT number: GB 980 7806 84    IBAN: GB33 BUKB 2020 1555 5555 55
"""

XML = """<Invoice><ID>XML-1</ID><IssueDate>2026-03-04</IssueDate>
<DocumentCurrencyCode>EUR</DocumentCurrencyCode></Invoice>"""


def extract(reading: Reading) -> dict[str, object]:
    engine: Extractor = LocalExtractor()
    return {name: item.value for name, item in engine.extract(reading).found.items()}


def test_an_invoice_is_understood_from_its_page() -> None:
    values = extract(reading_of(INVOICE))

    assert values["doc_type"] is DocType.INVOICE
    assert values["reference_number"] == "NF-2026-0117"
    assert values["primary_date"] == date(2026, 3, 3)
    assert values["due_date"] == date(2026, 4, 2)
    assert values["total_amount"] == Decimal("240.00")
    assert values["currency"] == "GBP"
    assert values["iban"] == "GB33BUKB20201555555555"
    assert values["language"] == "en"


def test_what_the_file_states_itself_is_taken_over_the_page() -> None:
    draft = LocalExtractor().extract(dataclasses.replace(reading_of(INVOICE), invoice_xml=XML))

    assert draft.found["reference_number"].value == "XML-1"
    assert draft.found["reference_number"].source is EvidenceSource.EMBEDDED_XML
    assert draft.found["primary_date"].value == date(2026, 3, 4)
    assert draft.found["currency"].value == "EUR"
    assert draft.found["due_date"].value == date(2026, 4, 2)


def test_a_broken_attachment_leaves_the_page_to_speak() -> None:
    values = extract(dataclasses.replace(reading_of(INVOICE), invoice_xml="<Invoice>"))

    assert values["reference_number"] == "NF-2026-0117"


def test_an_empty_document_gives_no_facts() -> None:
    draft = LocalExtractor().extract(Reading(()))

    assert set(draft.found) <= {"doc_type"}
    assert draft.engine == "local"
    assert draft.cost_usd == 0


def test_the_same_document_gives_the_same_draft() -> None:
    engine = LocalExtractor()

    assert engine.extract(reading_of(INVOICE)) == engine.extract(reading_of(INVOICE))
