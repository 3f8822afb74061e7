"""Several processes on one PostgreSQL: each shows that it lives, and takes over from those that do not.

    heartbeat ─▶ silent for too long ─▶ given up ─▶ its work goes to those that live
                                            └──────▶ should it wake up: fenced, then a new worker

A process that cannot say that it lives stops acting before the others give it up.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

import structlog
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db import workers
from autod.db.manager import DatabaseManager
from autod.db.models import Worker
from autod.db.workers import Member
from autod.errors import DatabaseError
from autod.periodic import Periodic

BEATS = 3
"""Heartbeats in the time after which a worker counts as silent: one may be lost on the way."""

FENCED_AT = 0.7
"""We stop acting at this share of that time."""

log = structlog.get_logger("autod.fleet")


@dataclass(frozen=True, slots=True)
class Living:
    """The workers that live: their ids, the queues they take work from, their pipelines' versions."""

    executors: frozenset[str]
    queues: frozenset[str]
    versions: frozenset[str]

    @staticmethod
    def of(living: list[Member] | list[Worker]) -> Living:
        return Living(
            frozenset(worker.executor_id for worker in living),
            frozenset(worker.queue for worker in living),
            frozenset(worker.pipeline_version for worker in living),
        )


class Fleet:
    """Our place among them. Use as a context manager: inside it, we live in the eyes of the others.

    Args:
        silent_seconds: after this long without a heartbeat a worker is given up.
        take_over: told who lives; takes up work that none of them has. One process at a time.
        given_up: told that we had been given up, before we go on as a new worker.
        monotonic: seconds that go on while the process is stopped.
    """

    def __init__(
        self,
        manager: DatabaseManager,
        me: Member,
        *,
        silent_seconds: float,
        take_over: Callable[[Living], None],
        given_up: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._manager = manager
        self._me = me
        self._silent_seconds = silent_seconds
        self._take_over = take_over
        self._given_up = given_up
        self._monotonic = monotonic
        self._incarnation = secrets.token_hex(16)
        self._beaten_at = monotonic()
        self._turning = Periodic("fleet", self._patient_turn, silent_seconds / BEATS, at_once=True)

    def __enter__(self) -> Fleet:
        """Join.

        Raises:
            DatabaseError: it cannot be written down.
        """
        with self._manager.get_session() as session:
            workers.join(session, self._me, self._incarnation)
        self._beaten_at = self._monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._turning.stop()
        try:
            with self._manager.get_session() as session:
                workers.leave(session, self._me.executor_id, self._incarnation)
        except DatabaseError as trouble:
            log.warning("Cannot leave the fleet; the others will notice", reason=trouble.code)

    def start(self) -> None:
        """Begin to beat and to look after the others."""
        self._turning.start()

    def fenced(self) -> bool:
        """Whether the others may have given us up: then nothing may be done any more."""
        return self._monotonic() - self._beaten_at > self._silent_seconds * FENCED_AT

    def turn(self) -> None:
        """One heartbeat and one look at the others."""
        begun = self._monotonic()
        with self._manager.get_session() as session:
            alive = workers.beat(session, self._me.executor_id, self._incarnation)
        if not alive:
            self._rejoin()
        self._beaten_at = begun
        with self._manager.get_session() as session:
            if workers.is_reaper(session):
                self._look(session)

    def _rejoin(self) -> None:
        log.warning(
            "This worker was silent for too long and was given up; it goes on as a new one",
            error=Code.WORKER_GIVEN_UP,
            executor_id=self._me.executor_id,
        )
        self._given_up()
        self._incarnation = secrets.token_hex(16)
        with self._manager.get_session() as session:
            workers.join(session, self._me, self._incarnation)

    def _look(self, session: Session) -> None:
        now, living = workers.clock(session), []
        for worker in workers.members(session):
            silence = (now - worker.heartbeat_at).total_seconds()
            if silence <= self._silent_seconds:
                living.append(worker)
                continue
            log.warning(
                "A worker is silent; others take over its work",
                error=Code.WORKER_SILENT,
                executor_id=worker.executor_id,
                host=worker.host,
                pid=worker.pid,
                seconds=round(silence, 1),
            )
            workers.leave(session, worker.executor_id, worker.incarnation)
        session.flush()
        self._take_over(Living.of(living))

    def _patient_turn(self) -> None:
        try:
            self.turn()
        except DatabaseError as error:
            log.warning("No heartbeat: the database is away", reason=error.code)
