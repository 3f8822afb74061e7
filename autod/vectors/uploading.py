"""Putting a document into a store without ever failing the document: what happened is reported."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypedDict

import structlog

from autod import logs
from autod.codes import Code
from autod.domain.extraction import Extraction, ExtractionJson
from autod.domain.metadata import Metadata
from autod.domain.reading import TextSource
from autod.errors import PrivacyError, Retry, ServiceError
from autod.flushing import is_whole
from autod.vectors.attributes import attributes_of
from autod.vectors.base import Entry, Value, VectorStore

log = structlog.get_logger("autod.vectors")

MEGABYTE = 1_000_000


class UploadOutcome(StrEnum):
    """``postponed`` may be tried again; ``failed`` may not."""

    PLACED = "placed"
    SKIPPED = "skipped"
    POSTPONED = "postponed"
    FAILED = "failed"


class UploadJson(TypedDict):
    """An ``Upload`` as a step's result."""

    outcome: str
    file_id: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of it; ``reason`` is a stable code unless it was placed."""

    outcome: UploadOutcome
    file_id: str | None = None
    reason: str | None = None

    def to_dict(self) -> UploadJson:
        return {"outcome": self.outcome.value, "file_id": self.file_id, "reason": self.reason}


def entry_for(
    sha256: str, pdf: bytes, page_texts: list[str], *, as_text: bool, attributes: dict[str, Value]
) -> Entry:
    """What to upload: the file itself, or the text that was read from it."""
    pages = len(page_texts)
    if as_text:
        return Entry(sha256, ".txt", "\n\n".join(page_texts).encode("utf-8", "replace"), attributes, pages)
    return Entry(sha256, ".pdf", pdf, attributes, pages)


def upload(store: VectorStore, entry: Entry, *, file_size: int, most_mb: int) -> Upload:
    """Put ``entry`` into the store; a document whose file is larger than ``most_mb`` is skipped.

    Never raises for the store's trouble: it is logged and returned.
    """
    if file_size > most_mb * MEGABYTE:
        log.info(
            "Vector store upload skipped", sha256=entry.sha256, reason=Code.FILE_TOO_LARGE, most_mb=most_mb
        )
        return Upload(UploadOutcome.SKIPPED, reason=Code.FILE_TOO_LARGE)
    if not entry.content.strip():
        return Upload(UploadOutcome.SKIPPED, reason=Code.NO_TEXT)
    try:
        file_id = store.put(entry)
    except PrivacyError as error:
        return Upload(UploadOutcome.SKIPPED, reason=error.code)
    except ServiceError as error:
        log.error(
            logs.UPLOAD_FAILED,
            error=error.code,
            detail=error.message,
            next_step=error.next_step,
            sha256=entry.sha256,
        )
        later = error.retry is Retry.LATER
        return Upload(UploadOutcome.POSTPONED if later else UploadOutcome.FAILED, reason=error.code)
    return Upload(UploadOutcome.PLACED, file_id=file_id)


class Uploads:
    """Puts documents into a store: reads their files and says briefly what happened."""

    def __init__(self, store: VectorStore, most_mb: int) -> None:
        self.store = store
        self._most_mb = most_mb

    def upload(
        self,
        document_id: int,
        sha256: str,
        pdf: Path,
        extraction: ExtractionJson,
        pages: list[tuple[int, str, str]] | None,
    ) -> UploadJson:
        """Put what was just understood there; ``pages`` are number, text and source of each.

        Without them, or without the file, it is postponed: the archive has both by then.
        """
        if pages is None or not is_whole(pdf, sha256):
            return Upload(UploadOutcome.POSTPONED, reason=Code.CLAIM_DAMAGED).to_dict()
        rows = [(text, source) for _, text, source in pages]
        done = Extraction.from_dict(extraction)
        return self.place(document_id, sha256, pdf, rows, done.metadata, done.checks).to_dict()

    def place(
        self,
        document_id: int,
        sha256: str,
        pdf: Path,
        pages: list[tuple[str, str]],
        metadata: Metadata,
        checks: Collection[str],
    ) -> Upload:
        """Put one document there; ``pages`` are texts with their sources, ``checks`` what it failed.

        A scan goes as its text, because the store cannot read pictures; so does a document with hidden text,
        which the store would read.
        """
        scanned = all(source != TextSource.TEXT_LAYER.value for _, source in pages)
        size = pdf.stat().st_size
        entry = entry_for(
            sha256,
            pdf.read_bytes() if size <= self._most_mb * MEGABYTE else b"",
            [text for text, _ in pages],
            as_text=scanned or Code.HIDDEN_TEXT in checks,
            attributes=attributes_of(metadata, sha256=sha256, document_id=document_id),
        )
        return upload(self.store, entry, file_size=size, most_mb=self._most_mb)
