"""Batches of questions and their parts. Plain functions on a session; nothing here commits."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db.manager import DatabaseManager
from autod.db.models import Batch, BatchPart, BatchState, Document, PartState
from autod.domain.asked import QueuedQuestion
from autod.domain.status import DocumentStatus

LOCK = 0x6175746F_62617463
"""The advisory lock of the one process that deals with batches on PostgreSQL."""

WAITING_CODE = Code.OPENAI_BATCH_WAITING
"""The code of a document that waits for a batch."""

ENDED = (PartState.ANSWERED, PartState.FAILED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many questions stand where, and how many batches are under way."""

    queued: int
    sent: int
    ended: int
    batches: int

    @property
    def open(self) -> int:
        """Questions without an answer."""
        return self.queued + self.sent

    @property
    def anything(self) -> bool:
        """Whether there is anything to look after."""
        return bool(self.open or self.ended or self.batches)


@contextmanager
def alone(manager: DatabaseManager) -> Iterator[bool]:
    """Whether nobody else deals with batches while the block runs; the lock ends with its connection."""
    if manager.engine.dialect.name != "postgresql":
        yield True  # one process works on an SQLite file anyway
        return
    with manager.engine.connect() as connection:
        taken = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(LOCK))))
        connection.commit()
        try:
            yield taken
        finally:
            if taken:
                connection.scalar(sa.select(sa.func.pg_advisory_unlock(LOCK)))
                connection.commit()


def parts_of(session: Session, sha256: str) -> Sequence[BatchPart]:
    """The parts of a document, in order."""
    query = sa.select(BatchPart).where(BatchPart.sha256_hex == sha256)
    return session.scalars(query.order_by(BatchPart.part)).all()


def queue(
    session: Session,
    *,
    document_id: int,
    sha256: str,
    part: int,
    model: str,
    question: QueuedQuestion,
    size: int,
    call_id: int,
) -> None:
    """Have a question wait for a batch; its money is set aside."""
    session.add(
        BatchPart(
            document_id=document_id,
            sha256_hex=sha256,
            part=part,
            model=model,
            question=question,
            size_bytes=size,
            state=PartState.QUEUED,
            call_id=call_id,
        )
    )
    session.flush()


def forget_ended(session: Session, sha256: str) -> None:
    """Have the document asked about anew: what was answered or failed before does not count."""
    session.execute(sa.delete(BatchPart).where(BatchPart.sha256_hex == sha256, BatchPart.state.in_(ENDED)))


def clear_up(session: Session) -> None:
    """Remove the parts of documents that have ended: their answers are in the archive, or of no use."""
    over = sa.select(Document.id).where(
        Document.status.in_((DocumentStatus.COMPLETED, DocumentStatus.FAILED, DocumentStatus.SUPERSEDED))
    )
    session.execute(
        sa.delete(BatchPart).where(BatchPart.state.in_(ENDED), BatchPart.document_id.in_(over)),
        execution_options={"synchronize_session": False},
    )


def waiting(session: Session, now: datetime, limit: int) -> Sequence[BatchPart]:
    """Parts that may go into a batch now, model by model, the oldest first."""
    due = sa.or_(BatchPart.not_before.is_(None), BatchPart.not_before <= now)
    query = sa.select(BatchPart).where(BatchPart.state == PartState.QUEUED, due)
    return session.scalars(query.order_by(BatchPart.model, BatchPart.id).limit(limit)).all()


def form(session: Session, parts: Sequence[BatchPart], now: datetime) -> Batch:
    """A batch of these parts, all of one model."""
    batch = Batch(
        key=secrets.token_hex(16),
        model=parts[0].model,
        state=BatchState.FORMED,
        requests=len(parts),
        answered=0,
        created_at=now,
    )
    session.add(batch)
    session.flush()
    for part in parts:
        part.state, part.batch_id = PartState.SENT, batch.id
    session.flush()
    return batch


def under_way(session: Session) -> Sequence[Batch]:
    """The batches that are not done, oldest first."""
    return session.scalars(sa.select(Batch).where(Batch.state != BatchState.DONE).order_by(Batch.id)).all()


def require(session: Session, batch_id: int) -> Batch:
    return session.get_one(Batch, batch_id)


def sent_in(session: Session, batch_id: int, hashes: Collection[str] | None = None) -> Sequence[BatchPart]:
    """The parts of a batch that have no answer yet, in order; only those of some documents if so wished."""
    query = sa.select(BatchPart).where(BatchPart.batch_id == batch_id, BatchPart.state == PartState.SENT)
    if hashes is not None:
        query = query.where(BatchPart.sha256_hex.in_(hashes))
    return session.scalars(query.order_by(BatchPart.id)).all()


def wake(session: Session, now: datetime) -> int:
    """Let the documents go on whose parts have all ended; returns how many."""
    still_open = sa.select(BatchPart.document_id).where(BatchPart.state.not_in(ENDED))
    asked = sa.select(BatchPart.document_id)
    woken = session.execute(
        sa.update(Document)
        .where(
            Document.status == DocumentStatus.WAITING,
            Document.error_code == WAITING_CODE,
            Document.retry_at > now,
            Document.id.in_(asked),
            Document.id.not_in(still_open),
        )
        .values(retry_at=now),
        execution_options={"synchronize_session": False},
    )
    return int(woken.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


def standing(session: Session) -> Standing:
    """How far everything is."""
    count = sa.select(BatchPart.state, sa.func.count()).group_by(BatchPart.state)
    counted = {row[0]: row[1] for row in session.execute(count)}
    batches = session.scalar(
        sa.select(sa.func.count()).select_from(Batch).where(Batch.state != BatchState.DONE)
    )
    ended = sum(counted.get(state, 0) for state in ENDED)
    return Standing(counted.get(PartState.QUEUED, 0), counted.get(PartState.SENT, 0), ended, batches or 0)
