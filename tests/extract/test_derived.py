from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from autod.domain.extraction import EvidenceSource
from autod.domain.kinds import DocType
from autod.domain.metadata import Metadata, Urgency
from autod.extract.local.derived import derive, summary
from tests.extract.sheets import reading_of

BILL = Metadata(
    doc_type=DocType.UTILITY_BILL,
    issuer="Stadtwerke Beispiel",
    recipient="Berta Beispiel",
    primary_date=date(2026, 3, 4),
    due_date=date(2026, 3, 18),
    total_amount=Decimal("123.45"),
    amount_due=Decimal("123.45"),
    currency="EUR",
    reference_number="R-7",
)
PLAIN = reading_of("Abrechnung")


def test_the_summary_says_who_what_how_much_and_when() -> None:
    assert summary(BILL) == (
        "Utility bill R-7 from Stadtwerke Beispiel to Berta Beispiel, dated 2026-03-04. "
        "Total 123.45 EUR, due 2026-03-18."
    )


def test_the_summary_says_nothing_that_is_unknown() -> None:
    assert summary(Metadata(doc_type=DocType.INVOICE)) == "Invoice."
    assert summary(Metadata()) == "Document."


def test_a_bill_asks_for_its_payment() -> None:
    found = derive(BILL, PLAIN)

    assert found["action_items"].value == ("Pay 123.45 EUR to Stadtwerke Beispiel by 2026-03-18",)
    assert found["action_items"].source is EvidenceSource.DERIVED


@pytest.mark.parametrize(
    "kind", [DocType.RECEIPT, DocType.CREDIT_NOTE, DocType.PAYSLIP, DocType.BANK_STATEMENT, DocType.QUOTE]
)
def test_money_that_is_not_owed_asks_for_nothing(kind: DocType) -> None:
    assert "action_items" not in derive(BILL.model_copy(update={"doc_type": kind}), PLAIN)


def test_a_request_on_the_page_is_quoted_as_printed() -> None:
    reading = reading_of("Bitte senden Sie uns das Formular bis zum 20.03.2026 zurück.")
    found = derive(Metadata(doc_type=DocType.LETTER), reading)["action_items"]

    assert found.value == ("Bitte senden Sie uns das Formular bis zum 20.03.2026 zurück.",)
    assert found.quote == found.value[0]
    assert found.page == 1


@pytest.mark.parametrize(
    ("metadata", "urgency"),
    [
        (BILL, Urgency.NORMAL),
        (BILL.model_copy(update={"due_date": date(2026, 3, 7)}), Urgency.HIGH),
        (Metadata(doc_type=DocType.PAYMENT_REMINDER), Urgency.HIGH),
        (Metadata(doc_type=DocType.MANUAL), Urgency.LOW),
    ],
)
def test_urgency_follows_from_kind_and_dates(metadata: Metadata, urgency: Urgency) -> None:
    assert derive(metadata, PLAIN)["urgency"].value is urgency


def test_every_kind_but_other_has_an_area() -> None:
    for kind in set(DocType) - {DocType.OTHER}:
        found = derive(Metadata(doc_type=kind), PLAIN)
        assert found["category"].value
        assert found["subcategory"].value


def test_key_points_and_tags_come_from_the_metadata() -> None:
    found = derive(BILL, PLAIN)

    assert found["key_points"].value == ("Total: 123.45 EUR", "Due: 2026-03-18")
    assert found["tags"].value == ("utility bill", "stadtwerke beispiel", "2026", "housing")


def test_the_suggested_file_name_is_that_of_filing() -> None:
    assert (
        derive(BILL, PLAIN)["suggested_file_name"].value
        == "2026-03-04 Stadtwerke Beispiel utility_bill 123.45 EUR.pdf"
    )
