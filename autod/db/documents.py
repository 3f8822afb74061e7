"""Everything that is asked of and done to documents, as plain functions on a session.

Nothing here commits: the caller's transaction does. Times are ``datetime``, naive ones mean local time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db import batches, fields, search_texts
from autod.db.listing import Counts, DocumentFilter, counts, list_documents
from autod.db.models import Document, Event, FieldValue, PageRow
from autod.domain.events import EventDetail
from autod.domain.extraction import Extraction
from autod.domain.fields import FIELDS
from autod.domain.left_out import LeftOut
from autod.domain.metadata import Metadata
from autod.domain.status import IN_PLACE, DocumentStatus, EventKind
from autod.domain.storable import storable, storable_json
from autod.errors import UsageError

__all__ = [
    "Admission",
    "Counts",
    "DocumentFilter",
    "Ended",
    "PageText",
    "add_event",
    "admit",
    "by_id",
    "by_sha",
    "complete",
    "correct",
    "corrected",
    "counts",
    "current_fields",
    "ended",
    "fail",
    "failed",
    "history",
    "list_documents",
    "locked",
    "locked_by_sha",
    "mark_processing",
    "page_texts",
    "postpone",
    "record",
    "refile",
    "reopen",
    "require",
    "require_unfinished",
    "source_key",
    "sources",
    "take_due",
    "unfinished",
    "with_status",
]

START_LEASE = timedelta(minutes=10)
"""A postponed document that was handed out but not begun (we died in between) is due again after this."""

FARTHEST = timedelta(hours=2)
"""No wait for passing trouble is this long: a later time was written by a wrong clock, and is due now."""

SOON = timedelta(minutes=1)
"""What waits for trouble outside of it comes after this, once another one has got through."""

_PATIENT = (Code.COST_CAP_REACHED, batches.WAITING_CODE)
"""Codes of waits that may well be longer."""

UNFINISHED = (DocumentStatus.WAITING, DocumentStatus.PROCESSING)
ENDED = tuple(status for status in DocumentStatus if status not in UNFINISHED)


@dataclass(frozen=True, slots=True)
class Admission:
    """The row of a file's bytes, and whether it was made just now."""

    document_id: int
    status: DocumentStatus
    created: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """A document that has ended, and where its bytes lie."""

    sha256: str
    status: DocumentStatus
    filed_path: str | None


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of one page (1-based) and its ``TextSource``."""

    number: int
    text: str
    source: str


def admit(
    session: Session,
    *,
    sha256: str,
    original_filename: str,
    source_path: str,
    size: int,
    now: datetime,
    lane: str | None = None,
    source_sha256: str | None = None,
) -> Admission:
    """The row of these bytes, made if there is none; of two callers at once exactly one makes it.

    Args:
        source_sha256: the hash of the file at ``source_path``, when that is only the rest of the document.
    """
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = session.scalar(
        build(Document)
        .values(
            sha256_hex=sha256,
            original_filename=storable(original_filename),
            source_path=storable(source_path),
            source_key=source_key(source_path),
            came_at=now,
            source_sha256=source_sha256,
            file_size=size,
            status=DocumentStatus.WAITING,
            received_at=now,
            lane=lane,
        )
        .on_conflict_do_nothing(index_elements=["sha256_hex"])
        .returning(Document.id)
    )
    if made is not None:
        return Admission(made, DocumentStatus.WAITING, created=True)
    row = session.execute(select(Document.id, Document.status).where(Document.sha256_hex == sha256)).one()
    return Admission(row.id, row.status, created=False)


def source_key(source_path: str) -> str:
    """A short form of a path, for looking it up."""
    return hashlib.sha256(storable(source_path).encode()).hexdigest()[:16]


def by_id(session: Session, document_id: int) -> Document | None:
    return session.get(Document, document_id)


def by_sha(session: Session, sha256: str) -> Document | None:
    return session.scalar(select(Document).where(Document.sha256_hex == sha256))


def locked_by_sha(session: Session, sha256: str) -> Document | None:
    """As ``locked``, by the bytes; None where there is no row."""
    query = select(Document).where(Document.sha256_hex == sha256).with_for_update()
    return session.scalar(query, execution_options={"populate_existing": True})


def require(session: Session, document_id: int) -> Document:
    """The document of that number.

    Raises:
        UsageError: code ``unknown_document``.
    """
    document = session.get(Document, document_id)
    if document is None:
        raise UsageError(
            f"there is no document {document_id}",
            code=Code.UNKNOWN_DOCUMENT,
            next_step="`autod list` shows the numbers.",
        )
    return document


def require_unfinished(session: Session, document_id: int) -> Document:
    """The document of that number, which has failed, waits or is in work.

    Raises:
        UsageError: code ``unknown_document`` or ``not_failed``.
    """
    document = require(session, document_id)
    if document.status is DocumentStatus.COMPLETED:
        raise UsageError(
            f"document {document_id} is completed",
            code=Code.NOT_FAILED,
            next_step="`autod list --status failed`, or `--status waiting`, shows what can be retried.",
        )
    return document


def failed(session: Session) -> list[Document]:
    """All documents that have failed, the oldest first."""
    query = select(Document).where(Document.status == DocumentStatus.FAILED)
    return list(session.scalars(query.order_by(Document.id)))


def locked(session: Session, document_id: int) -> Document:
    """The document, held against other writers until the transaction ends."""
    return session.get_one(Document, document_id, with_for_update=True, populate_existing=True)


def mark_processing(session: Session, document: Document) -> None:
    """A worker begins with a document that it holds, see ``locked``: one attempt more."""
    document.status = DocumentStatus.PROCESSING
    document.attempts += 1
    document.retry_at = None
    session.flush()


def record(
    session: Session,
    document_id: int,
    extraction: Extraction,
    pages: Sequence[PageText],
    *,
    pipeline_version: str,
    page_count: int,
    ocr_pages: int,
    now: datetime,
    model: str | None = None,
    prompt_version: str | None = None,
) -> Metadata:
    """Write down what was found: columns, pages, field values and search index; returns what now holds.

    Recording the same again adds nothing. Values that a person locked stay.
    """
    document = locked(session, document_id)
    document.engine = storable(extraction.engine, 64)
    document.model = model
    document.pipeline_version = pipeline_version
    document.page_count = page_count
    document.ocr_pages = ocr_pages
    document.prompt_tokens = extraction.usage.prompt_tokens
    document.output_tokens = extraction.usage.output_tokens
    document.cached_tokens = extraction.usage.cached_tokens
    document.total_cost_usd = extraction.cost_usd
    provenance = fields.Provenance(pipeline_version, model, prompt_version)
    with session.no_autoflush:  # the row is written once, when all that it says is known
        metadata = fields.believe(session, document, extraction, provenance, now)
    session.execute(delete(PageRow).where(PageRow.document_id == document_id))
    texts = [storable(page.text) for page in pages]
    rows = [
        {"document_id": document_id, "number": page.number, "text": text, "source": str(page.source)}
        for page, text in zip(pages, texts, strict=True)
    ]
    if rows:
        session.execute(insert(PageRow), rows)
    session.flush()
    if unfound := search_texts.index(session, document, texts):
        fields.mark(document, LeftOut(Code.SEARCH_WORDS_LEFT_OUT, unfound))
        session.flush()
    return metadata


def complete(
    session: Session, document_id: int, *, filed_path: str, processing_seconds: float, now: datetime
) -> int | None:
    """The document is in the archive; returns the number of its file's later version, if there is one."""
    document = locked(session, document_id)
    document.status = DocumentStatus.COMPLETED
    document.filed_path = storable(filed_path)
    document.processing_seconds = processing_seconds
    document.processed_at = now
    document.failed_at = document.retry_at = None
    document.error_code = document.error_message = document.next_step = None
    held_up, document.waits = document.waits > 0, 0
    session.flush()
    if held_up or document.model is not None:
        _hasten(session, now)
    return document.later_version


