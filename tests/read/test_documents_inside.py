"""What lies inside a PDF beside its pages is told when it is not read."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from autod.codes import Code
from autod.domain.left_out import LeftOut
from autod.domain.reading import Reading
from tests.read.pdfs import change, draw, read, write

INVOICE = b'<Invoice xmlns="urn:x"><a/></Invoice>'


def _with(tmp_path: Path, *names: str, portfolio: bool = False, listed_twice: bool = False) -> Reading:
    def attach(pdf: pikepdf.Pdf) -> None:
        for name in names:
            pdf.attachments[name] = INVOICE if name.endswith(".xml") else b"%PDF-1.7 " + name.encode()
        if portfolio:
            pdf.Root.Collection = pikepdf.Dictionary(Type=pikepdf.Name.Collection)
        if listed_twice:
            tree = pikepdf.NameTree(pdf.Root.Names.EmbeddedFiles)
            pdf.Root.AF = pikepdf.Array(list(tree.values()))

    return read(change(draw(tmp_path / "cover.pdf", write), attach))


@pytest.mark.parametrize("portfolio", [True, False])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_documents_inside_are_counted(tmp_path: Path, count: int, portfolio: bool) -> None:
    found = _with(tmp_path, *(f"Bill {n}.PDF" for n in range(count)), portfolio=portfolio)

    assert found.left_out == (LeftOut(Code.DOCUMENTS_INSIDE, count),)


def test_a_document_that_is_listed_twice_is_one(tmp_path: Path) -> None:
    found = _with(tmp_path, "a.pdf", "b.pdf", portfolio=True, listed_twice=True)

    assert found.left_out == (LeftOut(Code.DOCUMENTS_INSIDE, 2),)


def test_every_kind_of_file_in_a_portfolio_counts(tmp_path: Path) -> None:
    found = _with(tmp_path, "letter.docx", "photo.jpg", portfolio=True)

    assert found.left_out == (LeftOut(Code.DOCUMENTS_INSIDE, 2),)


@pytest.mark.parametrize("names", [(), ("factur-x.xml",), ("terms.txt",)])
def test_an_ordinary_document_has_none_inside(tmp_path: Path, names: tuple[str, ...]) -> None:
    assert _with(tmp_path, *names).left_out == ()


@pytest.mark.parametrize("needs_rendering", [True, False])
@pytest.mark.parametrize("in_parts", [True, False])
def test_a_form_that_only_adobe_shows_is_told(tmp_path: Path, needs_rendering: bool, in_parts: bool) -> None:
    def add(pdf: pikepdf.Pdf) -> None:
        data = pdf.make_stream(b"<xfa:datasets xmlns:xfa='urn:x'><Total>480.00</Total></xfa:datasets>")
        xfa = pikepdf.Array([pikepdf.String("datasets"), data]) if in_parts else data
        pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array(), XFA=xfa))
        if needs_rendering:
            pdf.Root.NeedsRendering = True

    assert read(change(draw(tmp_path / "form.pdf", write), add)).left_out == (LeftOut(Code.FORM_NOT_READ, 1),)
