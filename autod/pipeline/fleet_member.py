"""One process among those that share the database: what is within its reach, and what others have ended."""

from __future__ import annotations

import os
import random
import socket
import time
from types import TracebackType

import structlog

from autod.codes import Code
from autod.db import documents, workers
from autod.db.manager import DatabaseManager
from autod.db.workers import Member
from autod.durable.heartbeat import Fleet, Living
from autod.durable.protocol import PIPELINE_VERSION
from autod.durable.runner import Engine
from autod.files import custody
from autod.pipeline.intake import Intake
from autod.pipeline.sweeping import sweep

log = structlog.get_logger("autod.fleet")

SWEEP_SECONDS = 60.0
SETTLED_SECONDS = 300.0
"""A copy that was made since then is left alone: its document may be about to begin again."""
MOST_LOOKED_UP = 500
"""Documents that others may have ended, looked up in one go."""


class FleetMember:
    """Our part in the work of all. Use as a context manager: inside it, we live in the eyes of the others.

    Where the database admits one process only there are no others, and everything is ours.

    """

    def __init__(
        self,
        manager: DatabaseManager,
        engine: Engine,
        intake: Intake,
        executor_id: str,
    ) -> None:
        self._manager = manager
        self._engine = engine
        self._intake = intake
        self._executor_id = executor_id
        self._out_of_reach: frozenset[str] = frozenset()
        self._next_sweep = time.monotonic()
        self._fleet = None if manager.sqlite_path is not None else self._join()

    def _join(self) -> Fleet:
        me = Member(
            self._executor_id,
            socket.gethostname(),
            os.getpid(),
            PIPELINE_VERSION,
            self._engine.queue,
            custody.path_text(self._intake.folders.inbox),
        )
        return Fleet(
            self._manager,
            me,
            silent_seconds=workers.SILENT_SECONDS,
            take_over=self._take_over,
            given_up=self._engine.given_up,
            monotonic=_seconds_awake_or_not,
        )

    def __enter__(self) -> FleetMember:
        """Join.

        Raises:
            DatabaseError: it cannot be written down.
        """
        if self._fleet is not None:
            self._fleet.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._fleet is not None:
            self._fleet.__exit__(kind, error, trace)

    def start(self) -> None:
        """Take over what nobody works on, now and from time to time; the engine has started."""
        if self._fleet is not None:
            self._fleet.start()
        else:
            me = frozenset({self._executor_id})
            self._take_over(Living(me, frozenset({self._engine.queue}), frozenset({PIPELINE_VERSION})))

    def fenced(self) -> bool:
        """Whether the others may have given us up: then nothing may be done any more."""
        return self._fleet is not None and self._fleet.fenced()

    def within_reach(self, hashes: list[str]) -> set[str]:
        """Those of the documents whose bytes are, or can be had, here."""
        return set(hashes) if self._fleet is None else self._intake.within_reach(hashes)

    def ended_elsewhere(self, hashes: list[str]) -> list[str]:
        """Those of the documents that files in our inbox wait for which another process has ended."""
        if self._fleet is None or not hashes:
            return []
        some = random.sample(hashes, min(len(hashes), MOST_LOOKED_UP))
        with self._manager.get_session(read_only=True) as session:
            ended = documents.with_status(session, some, documents.ENDED) - self._engine.active()
        return sorted(ended)

    def sweep(self) -> None:
        """From time to time, remove what we keep of documents that have ended in another process.

        A file that a process died with on its way out of the inbox is given its name again.
        """
        if self._fleet is None or time.monotonic() < self._next_sweep:
            return
        self._next_sweep = time.monotonic() + SWEEP_SECONDS
        custody.put_back(self._intake.folders.inbox, untouched_seconds=custody.LEAVING_SECONDS)
        removed = sweep(
            self._manager,
            self._intake.folders,
            active=self._engine.active(),
            ended_by_others=self._engine.upkeep.ended_by_others,
            untouched_seconds=SETTLED_SECONDS,
        )
        if removed:
            log.info("Removed copies of documents that others have filed", documents=removed)

    def _take_over(self, living: Living) -> None:
        left = self._engine.upkeep.take_over(living, self.within_reach)
        if new := left - self._out_of_reach:
            log.warning(
                "Documents wait for the machine that has their files",
                error=Code.FILES_ELSEWHERE,
                documents=len(new),
                sha256=sorted(new)[:10],
                next_step="Start that machine again, or share PAPER_AUTOPILOT_CLAIMED_DIR between all.",
            )
        self._out_of_reach = left


def _seconds_awake_or_not() -> float:
    """Seconds that also go on while the machine sleeps, where the system counts them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
