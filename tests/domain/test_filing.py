from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autod.domain.filing import (
    MAX_NAME_BYTES,
    REASON,
    SUFFIX,
    file_name,
    folder_for,
    name_as_it_came,
    safe_component,
    safe_name,
    suffix_of,
)
from autod.domain.kinds import DocType
from autod.domain.metadata import Metadata

BILL = Metadata(
    doc_type=DocType.UTILITY_BILL,
    issuer="Stadtwerke Beispiel",
    primary_date=date(2026, 3, 4),
    total_amount=Decimal("123.45"),
    currency="EUR",
)
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


def test_the_name_says_when_who_what_and_how_much() -> None:
    assert file_name(BILL, "scan0001.pdf") == "2026-03-04 Stadtwerke Beispiel utility_bill 123.45 EUR.pdf"


def test_without_values_the_original_name_is_kept() -> None:
    assert file_name(Metadata(), "scan 0001.PDF") == "scan 0001.pdf"


def test_without_any_name_there_still_is_one() -> None:
    assert file_name(Metadata(), "...pdf") != SUFFIX
    assert file_name(Metadata(), "") == "document.pdf"


@pytest.mark.parametrize(
    ("issuer", "shown"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("..\\..\\windows\\system32", "windows system32"),
        ("/absolute", "absolute"),
        ("C:\\temp", "C temp"),
        ("a\x00b\nc\td", "ab c d"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("-rf *", "rf"),
        ("~root", "root"),
        ("Müller. ", "Müller"),
        ("CON", "_CON"),
        ("lpt1.txt", "_lpt1.txt"),
        ("\ud800x", "x"),
    ],
)
def test_nothing_in_a_name_leads_out_of_the_folder_or_troubles_a_file_system(issuer: str, shown: str) -> None:
    assert safe_component(issuer) == shown


def test_a_long_name_is_cut_between_characters() -> None:
    name = file_name(BILL.model_copy(update={"issuer": "株式会社" * 50}), "x.pdf")

    assert len(name.encode()) <= MAX_NAME_BYTES + len(SUFFIX)
    assert name.startswith("2026-03-04 株式会社")
    assert name.endswith("utility_bill 123.45 EUR.pdf")


@pytest.mark.parametrize("amount", [Decimal("1E+1000"), Decimal("NaN"), Decimal("Infinity")])
def test_an_absurd_amount_is_left_out(amount: Decimal) -> None:
    assert (
        file_name(BILL.model_copy(update={"total_amount": amount}), "x.pdf")
        == "2026-03-04 Stadtwerke Beispiel utility_bill.pdf"
    )


def test_decomposed_letters_become_one_form() -> None:
    decomposed = BILL.model_copy(update={"issuer": unicodedata.normalize("NFD", "Bäckerei")})

    assert file_name(decomposed, "x.pdf") == file_name(
        BILL.model_copy(update={"issuer": "Bäckerei"}), "x.pdf"
    )


@given(
    issuer=st.text(max_size=300),
    currency=st.text(max_size=10),
    original=st.text(max_size=300),
    dated=st.booleans(),
    kind=st.sampled_from(DocType),
)
def test_any_text_gives_one_safe_component(
    issuer: str, currency: str, original: str, dated: bool, kind: DocType
) -> None:
    metadata = Metadata(
        doc_type=kind,
        issuer=issuer.encode("utf-8", "ignore").decode(),
        currency=currency.encode("utf-8", "ignore").decode(),
        primary_date=date(2026, 3, 4) if dated else None,
        total_amount=Decimal("1.00"),
    )
    name = file_name(metadata, original)
    stem = name.removesuffix(SUFFIX)

    assert name.endswith(SUFFIX) and stem
    assert len(stem.encode("utf-8")) <= MAX_NAME_BYTES
    assert not set(name) & set('<>:"/\\|?*')
    assert all(unicodedata.category(character)[0] != "C" for character in name)
    assert stem[0] not in " .-~" and stem[-1] not in " ."
    assert stem.split(".")[0].strip().lower() not in DEVICES
    assert unicodedata.is_normalized("NFC", name)


@pytest.mark.parametrize(
    ("name", "kept", "as_pdf"),
    [
        ("letter.docx", "letter.docx", "letter.pdf"),
        ("SCAN.PDF", "SCAN.pdf", "SCAN.pdf"),
        ("Invoice 2026.11", "Invoice 2026.11", "Invoice 2026.11.pdf"),
        ("scan", "scan", "scan.pdf"),
        ("a/b.tar.gz", "a b.tar.gz", "a b.tar.pdf"),
        ("con.docx", "_con.docx", "_con.pdf"),
        ("x.d\u202eocx", "x.docx", "x.docx.pdf"),
        ("x.verylongsuffix", "x.verylongsuffix", "x.verylongsuffix.pdf"),
        (".pdf", "document.pdf", "document.pdf"),
        ("x.pdf.Reason.json", "x.pdf reason.json", "x.pdf.Reason.pdf"),
    ],
)
def test_a_file_keeps_the_suffix_that_people_know_its_kind_by(name: str, kept: str, as_pdf: str) -> None:
    assert (name_as_it_came(name), safe_name(name)) == (kept, as_pdf)


@given(stem=st.text(max_size=200), suffix=st.sampled_from(["", ".docx", ".JPG", ".pdf", ".x\0y", REASON]))
def test_any_name_a_file_came_by_is_made_safe(stem: str, suffix: str) -> None:
    for name in (name_as_it_came(stem + suffix), safe_name(stem + suffix)):
        body = name.removesuffix(suffix_of(name))
        assert body and len(body.encode("utf-8")) <= MAX_NAME_BYTES
        assert not set(name) & set('<>:"/\\|?*') and not name.lower().endswith(REASON)
        assert name[0] not in " .-~" and name[-1] not in " ."
        assert name.split(".")[0].strip().lower() not in DEVICES
        assert all(unicodedata.category(character)[0] != "C" for character in name)


def test_documents_are_foldered_by_year_and_kind() -> None:
    assert folder_for(BILL) == PurePosixPath("2026/utility_bill")
    assert folder_for(Metadata()) == PurePosixPath("undated/other")
