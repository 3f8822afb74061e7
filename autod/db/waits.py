"""Documents that wait for a time to come: what they wait for, and ending the wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autod.db.models import Document
from autod.domain.status import DocumentStatus


@dataclass(frozen=True, slots=True)
class Wait:
    """Documents that wait for the same reason; ``until`` is when the first of them is tried again (UTC)."""

    code: str
    message: str
    documents: int
    until: datetime


def waits(session: Session) -> list[Wait]:
    """Why documents wait, the reason of most of them first."""
    number = func.count(Document.id)
    grouped = _postponed(
        select(Document.error_code, func.max(Document.error_message), number, func.min(Document.retry_at))
    ).group_by(Document.error_code)
    rows = session.execute(grouped.order_by(number.desc(), Document.error_code))
    return [Wait(code or "", message or "", count, until) for code, message, count, until in rows]


def postponed(session: Session) -> list[Document]:
    """All documents that wait for a time to come, the oldest first."""
    return list(session.scalars(_postponed(select(Document)).order_by(Document.id)))


def end_wait(session: Session, document_id: int, *, due: datetime | None = None) -> bool:
    """A person will not wait: the attempts are counted afresh; False when the document does not wait.

    Args:
        due: it is taken up then, by whoever has its bytes; None puts it back into work now.
    """
    document = session.get_one(Document, document_id, with_for_update=True, populate_existing=True)
    if document.status is not DocumentStatus.WAITING or document.retry_at is None:
        return False
    document.attempts = document.waits = 0
    document.retry_at = due
    session.flush()
    return True


def _postponed(query: Any) -> Any:
    return query.where(Document.status == DocumentStatus.WAITING, Document.retry_at.is_not(None))
