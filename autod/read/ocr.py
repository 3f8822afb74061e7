"""Choose the OCR engine: Tesseract where its language files are installed, the one from the wheel else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from autod.read.ocr_lines import OcrEngine, OcrPage
from autod.read.rendering import Picture

_SURE = (
    0.85  # mean confidence of a character: clean print read by Tesseract has .81 to .96, receipts .63 to .92
)


EngineFinder = Callable[[str, str], OcrEngine | None]


def find_engine(name: str, languages: str) -> OcrEngine | None:
    """The engine for ``auto``, ``tesseract``, ``rapidocr`` or ``off``; None when it cannot be had.

    Imports the engine's library, a second or less; call it when the first page needs it.
    """
    match name:
        case "tesseract":
            return _tesseract(languages)
        case "rapidocr":
            return _rapidocr()
        case "auto":
            fast = _tesseract(languages)
            return _careful(fast) if fast else _rapidocr()
        case _:
            return None


def _careful(fast: OcrEngine) -> OcrEngine:
    """``fast``, and for pages on which it is in doubt the slower engine, when that one is sure.

    Measured on scanned receipts: Tesseract has 69 % of issuers, addresses, dates and totals right,
    RapidOCR 93 %. RapidOCR is never sure of scripts it does not know.
    """

    def read(picture: Picture) -> OcrPage:
        page = fast.read(picture)
        if page.confidence >= _SURE:
            return page
        slow = _rapidocr()
        if slow is None:
            return page
        second = slow.read(picture)
        return second if second.confidence >= _SURE else page

    return OcrEngine(read, fast.max_side)


def _tesseract(languages: str) -> OcrEngine | None:
    try:
        from autod.read import ocr_tesseract
    except ImportError:
        return None
    found = ocr_tesseract.find_languages(languages)
    if found is None:
        return None
    folder, installed = found
    read = partial(ocr_tesseract.read_picture, folder=folder, languages=installed)
    return OcrEngine(read, ocr_tesseract.MAX_SIDE)


def _rapidocr() -> OcrEngine | None:
    try:
        from autod.read import ocr_rapid

        ocr_rapid.load()
    except ImportError:
        return None
    return OcrEngine(ocr_rapid.read_picture, ocr_rapid.MAX_SIDE)
