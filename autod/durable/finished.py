"""Waiting for workflows to end, in whichever process: one question for all, however many wait."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable

import structlog

from autod.periodic import Periodic

log = structlog.get_logger("autod.engine")

EVERY_SECONDS = 0.2


class Finished:
    """Wakes each waiting thread alone: a hundred threads that wake for every news do nothing else.

    Args:
        ended: which of the named workflows have ended.
    """

    def __init__(self, ended: Callable[[list[str]], set[str]]) -> None:
        self._ended = ended
        self._waiting: defaultdict[str, list[threading.Event]] = defaultdict(list)
        self._lock = threading.Lock()
        self._somebody = threading.Event()
        self._stopping = False
        self._looking = Periodic("engine-finished", self._look, EVERY_SECONDS)

    def start(self) -> None:
        self._looking.start()

    def stop(self) -> None:
        with self._lock:
            self._stopping = True
            self._somebody.set()
        self._looking.stop()

    def wait(self, name: str, unless: Callable[[], bool]) -> None:
        """Return when the workflow has ended, or at the next ``release``; at once if ``unless`` is so."""
        news = threading.Event()
        with self._lock:
            self._waiting[name].append(news)
            self._somebody.set()
        # What makes ``unless`` true comes before its ``release``: one of the two is seen.
        if not unless():
            news.wait()
            return
        with self._lock:
            if waiting := [other for other in self._waiting.pop(name, ()) if other is not news]:
                self._waiting[name] = waiting

    def awaited(self) -> list[str]:
        """The workflows that somebody waits for."""
        with self._lock:
            return sorted(self._waiting)

    def release(self, names: set[str] | None = None) -> None:
        """Wake all who wait, or those who wait for ``names``."""
        with self._lock:
            self._wake(list(self._waiting) if names is None else names)

    def _look(self) -> None:
        self._somebody.wait()
        with self._lock:
            names = sorted(self._waiting)
            if not names:
                if not self._stopping:
                    self._somebody.clear()
                return
        try:
            ended = self._ended(names)
        except Exception as error:  # noqa: BLE001 - the database's trouble passes
            log.warning("Cannot see which workflows have ended", reason=type(error).__name__)
            return
        with self._lock:
            self._wake(ended)

    def _wake(self, names: list[str] | set[str]) -> None:
        for name in names:
            for news in self._waiting.pop(name, ()):
                news.set()
