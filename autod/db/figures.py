"""How the archive is doing: what happened in a stretch of time, and how things stand now.

Everything is read from the tables, so it survives a restart and holds for all workers together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db import costs, ledger, workers
from autod.db.costs import CacheRatios
from autod.db.models import ApiCall, CallState, Document, Event
from autod.domain.events import EventDetail
from autod.domain.fates import OF_THE_SERVICE
from autod.domain.status import DocumentStatus, EventKind

COUNTED = (
    EventKind.RECEIVED,
    EventKind.DUPLICATE,
    EventKind.FILED,
    EventKind.FAILED,
    EventKind.POSTPONED,
    EventKind.REFUSED,
    EventKind.UPLOADED,
    EventKind.UPLOAD_FAILED,
)
"""The events that figures are made of."""

SKIPPED_UPLOADS = frozenset({Code.FILE_TOO_LARGE, Code.NO_TEXT, Code.PRIVACY_LOCAL})
"""Reasons for leaving a document out of the vector store that are no failure."""


@dataclass(frozen=True, slots=True)
class Window:
    """What happened since a moment. Times in seconds, money in US dollars.

    ``completed`` and ``failed`` are documents by their last end: one that failed five times counts once, and
    not at all when it was completed, or is being tried again, since.
    ``api_failures`` are documents that the remote reader's trouble postponed or failed; ``api_answers`` the
    paid answers that came, ``api_unusable`` those of them that did not fit the schema. ``open_usd`` is
    reserved or of unknown outcome. ``uploads_failed`` leaves out what was skipped on purpose.
    """

    since: datetime
    received: int
    duplicates: int
    completed: int
    failed: int
    postponed: int
    refused: int
    completed_for_review: int
    processing_seconds: float | None
    uploaded: int
    uploads_failed: int
    api_failures: int
    api_answers: int
    api_unusable: int
    usd: Decimal
    open_usd: Decimal
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cache: CacheRatios

    @property
    def duplicate_ratio(self) -> float | None:
        """Duplicates among all files taken."""
        return _share(self.duplicates, self.duplicates + self.received)

    @property
    def error_ratio(self) -> float | None:
        """Failed among the documents that ended, each by its last end."""
        return _share(self.failed, self.failed + self.completed)

    @property
    def api_error_ratio(self) -> float | None:
        """Failures of the remote reader among its failures and answers."""
        return _share(self.api_failures, self.api_failures + self.api_answers)

    @property
    def schema_valid_ratio(self) -> float | None:
        """Answers of the remote reader that fit the schema."""
        return _share(self.api_answers - self.api_unusable, self.api_answers)

    @property
    def review_ratio(self) -> float | None:
        """Documents with a field that waits for review, among those completed."""
        return _share(self.completed_for_review, self.completed)

    @property
    def upload_success_ratio(self) -> float | None:
        """Uploads to the vector store that succeeded, among those tried."""
        return _share(self.uploaded, self.uploaded + self.uploads_failed)

    @property
    def usd_per_document(self) -> Decimal | None:
        """What was billed, by document completed."""
        return self.usd / self.completed if self.completed else None


@dataclass(frozen=True, slots=True)
class ArchiveStanding:
    """How things stand now; ``oldest_waiting`` is when the oldest unfinished document was received.

    Documents that wait for a cost cap or a later attempt are ``postponed``, and not in ``waiting``.
    ``oldest_held_up`` is the same for those that wait for trouble no document causes.
    """

    waiting: int
    postponed: int
    processing: int
    completed: int
    failed: int
    needs_review: int
    oldest_waiting: datetime | None
    oldest_held_up: datetime | None
    unknown_calls: int


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A process of the fleet (PostgreSQL), by when it last showed that it lives."""

    host: str
    pid: int
    silent_seconds: float


@dataclass(frozen=True, slots=True)
class ArchiveFigures:
    """Everything at one moment; the windows reach back an hour, a day, 7 and 30 days.

    ``spent_today`` counts since midnight UTC what the day's cap counts, US dollars.
    """

    at: datetime
    workers: tuple[WorkerSeen, ...]
    spent_today: Decimal
    standing: ArchiveStanding
    hour: Window
    day: Window
    week: Window
    month: Window
    events: dict[EventKind, int]

    @property
    def windows(self) -> dict[str, Window]:
        return {"hour": self.hour, "day": self.day, "week": self.week, "month": self.month}


def snapshot(session: Session, now: datetime) -> ArchiveFigures:
    """Everything at ``now``."""
    hour, day, week, month = (window(session, now - timedelta(hours=hours)) for hours in (1, 24, 168, 720))
    return ArchiveFigures(
        now,
        _workers(session),
        spent_today(session, now),
        standing(session, now),
        hour,
        day,
        week,
        month,
        event_counts(session),
    )


def spent_today(session: Session, now: datetime) -> Decimal:
    """US dollars that were paid or may yet have to be paid since midnight (UTC)."""
    return ledger.spent(session, since=ledger.start_of_day(now.astimezone(UTC)))


