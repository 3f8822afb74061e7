"""Scanned pages, read by real engines; Tesseract's tests need its language files."""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from autod.domain.reading import Box, Page, TextSource, Word
from autod.read import ocr
from autod.read.frame import turned_box
from autod.read.limits import ReadLimits
from autod.read.ocr_lines import OcrEngine, OcrLine, OcrPage, to_lines
from autod.read.ocr_tesseract import find_languages
from autod.read.rendering import Picture
from tests.read.pdfs import LETTER, draw, draw_scan, page_of, scan, texts, write

ENGINES = [
    "rapidocr",
    pytest.param(
        "tesseract",
        marks=pytest.mark.skipif(
            find_languages("eng") is None, reason="Tesseract's English language file is not installed"
        ),
    ),
]


@pytest.fixture(params=ENGINES)
def limits(request: pytest.FixtureRequest) -> ReadLimits:
    return ReadLimits(ocr_engine=request.param, ocr_languages="eng")


def _scanned(path: Path, image: Image.Image, limits: ReadLimits) -> Page:
    return page_of(draw(path, draw_scan(image)), limits)


def test_a_scan_is_read_line_by_line(tmp_path: Path, limits: ReadLimits) -> None:
    page = _scanned(tmp_path / "a.pdf", scan(), limits)
    assert texts(page) == list(LETTER)
    assert page.source is TextSource.OCR
    assert page.turned == 0
    assert all(0.5 < word.confidence <= 1 for line in page.lines for word in line.words)


def test_the_words_of_a_scan_have_their_places(tmp_path: Path, limits: ReadLimits) -> None:
    page = _scanned(tmp_path / "a.pdf", scan(), limits)
    first, last = page.lines[0].words[0], page.lines[0].words[-1]
    points = 595 / 1240
    assert first.box.x0 == pytest.approx(120 * points, abs=6)
    assert first.box.y0 < 170 * points < first.box.y1
    assert last.text == "Ltd"
    assert first.box.x1 < last.box.x0 < last.box.x1 < 300


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_scan_fed_the_wrong_way_is_turned_upright(tmp_path: Path, limits: ReadLimits, turned: int) -> None:
    # Pillow turns counter-clockwise, as far as the page must be turned clockwise to be read.
    page = _scanned(tmp_path / "a.pdf", scan().rotate(turned, expand=True), limits)
    assert texts(page) == list(LETTER)
    assert page.turned == turned
    assert (page.width, page.height) == (595, 842)
    first = page.lines[0].words[0]
    assert first.box.x0 == pytest.approx(120 * 595 / 1240, abs=6)
    assert first.box.y0 < 170 * 595 / 1240 < first.box.y1


def test_a_scan_laid_askew_keeps_its_lines(tmp_path: Path, limits: ReadLimits) -> None:
    image = Image.new("L", (1240, 1754), 255)
    image.paste(scan(), (0, 0))
    skewed = image.rotate(1.5, fillcolor=255, resample=Image.Resampling.BICUBIC)
    assert texts(_scanned(tmp_path / "a.pdf", skewed, limits)) == list(LETTER)


def test_columns_of_a_scan_stay_apart(tmp_path: Path, limits: ReadLimits) -> None:
    image = scan(["Copper pipe", "Brass valve"])
    right = scan(["240.00", "117.50"]).crop((100, 100, 500, 600))
    image.paste(right, (800, 100))
    assert texts(_scanned(tmp_path / "a.pdf", image, limits)) == [
        "Copper pipe",
        "240.00",
        "Brass valve",
        "117.50",
    ]


def test_a_stamp_of_real_text_does_not_keep_a_scan_from_being_read(
    tmp_path: Path, limits: ReadLimits
) -> None:
    picture = draw_scan(scan())

    def stamped(canvas: Canvas) -> None:
        picture(canvas)
        canvas.setFont("Helvetica", 12)
        canvas.drawString(58, 60, "Received 2026")

    page = page_of(draw(tmp_path / "a.pdf", stamped), limits)
    assert page.source is TextSource.OCR
    assert texts(page) == [*LETTER, "Received 2026"]


