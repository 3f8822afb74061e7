"""The tables.

``documents`` holds what is believed now; ``field_values`` and ``events`` hold how it came about and
only grow.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Enum, ForeignKey, Identity, Index, MetaData, String, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from autod.db.field_columns import EMPTY_LIST, FieldColumns
from autod.db.types import BigId, Cost, DecimalNumber, Json, UtcDateTime
from autod.domain.asked import BatchAnswerJson, QueuedQuestion
from autod.domain.events import EventDetail
from autod.domain.privacy import Purpose, SentForm
from autod.domain.status import DocumentStatus, EventKind


class CallState(StrEnum):
    """Where a paid call stands in the ledger."""

    RESERVED = "reserved"
    SETTLED = "settled"
    RELEASED = "released"
    UNKNOWN = "unknown"


class BatchState(StrEnum):
    """How far a batch is; ``submitting`` may have reached the service or not."""

    FORMED = "formed"
    UPLOADED = "uploaded"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    COLLECTED = "collected"
    DONE = "done"


class PartState(StrEnum):
    """Where one question of a batch stands; the last two are final."""

    QUEUED = "queued"
    SENT = "sent"
    ANSWERED = "answered"
    FAILED = "failed"


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        Decimal: DecimalNumber(),
        list[Any]: Json,
    }


def _words_of(kind: type[StrEnum]) -> Enum:
    """The enum's values as plain text: readable in SQL, and a new member needs no migration."""
    return Enum(kind, native_enum=False, length=32, values_callable=lambda e: [m.value for m in e])


_ZERO = text("0")


class Document(FieldColumns, Base):
    """One PDF, by its SHA-256, with what is believed about it.

    Its further columns are the fields of ``autod.domain.metadata.Metadata``.
    ``processed_at`` is set when a document is completed, and only then. ``confidence`` is the mean over its
    values; ``needs_review`` names fields, ``checks`` the codes of failed checks. ``possible_kinds`` is what
    the embedded engine took it for before anything was sent (``autod.domain.privacy``). ``lane`` is ``batch``
    for one that a batch of the service is to read. ``store_retry_at`` is when the vector store
    is tried again. ``waits`` counts how often in a row it was postponed for trouble outside of it, which
    ``attempts`` does not. ``earlier_version`` and ``later_version`` are the numbers of what the same file was
    before and after it changed (``autod.db.versions``). ``source_key`` is the short form of the path
    by which its bytes came last, at ``came_at``. ``source_sha256`` is the hash of the file at ``source_path``
    when that is only the document's rest.
    """

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    sha256_hex: Mapped[str] = mapped_column(String(64))
    original_filename: Mapped[str] = mapped_column(Text)
    status: Mapped[DocumentStatus] = mapped_column(_words_of(DocumentStatus))
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    source_path: Mapped[str] = mapped_column(Text)
    filed_path: Mapped[str | None] = mapped_column(Text)
    file_size: Mapped[int] = mapped_column(BigId)
    page_count: Mapped[int | None]
    ocr_pages: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=_ZERO)
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    next_step: Mapped[str | None] = mapped_column(Text)
    needs_review: Mapped[list[Any]] = mapped_column(default=list, server_default=EMPTY_LIST)
    checks: Mapped[list[Any]] = mapped_column(default=list, server_default=EMPTY_LIST)
    confidence: Mapped[float | None]
    engine: Mapped[str | None] = mapped_column(String(64))
    pipeline_version: Mapped[str | None] = mapped_column(String(64))
    model: Mapped[str | None] = mapped_column(String(128))
    processing_seconds: Mapped[float | None]
    prompt_tokens: Mapped[int] = mapped_column(default=0, server_default=_ZERO)
    output_tokens: Mapped[int] = mapped_column(default=0, server_default=_ZERO)
    cached_tokens: Mapped[int | None]
    total_cost_usd: Mapped[Decimal] = mapped_column(Cost(), default=Decimal(0), server_default=_ZERO)
    vector_store_file_id: Mapped[str | None] = mapped_column(String(128))
    lane: Mapped[str | None] = mapped_column(String(16))
    store_retry_at: Mapped[datetime | None]
    waits: Mapped[int] = mapped_column(default=0, server_default=_ZERO)
    possible_kinds: Mapped[list[Any]] = mapped_column(default=list, server_default=EMPTY_LIST)
    earlier_version: Mapped[int | None] = mapped_column(BigId)
    later_version: Mapped[int | None] = mapped_column(BigId)
    source_key: Mapped[str | None] = mapped_column(String(16))
    came_at: Mapped[datetime | None]
    source_sha256: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_documents_sha256_hex", "sha256_hex", unique=True),
        Index("idx_doc_type_processed", "doc_type", "processed_at"),
        Index("ix_documents_status", "status", "retry_at"),
        Index("ix_documents_processed_at", "processed_at"),
        Index("ix_documents_failed_at", "failed_at"),
        Index("ix_documents_primary_date", "primary_date"),
        Index("ix_documents_issuer", "issuer"),
        Index("ix_documents_source_key", "source_key"),
        Index(
            "ix_documents_source_sha256",
            "source_sha256",
            sqlite_where=text("source_sha256 IS NOT NULL"),
            postgresql_where=text("source_sha256 IS NOT NULL"),
        ),
    )

    @property
    def to_review(self) -> list[Any]:
        """What of it a person should look at: nothing when a later document stands for it."""
        return [] if self.status is DocumentStatus.SUPERSEDED else self.needs_review or []


