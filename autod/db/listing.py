"""Lists and figures over many documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from autod.db.models import Document, Event, SearchText
from autod.domain.folding import words
from autod.domain.status import DocumentStatus, EventKind


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents to list; ``None`` asks for nothing. Dates are the documents' own, both ends included.

    ``issuer`` and ``text`` (in title, issuer, numbers, names) match whole words,
    whatever their case or accents.
    """

    doc_type: str | None = None
    issuer: str | None = None
    status: DocumentStatus | None = None
    date_from: date | None = None
    date_to: date | None = None
    needs_review: bool | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Since a moment: completed, failed, duplicates, cost. Now: waiting, processing, needs_review."""

    completed: int
    failed: int
    duplicates: int
    waiting: int
    processing: int
    needs_review: int
    cost_usd: Decimal


def list_documents(
    session: Session, filters: DocumentFilter | None = None, *, limit: int = 50, offset: int = 0
) -> list[Document]:
    """The documents that pass, the last received first."""
    query = _filtered(select(Document), filters or DocumentFilter())
    return list(session.scalars(query.order_by(Document.id.desc()).limit(limit).offset(offset)))


def _filtered(query: Select[tuple[Document]], filters: DocumentFilter) -> Select[tuple[Document]]:
    if filters.doc_type is not None:
        query = query.where(Document.doc_type == str(filters.doc_type))
    if filters.status is not None:
        query = query.where(Document.status == filters.status)
    if filters.date_from is not None:
        query = query.where(Document.primary_date >= filters.date_from)
    if filters.date_to is not None:
        query = query.where(Document.primary_date <= filters.date_to)
    if filters.needs_review is not None:
        waits = and_(Document.needs_review != [], Document.status != DocumentStatus.SUPERSEDED)
        query = query.where(waits if filters.needs_review else ~waits)
    issuer, text = words(filters.issuer or ""), words(filters.text or "")
    if issuer or text:
        query = query.join(SearchText, SearchText.document_id == Document.id)
    if issuer:
        query = query.where(_holds(SearchText.issuer, issuer))
    for word in text:
        heads = SearchText.title + " " + SearchText.issuer + " " + SearchText.numbers
        query = query.where(_holds(heads + " " + SearchText.names, [word]))
    return query


def _holds(text: Any, phrase: Sequence[str]) -> Any:
    """The folded ``text`` has these words one after the other; words hold no wildcards of LIKE."""
    return (" " + text + " ").like(f"% {' '.join(phrase)} %")


def counts(session: Session, since: datetime) -> Counts:
    """Figures for health and statistics."""
    grouped = session.execute(select(Document.status, func.count().label("number")).group_by(Document.status))
    by_status = {row.status: row.number for row in grouped}
    completed, cost = session.execute(
        select(func.count(), func.sum(Document.total_cost_usd)).where(Document.processed_at >= since)
    ).one()
    failed = select(func.count()).where(Document.failed_at >= since)
    duplicates = select(func.count()).where(Event.kind == EventKind.DUPLICATE, Event.at >= since)
    review = _filtered(select(Document), DocumentFilter(needs_review=True))
    return Counts(
        completed=completed,
        failed=session.scalar(failed) or 0,
        duplicates=session.scalar(duplicates) or 0,
        waiting=by_status.get(DocumentStatus.WAITING, 0),
        processing=by_status.get(DocumentStatus.PROCESSING, 0),
        needs_review=session.scalar(select(func.count()).select_from(review.subquery())) or 0,
        cost_usd=cost or Decimal(0),
    )
