"""E-invoices attached to a PDF are told from other XML by their root element."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from tests.read.pdfs import draw, read, write

ROOT = '<rsm:CrossIndustryInvoice xmlns:rsm="urn:x"><a/></rsm:CrossIndustryInvoice>'
LICENCE = "<!-- " + "Licensed to you without any warranty. <not-a-root> " * 400 + "-->"


def _attached(tmp_path: Path, xml: str) -> str | None:
    path = draw(tmp_path / "invoice.pdf", write)
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.attachments["factur-x.xml"] = xml.encode()
        document.save(path)
    return read(path).invoice_xml


@pytest.mark.parametrize(
    "before",
    ["", '<?xml version="1.0"?>\n', f'<?xml version="1.0"?>{LICENCE}\n{LICENCE}', "<!DOCTYPE x>\n"],
    ids=["bare", "declared", "after a long licence", "with a doctype"],
)
def test_the_root_is_found_whatever_stands_before_it(tmp_path: Path, before: str) -> None:
    assert _attached(tmp_path, before + ROOT) == before + ROOT


@pytest.mark.parametrize(
    "xml",
    ["<order><CrossIndustryInvoice/></order>", f"<!-- {ROOT} --><order/>", f"<!-- {ROOT}", "no xml at all"],
    ids=["inside another root", "in a comment", "in a comment without an end", "text"],
)
def test_other_xml_is_no_invoice(tmp_path: Path, xml: str) -> None:
    assert _attached(tmp_path, xml) is None