def _hasten(session: Session, now: datetime) -> None:
    """One that had to wait, or was answered by a service, got through: the others need not wait so long."""
    held_up = select(Document.id).where(
        Document.status == DocumentStatus.WAITING, Document.retry_at > now + SOON, Document.waits > 0
    )
    session.execute(
        update(Document)
        .where(Document.id.in_(held_up.with_for_update(skip_locked=True)))
        .values(retry_at=now + SOON),
        execution_options={"synchronize_session": False},
    )


def fail(
    session: Session,
    document_id: int,
    *,
    code: str,
    message: str,
    next_step: str,
    filed_path: str | None,
    now: datetime,
) -> int | None:
    """The document is given up until a person acts; returns as ``complete``."""
    document = locked(session, document_id)
    _explain(document, code, message, next_step)
    document.status = DocumentStatus.FAILED
    document.failed_at = now
    document.processed_at = document.retry_at = None
    document.waits = 0
    if filed_path is not None:
        document.filed_path = storable(filed_path)
    session.flush()
    return document.later_version


def postpone(
    session: Session,
    document_id: int,
    *,
    code: str,
    message: str,
    next_step: str,
    retry_at: datetime,
    counts_as_attempt: bool = True,
    waits: int = 0,
) -> None:
    """The document waits until ``retry_at``, see ``take_due``.

    Args:
        waits: how often in a row by now for trouble outside of it; see ``complete``.
    """
    document = locked(session, document_id)
    document.waits = waits
    if not counts_as_attempt:
        document.attempts = max(0, document.attempts - 1)
    _explain(document, code, message, next_step)
    document.status = DocumentStatus.WAITING
    document.retry_at = retry_at
    session.flush()


