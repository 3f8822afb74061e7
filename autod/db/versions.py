"""Documents that are versions of each other: what one file was before and after it changed.

A chain from the earliest to the latest, linked both ways. As in ``documents``, nothing here commits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from autod.db import documents, fields, search_texts
from autod.db.models import Document, Event
from autod.domain.events import EventDetail
from autod.domain.status import DocumentStatus, EventKind

FARTHEST = 5
"""Versions before and after one that are looked at: a scanner may use the same name all day."""
MOST_LINKED = 10_000


class VersionJson(TypedDict):
    """See ``Version``."""

    document_id: int
    sha256: str
    status: str
    place: str | None
    same_file: bool


@dataclass(frozen=True, slots=True)
class Version:
    """One document of a chain.

    ``same_file``: its bytes were written into the very file that the one before it was taken from.
    """

    document_id: int
    sha256: str
    status: str
    place: str | None
    same_file: bool

    def to_dict(self) -> VersionJson:
        return {
            "document_id": self.document_id,
            "sha256": self.sha256,
            "status": self.status,
            "place": self.place,
            "same_file": self.same_file,
        }


def came_from(session: Session, source_path: str, since: datetime, most: int = 3) -> list[Document]:
    """The documents whose bytes came by this path: since then, or have not ended before; the latest first."""
    query = (
        select(Document)
        .where(
            Document.source_key == documents.source_key(source_path),
            or_(
                Document.came_at >= since,
                Document.processed_at >= since,
                Document.failed_at >= since,
                Document.status.in_(documents.UNFINISHED),
            ),
        )
        .order_by(Document.came_at.desc())
        .limit(most)
    )
    return list(session.scalars(query))


def came_again(session: Session, document_id: int, source_path: str, now: datetime) -> None:
    """The document's bytes came once more, by this path."""
    document = documents.locked(session, document_id)
    document.source_key, document.came_at = documents.source_key(source_path), now
    session.flush()


def by_file(session: Session, sha256: str, source_path: str) -> Document | None:
    """The document that a file in the inbox with this hash became, or became the rest of."""
    rest_of = select(Document).where(
        Document.source_sha256 == sha256, Document.source_key == documents.source_key(source_path)
    )
    return documents.by_sha(session, sha256) or session.scalar(rest_of.order_by(Document.id.desc()).limit(1))


def link(session: Session, earlier_id: int, later_id: int, *, same_file: bool, now: datetime) -> None:
    """Make a new document the latest version of the chain that ``earlier_id`` belongs to."""
    earlier, later = documents.require(session, earlier_id), documents.require(session, later_id)
    for _ in range(MOST_LINKED):
        after = documents.by_id(session, earlier.later_version) if earlier.later_version else None
        if after is None or after.id == later.id:  # there is none, or somebody deleted its row
            break
        earlier = after
    earlier.later_version, later.earlier_version = later.id, earlier.id
    told: list[tuple[Document, EventKind, EventDetail]] = [
        (later, EventKind.VERSION_OF, {"earlier": earlier.id, "same_file": same_file}),
        (earlier, EventKind.NEW_VERSION, {"later": later.id}),
    ]
    for document, kind, detail in told:
        documents.add_event(
            session, kind, document_id=document.id, sha256=document.sha256_hex, detail=detail, now=now
        )
    session.flush()


def chain(session: Session, document_id: int) -> list[Version]:
    """All versions around the document, the earliest first."""
    in_order = [documents.require(session, document_id)]
    for _ in range(FARTHEST):
        before = in_order[0].earlier_version and documents.by_id(session, in_order[0].earlier_version)
        if not before:
            break
        in_order.insert(0, before)
    for _ in range(FARTHEST):
        after = in_order[-1].later_version and documents.by_id(session, in_order[-1].later_version)
        if not after:
            break
        in_order.append(after)
    links = session.execute(
        select(Event.document_id, Event.detail).where(
            Event.document_id.in_([document.id for document in in_order]),
            Event.kind == EventKind.VERSION_OF,
        )
    )
    same = {row.document_id for row in links if row.detail.get("same_file")}
    return [
        Version(d.id, d.sha256_hex, d.status.value, d.filed_path, same_file=d.id in same) for d in in_order
    ]


def hold(session: Session, document_ids: Iterable[int]) -> None:
    """Keep other writers off these documents; in the order of their numbers: no two wait for each other."""
    for document_id in sorted(set(document_ids)):
        documents.locked(session, document_id)


def supersede(session: Session, earlier_id: int, later_id: int, now: datetime) -> bool:
    """The later document stands for the earlier one, too; False when the earlier one is in work again.

    What a person said of the earlier one holds for the later one from now on. Of several documents of a chain
    ``hold`` comes first.
    """
    hold(session, [earlier_id, later_id])
    earlier, later = documents.require(session, earlier_id), documents.require(session, later_id)
    if earlier.status not in (DocumentStatus.COMPLETED, DocumentStatus.FAILED):
        return False
    place, earlier.filed_path = earlier.filed_path, None
    earlier.status = DocumentStatus.SUPERSEDED
    earlier.error_code = earlier.error_message = earlier.next_step = None
    earlier.failed_at = None
    session.flush()
    search_texts.remove(session, earlier_id)
    told: list[tuple[Document, EventKind, EventDetail]] = [
        (earlier, EventKind.SUPERSEDED, {"later": later.id, "path": place}),
        (later, EventKind.REPLACES, {"earlier": earlier.id}),
    ]
    for document, kind, detail in told:
        documents.add_event(
            session, kind, document_id=document.id, sha256=document.sha256_hex, detail=detail, now=now
        )
    if taken := fields.carry(session, earlier, later):
        documents.corrected(session, later, {"field": ", ".join(taken), "earlier": earlier.id}, now)
    return True
