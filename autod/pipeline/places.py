"""Who is in work in this process, how many of them at a time, and whether they may still act."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autod.pipeline.outcomes import Parked


class Places:
    """The workflows in work here; those that need the processor share ``places`` places.

    Args:
        fenced: whether others may have taken over our work; nothing may be done then.
    """

    def __init__(self, places: int, fenced: Callable[[], bool] = lambda: False) -> None:
        self._free = places
        self._fenced = fenced
        self._names: Counter[str] = Counter()
        self._parked: set[str] = set()
        self._returning = 0
        self._changed = threading.Condition()
        self._life = 0
        self._begun_in = threading.local()
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
            return frozenset(self._parked | self._names.keys())

    def outdate(self) -> None:
        """What is in work here belongs to others by now: it does nothing any more."""
        with self._changed:
            self._life += 1
            self._parked.clear()
            self._changed.notify_all()

    def must_park(self) -> bool:
        """Whether the workflow of this thread may not act any more."""
        begun_in = getattr(self._begun_in, "life", self._life)
        return self.stopping.is_set() or begun_in != self._life or self._fenced()

    def check(self) -> None:
        """
        Raises:
            Parked: see ``must_park``.
        """
        if self.must_park():
            raise Parked

    @contextmanager
    def in_work(self, name: str) -> Iterator[None]:
        """Count ``name`` as in work, with or without a place."""
        try:
            with self._changed:
                self._begun_in.life = self._life
                self._names[name] += 1
                self._parked.discard(name)
            yield
        except Parked:
            with self._changed:
                if self._begun_in.life == self._life:
                    self._parked.add(name)
            raise
        finally:
            with self._changed:
                self._names[name] -= 1
                if not self._names[name]:
                    del self._names[name]
                self._changed.notify_all()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold a place; waits until one is free and nobody waits who has begun before."""
        with self._changed:
            self._changed.wait_for(lambda: self.must_park() or (self._free > 0 and self._returning == 0))
            self.check()
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
                self._changed.wait_for(lambda: self.must_park() or self._free > 0)
                self._returning -= 1
                self._free -= 1
                self._changed.notify_all()

    def _leave(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()