def _explain(document: Document, code: str, message: str, next_step: str) -> None:
    document.error_code = storable(code, 64)
    document.error_message = storable(message)
    document.next_step = storable(next_step)


def reopen(session: Session, document_id: int, *, source_path: str, lane: str | None = None) -> None:
    """A document that had ended is processed once more, with a fresh count of attempts.

    One that lies in the archive already keeps its place, unless its bytes come from elsewhere now. One that a
    later version had superseded stands for itself again.
    """
    document = locked(session, document_id)
    if document.status is DocumentStatus.SUPERSEDED:
        _part(session, document)
    stays = document.lane == IN_PLACE and document.source_path == source_path
    document.lane = IN_PLACE if stays else lane
    batches.forget_ended(session, document.sha256_hex)
    document.status = DocumentStatus.WAITING
    document.source_path = storable(source_path)
    document.source_sha256 = None
    document.attempts = document.waits = 0
    document.failed_at = document.retry_at = None
    document.error_code = document.error_message = document.next_step = None
    session.flush()


def _part(session: Session, document: Document) -> None:
    """Cut it out of its chain of versions."""
    for other, link in (
        (document.earlier_version, {"later_version": None}),
        (document.later_version, {"earlier_version": None}),
    ):
        if other is not None:
            session.execute(update(Document).where(Document.id == other).values(link))
    document.earlier_version = document.later_version = None


def refile(session: Session, document_id: int, *, filed_path: str) -> None:
    """The filed copy lies somewhere else now."""
    locked(session, document_id).filed_path = storable(filed_path)
    session.flush()


def link(
    session: Session,
    document_id: int,
    *,
    vector_store_file_id: str | None,
    retry_at: datetime | None = None,
) -> None:
    """Where the vector store has the document; None when it is not there, and when to try again if at all."""
    document = locked(session, document_id)
    document.vector_store_file_id = vector_store_file_id
    document.store_retry_at = retry_at
    session.flush()


def take_due(
    session: Session, now: datetime, *, among: Callable[[list[str]], set[str]] = lambda hashes: set(hashes)
) -> list[str]:
    """The hashes of postponed documents whose time has come; each is handed to one caller.

    ``mark_processing`` ends the matter. Without it the document is due again after ``START_LEASE``.

    Args:
        among: picks those that the caller wants; the others are left to others.
    """
    due = session.execute(
        select(Document.id, Document.sha256_hex)
        .where(
            Document.status == DocumentStatus.WAITING,
            or_(
                Document.retry_at <= now,
                and_(Document.retry_at > now + FARTHEST, Document.error_code.not_in(_PATIENT)),
            ),
        )
        .order_by(Document.retry_at)
        .with_for_update(skip_locked=True)
    ).all()
    wanted = among([row.sha256_hex for row in due]) if due else set()
    taken = [row for row in due if row.sha256_hex in wanted]
    if taken:
        leased = [{"id": row.id, "retry_at": now + START_LEASE} for row in taken]
        session.execute(update(Document), leased)
    return [row.sha256_hex for row in taken]


