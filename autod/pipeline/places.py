"""Who is in work in this process, and how many of them at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from autod.pipeline.outcomes import Parked


class Places:
    """The workflows in work here; those that need the processor share ``places`` places."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._names: set[str] = set()
        self._parked: set[str] = set()
        self._returning = 0
        self._changed = threading.Condition()
        self.stopping = threading.Event()

    def names(self) -> frozenset[str]:
        """The workflows that have a thread here."""
        with self._changed:
            return frozenset(self._names)

    def finish(self, seconds: float) -> frozenset[str]:
        """Let nobody begin, wait for those in work; returns who is parked or still in work after that."""
        self.stopping.set()
        with self._changed:
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._names, timeout=seconds)
            return frozenset(self._parked | self._names)

    @contextmanager
    def in_work(self, name: str) -> Iterator[None]:
        """Count ``name`` as in work, with or without a place."""
        try:
            with self._changed:
                self._names.add(name)
            yield
        except Parked:
            with self._changed:
                self._parked.add(name)
            raise
        finally:
            with self._changed:
                self._names.discard(name)
                self._changed.notify_all()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold a place; waits until one is free and nobody waits who has begun before."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.stopping.is_set() or (self._free > 0 and self._returning == 0)
            )
            if self.stopping.is_set():
                raise Parked
            self._free -= 1
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def left(self) -> Iterator[None]:
        """Inside ``held``: give the place back meanwhile."""
        self._leave()
        try:
            yield
        finally:
            with self._changed:
                self._returning += 1
                self._changed.wait_for(lambda: self.stopping.is_set() or self._free > 0)
                self._returning -= 1
                self._free -= 1
                self._changed.notify_all()

    def _leave(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()
