"""What the database believes to hold, for comparing it with folders and index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    column,
    delete,
    func,
    not_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.orm import Session

from autod.db import search_texts
from autod.db.models import ApiCall, BatchPart, Disclosure, Document, Event, FieldValue, PageRow, SearchText
from autod.domain.status import DocumentStatus


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """One document, as far as its bytes, its other rows and its place in the index are concerned.

    ``lacks`` names what was recorded of it and is not there.
    """

    document_id: int
    sha256: str
    status: DocumentStatus
    filed_path: str | None
    source_path: str
    original_filename: str
    received_at: datetime
    indexed: bool
    lacks: tuple[str, ...]
    has_history: bool


_REENTER = text(
    "INSERT INTO search_fts (rowid, title, issuer, numbers, names, body)"
    " SELECT document_id, title, issuer, numbers, names, body FROM search_texts"
    " WHERE document_id = :number AND NOT EXISTS (SELECT 1 FROM search_fts_docsize WHERE id = :number)"
)
"""FTS5 may be told to forget only what it knows, and it is told so when the texts are replaced."""

_UNSYNCED = {"synchronize_session": False}
_OWNED: tuple[Any, ...] = (PageRow, FieldValue, SearchText, BatchPart)
_NAMING: tuple[Any, ...] = (Event, ApiCall, Disclosure)
"""Rows that end with their document, and rows that outlive it and then name none."""


def _query(session: Session) -> Select[*tuple[Any, ...]]:
    pages = select(func.count()).where(PageRow.document_id == Document.id).scalar_subquery()
    values = select(FieldValue.id).where(FieldValue.document_id == Document.id).exists()
    events = select(Event.id).where(Event.document_id == Document.id).exists()
    return (
        select(
            Document.id,
            Document.sha256_hex,
            Document.status,
            Document.filed_path,
            Document.source_path,
            Document.original_filename,
            Document.received_at,
            _is_indexed(session).label("indexed"),
            (func.coalesce(Document.page_count, 0) > pages).label("no_pages"),
            and_(Document.doc_type.is_not(None), not_(values)).label("no_values"),
            events.label("has_history"),
        )
        .join(SearchText, SearchText.document_id == Document.id, isouter=True)
        .order_by(Document.id)
    )


def _is_indexed(session: Session) -> ColumnElement[bool]:
    """Whether the index itself knows the document, not only the table that it is made from."""
    if session.get_bind().dialect.name == "postgresql":
        return SearchText.vector.is_not(None)
    sizes = table("search_fts_docsize", column("id"))  # FTS5 has a row there for each document it knows
    in_index = select(sizes.c.id).where(sizes.c.id == Document.id).exists()
    return and_(SearchText.document_id.is_not(None), in_index)


def _holding(row: Any) -> InventoryRow:
    lacks = (("pages", row.no_pages), ("field values", row.no_values))
    return InventoryRow(
        row.id,
        row.sha256_hex,
        row.status,
        row.filed_path,
        row.source_path,
        row.original_filename,
        row.received_at,
        row.indexed,
        tuple(name for name, is_missing in lacks if is_missing),
        row.has_history,
    )


def inventory_rows(session: Session) -> list[InventoryRow]:
    """All documents, in the order of their numbers."""
    return [_holding(row) for row in session.execute(_query(session))]


def inventory_row(session: Session, document_id: int) -> InventoryRow | None:
    """One document as it stands now."""
    row = session.execute(_query(session).where(Document.id == document_id)).first()
    return _holding(row) if row is not None else None


def is_found_by_what_it_says(session: Session, document_id: int) -> bool:
    """Whether search has the words of the document's fields and recorded pages, and no others."""
    return search_texts.is_current(
        session, session.get_one(Document, document_id), _pages(session, document_id)
    )


def strays(session: Session) -> dict[str, int]:
    """How many rows of which tables belong to a document that is not there.

    SQLite lets them be when somebody deletes a document without ``PRAGMA foreign_keys``; a later document
    with the same number would inherit them.
    """
    counted = {
        model.__tablename__: session.scalar(select(func.count()).where(_is_stray(model))) or 0
        for model in (*_OWNED, *_NAMING)
    }
    return {name: count for name, count in counted.items() if count}


def settle_strays(session: Session) -> None:
    """Do to them what the database does when a document is deleted."""
    for model in _OWNED:
        session.execute(delete(model).where(_is_stray(model)), execution_options=_UNSYNCED)
    for model in _NAMING:
        session.execute(
            update(model).where(_is_stray(model)).values(document_id=None), execution_options=_UNSYNCED
        )


def _is_stray(model: Any) -> ColumnElement[bool]:
    return and_(model.document_id.is_not(None), model.document_id.not_in(select(Document.id)))


def index_again(session: Session, document_id: int) -> None:
    """Make a document findable by its fields and its recorded pages."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(_REENTER, {"number": document_id})
    search_texts.index(session, session.get_one(Document, document_id), _pages(session, document_id))


def _pages(session: Session, document_id: int) -> Sequence[str]:
    query = select(PageRow.text).where(PageRow.document_id == document_id).order_by(PageRow.number)
    return session.scalars(query).all()


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
