"""Writers of one SQLite file take turns within a process.

SQLite lets one connection write at a time and has the others ask again and again, with pauses up to a tenth
of a second: many threads then wait while nobody writes, and one of them can lose for longer than its
time-out. Here they wait for a lock that wakes the next one at once. Writers of other processes still meet
SQLite's own.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event


class Turn:
    """The right to write to one file."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


_TURNS: weakref.WeakValueDictionary[Path, Turn] = weakref.WeakValueDictionary()
_KNOWN = threading.Lock()


def turn_of(path: Path) -> Turn:
    """The same for all connections of this process to a file."""
    with _KNOWN:
        turn = _TURNS.get(path)
        if turn is None:
            turn = _TURNS[path] = Turn()
        return turn


class WaitingConnection(sqlite3.Connection):
    """A connection that waits for its turn before it begins to write, and then passes it on."""

    turn: Turn | None = None
    patience_seconds = 10.0
    _mine = False

    def wait_for_turn(self) -> None:
        """Harmless while the turn is ours.

        Raises:
            sa.exc.OperationalError: as if SQLite had said so, after the time that it would have waited.
        """
        if self.turn is None or self._mine:
            return
        if not self.turn.lock.acquire(timeout=self.patience_seconds):
            busy = sqlite3.OperationalError("database is locked")
            busy.sqlite_errorname = "SQLITE_BUSY"
            raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, busy, hide_parameters=True)
        self._mine = True

    def commit(self) -> None:
        super().commit()
        self._pass_on()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._pass_on()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        if self._mine and self.turn is not None:
            self._mine = False
            self.turn.lock.release()


def wait_before_writing(engine: sa.Engine) -> None:
    """For an engine whose transactions may come to write without having begun so."""

    @event.listens_for(engine, "before_cursor_execute")
    def wait(
        connection: sa.Connection, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        if context is not None and (context.isinsert or context.isupdate or context.isdelete):
            waiting_connection(connection).wait_for_turn()


def waiting_connection(connection: sa.Connection) -> WaitingConnection:
    """The driver's connection of one of our SQLite engines."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, WaitingConnection)  # noqa: S101 - engines here make no others
    return driver
