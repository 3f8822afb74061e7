"""Which files are opened, repaired or refused, and what the refusal says."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest

from autod.errors import AutodError, FileTrouble, LimitExceeded, ProtectedDocument
from autod.read.limits import ReadLimits
from tests.read.pdfs import LETTER, change, draw, read, texts, write


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    return draw(tmp_path / "letter.pdf", write)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"<html><body>Not found</body></html>", "not_a_pdf"),
        (b"%PDF-1.7\n", "pdf_damaged"),
        (b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n%%EOF", "pdf_damaged"),
    ],
)
def test_what_is_no_readable_pdf_has_a_stable_code(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    with pytest.raises(AutodError) as failure:
        read(path)
    assert failure.value.code == code


def test_a_cut_off_file_is_named_so(letter: Path) -> None:
    letter.write_bytes(letter.read_bytes()[:400])
    with pytest.raises(AutodError, match="its end is missing") as failure:
        read(letter)
    assert failure.value.code == "pdf_damaged"


def test_a_missing_file_may_be_tried_again(tmp_path: Path) -> None:
    with pytest.raises(FileTrouble):
        read(tmp_path / "gone.pdf")


def test_a_file_over_the_limit_is_not_opened(letter: Path) -> None:
    with letter.open("ab") as file:
        file.truncate(2**20 + 1)
    told = "1,048,577 bytes, more than the 1,048,576 that PAPER_AUTOPILOT_MAX_FILE_MB=1 allows"
    with pytest.raises(LimitExceeded, match=told) as failure:
        read(letter, ReadLimits(max_file_mb=1))
    assert failure.value.code == "too_large"


def test_a_header_after_some_garbage_is_accepted(letter: Path) -> None:
    letter.write_bytes(b"\0garbage\n" * 20 + letter.read_bytes())
    assert texts(read(letter).pages[0]) == list(LETTER)


def test_a_broken_cross_reference_table_is_repaired_and_noted(letter: Path) -> None:
    content = letter.read_bytes()
    letter.write_bytes(content[: content.rindex(b"startxref")] + b"startxref\n7\n%%EOF\n")
    reading = read(letter)
    assert texts(reading.pages[0]) == list(LETTER)
    assert reading.notes == ("repaired",)


def test_what_only_qpdf_can_put_together_is_read_from_its_copy(
    letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, opens = letter.read_bytes(), pdfium.PdfDocument

    def refuses(data: bytes) -> pdfium.PdfDocument:
        if data == original:
            raise pdfium.PdfiumError("not with me", err_code=pdfium_c.FPDF_ERR_FORMAT)
        return opens(data)

    monkeypatch.setattr(pdfium, "PdfDocument", refuses)
    reading = read(letter)
    assert texts(reading.pages[0]) == list(LETTER)
    assert reading.notes == ("repaired",)


def test_a_password_is_asked_for(letter: Path) -> None:
    _encrypt(letter, pikepdf.Encryption(owner="owner", user="user"))
    with pytest.raises(ProtectedDocument) as failure:
        read(letter)
    assert failure.value.code == "pdf_encrypted"


def test_an_owners_password_alone_does_not_keep_us_out(letter: Path) -> None:
    _encrypt(letter, pikepdf.Encryption(owner="owner", user=""))
    assert texts(read(letter).pages[0]) == list(LETTER)


def test_a_pdf_without_pages_is_refused(letter: Path) -> None:
    def empty(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[0]

    change(letter, empty)
    with pytest.raises(AutodError) as failure:
        read(letter)
    assert failure.value.code == "no_pages"


def test_a_page_that_fails_does_not_lose_the_others(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", write, write, lambda c: c.drawString(72, 700, "the last page"))

    def spoil(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Pages.Kids[1] = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Nonsense))

    reading = read(change(path, spoil))
    assert reading.notes == ("page_failed:2",)
    assert [page.number for page in reading.pages] == [1, 2, 3]
    assert texts(reading.pages[1]) == []
    assert texts(reading.pages[2]) == ["the last page"]


def test_a_page_tree_that_refers_back_to_its_root_ends(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", write, write)

    def loop(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Pages.Kids.append(pdf.Root.Pages)

    with pikepdf.open(path) as pdf:
        loop(pdf)
        pdf.save(tmp_path / "loop.pdf")
    reading = read(tmp_path / "loop.pdf")
    assert texts(reading.pages[0]) == list(LETTER)


def _encrypt(path: Path, encryption: pikepdf.Encryption) -> None:
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.save(path, encryption=encryption)
