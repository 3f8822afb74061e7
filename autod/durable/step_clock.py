"""How long steps and lives take, which run now, and which run longer than they can."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

Listener = Callable[[str, float, bool], None]
"""Told of a step that ended: its name, its seconds, and whether it went well."""


class StepClock:
    """An observer that times what all threads do.

    Args:
        limits: seconds by the name of a step, ``""`` is for all others; a life has none.
    """

    def __init__(self, limits: Mapping[str, float], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._running: dict[object, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []

    def on_end(self, listener: Listener) -> None:
        self._listeners.append(listener)

    @contextmanager
    def life(self, kind: str, sha256: str) -> Iterator[None]:
        with self._told(kind):
            yield

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        mark = object()
        with self._lock:
            self._running[mark] = (name, self._monotonic())
        try:
            with self._told(name):
                yield
        finally:
            with self._lock:
                del self._running[mark]

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        begun, well = self._monotonic(), False
        try:
            yield
            well = True
        finally:
            for listener in self._listeners:
                listener(name, self._monotonic() - begun, well)

    def running(self) -> list[tuple[str, float]]:
        """The steps that run now, with their seconds so far."""
        now = self._monotonic()
        with self._lock:
            return [(name, now - begun) for name, begun in self._running.values()]

    def overdue(self) -> list[str]:
        """The names of the steps that run longer than they can, each once."""
        late = {
            name for name, seconds in self.running() if seconds > self._limits.get(name, self._limits[""])
        }
        return sorted(late)
