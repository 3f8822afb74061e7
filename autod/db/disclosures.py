"""The record of what left this machine: written before it leaves, and kept.

Nothing here commits: the caller's transaction does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from autod.db import fields
from autod.db.documents import UNFINISHED
from autod.db.models import Disclosure, Document
from autod.domain.privacy import UNKNOWN, Purpose, Sending
from autod.domain.storable import storable

PORTION = 500
ANSWERED = "answered"
CONVERSATIONS = "/conversations/"
T = TypeVar("T")


def note(session: Session, sending: Sending, now: datetime) -> list[int]:
    """Write down what is about to leave, one row a document; their numbers."""
    numbers: dict[str, int] = {}
    for hashes in _in_portions([share.sha256 for share in sending.shares if share.sha256]):
        portion = session.execute(
            select(Document.id, Document.sha256_hex).where(Document.sha256_hex.in_(hashes))
        )
        numbers |= {row.sha256_hex: row.id for row in portion}
    rows = [
        Disclosure(
            document_id=numbers.get(share.sha256) if share.sha256 else None,
            sha256_hex=share.sha256,
            host=storable(sending.host, 255),
            purpose=share.purpose,
            form=share.form,
            pages=share.pages,
            size_bytes=sending.size,
            at=now,
            kept=sending.kept,
            kept_at=sending.kept_at,
        )
        for share in sending.shares
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def note_outcome(
    session: Session, numbers: list[int], outcome: str, kept_at: str | None, *, arrived: bool = True
) -> None:
    """How a sending went; of one that did not arrive nothing is kept."""
    values: dict[str, Any] = {"outcome": storable(outcome, 64), "kept_at": kept_at}
    if not arrived:
        values["kept"] = False
    for portion in _in_portions(numbers):
        session.execute(update(Disclosure).where(Disclosure.id.in_(portion)).values(values))


def _in_portions(items: list[T]) -> Iterator[list[T]]:
    """A batch carries many thousands of documents, and a statement takes only so many values."""
    for begin in range(0, len(items), PORTION):
        yield items[begin : begin + PORTION]


def note_deleted(session: Session, host: str, path: str, now: datetime) -> None:
    """The service keeps nothing under ``path`` any more, nor below it.

    Of a request whose answer never came it may keep an answer under an address that nobody told us: that
    stays in sight until the service deletes it by itself.
    """
    here = (
        Disclosure.host == host,
        or_(Disclosure.kept_at == path, Disclosure.kept_at.startswith(path + "/", autoescape=True)),
        Disclosure.deleted_at.is_(None),
    )
    if path.startswith(CONVERSATIONS):
        lost = or_(Disclosure.outcome.is_(None), Disclosure.outcome != ANSWERED)
        session.execute(update(Disclosure).where(*here, lost).values(kept_at=None))
    session.execute(update(Disclosure).where(*here).values(deleted_at=now))


def left_behind(session: Session, host: str, before: datetime, limit: int) -> list[str]:
    """Paths at which the service still keeps what was sent ``before`` to be read, the oldest first.

    What belongs to a document in work is left out: somebody may come back for it.
    """
    kept = (
        Disclosure.host == host,
        Disclosure.purpose == Purpose.READ,
        Disclosure.kept_at.is_not(None),
        Disclosure.deleted_at.is_(None),
    )
    in_work = (
        select(Disclosure.kept_at)
        .join(Document, Document.sha256_hex == Disclosure.sha256_hex)
        .where(*kept, Document.status.in_(UNFINISHED))
    )
    query = (
        select(Disclosure.kept_at)
        .where(*kept, Disclosure.at < before, Disclosure.kept_at.not_in(in_work))
        .group_by(Disclosure.kept_at)
        .order_by(func.min(Disclosure.id))
        .limit(limit)
    )
    return [path for path in session.scalars(query) if path]


def of_document(session: Session, document_id: int) -> list[Disclosure]:
    """Where one document went, the oldest first."""
    query = select(Disclosure).where(Disclosure.document_id == document_id)
    return list(session.scalars(query.order_by(Disclosure.id)))


def list_all(
    session: Session, *, since: datetime | None = None, still_kept: bool = False, limit: int | None = None
) -> list[Disclosure]:
    """What left, the newest first; ``still_kept`` leaves out what the service deleted or never kept."""
    query = select(Disclosure).order_by(Disclosure.id.desc()).limit(limit)
    if since is not None:
        query = query.where(Disclosure.at >= since)
    if still_kept:
        query = query.where(Disclosure.kept.is_(True), Disclosure.deleted_at.is_(None))
    return list(session.scalars(query))


def classes_of(session: Session, sha256: str, seen: Sequence[str] = ()) -> list[str]:
    """What the document may be, ``unknown`` included when nobody is sure.

    A person's word for its kind settles the matter; then counts what it was just ``seen`` as, then what is
    noted. One that was never looked at for this is unknown.
    """
    document = session.scalar(select(Document).where(Document.sha256_hex == sha256))
    if document is None:
        return list(seen) or [UNKNOWN]
    kind = fields.latest(session, document.id).get("doc_type")
    if kind is not None and kind.locked and kind.value:
        return [str(kind.value)]
    if seen or document.possible_kinds:
        return list(seen or document.possible_kinds)
    return [UNKNOWN, *([document.doc_type] if document.doc_type else [])]


def note_withheld(session: Session, sha256: str, now: datetime) -> None:
    """Have a copy in the vector store, from before the policy became stricter, taken out soon."""
    session.execute(
        update(Document)
        .where(Document.sha256_hex == sha256, Document.vector_store_file_id.is_not(None))
        .values(store_retry_at=now)
    )


def note_kinds(session: Session, sha256: str, kinds: list[str]) -> None:
    """What the embedded engine takes the document for."""
    session.execute(update(Document).where(Document.sha256_hex == sha256).values(possible_kinds=kinds))
