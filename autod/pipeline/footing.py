"""What all work stands on: the database's own file, and the archive's folders.

While one of them is not ours, work waits: nothing is taken, filed or removed, and no document fails for it.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType

import sqlalchemy as sa

from autod.codes import Code
from autod.db import archive
from autod.db.engine import translate
from autod.db.identity import OpenFile
from autod.db.manager import DatabaseManager
from autod.durable.results import Parked
from autod.errors import AutodError, DatabaseError, Retry
from autod.files import marks
from autod.files.folders import Folders
from autod.files.marks import INBOX, CheckedFolder, Ownership
from autod.log_later import LogLater

log = LogLater("autod.footing")

LOOK_SECONDS = 2.0
"""A look at the folders that is younger will do."""

GONE = "was deleted or moved away"


class Footing:
    """Looks at database file and folders, marks the folders that are new, and says what is wrong.

    Use as a context manager; safe in any thread.

    Args:
        now: for the time at which an empty database takes over the mark that its folders bear.
        monotonic: seconds that never jump.

    Raises on entering:
        DatabaseError: the database cannot be read.
    """

    def __init__(
        self,
        manager: DatabaseManager,
        folders: Folders,
        now: Callable[[], datetime],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._manager = manager
        self.folders = folders
        self._now = now
        self._monotonic = monotonic
        self._file: OpenFile | None = None
        self._lost: DatabaseError | None = None
        self._mark = ""
        self._devices: dict[str, int] = {}
        self._trouble: AutodError | None = None
        self._inbox_trouble: AutodError | None = None
        self._looked_at: float | None = None
        self._looking = threading.RLock()
        self._listeners: list[Callable[[AutodError | None], None]] = []

    def __enter__(self) -> Footing:
        if self._manager.sqlite_path is not None:
            try:
                self._file = OpenFile(self._manager.sqlite_path)
            except sqlite3.Error as error:
                raise translate(sa.exc.OperationalError("", {}, error)) from None
        self._mark = _mark_of_archive(self._manager, self.folders, self._now)
        self.look()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def look(self) -> None:
        """Look at everything now, and tell the log what has changed."""
        with self._looking:
            lost = self._database(thorough=True)
            trouble, inbox_trouble = (lost, None) if lost else self._folder_trouble()
            if _code(trouble or inbox_trouble) != _code(self._trouble or self._inbox_trouble):
                _tell(trouble or inbox_trouble)
                for listener in self._listeners:
                    listener(trouble or inbox_trouble)
            self._trouble, self._inbox_trouble = trouble, inbox_trouble
            self._looked_at = self._monotonic()

    def on_change(self, listener: Callable[[AutodError | None], None]) -> None:
        """Have ``listener`` told why work waits, now and whenever that changes; None when it goes on."""
        with self._looking:
            self._listeners.append(listener)
            if trouble := self.last_trouble():
                listener(trouble)

    def trouble(self) -> AutodError | None:
        """Why nothing can be worked on; None when all is ours."""
        with self._looking:
            if self._looked_at is None or self._monotonic() - self._looked_at > LOOK_SECONDS:
                self.look()
            return self._database() or self._trouble

    def inbox_trouble(self) -> AutodError | None:
        """Why nothing can be taken from the inbox; None when all is ours."""
        return self.trouble() or self._inbox_trouble

    def last_trouble(self) -> AutodError | None:
        """What was wrong at the last look."""
        return self._lost or self._trouble or self._inbox_trouble

    def lost_database(self) -> bool:
        """Whether what is written now would not be in the archive's database; cheap."""
        return self._database() is not None

    def require(self, *, look: bool = False) -> None:
        """See to it that work may go on; ``look`` takes no word that is some moments old.

        Raises:
            FileTrouble, DatabaseError: what is wrong; nobody's fault, and passing.
        """
        if look:
            self.look()
        if trouble := self.trouble():
            raise trouble

    def require_database(self) -> None:
        """See to it that the document's row is where it will be looked for, before its file goes.

        Raises:
            Parked: the database's file is another one: the document's life ends here for this process.
        """
        if self.lost_database():
            raise Parked

    def _database(self, *, thorough: bool = False) -> DatabaseError | None:
        if self._lost is not None or self._file is None:
            return self._lost
        change = self._file.overwritten() if thorough else self._file.changed()
        if not change:
            return None
        trouble = _replaced(change)
        if change != GONE:  # connections of ours may be to the other file by now: only a new process is sure
            self._lost = trouble
            self._file.part_from_log()
        return trouble

    def _folder_trouble(self) -> tuple[AutodError | None, AutodError | None]:
        try:
            looked = {name: self._look_at(name) for name in marks.marked_folders(self.folders)}
        except DatabaseError as error:
            return error, None
        inbox = looked.pop(INBOX)
        return next((found.trouble for found in looked.values() if found.trouble), None), inbox.trouble

    def _look_at(self, name: str) -> CheckedFolder:
        folder = marks.marked_folders(self.folders)[name]
        checked = marks.look(
            name, folder, self._mark, expected=lambda: self._lacks_all(name), device=self._devices.get(name)
        )
        if checked.ownership is Ownership.FRESH and not (name == INBOX and checked.device is None):
            try:
                marks.write_mark(folder, self._mark)
            except OSError as error:
                if name != INBOX:  # an inbox that cannot be written to is told by the files that stay in it
                    return marks.unmarkable(name, folder, error)
            checked = marks.look(name, folder, self._mark, expected=lambda: False)
        if checked.device is not None:
            self._devices[name] = checked.device
        return checked

    def _lacks_all(self, name: str) -> bool:
        with self._manager.get_session(read_only=True) as session:
            return marks.lacks_all(session, name, self.folders, alone=self._alone)

    @property
    def _alone(self) -> bool:
        return self._manager.sqlite_path is not None or self.folders.shared


