"""How long steps take, which run now, and which run longer than they can."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

Listener = Callable[[str, float, bool], None]
"""Told of a step that ended: its name, its seconds, and whether it went well."""


class StepClock:
    """Times the steps of all threads; ``limits`` are seconds by step name, ``""`` is for all others."""

    def __init__(self, limits: Mapping[str, float], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._running: dict[int, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []

    def on_end(self, listener: Listener) -> None:
        self._listeners.append(listener)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time the block as the step ``name``; one at a time in a thread."""
        thread, begun, well = threading.get_ident(), self._monotonic(), False
        with self._lock:
            self._running[thread] = (name, begun)
        try:
            yield
            well = True
        finally:
            with self._lock:
                del self._running[thread]
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
