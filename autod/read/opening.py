"""Open a PDF: check the file, try pdfium, then a rewritten copy.

A document comes as an open descriptor, because whoever reads it may open no path.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from autod.codes import Code
from autod.errors import DocumentError, FileTrouble, LimitExceeded, ProtectedDocument, UnreadableDocument
from autod.open_files import read_bytes
from autod.read.limits import ReadLimits

HEADER = b"%PDF-"
_HEADER_WITHIN = 1024
_TAIL = 2048
_INFO = {"title": "Title", "author": "Author", "producer": "Producer", "created": "CreationDate"}
_MAX_INFO = 500


class OpenDocument:
    """An open PDF. ``repaired``: the file was damaged; ``has_form``: it holds fields to fill in."""

    def __init__(self, document: pdfium.PdfDocument, repaired: bool) -> None:
        self.document = document
        self.handle = document.raw
        intact = pdfium_c.FPDF_DocumentHasValidCrossReferenceTable(self.handle)
        self.repaired = repaired or not intact
        # Asked now: drawing the fields into a page, as its reading does, takes the form away.
        self.has_form = pdfium_c.FPDF_GetFormType(self.handle) != pdfium_c.FORMTYPE_NONE

    @property
    def page_count(self) -> int:
        """What the file says of itself; pages may fail to load."""
        return int(pdfium_c.FPDF_GetPageCount(self.handle))

    @property
    def has_attachments(self) -> bool:
        return int(pdfium_c.FPDFDoc_GetAttachmentCount(self.handle)) > 0

    def info(self) -> dict[str, str]:
        """The PDF's own metadata, as far as it is there."""
        values = {key: self.document.get_metadata_value(name)[:_MAX_INFO] for key, name in _INFO.items()}
        return {key: value for key, value in values.items() if value.strip()}


def checked_bytes(descriptor: int, limits: ReadLimits) -> bytes:
    """What is in the open file, if it can be a PDF at all.

    Raises:
        FileTrouble: the file system refused. LimitExceeded: ``too_large``.
        UnreadableDocument: ``file_empty`` or ``not_a_pdf``.
    """
    try:
        size = os.fstat(descriptor).st_size
        head = os.pread(descriptor, _HEADER_WITHIN, 0)
        data = read_bytes(descriptor) if size <= limits.max_file_mb * 2**20 else b""
    except OSError as error:
        raise FileTrouble(f"The file cannot be read: {error.strerror}.") from None
    if size == 0:
        raise UnreadableDocument(
            "The file is empty.",
            code=Code.FILE_EMPTY,
            next_step="Scan or save the document again, and drop that in.",
        )
    if HEADER not in head:
        raise UnreadableDocument(
            "The file is not a PDF.",
            code=Code.NOT_A_PDF,
            next_step="Convert it to PDF and drop that in; the original is kept in failed/.",
        )
    if size > limits.max_file_mb * 2**20:
        raise LimitExceeded(
            f"The file has {size:,} bytes, more than the {limits.max_file_mb * 2**20:,} that "
            f"PAPER_AUTOPILOT_MAX_FILE_MB={limits.max_file_mb} allows.",
            code=Code.TOO_LARGE,
        )
    return data


@contextmanager
def open_document(data: bytes, *, rewritten: bool = False) -> Iterator[OpenDocument]:
    """The PDF, or a repaired copy when pdfium cannot open it or ``rewritten`` asks for one.

    Raises:
        ProtectedDocument: ``pdf_encrypted``, a password is needed.
        UnreadableDocument: ``pdf_damaged`` or ``no_pages``.
    """
    document = None if rewritten else _open(data)
    repaired = document is None
    if document is None:
        document = _open(_rewrite(data))
    if document is None:
        raise _damaged(data)
    try:
        opened = OpenDocument(document, repaired)
        if opened.page_count <= 0:
            raise UnreadableDocument("The PDF has no pages.", code=Code.NO_PAGES)
        yield opened
    finally:
        document.close()


def _open(data: bytes) -> pdfium.PdfDocument | None:
    _forget_last_error()
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
            raise _protected() from None
        return None


def _forget_last_error() -> None:
    """Some failures leave pdfium's error code as the file before left it; a file of nothing sets it anew."""
    pdfium_c.FPDF_LoadMemDocument(b"-", 1, None)


def _rewrite(data: bytes) -> bytes:
    """The file as qpdf puts it together again: a whole cross-reference table and page tree."""
    import pikepdf

    with suppress(RuntimeError, ValueError, TypeError):  # what pikepdf makes of qpdf's other complaints
        try:
            with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as document:
                if len(document.pages) == 0:
                    raise UnreadableDocument("The PDF has no pages.", code=Code.NO_PAGES)
                copy = io.BytesIO()
                document.save(copy, static_id=True)
                return copy.getvalue()
        except pikepdf.PasswordError:
            raise _protected() from None
        except pikepdf.PdfError:
            pass
    raise _damaged(data)


def _protected() -> DocumentError:
    return ProtectedDocument("The PDF is encrypted and needs a passphrase.")


def _damaged(data: bytes) -> DocumentError:
    how = "its end is missing" if b"%%EOF" not in data[-_TAIL:] else "its structure cannot be read"
    return UnreadableDocument(f"The PDF is damaged: {how}.")
