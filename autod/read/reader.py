"""Read a PDF: check it, open it, read each page, then what people and machines attached to it.

pdfium is not thread-safe: call this from one thread of a process, best in the sandbox's child.
"""

from __future__ import annotations

import io
import logging
from collections import Counter
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from autod.codes import Code
from autod.domain.left_out import LeftOut
from autod.domain.reading import FormField, Page, ReadCounts, Reading, TextSource
from autod.errors import UnreadableDocument
from autod.open_files import write_text
from autod.read import ocr
from autod.read.frame import Frame
from autod.read.limits import ReadLimits
from autod.read.ocr import EngineFinder
from autod.read.opening import OpenDocument, checked_bytes, open_document
from autod.read.page import FindEngine, PageReading, read_page

# What walking through objects of the wrong kind raises.
_UNEXPECTED_STRUCTURE = (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError)

log = logging.getLogger("autod.read")

MOST_PAGES = 20_000
"""Pages looked at: a page tree that goes round in circles has no end."""

MOST_WORDS = 1_000_000
"""Words kept with their places, which take 0.4 kB each; further pages are kept as text."""


find_engine_once = cache(ocr.find_engine)


def read_document(document: int, limits: ReadLimits, find_engine: EngineFinder = find_engine_once) -> Reading:
    """Everything in the open file that a person or a machine can read.

    ``find_engine`` is asked, as in ``ocr``, when a page needs OCR.

    Raises:
        UnreadableDocument: ``file_empty``, ``not_a_pdf``, ``pdf_damaged`` or ``no_pages``.
        ProtectedDocument: ``pdf_encrypted``. LimitExceeded: ``too_large``. FileTrouble.
    """
    data = checked_bytes(document, limits)
    for rewritten in (False, True):
        with open_document(data, rewritten=rewritten) as opened:
            pages = _read_pages(opened, limits, partial(find_engine, limits.ocr_engine, limits.ocr_languages))
            if pages.frames:
                embedded = _embedded(data, opened, pages.frames)
                return Reading(
                    _with_undrawn(pages.pages, embedded.undrawn),
                    embedded.form_fields,
                    embedded.invoice_xml,
                    opened.info(),
                    (*pages.notes, *embedded.notes),
                    tuple(dict.fromkeys(pages.codes)),
                    (*pages.left_out(opened.page_count), *embedded.left_out),
                )
    raise UnreadableDocument("The PDF is damaged: none of its pages can be read.")


def read_file(document: int, reading: int, **limits: Any) -> ReadCounts:
    """What the sandbox calls: reads one open file, writes the reading as JSON to the other.

    ``limits`` are the fields of ``ReadLimits``. The answer counts ``pages`` and ``ocr_pages`` and repeats
    the ``notes`` and what was left out, as checks.  Raises: as ``read_document``.
    """
    found = read_document(document, ReadLimits(**limits))
    write_text(reading, found.to_json())
    ocr_pages = sum(page.source is TextSource.OCR for page in found.pages)
    notes = [*found.notes, *(item.check for item in found.left_out)]
    return {"pages": len(found.pages), "ocr_pages": ocr_pages, "notes": notes}


def count_pages(document: int, **limits: Any) -> int:
    """The number of pages, for the sandbox's time limit.  Arguments and errors: as ``read_file``."""
    with open_document(checked_bytes(document, ReadLimits(**limits))) as opened:
        return opened.page_count


def _with_undrawn(pages: list[Page], fields: Sequence[FormField]) -> tuple[Page, ...]:
    if not fields:
        return tuple(pages)
    from autod.read.forms import with_undrawn

    # Pages that are kept as text alone have no places to put them.
    return tuple(page if page.plain else with_undrawn(page, fields) for page in pages)


class _Pages(NamedTuple):
    """``frames`` holds the pages that could be read, by number; ``lacks`` counts pages by what they lack."""

    pages: list[Page]
    frames: dict[int, Frame]
    notes: list[str]
    codes: list[str]
    lacks: Counter[Code]

    def left_out(self, whole: int) -> list[LeftOut]:
        return [LeftOut(code, count, whole) for code, count in sorted(self.lacks.items()) if count]


def _read_pages(opened: OpenDocument, limits: ReadLimits, engine: FindEngine) -> _Pages:
    read = _Pages([], {}, [str(Code.REPAIRED)] if opened.repaired else [], [], Counter())
    seen = words = 0
    for number in range(1, min(opened.page_count, MOST_PAGES) + 1):
        page = _read_page(opened, number, limits, engine, may_ocr=seen < limits.max_pages)
        if page is None:
            read.pages.append(Page(number, 0.0, 0.0))
            read.notes.append(Code.PAGE_FAILED.of(number))
            read.lacks[Code.PAGES_FAILED] += 1
            continue
        seen += page.ocr
        words += sum(len(line.words) for line in page.page.lines)
        fits = words <= MOST_WORDS
        read.pages.append(page.page if fits else page.page.without_boxes())
        read.frames[number] = page.frame
        read.codes.extend(page.codes)
        read.lacks.update(page.lacks if fits else (*page.lacks, Code.PAGES_TEXT_ONLY))
    read.lacks[Code.PAGES_NOT_READ] += max(0, opened.page_count - MOST_PAGES)
    return read


def _read_page(
    opened: OpenDocument, number: int, limits: ReadLimits, engine: FindEngine, *, may_ocr: bool
) -> PageReading | None:
    """One bad page does not lose the others."""
    try:
        return read_page(
            opened.handle, number, engine, limits.max_page_megapixels * 1_000_000, may_ocr=may_ocr
        )
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever one page provokes; its text must not be logged
        log.warning("page %d failed with %s", number, type(error).__name__)
        return None


class _Embedded(NamedTuple):
    form_fields: tuple[FormField, ...] = ()
    invoice_xml: str | None = None
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    undrawn: tuple[FormField, ...] = ()


def _embedded(data: bytes, opened: OpenDocument, frames: dict[int, Frame]) -> _Embedded:
    """Form values and e-invoice. pikepdf is loaded for files that have a form or attachments alone."""
    if not (opened.has_form or opened.has_attachments):
        return _Embedded()
    import pikepdf

    from autod.read.attachments import count_documents, find_invoice_xml
    from autod.read.forms import Filled, filled_fields, has_unread_form

    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as document:
            filled = filled_fields(document, frames) if opened.has_form else Filled()
            invoice_xml, unread = find_invoice_xml(document)
            counted = {
                Code.FORM_FIELDS_LEFT_OUT: filled.left_out,
                Code.ATTACHMENTS_NOT_READ: unread,
                Code.FORM_NOT_READ: has_unread_form(document),
                Code.DOCUMENTS_INSIDE: count_documents(document),
            }
    except (pikepdf.PdfError, pikepdf.PasswordError, *_UNEXPECTED_STRUCTURE):
        return _Embedded(
            notes=(str(Code.EMBEDDED_UNREADABLE),), left_out=(LeftOut(Code.EMBEDDED_NOT_READ, 1),)
        )
    left_out = tuple(LeftOut(code, int(count)) for code, count in counted.items() if count)
    return _Embedded(filled.fields, invoice_xml, (), left_out, filled.undrawn)
