"""Read a PDF: check it, open it, read each page, then what people and machines attached to it.

pdfium is not thread-safe: call this from one thread of a process, best in the sandbox's child.
"""

from __future__ import annotations

import io
import logging
from functools import cache, partial
from typing import Any, NamedTuple

from autod.domain.reading import FormField, Page, Reading, TextSource
from autod.errors import UnreadableDocument
from autod.open_files import write_text
from autod.read.frame import Frame
from autod.read.limits import ReadLimits
from autod.read.ocr import find_engine
from autod.read.opening import OpenDocument, checked_bytes, open_document
from autod.read.page import PageReading, read_page

# What walking through objects of the wrong kind raises.
_UNEXPECTED_STRUCTURE = (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError)

log = logging.getLogger("autod.read")


def read_document(document: int, limits: ReadLimits) -> Reading:
    """Everything in the open file that a person or a machine can read.

    Raises:
        UnreadableDocument: ``file_empty``, ``not_a_pdf``, ``pdf_damaged`` or ``no_pages``.
        ProtectedDocument: ``pdf_encrypted``. LimitExceeded: ``too_large``. FileTrouble.
    """
    data = checked_bytes(document, limits)
    for rewritten in (False, True):
        with open_document(data, rewritten=rewritten) as opened:
            pages = _read_pages(opened, limits)
            if pages.frames:
                form_fields, invoice_xml, notes = _embedded(data, opened, pages.frames)
                return Reading(
                    tuple(pages.pages),
                    form_fields,
                    invoice_xml,
                    opened.info(),
                    (*pages.notes, *notes),
                    tuple(dict.fromkeys(pages.codes)),
                )
    raise UnreadableDocument("The PDF is damaged: none of its pages can be read.")


def read_file(document: int, reading: int, **limits: Any) -> dict[str, Any]:
    """What the sandbox calls: reads one open file, writes the reading as JSON to the other.

    ``limits`` are the fields of ``ReadLimits``. The answer counts ``pages`` and ``ocr_pages`` and repeats
    the ``notes``.  Raises: as ``read_document``.
    """
    found = read_document(document, ReadLimits(**limits))
    write_text(reading, found.to_json())
    ocr_pages = sum(page.source is TextSource.OCR for page in found.pages)
    return {"pages": len(found.pages), "ocr_pages": ocr_pages, "notes": list(found.notes)}


def count_pages(document: int, **limits: Any) -> int:
    """The number of pages, for the sandbox's time limit.  Arguments and errors: as ``read_file``."""
    with open_document(checked_bytes(document, ReadLimits(**limits))) as opened:
        return opened.page_count


class _Pages(NamedTuple):
    """``frames`` holds the pages that could be read, by their number."""

    pages: list[Page]
    frames: dict[int, Frame]
    notes: list[str]
    codes: list[str]


def _read_pages(opened: OpenDocument, limits: ReadLimits) -> _Pages:
    read = _Pages([], {}, ["repaired"] if opened.repaired else [], [])
    ocr_missing = False
    for number in range(1, min(opened.page_count, limits.max_pages) + 1):
        page = _read_page(opened, number, limits)
        if page is None:
            read.pages.append(Page(number, 0.0, 0.0))
            read.notes.append(f"page_failed:{number}")
            continue
        read.pages.append(page.page)
        read.frames[number] = page.frame
        read.codes.extend(page.codes)
        ocr_missing = ocr_missing or page.ocr_missing
    if opened.page_count > limits.max_pages:
        read.notes.append("pages_skipped")
    if ocr_missing:
        read.notes.append("ocr_unavailable")
    return read


def _read_page(opened: OpenDocument, number: int, limits: ReadLimits) -> PageReading | None:
    """One bad page does not lose the others."""
    engine = partial(_engine, limits.ocr_engine, limits.ocr_languages)
    try:
        return read_page(opened.handle, number, engine, limits.max_page_megapixels * 1_000_000)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever one page provokes; its text must not be logged
        log.warning("page %d failed with %s", number, type(error).__name__)
        return None


_engine = cache(find_engine)


def _embedded(
    data: bytes, opened: OpenDocument, frames: dict[int, Frame]
) -> tuple[tuple[FormField, ...], str | None, tuple[str, ...]]:
    """Form values and e-invoice. pikepdf is loaded for files that have a form or attachments alone."""
    if not (opened.has_form or opened.has_attachments):
        return (), None, ()
    import pikepdf

    from autod.read.attachments import find_invoice_xml
    from autod.read.forms import filled_fields

    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as document:
            fields = filled_fields(document, frames) if opened.has_form else ()
            return fields, find_invoice_xml(document), ()
    except (pikepdf.PdfError, pikepdf.PasswordError, *_UNEXPECTED_STRUCTURE):
        return (), None, ("embedded_unreadable",)
