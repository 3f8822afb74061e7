"""How the archive did, hour by hour or day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.db.models import ApiCall, CallState, Document, Event
from autod.db.types import Cost
from autod.domain.status import EventKind


class Bucket(StrEnum):
    """The stretches a history is cut into; UTC."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Slice:
    """One hour or day of a history, by its beginning; a document counts where it ended last."""

    start: datetime
    completed: int = 0
    failed: int = 0
    duplicates: int = 0
    processing_seconds: float = 0.0
    usd: Decimal = Decimal(0)
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


def history(session: Session, bucket: Bucket, count: int, now: datetime) -> list[Slice]:
    """The last ``count`` hours or days, the oldest first, empty ones included; the last is still running."""
    starts = _starts(bucket, count, now)
    held: dict[datetime, dict[str, Any]] = {start: {} for start in starts}
    for query in _history_queries(session, bucket, starts[0]):
        for row in session.execute(query).mappings():
            start = datetime.strptime(row["start"], "%Y-%m-%d %H").replace(tzinfo=UTC)
            if start in held:
                held[start].update({name: value for name, value in row.items() if name != "start" and value})
    return [Slice(start, **values) for start, values in held.items()]


def _history_queries(session: Session, bucket: Bucket, since: datetime) -> list[Any]:
    done, failed, noted, called = (
        _start_of(session, bucket, column)
        for column in (Document.processed_at, Document.failed_at, Event.at, ApiCall.created_at)
    )
    return [
        sa.select(
            done.label("start"),
            sa.func.count().label("completed"),
            sa.func.avg(Document.processing_seconds).label("processing_seconds"),
        )
        .where(Document.processed_at >= since)
        .group_by("start"),
        sa.select(failed.label("start"), sa.func.count().label("failed"))
        .where(Document.failed_at >= since)
        .group_by("start"),
        sa.select(noted.label("start"), sa.func.count().label("duplicates"))
        .where(Event.kind == EventKind.DUPLICATE, Event.at >= since)
        .group_by("start"),
        sa.select(
            called.label("start"),
            sa.func.sum(ApiCall.cost_usd, type_=Cost()).label("usd"),
            *(
                sa.func.sum(column).label(column.key)
                for column in (ApiCall.input_tokens, ApiCall.output_tokens, ApiCall.cached_tokens)
            ),
        )
        .where(ApiCall.state == CallState.SETTLED, ApiCall.created_at >= since)
        .group_by("start"),
    ]


def _starts(bucket: Bucket, count: int, now: datetime) -> list[datetime]:
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    step = timedelta(hours=1)
    if bucket is Bucket.DAY:
        last, step = last.replace(hour=0), timedelta(days=1)
    return [last - step * back for back in reversed(range(count))]


def _start_of(session: Session, bucket: Bucket, column: Any) -> Any:
    """The bucket's beginning as ``YYYY-MM-DD HH``."""
    if session.get_bind().dialect.name == "sqlite":
        return sa.func.strftime("%Y-%m-%d 00" if bucket is Bucket.DAY else "%Y-%m-%d %H", column)
    form = 'YYYY-MM-DD "00"' if bucket is Bucket.DAY else "YYYY-MM-DD HH24"
    return sa.func.to_char(sa.func.timezone("UTC", column), form)
