"""The sample documents: what they are said to hold is on their pages, each time the same."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from lxml import etree
from stdnum import iban
from stdnum.de import vat as german_vat
from stdnum.fr import tva as french_vat
from stdnum.gb import vat as british_vat
from stdnum.it import iva as italian_vat
from stdnum.nl import btw as dutch_vat
from stdnum.pt import nif as portuguese_vat

from autod.domain.kinds import DocType
from autod.domain.metadata import Metadata
from demo.samples import DUPLICATE, PASSWORD, PROCESSED, SAMPLES, Sample, main, write_samples

ROOT = Path(__file__).resolve().parent.parent.parent
CII = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
READABLE = [sample for sample in SAMPLES if not sample.outcome.startswith("failed:")]
PRINTED = [sample for sample in READABLE if not sample.is_scan]
SCANNED = [sample for sample in READABLE if sample.is_scan]
MONTHS = {
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre"),
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september"),
}
TAX_ID_CHECKS: dict[str, Callable[[str], bool]] = {
    "de": german_vat.is_valid,
    "en": british_vat.is_valid,
    "fr": french_vat.is_valid,
    "it": italian_vat.is_valid,
    "nl": dutch_vat.is_valid,
    "pt": portuguese_vat.is_valid,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("samples")
    write_samples(made)
    return made


def named(sample: Sample) -> str:
    return sample.file_name


def text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()
    return " ".join(" ".join(pages).split())


def is_printed(value: Any, text: str, language: str) -> bool:
    """Whether ``text`` holds ``value`` in some way that people write it."""
    if isinstance(value, Decimal):
        digits = re.sub(r"(?<=\d)[.,\s](?=\d)", "", text)
        return re.search(rf"(?<!\d){str(value).replace('.', '')}(?!\d)", digits) is not None
    if isinstance(value, date):
        return any(form in text for form in written(value, language))
    return str(value).replace(" ", "") in text.replace(" ", "")


def written(day: date, language: str) -> list[str]:
    forms = [day.strftime(form) for form in ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%B %-d, %Y")]
    if language in MONTHS and day.month <= len(MONTHS[language]):
        month = MONTHS[language][day.month - 1]
        forms += [f"{day.day} {month} {day.year}", f"{day.day} de {month} de {day.year}"]
    return forms


def test_the_same_bytes_come_out_each_time_and_from_each_process(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo.samples", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [str(tmp_path / sample.file_name) for sample in SAMPLES]
    for sample in SAMPLES:
        assert (tmp_path / sample.file_name).read_bytes() == (folder / sample.file_name).read_bytes()


def test_a_call_without_a_folder_says_how_to_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "OUTDIR" in capsys.readouterr().err


def test_there_are_many_kinds_and_languages() -> None:
    assert len({sample.file_name for sample in SAMPLES}) == len(SAMPLES) >= 14
    assert len({sample.doc_type for sample in READABLE}) >= 10
    assert {sample.language for sample in READABLE} >= {"en", "de", "fr", "es", "it", "nl", "pt"}


@pytest.mark.parametrize("sample", SAMPLES, ids=named)
def test_expectations_are_valid_metadata(sample: Sample) -> None:
    metadata = Metadata(doc_type=DocType(sample.doc_type), language=sample.language, **sample.fields)
    assert metadata.model_dump(include=set(sample.fields)) == dict(sample.fields)


@pytest.mark.parametrize("sample", PRINTED, ids=named)
def test_every_expected_value_is_printed(sample: Sample, folder: Path) -> None:
    text = text_of(folder / sample.file_name)
    values = {name: value for name, value in sample.fields.items() if name != "currency"}
    missing = {name: value for name, value in values.items() if not is_printed(value, text, sample.language)}
    assert missing == {}
    sign = {"EUR": ("€", "EUR"), "GBP": ("£",), "USD": ("$",)}.get(sample.fields.get("currency", ""), ("",))
    assert any(mark in text for mark in sign)


@pytest.mark.parametrize("sample", SCANNED, ids=named)
def test_a_scan_has_a_picture_on_each_page_and_no_text(sample: Sample, folder: Path) -> None:
    assert text_of(folder / sample.file_name) == ""
    with pikepdf.open(folder / sample.file_name) as pdf:
        assert all(len(page.get_images()) == 1 for page in pdf.pages)
        assert all("/Rotate" not in page for page in pdf.pages)


def test_one_scan_has_three_pages_and_one_lies_on_its_side(folder: Path) -> None:
    with pikepdf.open(folder / "Scan_20260412.pdf") as upright:
        assert len(upright.pages) == 3
        assert upright.pages[0].mediabox[3] > upright.pages[0].mediabox[2]
    with pikepdf.open(folder / "IMG_0032.pdf") as turned:
        assert turned.pages[0].mediabox[2] > turned.pages[0].mediabox[3]


@pytest.mark.parametrize("sample", [s for s in SAMPLES if "iban" in s.fields], ids=named)
def test_account_numbers_have_valid_check_digits(sample: Sample) -> None:
    # of the number itself; the banks are made up, and so is what some countries check inside
    assert iban.is_valid(sample.fields["iban"], check_country=False)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if "tax_id" in s.fields], ids=named)
def test_tax_numbers_have_valid_check_digits(sample: Sample) -> None:
    assert TAX_ID_CHECKS[sample.language](sample.fields["tax_id"])


def test_the_duplicate_has_the_bytes_of_an_earlier_sample(folder: Path) -> None:
    seen: set[bytes] = set()
    for sample in SAMPLES:
        content = (folder / sample.file_name).read_bytes()
        assert (content in seen) == (sample.outcome == DUPLICATE)
        seen.add(content)


def test_the_electronic_invoice_carries_the_same_facts_as_xml(folder: Path) -> None:
    sample = next(s for s in SAMPLES if s.file_name == "FX-2026-0117.pdf")
    with pikepdf.open(folder / sample.file_name) as pdf:
        specification = pdf.Root.AF[0]
        assert specification.AFRelationship == pikepdf.Name.Data
        xml = etree.fromstring(pdf.attachments["factur-x.xml"].get_file().read_bytes())
        assert "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#" in str(pdf.open_metadata())
    assert xml.findtext(f".//{CII}GrandTotalAmount") == str(sample.fields["total_amount"])
    assert xml.findtext(f".//{CII}TaxTotalAmount") == str(sample.fields["tax_amount"])
    assert xml.findtext(f".//{CII}IBANID") == sample.fields["iban"]
    assert xml.findtext(f".//{CII}SellerTradeParty/{CII}Name") == sample.fields["issuer"]
    lines = [
        Decimal(e.text)
        for e in xml.iterfind(f".//{CII}IncludedSupplyChainTradeLineItem//{CII}LineTotalAmount")
    ]
    assert sum(lines) + sample.fields["tax_amount"] == sample.fields["total_amount"]


def test_the_damaged_file_opens_nowhere(folder: Path) -> None:
    content = (folder / "download.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(content)
    with pytest.raises(pikepdf.PdfError):
        pikepdf.open(BytesIO(content))


def test_the_file_with_a_wrong_index_can_be_repaired(folder: Path) -> None:
    with pikepdf.open(folder / "factuur internet april.pdf") as pdf:
        assert pdf.get_warnings()
        assert len(pdf.pages) == 1


def test_the_locked_file_opens_with_its_password_only(folder: Path) -> None:
    path = folder / "Payslip Mar 2026 (protected).pdf"
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(path)
    with pikepdf.open(path, password=PASSWORD) as pdf:
        assert len(pdf.pages) == 1


def test_every_sample_is_used_by_some_outcome() -> None:
    outcomes = {sample.outcome for sample in SAMPLES}
    assert outcomes == {PROCESSED, DUPLICATE, "failed:pdf_damaged", "failed:pdf_encrypted"}