def adopt(manager: DatabaseManager, folders: Folders) -> list[CheckedFolder]:
    """Mark all folders as the archive's, whatever they bear: a person says that they are right.

    Returns those that were not ours before.

    Raises:
        OSError: one cannot be written.
        DatabaseError: the database cannot be read.
    """
    with manager.get_session(read_only=True) as session:
        mark = archive.mark_of(session)
    changed = []
    for name, folder in marks.marked_folders(folders).items():
        checked = marks.look(name, folder, mark, expected=lambda: False)
        if checked.ownership is not Ownership.OURS:
            marks.write_mark(folder, mark)
            changed.append(checked)
    return changed


def examine(manager: DatabaseManager, folders: Folders) -> list[CheckedFolder]:
    """Look at all folders from outside; changes nothing.

    Raises:
        DatabaseError: the database cannot be read.
    """
    alone = manager.sqlite_path is not None or folders.shared
    with manager.get_session(read_only=True) as session:
        mark = archive.mark_of(session)
        return [
            marks.look(
                name,
                folder,
                mark,
                expected=lambda name=name: marks.lacks_all(session, name, folders, alone=alone),  # type: ignore[misc]
            )
            for name, folder in marks.marked_folders(folders).items()
        ]


def _mark_of_archive(manager: DatabaseManager, folders: Folders, now: Callable[[], datetime]) -> str:
    """The archive's mark.

    A database whose own mark is in none of the folders takes theirs over when nothing ever was in it, or when
    what it says of the folders is there: its schema went back to a version without marks, and forward again.
    """
    alone = manager.sqlite_path is not None or folders.shared
    with manager.get_session(read_only=True) as session:
        mark, empty = archive.mark_of(session), archive.is_empty(session)
        marks_there = marks.marks_in(folders)
        different = set(marks_there.values())
        if len(different) != 1 or mark in different:
            return mark
        if not (
            "processed" in marks_there if empty else marks.hold_what_is_told(session, folders, alone=alone)
        ):
            return mark
    [theirs] = different
    with manager.get_session() as session:
        archive.take_mark(session, theirs, now())
    if empty:
        log.warning(
            "A new database takes over the folders of an archive",
            next_step="Run `autod check --repair`: it takes what is filed in them back into the archive.",
        )
    return theirs


def _replaced(change: str) -> DatabaseError:
    return DatabaseError(
        f"the database file {change} while this program had it open",
        code=Code.DATABASE_REPLACED,
        retry=Retry.PERSON,
        next_step="Nothing is taken from the inbox until you put the right file back, or restore the newest "
        "backup, and restart; `autod check --repair` then takes back what was filed meanwhile.",
    )


def _code(trouble: AutodError | None) -> str:
    return f"{trouble.code} {trouble.message}" if trouble else ""


def _tell(trouble: AutodError | None) -> None:
    if trouble is None:
        log.info("Work goes on: database file and folders are the archive's again")
        return
    log.error("Work waits", error=trouble.code, detail=trouble.message, next_step=trouble.next_step)