def test_a_good_text_layer_is_not_read_again(tmp_path: Path) -> None:
    def never(name: str, languages: str) -> NoReturn:
        raise AssertionError("the engine was asked for")

    page = page_of(draw(tmp_path / "a.pdf", write), ReadLimits(), never)
    assert page.source is TextSource.TEXT_LAYER


def test_nothing_is_downloaded_and_nothing_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("the network was used")

    from autod.read import ocr_rapid

    ocr_rapid.load.cache_clear()
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    page = _scanned(tmp_path / "a.pdf", scan(), ReadLimits(ocr_engine="rapidocr"))
    assert page.source is TextSource.OCR
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("RapidOCR").level == logging.CRITICAL


def test_a_large_page_shrinks_to_the_pixel_limit(tmp_path: Path) -> None:
    seen: list[Picture] = []

    def note(picture: Picture) -> OcrPage:
        seen.append(picture)
        return OcrPage((), 0)

    path = draw(tmp_path / "a.pdf", draw_scan(scan()))
    page_of(path, ReadLimits(max_page_megapixels=1), lambda *_: OcrEngine(note, 30_000))
    assert 0.98e6 < seen[0].width * seen[0].height < 1.02e6


def test_an_engine_that_cannot_be_imported_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> NoReturn:
        raise ImportError

    monkeypatch.setattr("autod.read.ocr_rapid.load", missing)
    assert ocr.find_engine("rapidocr", "eng") is None
    assert ocr.find_engine("off", "eng") is None


def test_tesseract_without_the_wanted_languages_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autod.read.ocr_tesseract.FOLDERS", ())
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    (tmp_path / "fra.traineddata").touch()
    assert find_languages("eng+deu") is None
    assert find_languages("eng+fra") == (tmp_path, "fra")
    assert ocr.find_engine("tesseract", "eng") is None


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [(0.95, 0.99, "first"), (0.6, 0.99, "second"), (0.6, 0.7, "first")],
)
def test_a_doubtful_page_is_read_by_the_careful_engine_too(
    monkeypatch: pytest.MonkeyPatch, first: float, second: float, chosen: str
) -> None:
    def engine(name: str, confidence: float) -> SimpleNamespace:
        """A module that reads one word."""
        word = Word(name, Box(0, 0, 9, 9), confidence)
        page = OcrPage((OcrLine((word,), word.box, 0.0),), 0)
        return SimpleNamespace(
            MAX_SIDE=1000,
            find_languages=lambda wanted: (Path(), wanted),
            load=lambda: None,
            read_picture=lambda *_, **__: page,
        )

    monkeypatch.setattr("autod.read.ocr_tesseract", engine("first", first), raising=False)
    monkeypatch.setattr("autod.read.ocr_rapid", engine("second", second), raising=False)
    found = ocr.find_engine("auto", "eng")
    assert found is not None
    read = found.read(Picture(b"\0", 1, 1, 1.0))
    assert read.lines[0].words[0].text == chosen


def test_pieces_of_a_line_are_joined_across_the_slope_of_the_scan() -> None:
    slope = 0.02
    lines = tuple(
        OcrLine((Word(text, box),), box, slope)
        for x, y, text in ((0, 100, "Total"), (110, 102.2, "amount"), (0, 140, "Thanks"))
        for box in [Box(x, y, x + 100, y + 20)]
    )
    assert [line.text for line in to_lines(OcrPage(lines, 0), 1.0)] == ["Total amount", "Thanks"]


def test_a_turned_box_comes_home_after_four_quarters() -> None:
    box = Box(10, 20, 40, 30)
    assert turned_box(box, 100, 200, 1) == Box(170, 10, 180, 40)
    assert turned_box(box, 100, 200, 2) == Box(60, 170, 90, 180)
    assert turned_box(box, 100, 200, 3) == Box(20, 60, 30, 90)
    assert turned_box(turned_box(box, 100, 200, 1), 200, 100, 3) == box
