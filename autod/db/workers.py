"""Who works on the documents of this database: each process writes down that it lives.

Times are the database's own, so that the clocks of the machines need not agree. Nothing here commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.db.models import Worker

SILENT_SECONDS = 15.0
"""A process of a fleet that gives no sign for so long is given up. It gives one every five seconds, so that
two may be lost on the way; others take its work over soon enough for a person who waits."""

LOCK = 0x6175746F_72656170
"""The advisory lock under which one process at a time looks for work that its owner left behind."""


@dataclass(frozen=True, slots=True)
class Member:
    """A process of the fleet. ``queue`` is where it takes documents from, ``inbox`` a path as text."""

    executor_id: str
    host: str
    pid: int
    pipeline_version: str
    queue: str
    inbox: str


def join(session: Session, member: Member, incarnation: str) -> None:
    """Take the member's place, from whoever had it before."""
    now = clock(session)
    session.merge(
        Worker(
            executor_id=member.executor_id,
            incarnation=incarnation,
            host=member.host[:255],
            pid=member.pid,
            pipeline_version=member.pipeline_version,
            queue=member.queue,
            inbox=member.inbox,
            started_at=now,
            heartbeat_at=now,
        )
    )
    session.flush()


def beat(session: Session, executor_id: str, incarnation: str) -> bool:
    """Say that we live; False when we were given up meanwhile."""
    beaten = session.execute(
        sa.update(Worker)
        .where(Worker.executor_id == executor_id, Worker.incarnation == incarnation)
        .values(heartbeat_at=clock(session))
        .returning(Worker.executor_id)
    )
    return beaten.first() is not None


def leave(session: Session, executor_id: str, incarnation: str) -> None:
    """Give the place up; harmless when somebody else has it."""
    session.execute(
        sa.delete(Worker).where(Worker.executor_id == executor_id, Worker.incarnation == incarnation)
    )


def members(session: Session) -> list[Worker]:
    return list(session.scalars(sa.select(Worker).order_by(Worker.executor_id)))


def clock(session: Session) -> datetime:
    if session.get_bind().dialect.name != "postgresql":
        return datetime.now(UTC)
    now: datetime = session.scalars(sa.select(sa.func.clock_timestamp())).one()
    return now


def is_reaper(session: Session) -> bool:
    """Whether this transaction is the one that may look for abandoned work now."""
    return bool(session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(LOCK))))