class PageRow(Base):
    """The text of one page; ``source`` is a ``TextSource``."""

    __tablename__ = "pages"

    document_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(32))


class FieldValue(Base):
    """Somebody's word for one field, once said never changed. The latest locked one wins, else the latest.

    ``source`` is an engine's name or ``person``; ``value`` is JSON as ``Metadata`` dumps it.
    """

    __tablename__ = "field_values"

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    document_id: Mapped[int] = mapped_column(BigId, ForeignKey("documents.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(String(64))
    value: Mapped[Any] = mapped_column(Json, nullable=True)
    evidence: Mapped[Any] = mapped_column(Json, nullable=True)
    confidence: Mapped[float | None]
    source: Mapped[str] = mapped_column(String(64))
    locked: Mapped[bool] = mapped_column(default=False)
    pipeline_version: Mapped[str | None] = mapped_column(String(64))
    model: Mapped[str | None] = mapped_column(String(128))
    prompt_version: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_field_values_document_id", "document_id", "field"),)


class ApiCall(Base):
    """The ledger: one paid call, reserved before it is made and settled or released after."""

    __tablename__ = "api_calls"

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    document_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("documents.id", ondelete="SET NULL"))
    sha256_hex: Mapped[str] = mapped_column(String(64))
    provider: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(128))
    tier: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[CallState] = mapped_column(_words_of(CallState))
    handle: Mapped[str | None] = mapped_column(String(128))
    request_id: Mapped[str | None] = mapped_column(String(128))
    reserved_usd: Mapped[Decimal] = mapped_column(Cost())
    cost_usd: Mapped[Decimal | None] = mapped_column(Cost())
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    cached_tokens: Mapped[int | None]
    cache_write_tokens: Mapped[int | None]
    reasoning_tokens: Mapped[int | None]
    price_version: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_api_calls_document_id", "document_id"),
        Index("ix_api_calls_sha256_hex", "sha256_hex"),
        Index("ix_api_calls_state", "state", "created_at"),
        Index("ix_api_calls_created_at", "created_at"),
    )


class Batch(Base):
    """Questions that the service answers together within a day, for half the price.

    ``key`` is ours and travels along, so that a batch is found again before another one is made.
    """

    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(128))
    state: Mapped[BatchState] = mapped_column(_words_of(BatchState))
    requests: Mapped[int]
    answered: Mapped[int] = mapped_column(default=0)
    input_file_id: Mapped[str | None] = mapped_column(String(128))
    remote_id: Mapped[str | None] = mapped_column(String(128))
    created_at: Mapped[datetime]
    attempted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_batches_key", "key", unique=True),
        Index("ix_batches_state", "state"),
    )


