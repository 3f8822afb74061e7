"""Who is in work in this process, how many of them at a time, and whether they may still act."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autod.durable.results import Parked


class Slots:
    """The workflows in work here; those that need the processor share so many ``slots``.

    Args:
        fenced: whether others may have taken over our work; nothing may be done then.
    """

    def __init__(self, slots: int, fenced: Callable[[], bool] = lambda: False) -> None:
        self._free = slots
        self._fenced = fenced
        self._names: Counter[str] = Counter()
        self._begun: Counter[str] = Counter()
        self._parked: set[str] = set()
        self._returning = 0
        self._lock = threading.Lock()
        # A free slot wakes one thread, not the hundred that wait for one.
        self._may_return = threading.Condition(self._lock)
        self._may_begin = threading.Condition(self._lock)
        self._nobody = threading.Condition(self._lock)
        self._life = 0
        self._begun_in = threading.local()
        self.stopping = threading.Event()

    def names(self) -> frozenset[str]:
        """The workflows that have a thread here."""
        with self._lock:
            return frozenset(self._names)

    def begun(self, kind: str) -> int:
        """How many workflows whose names begin with ``kind``, up to the colon, have had a thread here."""
        with self._lock:
            return self._begun[kind]

    def finish(self, seconds: float) -> frozenset[str]:
        """Let nobody begin, wait for those in work; returns who is parked or still in work after that."""
        self.stopping.set()
        with self._lock:
            self._wake_all()
            self._nobody.wait_for(lambda: not self._names, timeout=seconds)
            return frozenset(self._parked | self._names.keys())

    def outdate(self) -> None:
        """What is in work here belongs to others by now: it does nothing any more."""
        with self._lock:
            self._life += 1
            self._parked.clear()
            self._wake_all()

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
            with self._lock:
                self._begun_in.life = self._life
                self._names[name] += 1
                self._begun[name[: name.find(":") + 1]] += 1
                self._parked.discard(name)
            yield
        except Parked:
            with self._lock:
                if self._begun_in.life == self._life:
                    self._parked.add(name)
            raise
        finally:
            with self._lock:
                self._names[name] -= 1
                if not self._names[name]:
                    del self._names[name]
                if not self._names:
                    self._nobody.notify_all()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold a place; waits until one is free and nobody waits who has begun before."""
        with self._lock:
            self._may_begin.wait_for(lambda: self.must_park() or (self._free > 0 and not self._returning))
            if self.must_park():
                self._wake_next()
                raise Parked
            self._take()
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
            with self._lock:
                self._returning += 1
                self._may_return.wait_for(lambda: self.must_park() or self._free > 0)
                self._returning -= 1
                self._take()

    def _take(self) -> None:
        self._free -= 1
        self._wake_next()

    def _leave(self) -> None:
        with self._lock:
            self._free += 1
            self._wake_next()

    def _wake_next(self) -> None:
        """Whoever was woken and leaves something over wakes the next, so that no free place is missed."""
        if self._free > 0 or self.must_park():
            (self._may_return if self._returning else self._may_begin).notify()

    def _wake_all(self) -> None:
        self._may_return.notify_all()
        self._may_begin.notify_all()
