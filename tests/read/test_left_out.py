"""What a limit leaves out of a document is told with its number, and nothing else is left out."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from autod.codes import Code
from autod.domain.left_out import NEXT_STEPS, LeftOut, left_out_of
from autod.domain.reading import Box, Reading, Word
from autod.read import forms, reader, text_layer
from autod.read.limits import ReadLimits
from autod.read.ocr_lines import OcrEngine, OcrLine, OcrPage
from tests.read.pdfs import LETTER, draw, draw_scan, read, scan, texts, write


class Blind:
    """An engine that is asked and sees nothing."""

    def __init__(self) -> None:
        self.asked = 0

    def found(self, *_: str) -> OcrEngine:
        return OcrEngine(self.read, 2000)

    def read(self, picture: object) -> OcrPage:
        self.asked += 1
        return OcrPage((), 0)


_scan = draw_scan(scan())


def test_pages_with_text_are_all_read_however_few_may_be_put_through_ocr(tmp_path: Path) -> None:
    path = draw(
        tmp_path / "a.pdf", *[lambda canvas, n=n: write(canvas, [f"page number {n}"]) for n in range(60)]
    )
    found = read(path, ReadLimits(max_pages=3, ocr_engine="off"))
    assert [texts(one) for one in found.pages] == [[f"page number {n}"] for n in range(60)]
    assert found.left_out == ()


@pytest.mark.parametrize("scans, limit, unread", [(4, 4, 0), (5, 4, 1), (9, 4, 5)])
def test_scans_beyond_the_limit_are_counted_and_pages_of_text_between_them_are_read(
    tmp_path: Path, scans: int, limit: int, unread: int
) -> None:
    engine = Blind()
    path = draw(tmp_path / "a.pdf", *[_scan, write] * scans)
    found = read(path, ReadLimits(max_pages=limit, ocr_engine="tesseract"), engine.found)
    assert engine.asked == min(scans, limit)
    assert all(texts(one) == list(LETTER) for one in found.pages[1::2])
    expected = (LeftOut(Code.PAGES_NOT_READ, unread, 2 * scans),) if unread else ()
    assert found.left_out == expected


def test_scans_without_an_engine_are_counted(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", _scan, write, _scan)
    assert read(path).left_out == (LeftOut(Code.OCR_UNAVAILABLE, 2, 3),)


def test_a_page_that_cannot_be_opened_is_counted(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", write, write, write)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.Root.Pages.Kids[1] = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Nonsense))
        pdf.save(path)
    assert LeftOut(Code.PAGES_FAILED, 1, 3) in read(path).left_out


def test_a_page_with_more_text_than_is_read_of_one_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = draw(tmp_path / "a.pdf", write, lambda canvas: write(canvas, ["short"]))
    monkeypatch.setattr(text_layer, "MAX_CHARACTERS", 50)
    assert read(path).left_out == (LeftOut(Code.PAGES_CUT, 1, 2),)


def test_words_beyond_what_memory_holds_stay_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = draw(tmp_path / "a.pdf", write, write, write)
    whole = read(path)
    words = sum(len(line.words) for line in whole.pages[0].lines)
    monkeypatch.setattr(reader, "MOST_WORDS", words)
    found = Reading.from_json(read(path).to_json())
    assert [one.text for one in found.pages] == [one.text for one in whole.pages]
    assert [bool(one.lines) for one in found.pages] == [True, False, False]
    assert found.left_out == (LeftOut(Code.PAGES_TEXT_ONLY, 2, 3),)


def test_pages_beyond_those_looked_at_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = draw(tmp_path / "a.pdf", *[write] * 5)
    monkeypatch.setattr(reader, "MOST_PAGES", 3)
    assert read(path).left_out == (LeftOut(Code.PAGES_NOT_READ, 2, 5),)


def test_a_page_that_ocr_sees_coarsely_is_counted(tmp_path: Path) -> None:
    word = Word("Poster", Box(10, 10, 90, 30), 0.9)
    sees = OcrEngine(lambda _: OcrPage((OcrLine((word,), word.box, 0.0),), 0), 2000)
    limits = ReadLimits(ocr_engine="tesseract")
    assert read(draw(tmp_path / "a.pdf", draw_scan(scan())), limits, lambda *_: sees).left_out == ()
    poster = draw(tmp_path / "b.pdf", draw_scan(scan(), 5.0))
    assert read(poster, limits, lambda *_: sees).left_out == (LeftOut(Code.PAGES_COARSE, 1, 1),)


def test_form_fields_beyond_the_limit_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def form(canvas: Canvas) -> None:
        for number in range(6):
            canvas.acroForm.textfield(name=f"f{number}", value=f"value {number}", x=72, y=700 - 40 * number)

    path = draw(tmp_path / "a.pdf", form)
    monkeypatch.setattr(forms, "MAX_FIELDS", 4)
    found = read(path)
    assert len(found.form_fields) == 4
    assert found.left_out == (LeftOut(Code.FORM_FIELDS_LEFT_OUT, 2),)


@pytest.mark.parametrize("code", NEXT_STEPS)
@pytest.mark.parametrize("whole", [None, 7_000])
def test_a_check_tells_again_what_was_left_out(code: Code, whole: int | None) -> None:
    item = LeftOut(code, 1_500, whole)
    assert left_out_of(item.check) == item
    assert "1,500" in item.sentence()


@pytest.mark.parametrize("check", ["hidden_text", "ungrounded:iban", "pages_not_read", "pages_not_read:x"])
def test_other_checks_tell_of_nothing_left_out(check: str) -> None:
    assert left_out_of(check) is None
