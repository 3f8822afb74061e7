"""What the database believes to hold, for comparing it with folders and index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from autod.db import search_texts
from autod.db.models import Document, Page, SearchText
from autod.domain.status import DocumentStatus


@dataclass(frozen=True, slots=True)
class Holding:
    """One document, as far as its bytes and its place in the index are concerned."""

    document_id: int
    sha256: str
    status: DocumentStatus
    filed_path: str | None
    source_path: str
    original_filename: str
    received_at: datetime
    indexed: bool


_QUERY = (
    select(
        Document.id,
        Document.sha256_hex,
        Document.status,
        Document.filed_path,
        Document.source_path,
        Document.original_filename,
        Document.received_at,
        SearchText.document_id.is_not(None),
    )
    .join(SearchText, SearchText.document_id == Document.id, isouter=True)
    .order_by(Document.id)
)


def holdings(session: Session) -> list[Holding]:
    """All documents, in the order of their numbers."""
    return [Holding(*row) for row in session.execute(_QUERY)]


def holding(session: Session, document_id: int) -> Holding | None:
    """One document as it stands now."""
    row = session.execute(_QUERY.where(Document.id == document_id)).first()
    return Holding(*row) if row is not None else None


def index_again(session: Session, document_id: int) -> None:
    """Make a document findable by its fields and its recorded pages."""
    pages = session.scalars(select(Page.text).where(Page.document_id == document_id).order_by(Page.number))
    search_texts.index(session, session.get_one(Document, document_id), pages.all())


def relocate(session: Session, filed: dict[int, str], *, inbox: tuple[str, str]) -> None:
    """After a move to other folders: where documents lie now, and the inbox's old and new path."""
    if filed:
        changed = [{"id": number, "filed_path": path} for number, path in filed.items()]
        session.execute(update(Document), changed)
    old, new = (f"{path.rstrip('/')}/" for path in inbox)
    if old != new:
        session.execute(
            update(Document)
            .where(Document.source_path.startswith(old, autoescape=True))
            .values(source_path=new + func.substr(Document.source_path, len(old) + 1))
            .execution_options(synchronize_session=False)
        )
