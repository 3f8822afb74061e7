"""How much of one file is read, and how."""

from __future__ import annotations

from dataclasses import dataclass, field

from autod.words import ocr_languages

MAX_PAGE_MEGAPIXELS = 40
"""Of a page's picture for OCR: A4 at 300 dpi is 9, A2 is 35; larger ones shrink, for memory's sake."""


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Limits that the reader itself keeps; time and memory are the sandbox's.

    ``max_pages`` are put through OCR at most; pages with a text layer are all read.

    ``ocr_engine`` is ``auto``, ``tesseract``, ``rapidocr`` or ``off``. ``ocr_languages`` are Tesseract's
    names joined by ``+``; those installed are used.
    """

    max_file_mb: int = 200
    max_pages: int = 500
    max_page_megapixels: int = MAX_PAGE_MEGAPIXELS
    ocr_engine: str = "auto"
    ocr_languages: str = field(default_factory=ocr_languages)
