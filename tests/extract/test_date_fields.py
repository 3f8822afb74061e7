"""The dates of a document go to the fields they belong to."""

from __future__ import annotations

from datetime import date

import pytest

from autod.domain.extraction import EvidenceSource
from autod.domain.kinds import DocType
from autod.domain.reading import FormField, Reading
from autod.extract.local.dates.fields import find_dates
from tests.extract.sheets import reading_of

TODAY = date(2026, 6, 1)


def values(text: str, language: str = "en", doc_type: DocType = DocType.INVOICE) -> dict[str, date]:
    return {name: f.value for name, f in find_dates(reading_of(text), language, doc_type, TODAY).items()}


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Invoice date: 3 March 2026"), ("en", "Date of issue:      3 March 2026"),
        ("de", "Rechnungsdatum: 03.03.2026"), ("fr", "Date de facture : 3 mars 2026"),
        ("es", "Fecha de emisión: 03/03/2026"), ("pt", "Data de emissão: 03/03/2026"),
        ("it", "Data fattura    03/03/2026"), ("nl", "Factuurdatum: 3 maart 2026"),
        ("de", "Rechnung Nr. 4711 vom 03.03.2026"), ("de", "Musterstadt, den 3. März 2026"),
        ("fr", "Lyon, le 3 mars 2026"),
    ],
)  # fmt: skip
def test_the_date_of_an_invoice_is_found_by_its_label_or_place(language: str, line: str) -> None:
    assert values(f"Some Company\n{line}\n", language)["primary_date"] == date(2026, 3, 3)


def test_the_heading_of_a_column_labels_the_date_under_it() -> None:
    found = values(
        """
        Invoice no.     Invoice date     Due date
        4711            03/15/2026       04/14/2026
        """
    )
    assert found["primary_date"] == date(2026, 3, 15)
    assert found["due_date"] == date(2026, 4, 14)


def test_dates_that_mean_something_else_are_not_the_document_date() -> None:
    found = values(
        """
        Delivery date: 01.02.2026
        Order date: 02.02.2026
        Date of birth: 03.02.1980
        Printed on: 04.02.2026
        Invoice date: 05.02.2026
        """,
        "de",
    )
    assert found["primary_date"] == date(2026, 2, 5)


def test_an_invoice_with_only_a_delivery_date_has_no_date() -> None:
    assert "primary_date" not in values("Lieferdatum: 01.02.2026\nGeburtsdatum: 02.02.1980", "de")


def test_a_date_far_in_the_future_is_a_misreading() -> None:
    assert values("Invoice date: 03.03.2062", "de") == {}


def test_quote_and_box_are_those_of_the_words_on_the_page() -> None:
    found = find_dates(reading_of("Invoice date: 3 March 2026"), "en", DocType.INVOICE, TODAY)["primary_date"]
    assert (found.quote, found.page, found.source) == ("3 March 2026", 1, EvidenceSource.TEXT)
    assert found.box is not None
    assert found.box.x0 > 100


def test_an_ambiguous_date_scores_lower_than_a_clear_one() -> None:
    doubtful = find_dates(reading_of("Invoice date: 03/04/2026"), "en", DocType.INVOICE, TODAY)
    clear = find_dates(reading_of("Invoice date: 03/14/2026"), "en", DocType.INVOICE, TODAY)
    assert doubtful["primary_date"].score < 0.75 < clear["primary_date"].score


def test_another_date_of_the_document_settles_the_order() -> None:
    assert values("Date: 03/04/2026\nShip date: 28/03/2026")["primary_date"] == date(2026, 4, 3)


def test_an_address_settles_the_order() -> None:
    assert values("Springfield, IL 62704\nDate: 03/04/2026")["primary_date"] == date(2026, 3, 4)
    assert values("Kuala Lumpur, Malaysia\nDate: 03/04/2026")["primary_date"] == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Due date: 2026-04-02"), ("de", "Fällig am 02.04.2026"), ("de", "Zahlbar bis 02.04.2026"),
        ("fr", "Date d'échéance : 02/04/2026"), ("es", "Vencimiento: 02/04/2026"),
        ("pt", "Data de vencimento 02/04/2026"), ("it", "Scadenza: 02/04/2026"),
        ("nl", "Vervaldatum: 02-04-2026"),
    ],
)  # fmt: skip
def test_the_last_day_to_pay_is_found_by_its_label(language: str, line: str) -> None:
    found = values(f"Invoice date: 2026-03-03\n{line}", language)
    assert found["due_date"] == found["deadline"] == date(2026, 4, 2)


def test_terms_of_payment_give_a_derived_due_date_with_their_words_as_quote() -> None:
    reading = reading_of("Invoice date: 2026-03-03\nPayable within 30 days of invoice date")
    found = find_dates(reading, "en", DocType.INVOICE, TODAY)["due_date"]
    assert (found.value, found.source) == (date(2026, 4, 2), EvidenceSource.DERIVED)
    assert found.quote == "Payable within 30 days"


def test_a_due_date_before_the_invoice_is_not_believed() -> None:
    assert "due_date" not in values("Invoice date: 2026-03-03\nDue date: 2025-03-03")


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Service period: 1 Feb 2026 - 28 Feb 2026"),
        ("de", "Leistungszeitraum: 01.02. bis 28.02.2026"),
        ("de", "Abrechnungszeitraum    Februar 2026"), ("fr", "Période du 01/02/2026 au 28/02/2026"),
        ("es", "Periodo de facturación: 01/02/2026 - 28/02/2026"),
    ],
)  # fmt: skip
def test_the_period_is_found_by_its_label(language: str, line: str) -> None:
    found = values(line, language)
    assert (found["period_start"], found["period_end"]) == (date(2026, 2, 1), date(2026, 2, 28))


def test_a_contract_bears_the_date_of_its_opening_sentence() -> None:
    found = values(
        """
        MUTUAL NON-DISCLOSURE AGREEMENT
        This Agreement is made and entered into as of this 4th day of
        June, 2025 by and between Alpha Inc. and Beta Ltd.
        It supersedes the agreement dated May 9, 2023.
        """,
        doc_type=DocType.CONTRACT,
    )
    assert found["primary_date"] == date(2025, 6, 4)


def test_a_contract_that_names_only_an_older_one_has_no_date() -> None:
    text = "This Agreement is between Alpha and Beta and replaces the previous agreement dated May 9, 2023."
    assert "primary_date" not in values(text, doc_type=DocType.CONTRACT)


def test_a_receipt_without_labels_bears_its_only_date() -> None:
    assert values("CORNER SHOP\n24-12-2025 18:05\nTotal 9.00", doc_type=DocType.RECEIPT)[
        "primary_date"
    ] == date(2025, 12, 24)


def test_two_unlabelled_dates_leave_the_date_open() -> None:
    assert "primary_date" not in values("valid 24-12-2025\nseen 26-12-2025")


def test_a_form_field_named_for_the_date_gives_it() -> None:
    reading = Reading(
        reading_of("Some form").pages,
        (FormField("Invoice_Date", "2026-03-03", 1), FormField("Note", "2026-01-01", 1)),
    )
    found = find_dates(reading, "en", DocType.INVOICE, TODAY)["primary_date"]
    assert (found.value, found.source, found.quote) == (date(2026, 3, 3), EvidenceSource.FORM, "2026-03-03")
