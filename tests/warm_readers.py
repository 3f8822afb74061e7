"""Reading children that outlive the sandbox that started them, for a whole test process.

The first document of a child costs a second of processor time: libraries and the language model are loaded.
A test's pipeline asks for a child as ever; it gets one that an earlier test's pipeline left idle and well.
Whatever went wrong in a child ends it for good, as the product does.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from autod.child import sandbox
from autod.child.process import ENVIRONMENT_NAMES, ChildProcess

MOST_KEPT = 2
"""A child that was used holds 150 MB and more."""

IN_ORDER = (b'{"result"', b'{"error"')
"""How an answer begins after which ``Sandbox`` uses a child again."""

_kept: list[WarmChild] = []
_lock = threading.Lock()


class WarmChild:
    """A ``ChildProcess`` that is put by, instead of ended, while it is well."""

    def __init__(self, memory_mb: int) -> None:
        self.kind = (memory_mb, tuple((name, os.environ.get(name)) for name in sorted(ENVIRONMENT_NAMES)))
        """What a child is started with: another environment is another kind."""
        self._memory_mb = memory_mb
        self._process = _kept_one(self.kind) or ChildProcess(memory_mb)
        self._well = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def exchange(self, request: bytes, timeout_seconds: float, descriptors: Sequence[int] = ()) -> bytes:
        self._well = False
        answer = self._process.exchange(request, timeout_seconds, descriptors)
        self._well = answer.startswith(IN_ORDER)
        return answer

    def alive(self) -> bool:
        return self._process.alive()

    def memory_bytes(self) -> int:
        return self._process.memory_bytes()

    def kill(self) -> None:
        self._well = False
        self._process.kill()

    def end(self) -> None:
        if not (self._well and self.alive() and self.memory_bytes() <= self._memory_mb * 2**20 // 2):
            self._process.end()
            return
        with _lock:
            _kept.append(self)
            surplus = _kept.pop(0) if len(_kept) > MOST_KEPT else None
        if surplus is not None:
            surplus.part_with().end()

    def part_with(self) -> ChildProcess:
        """The child itself, which this one has no more to do with."""
        self._well = False
        return self._process


def _kept_one(kind: object) -> ChildProcess | None:
    with _lock:
        found = next((child for child in reversed(_kept) if child.kind == kind), None)
        if found is None:
            return None
        _kept.remove(found)
    process = found.part_with()
    if process.alive():
        return process
    process.end()
    return None


@contextmanager
def kept_warm() -> Iterator[None]:
    """While this lasts, every sandbox of this process takes its children from those that are kept."""
    before = sandbox.ChildProcess
    setattr(sandbox, "ChildProcess", WarmChild)  # noqa: B010 - mypy forbids assigning to a class
    try:
        yield
    finally:
        setattr(sandbox, "ChildProcess", before)  # noqa: B010 - as above


@atexit.register
def end_all() -> None:
    """End those that are kept."""
    with _lock:
        ending, _kept[:] = _kept[:], []
    for child in ending:
        child.part_with().end()
