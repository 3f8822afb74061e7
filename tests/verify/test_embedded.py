"""What a file states for machines is held against its pages, field by field, however few words they have."""

from __future__ import annotations

from datetime import date

import pytest

from autod.child.understand import understand
from autod.domain.extraction import Extraction
from autod.domain.reading import Reading
from tests.extract.test_einvoice import cii
from tests.verify.drafts import page

TODAY = date(2026, 11, 24)
FILLER = ["kleine", "graue", "Steine", "liegen", "still", "am", "breiten", "Ufer"]

ROWS = {
    "issuer": ("Nordfeld GmbH", "Suedwerk GmbH"),
    "recipient": ("Rechnung an: Harlow KG", "Rechnung an: Brandt KG"),
    "reference_number": ("Rechnungsnummer: R-77/2026", "Rechnungsnummer: R-78/2026"),
    "primary_date": ("Rechnungsdatum: 03.03.2026", "Rechnungsdatum: 03.04.2026"),
    "due_date": ("Zahlbar bis: 02.04.2026", "Zahlbar bis: 12.04.2026"),
    "tax_amount": ("Umsatzsteuer 19 % 38,00 EUR", "Umsatzsteuer 19 % 83,00 EUR"),
    "total_amount": ("Gesamtbetrag: 238,00 EUR", "Gesamtbetrag: 2380,00 EUR"),
    "amount_due": ("Zu zahlen: 138,00 EUR", "Zu zahlen: 183,00 EUR"),
    "currency": ("Gesamtbetrag: 238,00 EUR", "Gesamtbetrag: 238,00 CHF"),
    "iban": ("IBAN: DE02 1203 0000 0000 2020 51", "IBAN: DE02 5001 0517 0137 0750 30"),
}
"""By field: the row that says what the e-invoice says, and one that says another value."""


def _read(rows: list[str], words: int, xml: str | None = None) -> Extraction:
    """A page of so many words, as far as its rows leave room for others."""
    count = sum(len(row.split()) for row in rows)
    spare = [FILLER[n % len(FILLER)] for n in range(max(0, words - count))]
    rest = [" ".join(spare[at : at + 8]) for at in range(0, len(spare), 8)]
    reading = Reading((page(*rows, *rest),), invoice_xml=xml or cii())
    return understand(reading, review_below=0.6, today=TODAY)


def _told(result: Extraction) -> set[str]:
    return {check for check in result.checks if check.startswith("embedded")}


def _page(field: str, honest: bool, words: int) -> list[str]:
    """The row of the field; on longer pages the others, all honest, too."""
    row = ROWS[field][0 if honest else 1]
    if words < 40:
        head = [] if field in ("issuer", "recipient") else ["Rechnung"]
        return [*head, row]
    others = {name: rows[0] for name, rows in ROWS.items() if name != "currency"}
    others["total_amount" if field == "currency" else field] = row
    if field == "currency" and not honest:
        others = {name: text.replace("EUR", "CHF") for name, text in others.items()}
    return list(others.values())


@pytest.mark.parametrize("words", [8, 20, 100])
@pytest.mark.parametrize("field", ROWS)
def test_another_value_on_the_page_is_told_with_both_sides(field: str, words: int) -> None:
    result = _read(_page(field, honest=False, words=words), words)

    assert f"embedded_disagrees:{field}" in _told(result)
    assert field in result.needs_review
    assert result.to_dict()["review_reasons"][field] == ["contradicts_xml"]
    other = result.evidence[field].other
    assert other is not None and other.quote and other.value != str(getattr(result.metadata, field))


@pytest.mark.parametrize("words", [8, 20, 100])
@pytest.mark.parametrize("field", ROWS)
def test_a_page_that_says_the_same_is_left_alone(field: str, words: int) -> None:
    assert _told(_read(_page(field, honest=True, words=words), words)) == set()


@pytest.mark.parametrize(
    "name",
    ["NORDFELD GMBH", "Nordfeld", "Nordfeld Gesellschaft mbH", "Nordfeld GmbH & Co. KG", "Nördfeld GmbH"],
)
def test_case_accents_and_legal_form_make_no_other_name(name: str) -> None:
    assert _told(_read([name, *_page("total_amount", honest=True, words=8)], 20)) == set()


@pytest.mark.parametrize("taken", ["tax_amount", "amount_due"])
def test_a_total_that_is_another_amount_of_the_page_is_told(taken: str) -> None:
    amount = {"tax_amount": "38.00", "amount_due": "138.00"}[taken]
    result = _read(_page("total_amount", honest=True, words=100), 100, cii(total=amount))

    assert "embedded_disagrees:total_amount" in _told(result)


@pytest.mark.parametrize("times", [10, 100])
def test_zeros_more_or_less_are_another_amount(times: int) -> None:
    result = _read(_page("total_amount", honest=True, words=20), 20, cii(total=f"{238 * times}.00"))

    assert "embedded_disagrees:total_amount" in _told(result)


def test_a_cover_page_says_nothing_against_the_invoice() -> None:
    assert _told(_read(["Sehr geehrte Damen und Herren, anbei unser Schreiben."], 7)) == set()


def test_a_picture_without_words_says_nothing() -> None:
    assert _told(_read([], 0)) == set()


def test_a_full_page_that_leaves_a_value_out_is_told_as_just_that() -> None:
    rows = [row for row in _page("iban", honest=True, words=100) if not row.startswith("IBAN")]
    result = _read(rows, 100)

    assert _told(result) == {"embedded_not_shown:iban"}
    assert result.to_dict()["review_reasons"]["iban"] == ["xml_not_on_page"]


def test_a_tax_number_without_its_country_is_the_same() -> None:
    rows = [*_page("total_amount", honest=True, words=8), "Steuernummer: 136695976"]

    assert _told(_read(rows, 20)) == set()


@pytest.mark.parametrize("words", [8, 20, 100])
def test_issuer_and_recipient_the_other_way_round_are_told(words: int) -> None:
    swapped = (
        cii().replace("Nordfeld GmbH", "~").replace("Harlow KG", "Nordfeld GmbH").replace("~", "Harlow KG")
    )
    rows = [ROWS["issuer"][0], ROWS["recipient"][0]]
    result = _read([*rows, *_page("total_amount", honest=True, words=words)[-4:]], words, swapped)

    assert {"embedded_disagrees:issuer", "embedded_disagrees:recipient"} <= _told(result)
