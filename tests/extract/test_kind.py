from __future__ import annotations

import time

import pytest

from autod.domain.kinds import DocType
from autod.domain.reading import Page, Reading
from autod.extract.local.kind.fields import find_kind
from tests.extract.kind_samples import SAMPLES
from tests.extract.sheets import reading_of


@pytest.mark.parametrize(
    ("kind", "text"),
    [(k, t) for k, _, t in SAMPLES],
    ids=[f"{k.value}-{lang}-{i}" for i, (k, lang, _) in enumerate(SAMPLES)],
)
def test_each_kind_is_told_from_the_others(kind: DocType, text: str) -> None:
    found = find_kind(reading_of(text))["doc_type"]

    assert found.value is kind
    assert found.score > 0.5


def test_every_kind_but_other_has_a_sample() -> None:
    assert {kind for kind, _, _ in SAMPLES} == set(DocType) - {DocType.OTHER}


def test_without_evidence_the_kind_is_other_with_a_low_score() -> None:
    found = find_kind(reading_of("blue seven window"))["doc_type"]

    assert found.value is DocType.OTHER
    assert found.score < 0.5


def test_an_empty_document_has_a_kind_and_nothing_else() -> None:
    assert set(find_kind(Reading((Page(1, 595, 842),)))) == {"doc_type"}


def test_words_of_other_kinds_in_running_text_do_not_count() -> None:
    text = """
        Dear Mr. Oak,
        we received your invoice, the purchase order, the receipt and the quote that you had sent.
        The contract and the insurance policy will follow next week, together with a delivery note.
        Kind regards,
        Ann Lee
    """

    assert find_kind(reading_of(text))["doc_type"].value is DocType.LETTER


def test_an_invoice_with_a_payment_slip_below_stays_an_invoice() -> None:
    invoice = next(text for kind, language, text in SAMPLES if (kind, language) == (DocType.INVOICE, "de"))
    slip = next(text for kind, _, text in SAMPLES if kind is DocType.PAYMENT_SLIP)
    upper, lower = reading_of(invoice), reading_of(slip, top=600.0)
    page = Page(1, 595, 842, upper.pages[0].lines + lower.pages[0].lines, upper.pages[0].source)

    assert find_kind(Reading((page,)))["doc_type"].value is DocType.INVOICE


def test_a_heading_with_spaces_between_its_letters_is_read() -> None:
    assert find_kind(reading_of("L I E F E R S C H E I N"))["doc_type"].value is DocType.DELIVERY_NOTE


@pytest.mark.parametrize(
    ("text", "subtype"),
    [
        ("# MUTUAL NON-DISCLOSURE AGREEMENT", "non-disclosure agreement"),
        ("# Arbeitsvertrag", "employment contract"),
        ("Form W-9    Request for Taxpayer", "W-9"),
        ("# Proforma-Rechnung", "pro forma invoice"),
    ],
)
def test_a_heading_of_a_narrower_kind_gives_the_subtype(text: str, subtype: str) -> None:
    assert find_kind(reading_of(text))["subtype"].value == subtype


def test_the_title_is_the_documents_own_heading_with_its_place() -> None:
    reading = reading_of("Tischlerei Holzinger\n# Rechnung Nr. 42\nDatum 1. März 2026")
    title = find_kind(reading)["title"]

    assert title.value == title.quote == "Rechnung Nr. 42"
    assert title.box == reading.pages[0].lines[1].box
    assert title.page == 1


def test_a_hostile_page_takes_linear_time() -> None:
    reading = reading_of("\n".join("invoice " * 200 for _ in range(100)))
    find_kind(reading_of("warm up"))
    start = time.process_time()

    find_kind(reading)

    assert time.process_time() - start < 2.0