class BatchPart(Base):
    """One question about a document that waits for a batch, is in one, or was answered.

    ``question`` is what ``prepare`` told of it; ``call_id`` its row in the ledger, None while no money is
    set aside. It ends with its document.
    """

    __tablename__ = "batch_parts"

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    document_id: Mapped[int] = mapped_column(BigId, ForeignKey("documents.id", ondelete="CASCADE"))
    sha256_hex: Mapped[str] = mapped_column(String(64))
    part: Mapped[int]
    model: Mapped[str] = mapped_column(String(128))
    question: Mapped[QueuedQuestion] = mapped_column(Json)
    size_bytes: Mapped[int] = mapped_column(BigId)
    state: Mapped[PartState] = mapped_column(_words_of(PartState))
    call_id: Mapped[int | None] = mapped_column(BigId)
    batch_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("batches.id", ondelete="SET NULL"))
    rounds: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    answer: Mapped[BatchAnswerJson | None] = mapped_column(Json, nullable=True)
    error_code: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_batch_parts_sha256_hex", "sha256_hex", "part", unique=True),
        Index("ix_batch_parts_document_id", "document_id"),
        Index("ix_batch_parts_batch_id", "batch_id"),
        Index("ix_batch_parts_state", "state"),
    )


class Event(Base):
    """Custody: what happened to a file, and when."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    document_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("documents.id", ondelete="SET NULL"))
    sha256_hex: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[EventKind] = mapped_column(_words_of(EventKind))
    detail: Mapped[EventDetail] = mapped_column(Json)
    at: Mapped[datetime]

    __table_args__ = (
        Index("ix_events_document_id", "document_id"),
        Index("ix_events_kind", "kind", "at"),
    )


class Disclosure(Base):
    """What left this machine, noted before it left: one document (or a person's query) in one request.

    ``outcome`` is ``answered`` or an error's code, NULL while nobody knows. ``kept_at`` is the path at the
    service under which it can be deleted, ``deleted_at`` when the service confirmed that it is gone.
    """

    __tablename__ = "disclosures"

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    document_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("documents.id", ondelete="SET NULL"))
    sha256_hex: Mapped[str | None] = mapped_column(String(64))
    host: Mapped[str] = mapped_column(String(255))
    purpose: Mapped[Purpose] = mapped_column(_words_of(Purpose))
    form: Mapped[SentForm] = mapped_column(_words_of(SentForm))
    pages: Mapped[int | None]
    size_bytes: Mapped[int] = mapped_column(BigId)
    at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(64))
    kept: Mapped[bool]
    kept_at: Mapped[str | None] = mapped_column(Text)
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_disclosures_document_id", "document_id"),
        Index("ix_disclosures_at", "at"),
        Index("ix_disclosures_kept_at", "kept_at"),
    )


class Alert(Base):
    """Where an alert stands, for all workers together; see ``autod.alerts.hysteresis.AlertState``.

    ``pending`` is a notice that is still to be sent; ``claimed_until`` keeps the others from sending it too.
    """

    __tablename__ = "alerts"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    phase: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime]
    raised_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    summary: Mapped[str] = mapped_column(Text)
    pending: Mapped[str | None] = mapped_column(String(16))
    claimed_until: Mapped[datetime | None]


class Worker(Base):
    """A process that works on documents, while it lives; see ``autod.db.workers``.

    ``incarnation`` tells one life of the process slot from the next; it takes its work from ``queue``.
    """

    __tablename__ = "workers"

    executor_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    incarnation: Mapped[str] = mapped_column(String(32))
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    pipeline_version: Mapped[str] = mapped_column(String(64))
    queue: Mapped[str] = mapped_column(String(192))
    inbox: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime]


class Archive(Base):
    """Which archive this is: one row. Its folders bear the same mark, see ``autod.files.marks``."""

    __tablename__ = "archive"

    mark: Mapped[str] = mapped_column(String(32), primary_key=True)
    made_at: Mapped[datetime]


class Forgotten(Base):
    """A file that a person does not want in the archive, whatever its name; see ``autod.db.forgotten``."""

    __tablename__ = "forgotten"

    sha256_hex: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime]


class SearchText(Base):
    """What a document is found by: folded words (``autod.domain.folding``), separated by single spaces.

    SQLite indexes the text columns in the FTS5 table ``search_fts``, kept in step by triggers;
    PostgreSQL indexes ``vector``, which is written along with them and stays NULL on SQLite.
    """

    __tablename__ = "search_texts"

    document_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    title: Mapped[str] = mapped_column(Text)
    issuer: Mapped[str] = mapped_column(Text)
    numbers: Mapped[str] = mapped_column(Text)
    names: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    vector: Mapped[str | None] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))

    __table_args__ = (
        Index("ix_search_texts_vector", "vector", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )
