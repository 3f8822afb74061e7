"""Which archive this is, and what its folders should hold."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from autod.db.models import Archive, Document
from autod.domain.status import DocumentStatus

SAMPLE = 8
"""So many of the newest and of the oldest documents are looked for."""

_UNFINISHED = (DocumentStatus.WAITING, DocumentStatus.PROCESSING)


def mark_of(session: Session) -> str:
    """The archive's mark: 32 hexadecimal digits."""
    return session.scalars(select(Archive.mark)).one()


def take_mark(session: Session, mark: str, now: datetime) -> None:
    """Be the archive of that mark from now on."""
    session.execute(delete(Archive))
    session.add(Archive(mark=mark, made_at=now))


def is_empty(session: Session) -> bool:
    """Whether no document was ever taken in."""
    return session.scalar(select(Document.id).limit(1)) is None


def filed_below(session: Session, folder: Path) -> list[str]:
    """Where some documents lie that were filed, or set aside, somewhere below ``folder``."""
    query = select(Document.filed_path).where(
        Document.filed_path.startswith(f"{folder}/", autoescape=True), Document.status.not_in(_UNFINISHED)
    )
    newest = session.scalars(query.order_by(Document.id.desc()).limit(SAMPLE))
    oldest = session.scalars(query.order_by(Document.id).limit(SAMPLE))
    return [path for path in dict.fromkeys((*newest, *oldest)) if path]


def unfinished(session: Session) -> dict[str, str]:
    """Hash and ``source_path`` of some of the documents that have not ended."""
    query = select(Document.sha256_hex, Document.source_path).where(Document.status.in_(_UNFINISHED))
    return {
        row.sha256_hex: row.source_path for row in session.execute(query.order_by(Document.id).limit(SAMPLE))
    }
