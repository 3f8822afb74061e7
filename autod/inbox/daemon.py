"""The daemon's loop: wait, look, take; and stop cleanly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import structlog

from autod.errors import AutodError, FileTrouble
from autod.inbox.inbox import Inbox
from autod.inbox.watch import Watch
from autod.pipeline.intake import Receipt

log = structlog.get_logger("autod.daemon")


class Receiver(Protocol):
    """The part of the intake that the loop needs."""

    def receive(self, source: Path) -> Receipt:
        """Claim the file."""


class Daemon:
    """Watches one inbox until ``stop`` is called.

    Args:
        due: starts the postponed documents whose time has come.
    """

    def __init__(
        self,
        inbox: Inbox,
        watch: Watch,
        intake: Receiver,
        *,
        due: Callable[[], None],
        rescan_seconds: float,
    ) -> None:
        self._inbox = inbox
        self._watch = watch
        self._intake = intake
        self._due = due
        self._rescan_seconds = rescan_seconds
        self._stopping = threading.Event()
        self._ended: list[str] = []

    def run(self) -> None:
        """Take files until stopped; no single file and no passing trouble ends the loop."""
        closed: frozenset[Path] = frozenset()
        while not self._stopping.is_set():
            self._look(closed)
            closed = self._watch.wait(min(self._rescan_seconds, self._inbox.unsettled() or 3600))

    def stop(self) -> None:
        """End ``run`` soon; safe in a signal handler."""
        self._stopping.set()
        self._watch.wake()

    def document_ended(self, sha256: str) -> None:
        """Called by workers: what still lies in the inbox with these bytes can be settled now."""
        self._ended.append(sha256)
        if self._inbox.holds(sha256):
            self._watch.wake()

    def _look(self, closed: frozenset[Path]) -> None:
        try:
            while self._ended:
                self._inbox.ended(self._ended.pop())
            self._due()
            for path in self._inbox.ready(closed):
                if self._stopping.is_set():
                    return
                self._take(path)
        except AutodError as error:
            log.error("The inbox waits", error=error.code, detail=error.message, next_step=error.next_step)
        except Exception:
            log.exception("The inbox loop met an unexpected error", error="internal_error")

    def _take(self, path: Path) -> None:
        try:
            receipt = self._intake.receive(path)
        except FileTrouble as trouble:
            self._inbox.failed(path, trouble)
            return
        self._inbox.taken(path, receipt.sha256)
