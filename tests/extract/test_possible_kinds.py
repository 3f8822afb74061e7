"""What a document may be, seen with suspicion."""

from __future__ import annotations

import dataclasses

import pytest

from autod.codes import Code
from autod.domain.kinds import DocType
from autod.domain.left_out import LeftOut
from autod.domain.reading import Page, Reading
from autod.extract.local.kind.possible import possible_kinds
from tests.extract.kind_samples import SAMPLES
from tests.extract.sheets import reading_of, sheet

PRIVATE = {"medical", "prescription", "identity", "unknown"}


def sample(kind: DocType, language: str = "en") -> str:
    return next(text for k, lang, text in SAMPLES if (k, lang) == (kind, language))


@pytest.mark.parametrize(
    ("kind", "text"),
    [(k, t) for k, _, t in SAMPLES],
    ids=[f"{k.value}-{lang}-{i}" for i, (k, lang, _) in enumerate(SAMPLES)],
)
def test_a_document_may_be_what_it_is(kind: DocType, text: str) -> None:
    assert possible_kinds(reading_of(text))[0] == kind.value


def test_a_plain_invoice_may_be_nothing_private() -> None:
    assert PRIVATE.isdisjoint(possible_kinds(reading_of(sample(DocType.INVOICE))))


def test_a_report_hidden_behind_a_letter_is_seen() -> None:
    pages = [sheet(sample(DocType.LETTER)) for _ in range(5)] + [sheet(sample(DocType.MEDICAL))]
    numbered = tuple(dataclasses.replace(page, number=n) for n, page in enumerate(pages, 1))
    found = possible_kinds(Reading(numbered))
    assert found[0] == "letter"
    assert "medical" in found


def test_a_doctors_bill_may_be_medical() -> None:
    text = """
        Dr. med. Anna Beispiel
        # Rechnung Nr. 42
        Patient: Berta Beispiel          Geburtsdatum: 04.03.1980
        Diagnose: Sinusitis acuta
        Rechnungsbetrag                                59,10
    """
    found = possible_kinds(reading_of(text))
    assert found[0] == "invoice"
    assert "medical" in found


def test_what_says_nothing_is_unknown() -> None:
    assert "unknown" in possible_kinds(reading_of("blue seven window"))
    assert "unknown" in possible_kinds(Reading((Page(1, 595, 842),)))


def test_a_page_that_could_not_be_read_makes_the_whole_unknown() -> None:
    page = sheet(sample(DocType.INVOICE))
    assert "unknown" not in possible_kinds(Reading((page,)))
    assert "unknown" in possible_kinds(Reading((page, Page(2, 595, 842))))
    assert "unknown" not in possible_kinds(Reading((page, Page(2, 595, 842))), frozenset({2}))
    assert "unknown" in possible_kinds(Reading((page,), left_out=(LeftOut(Code.PAGES_NOT_READ, 1, 2),)))
