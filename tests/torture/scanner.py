"""How paper arrives: renamed into place, written in bursts with pauses, under a name used before.

Some writers pause for longer than anybody waits for them, and then go on in one of the ways of programs.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.torture import tables
from tests.torture.auditor import Drop
from tests.torture.paper import Sheet
from tests.torture.system import System

LONGEST_PAUSE = 0.4
"""Seconds between two bursts of one file."""


class Style(StrEnum):
    """How one file is written."""

    RENAMED = "renamed"
    IN_BURSTS = "in bursts"
    NAME_REUSED = "name reused"
    """As soon as the bytes that had the name before are known to the system, also while they are in work."""
    HELD = "held open"
    """The second half is appended after a long pause, with the file open all the while."""
    APPENDED = "closed and appended to"
    REWRITTEN = "written anew"
    """Another paper is written into the same open file, which is emptied first."""
    IN_PLACE = "written in place"
    """As ``rsync --inplace`` does: other bytes from the beginning, in the same open file."""
    RENAMED_OVER = "renamed over"
    """The whole of it is renamed over its first half."""


PAUSING = (Style.HELD, Style.APPENDED, Style.REWRITTEN, Style.IN_PLACE, Style.RENAMED_OVER)
LONG_PAUSE = 2.5
TAKEN_SECONDS = 40.0


@dataclass(frozen=True, slots=True)
class Job:
    """One file to write; ``before`` is the paper that was in it first, where it is written anew."""

    name: str
    sheet: Sheet
    style: Style
    before: Sheet | None = None


class Scanner(threading.Thread):
    """Writes the jobs one after another, with pauses of its own choice, until done or stopped."""

    def __init__(self, system: System, jobs: Sequence[Job], seed: int, *, pace: float) -> None:
        super().__init__(name="scanner", daemon=True)
        self._system = system
        self._jobs = jobs
        self._chance = random.Random(seed)  # noqa: S311 - repeatable, keeps no secret
        self._pace = pace
        self._stopped = threading.Event()
        self._last: dict[str, str] = {}

    def run(self) -> None:
        for job in self._jobs:
            if self._stopped.wait(self._chance.uniform(0, 2 * self._pace)):
                return
            self._write(job)

    def done(self) -> bool:
        return not self.is_alive()

    def stop(self) -> None:
        self._stopped.set()
        self.join()

    def _write(self, job: Job) -> None:
        if job.style is Style.NAME_REUSED and not self._until(lambda: self._is_known(job.name)):
            return
        if job.style is Style.IN_BURSTS:
            self._in_bursts(job)
        elif job.style in PAUSING:
            pause = self._chance.uniform(0.1, LONG_PAUSE)
            start_writing(self._system, job, lambda: self._stopped.wait(pause))
        else:
            self._system.drop(job.name, job.sheet)
        self._last[job.name] = job.sheet.named(job.name).sha256

    def _in_bursts(self, job: Job) -> None:
        content, self_chance = job.sheet.content, self._chance
        cuts = sorted(self_chance.sample(range(1, len(content)), 2))
        self._system.drops.append(job.sheet.named(job.name))
        with (self._system.inbox / job.name).open("wb", buffering=0) as stream:
            for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
                stream.write(content[start:end])
                if end < len(content):
                    self._stopped.wait(self_chance.uniform(0, LONGEST_PAUSE))

    def _is_known(self, name: str) -> bool:
        return name not in self._last or self._last[name] in tables.known_hashes(self._system.url)

    def _until(self, condition: Callable[[], bool]) -> bool:
        while not condition():
            if self._stopped.wait(0.02):
                return False
        return True


def start_writing(system: System, job: Job, pause: Callable[[], object]) -> None:
    """Write the job in a thread of its own, with one ``pause`` in the middle."""
    first = job.sheet.content[: len(job.sheet.content) // 2] if job.before is None else job.before.content
    whole = job.sheet.named(job.name)
    becomes = whole.sha256 if job.before is None else ""
    word = "" if job.before is None else job.before.word
    system.drops.append(
        Drop(job.name, hashlib.sha256(first).hexdigest(), word, passing=True, becomes=becomes)
    )
    system.drops.append(whole)
    thread = threading.Thread(target=_write_slowly, args=(system, job, first, pause), daemon=True)
    system.writers.append(thread)
    thread.start()


def _write_slowly(system: System, job: Job, first: bytes, pause: Callable[[], object]) -> None:
    path, whole = system.inbox / job.name, job.sheet.content
    stream = path.open("wb", buffering=0)
    stream.write(first)
    if job.style in (Style.APPENDED, Style.RENAMED_OVER):
        stream.close()
    pause()
    if job.style is Style.RENAMED_OVER:
        part = path.with_name(f".{job.name}.scanning")
        part.write_bytes(whole)
        part.rename(path)
        return
    if job.style is Style.APPENDED:
        stream = path.open("ab", buffering=0)
    elif job.style is not Style.HELD:
        stream.seek(0)
    if job.style is Style.REWRITTEN:
        stream.truncate()
    stream.write(whole[len(first) :] if job.before is None else whole)
    if job.style is Style.IN_PLACE:
        stream.truncate()
    stream.close()


def until_taken(system: System, first: bytes) -> None:
    """Wait until the system has taken these bytes and thinks that it is done with their file."""
    sha256, deadline = hashlib.sha256(first).hexdigest(), time.monotonic() + TAKEN_SECONDS
    while time.monotonic() < deadline and sha256 not in tables.ended_hashes(system.url):
        time.sleep(0.05)