def unfinished(session: Session, most: int, *, after: int = 0) -> dict[int, str]:
    """Number and hash of documents that wait or are in work and are not postponed.

    They are the ``most`` oldest of those with a number above ``after``.
    """
    rows = session.execute(
        select(Document.id, Document.sha256_hex)
        .where(Document.status.in_(UNFINISHED), Document.retry_at.is_(None), Document.id > after)
        .order_by(Document.id)
        .limit(most)
    )
    return {row.id: row.sha256_hex for row in rows}


def sources(session: Session, hashes: Sequence[str]) -> dict[str, str]:
    """Hash and ``source_path`` of those of the documents that have not ended."""
    query = select(Document.sha256_hex, Document.source_path)
    rows = session.execute(query.where(Document.sha256_hex.in_(hashes), Document.status.in_(UNFINISHED)))
    return {row.sha256_hex: row.source_path for row in rows}


def ended(session: Session, hashes: Sequence[str]) -> list[Ended]:
    """Those of the documents that have ended, and where they lie."""
    query = select(Document.sha256_hex, Document.status, Document.filed_path)
    rows = session.execute(query.where(Document.sha256_hex.in_(hashes), Document.status.in_(ENDED)))
    return [Ended(row.sha256_hex, row.status, row.filed_path) for row in rows]


def with_status(session: Session, hashes: Sequence[str], among: Sequence[DocumentStatus]) -> set[str]:
    """Those of the hashes whose documents have one of these states."""
    query = select(Document.sha256_hex)
    return set(session.scalars(query.where(Document.sha256_hex.in_(hashes), Document.status.in_(among))))


def add_event(
    session: Session,
    kind: EventKind,
    *,
    document_id: int | None,
    sha256: str | None,
    detail: EventDetail,
    now: datetime,
) -> None:
    """Add to the custody record."""
    session.add(
        Event(document_id=document_id, sha256_hex=sha256, kind=kind, detail=storable_json(detail), at=now)
    )


def history(session: Session, document_id: int) -> list[Event]:
    """What happened to the document, oldest first."""
    return list(session.scalars(select(Event).where(Event.document_id == document_id).order_by(Event.id)))


def correct(session: Session, document_id: int, field: str, raw_value: str, now: datetime) -> Metadata:
    """Take a person's word for one field: it is locked, and no later run changes it.

    Raises:
        UsageError: code ``unknown_document``, ``document_superseded``, ``unknown_field`` or ``bad_value``.
    """
    require(session, document_id)
    document = locked(session, document_id)
    if document.status is DocumentStatus.SUPERSEDED:
        raise UsageError(
            f"document {document_id} is superseded: document {document.later_version} stands for it",
            code=Code.DOCUMENT_SUPERSEDED,
            next_step=f"`autod correct {document.later_version} …` sets its fields.",
        )
    metadata = fields.set_by_person(session, document, field, raw_value, now)
    corrected(session, document, {"field": field}, now)
    return metadata


def corrected(session: Session, document: Document, detail: EventDetail, now: datetime) -> None:
    """A person's word has changed the document: note it, and have it found by what holds now."""
    if document.vector_store_file_id is not None:
        document.store_retry_at = now  # what it is found by has changed, or whether it may be there
    add_event(
        session,
        EventKind.CORRECTED,
        document_id=document.id,
        sha256=document.sha256_hex,
        detail=detail,
        now=now,
    )
    session.flush()
    search_texts.index(session, document, [page.text for page in page_texts(session, document.id)])


def current_fields(session: Session, document_id: int) -> list[FieldValue]:
    """The word that holds for each field that has a value, in the schema's order."""
    holds = fields.latest(session, document_id)
    rows = (holds.get(name) for name in FIELDS)
    return [row for row in rows if row is not None and row.value not in (None, [])]


def page_texts(session: Session, document_id: int) -> list[PageRow]:
    """The document's pages in order."""
    return list(
        session.scalars(select(PageRow).where(PageRow.document_id == document_id).order_by(PageRow.number))
    )
