"""The daemon's loop: wait, look, take; and stop cleanly."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import structlog

from autod.codes import Code
from autod.errors import AutodError, FileTrouble
from autod.inbox.inbox import Inbox
from autod.inbox.watch import Watch
from autod.pipeline.intake import Outcome, Receipt

log = structlog.get_logger("autod.daemon")

LOOK_SECONDS = 600.0
"""No look at the inbox takes longer, nor copying one file from it, however slow the share."""
WAIT_GRACE_SECONDS = 60.0


class Receiver(Protocol):
    """The part of the intake that the loop needs."""

    def receive(self, source: Path) -> Receipt:
        """Claim the file."""


class Daemon:
    """Watches one inbox until ``stop`` is called.

    Args:
        due: starts the postponed documents whose time has come.
        ended_elsewhere: which of the documents that files here wait for have ended in another process.
        on_duplicate: told of each file whose bytes a filed document has, with the document's number.
        may_take: whether files may be taken just now; why not is told elsewhere.
    """

    def __init__(
        self,
        inbox: Inbox,
        watch: Watch,
        intake: Receiver,
        *,
        due: Callable[[], None],
        rescan_seconds: float,
        ended_elsewhere: Callable[[list[str]], list[str]] = lambda _: [],
        on_duplicate: Callable[[Path, int], None] = lambda *_: None,
        may_take: Callable[[], bool] = lambda: True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inbox = inbox
        self._watch = watch
        self._intake = intake
        self._due = due
        self._ended_elsewhere = ended_elsewhere
        self._on_duplicate = on_duplicate
        self._may_take = may_take
        self._rescan_seconds = rescan_seconds
        self._stopping = threading.Event()
        self._ended: list[str] = []
        self._monotonic = monotonic
        self._expected = math.inf

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    @property
    def overdue(self) -> bool:
        """The loop should have come round by now and has not."""
        return self._monotonic() > self._expected

    def run(self) -> None:
        """Take files until stopped; no single file and no passing trouble ends the loop."""
        closed: frozenset[Path] = frozenset()
        while not self._stopping.is_set():
            self._expect_within(LOOK_SECONDS)
            self.look(closed)
            pause = min(self._rescan_seconds, self._inbox.unsettled() or 3600)
            self._expect_within(pause + WAIT_GRACE_SECONDS)
            closed = self._watch.wait(pause)
        self._expected = math.inf

    def held_open(self) -> list[Path]:
        """Files that only wait for the program that has them open for writing, and have for a while."""
        return self._inbox.held_open()

    def stop(self) -> None:
        """End ``run`` soon; safe in a signal handler."""
        self._stopping.set()
        self._watch.wake()

    def document_ended(self, sha256: str) -> None:
        """Called by workers: what still lies in the inbox with these bytes can be settled now."""
        self._ended.append(sha256)
        if self._inbox.holds(sha256):
            self._watch.wake()

    def look(self, closed: frozenset[Path] = frozenset()) -> None:
        """One round: settle what has ended, start what is due, take what is ready.

        Args:
            closed: files whose writers closed them, or renamed them into place, since the last round.
        """
        try:
            while self._ended:
                self._inbox.ended(self._ended.pop())
            for sha256 in self._ended_elsewhere(self._inbox.held()):
                self._inbox.ended(sha256)
            self._due()
            if not self._may_take():
                return
            for path in self._inbox.ready(closed):
                if self._stopping.is_set():
                    return
                self._take(path)
        except AutodError as error:
            log.error("The inbox waits", error=error.code, detail=error.message, next_step=error.next_step)
        except Exception:
            log.exception("The inbox loop met an unexpected error", error=Code.INTERNAL_ERROR)

    def _expect_within(self, seconds: float) -> None:
        self._expected = self._monotonic() + seconds

    def _take(self, path: Path) -> None:
        self._expect_within(LOOK_SECONDS)
        try:
            receipt = self._intake.receive(path)
        except FileTrouble as trouble:
            if not os.path.lexists(path):
                # A person, or another machine that watches the same folder, was quicker.
                log.debug("A file has left the inbox before it was taken", file=path.name)
                return
            self._inbox.failed(path, trouble)
            return
        if receipt.outcome is Outcome.KEPT:
            self._inbox.put_off(path)
        else:
            self._inbox.taken(path, receipt.sha256)
        if receipt.outcome is Outcome.DUPLICATE:
            self._on_duplicate(path, receipt.document_id)