def window(session: Session, since: datetime) -> Window:
    """What happened since ``since``."""
    events = event_counts(session, since=since)
    done = session.execute(
        sa.select(
            sa.func.count().label("completed"),
            sa.func.avg(Document.processing_seconds).label("seconds"),
            sa.func.sum(sa.case((_reviewed(session), 1), else_=0)).label("review"),
        ).where(Document.processed_at >= since)
    ).one()
    bills = costs.total(session, since=since)
    answers = session.execute(
        sa.select(
            sa.func.count().label("all"),
            sa.func.sum(sa.case((ApiCall.error_code.is_not(None), 1), else_=0)).label("unusable"),
        ).where(ApiCall.state == CallState.SETTLED, ApiCall.created_at >= since)
    ).one()
    return Window(
        since=since,
        received=events[EventKind.RECEIVED],
        duplicates=events[EventKind.DUPLICATE],
        completed=done.completed,
        failed=session.scalar(sa.select(sa.func.count()).where(Document.failed_at >= since)) or 0,
        postponed=events[EventKind.POSTPONED],
        refused=events[EventKind.REFUSED],
        completed_for_review=done.review or 0,
        processing_seconds=None if done.seconds is None else float(done.seconds),
        uploaded=events[EventKind.UPLOADED],
        uploads_failed=upload_failures(session, since),
        api_failures=api_failures(session, since),
        api_answers=answers.all,
        api_unusable=answers.unusable or 0,
        usd=bills.usd,
        open_usd=bills.open_usd,
        input_tokens=bills.input_tokens,
        output_tokens=bills.output_tokens,
        cached_tokens=bills.cached_tokens,
        cache=costs.cache_ratios(session, since=since),
    )


def standing(session: Session, now: datetime) -> ArchiveStanding:
    """How things stand at ``now``."""
    later = sa.and_(
        Document.status == DocumentStatus.WAITING, Document.retry_at.is_not(None), Document.retry_at > now
    )
    rows = session.execute(
        sa.select(Document.status, later.label("later"), sa.func.count()).group_by(Document.status, "later")
    )
    held = {(status, bool(is_later)): count for status, is_later, count in rows}
    oldest = session.scalar(
        sa.select(sa.func.min(Document.received_at)).where(
            sa.or_(
                Document.status == DocumentStatus.PROCESSING,
                sa.and_(
                    Document.status == DocumentStatus.WAITING,
                    sa.or_(Document.retry_at.is_(None), Document.retry_at <= now),
                ),
            )
        )
    )
    return ArchiveStanding(
        waiting=held.get((DocumentStatus.WAITING, False), 0),
        postponed=held.get((DocumentStatus.WAITING, True), 0),
        processing=held.get((DocumentStatus.PROCESSING, False), 0),
        completed=held.get((DocumentStatus.COMPLETED, False), 0),
        failed=held.get((DocumentStatus.FAILED, False), 0),
        needs_review=session.scalar(
            sa.select(sa.func.count()).where(Document.status == DocumentStatus.COMPLETED, _reviewed(session))
        )
        or 0,
        oldest_waiting=oldest,
        oldest_held_up=session.scalar(
            sa.select(sa.func.min(Document.received_at)).where(
                Document.status == DocumentStatus.WAITING, Document.waits > 0
            )
        ),
        unknown_calls=len(ledger.unknown_calls(session)),
    )


def _workers(session: Session) -> tuple[WorkerSeen, ...]:
    now = workers.clock(session)
    return tuple(
        WorkerSeen(one.host, one.pid, (now - one.heartbeat_at).total_seconds())
        for one in workers.members(session)
    )


def event_counts(session: Session, *, since: datetime | None = None) -> dict[EventKind, int]:
    """How often each of ``COUNTED`` happened, since ``since`` or ever."""
    query = sa.select(Event.kind, sa.func.count()).where(Event.kind.in_(COUNTED)).group_by(Event.kind)
    if since is not None:
        query = query.where(Event.at >= since)
    return dict.fromkeys(COUNTED, 0) | {row[0]: row[1] for row in session.execute(query)}


def upload_failures(session: Session, since: datetime) -> int:
    """Uploads to the vector store that failed, without those that were skipped on purpose."""
    reasons = _details(session, [EventKind.UPLOAD_FAILED], since)
    return sum(detail.get("reason") not in SKIPPED_UPLOADS for detail in reasons)


def api_failures(session: Session, since: datetime) -> int:
    """Documents that the remote reader's trouble postponed or failed."""
    reasons = _details(session, [EventKind.POSTPONED, EventKind.FAILED], since)
    return sum(str(detail.get("code")).startswith(OF_THE_SERVICE) for detail in reasons)


def api_answers(session: Session, since: datetime) -> int:
    """Paid answers of the remote reader that came."""
    query = sa.select(sa.func.count()).where(ApiCall.state == CallState.SETTLED, ApiCall.created_at >= since)
    return session.scalar(query) or 0


def _details(session: Session, kinds: list[EventKind], since: datetime) -> list[EventDetail]:
    return list(session.scalars(sa.select(Event.detail).where(Event.kind.in_(kinds), Event.at >= since)))


def _reviewed(session: Session) -> Any:
    """Whether a document has a field that waits for review, and no other document stands for it."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    length = sa.func.json_array_length if sqlite else sa.func.jsonb_array_length
    return sa.and_(length(Document.needs_review) > 0, Document.status != DocumentStatus.SUPERSEDED)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
