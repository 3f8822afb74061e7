"""Starting failed and waiting documents again, by ourselves or by the process that is at work already."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from autod.app import App
from autod.assembly.archive import folders_of, open_ready_manager, utc_now
from autod.codes import Code
from autod.config import Settings
from autod.db import documents
from autod.db.documents import UNFINISHED
from autod.db.guard import holder
from autod.db.manager import DatabaseManager
from autod.errors import DatabaseError, FileTrouble
from autod.pipeline.footing import Footing
from autod.pipeline.intake import Intake
from autod.pipeline.processing import ProcessResult, explain, result_of

LOOK_SECONDS = 0.25


class _LeftToTheOther:
    """A starter that starts nothing: whoever works sees an unfinished document that nobody has."""

    def submit(self, sha256: str) -> None:
        """Nothing: see the class."""

    def again(self, sha256: str, *, anew: bool = False) -> None:
        """Nothing: see the class."""


class RetryBeside:
    """Retries while another process, usually the daemon, works on the documents."""

    def __init__(self, settings: Settings, manager: DatabaseManager, footing: Footing) -> None:
        self.manager = manager
        self._locks = [settings.work_dir.absolute() / "process"]
        if manager.sqlite_path is not None:
            self._locks.append(manager.sqlite_path)
        self._intake = Intake(manager, _LeftToTheOther(), footing.folders, utc_now, footing)

    def retry_many(self, numbers: list[int]) -> Iterator[tuple[int, ProcessResult]]:
        """As ``App.retry_many``: all are put back into work, then waited for one after the other."""
        begun = time.monotonic()
        troubles = {number: trouble for number in numbers if (trouble := self._reopen(number))}
        for number in numbers:
            yield number, troubles.get(number) or self._wait(number, begun)

    def _reopen(self, number: int) -> ProcessResult | None:
        try:
            self._intake.retry(number)
        except FileTrouble as trouble:
            return ProcessResult(
                False, number, error=explain(trouble.code, trouble.message, trouble.next_step)
            )
        return None

    def _wait(self, number: int, begun: float) -> ProcessResult:
        while self._is_in_work(number):
            if not any(holder(lock) for lock in self._locks):
                return ProcessResult(
                    False,
                    number,
                    error=f"{Code.RETRY_WAITS}: the process that was at work has ended. "
                    "The document is read at the next start.",
                )
            time.sleep(LOOK_SECONDS)
        return result_of(self.manager, number, time.monotonic() - begun)

    def _is_in_work(self, number: int) -> bool:
        with self.manager.get_session(read_only=True) as session:
            document = documents.require(session, number)
            return document.status in UNFINISHED and document.retry_at is None


@contextmanager
def open_retrying(settings: Settings) -> Iterator[App | RetryBeside]:
    """What retries documents here: a pipeline of our own, unless another process is at work."""
    with ExitStack() as stack:
        retrying: App | RetryBeside
        try:
            retrying = stack.enter_context(App(settings))
        except DatabaseError as error:
            if error.code != Code.DATABASE_IN_USE:
                raise
            manager = stack.enter_context(open_ready_manager(settings))
            footing = stack.enter_context(Footing(manager, folders_of(settings), utc_now))
            retrying = RetryBeside(settings, manager, footing)
        yield retrying
