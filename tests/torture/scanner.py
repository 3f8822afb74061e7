"""How paper arrives: renamed into place, written in bursts with pauses, under a name used before."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.torture import tables
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


@dataclass(frozen=True, slots=True)
class Job:
    """One file to write."""

    name: str
    sheet: Sheet
    style: Style


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
