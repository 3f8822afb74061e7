"""How much of one file is read, and how."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Limits that the reader itself keeps; time and memory are the sandbox's.

    ``max_pages`` are put through OCR at most; pages with a text layer are all read.

    ``ocr_engine`` is ``auto``, ``tesseract``, ``rapidocr`` or ``off``. ``ocr_languages`` are Tesseract's
    names joined by ``+``; those installed are used.
    """

    max_file_mb: int = 200
    max_pages: int = 500
    max_page_megapixels: int = 40
    ocr_engine: str = "auto"
    ocr_languages: str = "eng+deu+fra+spa+por+ita+nld"
