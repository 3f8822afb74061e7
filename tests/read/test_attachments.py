"""The e-invoice embedded in a PDF."""

from __future__ import annotations

import zlib
from pathlib import Path

import pikepdf
import pytest

from autod.read.attachments import MAX_BYTES
from tests.read.pdfs import change, draw, read, write

CII = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!-- <Invoice> -->\n'
    '<rsm:CrossIndustryInvoice xmlns:rsm="urn:un">Rohr für Küche</rsm:CrossIndustryInvoice>'
)


def _attach(path: Path, name: str, content: bytes) -> Path:
    def attach(pdf: pikepdf.Pdf) -> None:
        pdf.attachments[name] = content

    return change(path, attach)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    return draw(tmp_path / "letter.pdf", write)


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "anything.XML"])
def test_an_embedded_invoice_is_found_by_what_it_is(letter: Path, name: str) -> None:
    assert read(_attach(letter, name, CII.encode())).invoice_xml == CII


@pytest.mark.parametrize(
    "root",
    [
        "CrossIndustryDocument",
        "rsm:SCRDMCCBDACIOMessageStructure",
        "Invoice",
        "ubl:CreditNote",
    ],
)
def test_every_known_kind_of_invoice_is_taken(letter: Path, root: str) -> None:
    xml = f"<{root} xmlns='urn:x'></{root}>"
    assert read(_attach(letter, "data.xml", xml.encode())).invoice_xml == xml


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.xml", b"<notes><Invoice/></notes>"),
        ("factur-x.txt", CII.encode()),
        ("factur-x.xml", b""),
    ],
)
def test_other_attachments_are_not_invoices(letter: Path, name: str, content: bytes) -> None:
    assert read(_attach(letter, name, content)).invoice_xml is None


def test_the_encoding_the_xml_names_is_followed(letter: Path) -> None:
    latin = CII.replace("UTF-8", "ISO-8859-1").encode("latin-1")
    text = read(_attach(letter, "cii.xml", latin)).invoice_xml
    assert text is not None
    assert "Rohr für Küche" in text
    assert read(_attach(letter, "cii.xml", CII.encode("utf-16"))).invoice_xml == CII


def test_an_attachment_that_unpacks_to_gigabytes_is_not_unpacked(letter: Path) -> None:
    packer = zlib.compressobj(9)
    bomb = packer.compress(b"<Invoice>")
    for _ in range(MAX_BYTES // 2**20 + 1):
        bomb += packer.compress(b" " * 2**20)
    bomb += packer.flush()

    def attach(pdf: pikepdf.Pdf) -> None:
        pdf.attachments["factur-x.xml"] = b"placeholder"
        stream = pdf.Root.Names.EmbeddedFiles.Names[1].EF.F
        stream.write(bomb, filter=pikepdf.Name.FlateDecode)

    assert read(change(letter, attach)).invoice_xml is None


def test_a_broken_name_tree_costs_only_the_attachment(letter: Path) -> None:
    _attach(letter, "factur-x.xml", CII.encode())

    def spoil(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AF = pikepdf.Array([7])
        pdf.Root.Names.EmbeddedFiles.Names[1] = pikepdf.Dictionary(EF=pikepdf.Array([1]))

    reading = read(change(letter, spoil))
    assert reading.invoice_xml is None
    assert reading.pages[0].lines
