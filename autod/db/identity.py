"""Is the SQLite file that we have open still the one at its path?

Whoever deletes, replaces or empties a database file under a running program takes its work along: SQLite goes
on writing to what it has open, and nothing of it is there at the next start.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

MOST_TORN = 3
"""Looks in a row that may find the file torn: another connection may be writing it back just then."""

_Inode = tuple[int, int]


class OpenFile:
    """Keeps the file at ``path`` open from now on, so that its log lives as long, and compares.

    Raises on making one:
        sqlite3.Error: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(path.name + "-wal")
        # No other way of opening is safe: closing an ordinary descriptor would drop SQLite's own locks.
        self._held = sqlite3.connect(
            f"{path.as_uri()}?mode=rw", uri=True, check_same_thread=False, timeout=10
        )
        self._held.execute("SELECT count(*) FROM sqlite_master").fetchall()  # to its end: no snapshot is held
        self._file = _inode(path)
        self._log_file = _inode(self._log)
        self._mark = self._written_mark()
        self._looked_at = _changed(path)
        self._torn = 0

    def changed(self) -> str:
        """What happened to the file, as seen from its name alone; empty when nothing did. Costs two looks."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return "was deleted or moved away"
        except OSError:
            return ""  # out of reach for a moment; whoever writes is told so by SQLite
        if (status.st_dev, status.st_ino) != self._file:
            return "was replaced by another file"
        if status.st_size == 0:
            return "was emptied"
        if self._log_file is not None and _inode(self._log) != self._log_file:
            return f"lost its log {self._log.name}, which belongs to it"
        return ""

    def overwritten(self) -> str:
        """The same, and whether the file has another archive's content by now: for a look now and then."""
        if change := self.changed():
            return change
        changed_at = _changed(self._path)
        if self._mark is None or changed_at == self._looked_at:
            return ""
        now = self._written_mark()
        if now == self._mark:
            self._looked_at, self._torn = changed_at, 0
            return ""
        self._torn += 1
        return "was overwritten with another one" if now or self._torn > MOST_TORN else ""

    def part_from_log(self) -> None:
        """Take our log away from a file that is not ours: SQLite would play it into that one."""
        if _inode(self._path) in (None, self._file) or _inode(self._log) != self._log_file:
            return
        set_log_aside(self._path)

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._held.close()

    def _written_mark(self) -> str | None:
        """The archive's mark as the file itself has it, without the log; None while it has none."""
        address = f"{self._path.as_uri()}?mode=ro&immutable=1"
        try:
            with contextlib.closing(sqlite3.connect(address, uri=True)) as plain:
                row = plain.execute("SELECT mark FROM archive").fetchone()
        except sqlite3.Error:
            return None
        return row[0] if row else None


def set_log_aside(path: Path) -> None:
    """Rename the log beside ``path``, which belongs to another file; nothing is deleted."""
    for end in ("-wal", "-shm"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + end).rename(path.with_name(f"{path.name}{end}.old"))


def _inode(path: Path) -> _Inode | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
