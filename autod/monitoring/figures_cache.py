"""The archive's figures, asked for by many and counted seldom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from autod.db.figures import ArchiveFigures, snapshot
from autod.db.manager import DatabaseManager
from autod.errors import DatabaseError

FRESH_SECONDS = 10.0
WAIT_SECONDS = 5.0
REST = 20.0
"""Counting gets a twentieth of the time at most, however large the archive."""


class FiguresCache:
    """Figures that are a little old at most; safe for all threads."""

    def __init__(
        self,
        manager: DatabaseManager,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._manager = manager
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._held: ArchiveFigures | None = None
        self._stale_at = 0.0

    def latest(self) -> ArchiveFigures | None:
        """The figures; None while the database cannot be asked, old ones while it is slow."""
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            return self._held
        try:
            begun = self._monotonic()
            if begun >= self._stale_at:
                self._held = self._counted()
                took = self._monotonic() - begun
                self._stale_at = begun + took + max(FRESH_SECONDS, REST * took)
            return self._held
        finally:
            self._lock.release()

    def _counted(self) -> ArchiveFigures | None:
        try:
            with self._manager.get_session(read_only=True) as session:
                return snapshot(session, self._now())
        except DatabaseError:
            return None
