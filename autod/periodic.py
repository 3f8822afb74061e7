"""Doing something again and again beside other work."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from autod.codes import Code

log = structlog.get_logger("autod.periodic")


class Periodic:
    """Calls ``work`` on a thread of its own until it is stopped; nothing that goes wrong in it ends that.

    Args:
        name: of the thread, and in the log.
        every_seconds: between the end of a call and the next one.
        at_once: the first call does not wait.
    """

    def __init__(
        self, name: str, work: Callable[[], None], every_seconds: float, *, at_once: bool = False
    ) -> None:
        self._name = name
        self._work = work
        self._every_seconds = every_seconds
        self._at_once = at_once
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    def stopping(self) -> bool:
        """Whether ``work`` should come to its end soon."""
        return self._stopping.is_set()

    def stop(self, seconds: float | None = None) -> None:
        """Call it no more, and wait ``seconds`` at most for the call that is under way.

        One that hangs longer is left behind. Harmless before ``start``.
        """
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        if not self._at_once:
            self._stopping.wait(self._every_seconds)
        while not self._stopping.is_set():
            try:
                self._work()
            except Exception:
                log.exception(
                    "A repeated task met an unexpected error", task=self._name, error=Code.INTERNAL_ERROR
                )
            self._stopping.wait(self._every_seconds)
