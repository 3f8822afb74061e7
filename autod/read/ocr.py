"""Choose the OCR engine: Tesseract where its language files are installed, else the one from the wheel."""

from __future__ import annotations

from functools import partial

from autod.read.ocr_lines import OcrEngine


def find_engine(name: str, languages: str) -> OcrEngine | None:
    """The engine for ``auto``, ``tesseract``, ``rapidocr`` or ``off``; None when it cannot be had.

    Imports the engine's library, a second or less; call it when the first page needs it.
    """
    engine: OcrEngine | None = None
    if name in ("auto", "tesseract"):
        engine = _tesseract(languages)
    if engine is None and name in ("auto", "rapidocr"):
        engine = _rapidocr()
    return engine


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
