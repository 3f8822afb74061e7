"""What lies in the inbox and what may be taken from it now.

Remembers what it has seen, so that nothing is looked at twice without having changed, and so that a
file that cannot be taken is complained about once and tried again after growing pauses.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from autod.errors import FileTrouble
from autod.inbox.readiness import Gate, Readiness, Stamp, changed_at, stamp_of
from autod.pipeline.custody import file_trouble

log = structlog.get_logger("autod.inbox")

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0


@dataclass(slots=True)
class Sighting:
    """What is known about one path; ``since`` and ``not_before`` are monotonic seconds."""

    stamp: Stamp
    since: float
    closed: bool = False
    taken_as: str | None = None
    failures: int = 0
    returns: int = 0
    not_before: float = 0.0
    told: set[str] = field(default_factory=set)


REFUSED = "refused"
"""Stands where a hash would, for what is no file."""


def _pause(times: int) -> float:
    """Seconds to leave a file alone that was tried so many times."""
    return min(FIRST_PAUSE * 2.0 ** (times - 1), LONGEST_PAUSE)


class Inbox:
    """One folder; sub-folders, hidden files and other kinds of file are left alone.

    Args:
        monotonic: seconds that never jump; wall: seconds since the epoch.
        on_trouble: told once per file and code, for the custody record.
    """

    def __init__(
        self,
        folder: Path,
        gate: Gate,
        *,
        monotonic: Callable[[], float],
        wall: Callable[[], float],
        on_trouble: Callable[[Path, FileTrouble], None],
    ) -> None:
        self.folder = folder
        self._gate = gate
        self._monotonic = monotonic
        self._wall = wall
        self._on_trouble = on_trouble
        self._seen: dict[Path, Sighting] = {}

    def ready(self, closed: frozenset[Path] = frozenset()) -> list[Path]:
        """The files that may be taken now, oldest first."""
        now = self._monotonic()
        paths = self._list()
        self._seen = {path: seen for path, seen in self._seen.items() if path in paths}
        return [path for path in paths if self._is_ready(path, now, path in closed)]

    def taken(self, path: Path, sha256: str) -> None:
        """``path`` was handed on as ``sha256``: leave it alone until that ends or the file changes."""
        if path in self._seen:
            self._seen[path].taken_as = sha256

    def ended(self, sha256: str) -> None:
        """The document's life has ended: whatever still lies here with its bytes is looked at again.

        At once the first time; what still does not leave waits longer each time.
        """
        for seen in list(self._seen.values()):
            if seen.taken_as == sha256:
                seen.taken_as = None
                if seen.returns:
                    seen.not_before = self._monotonic() + _pause(seen.returns)
                seen.returns += 1

    def held(self) -> list[str]:
        """The hashes of the files that were handed on and still lie here."""
        return [seen.taken_as for seen in self._seen.values() if seen.taken_as not in (None, "", REFUSED)]

    def holds(self, sha256: str) -> bool:
        """Whether a file that was handed on as ``sha256`` still lies here; safe in any thread."""
        return any(seen.taken_as == sha256 and path.exists() for path, seen in list(self._seen.items()))

    def failed(self, path: Path, trouble: FileTrouble) -> None:
        """``path`` could not be taken: complain once, and try again after a pause."""
        seen = self._seen.get(path)
        if seen is None:
            return
        seen.failures += 1
        seen.not_before = self._monotonic() + _pause(seen.failures)
        if trouble.code not in seen.told:
            seen.told.add(trouble.code)
            self._on_trouble(path, trouble)

    def unsettled(self) -> float | None:
        """In how many seconds a waiting file may have become ready; None when none waits."""
        waiting = [s for s in self._seen.values() if s.taken_as is None and s.failures == 0]
        return max(self._gate.quiet_seconds, 0.05) if waiting else None

    def _list(self) -> dict[Path, float]:
        """Candidates with their age stamp, oldest first; an unreachable folder is empty for now."""
        found: dict[Path, float] = {}
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    name = entry.name
                    if name.startswith(".") or not name.lower().endswith(".pdf"):
                        continue
                    try:
                        found[Path(entry.path)] = entry.stat(follow_symlinks=False).st_mtime
                    except OSError:
                        continue
        except OSError as error:
            trouble = file_trouble(error, "cannot list the inbox")
            log.error("The inbox cannot be listed", error=trouble.code, next_step=trouble.next_step)
        return dict(sorted(found.items(), key=lambda item: (item[1], str(item[0]))))

    def _is_ready(self, path: Path, now: float, closed: bool) -> bool:
        try:
            stamp = stamp_of(path)
            if stamp is None:
                self._refuse(path)
                return False
            seen = self._seen.get(path)
            if seen is None or seen.stamp != stamp:
                seen = self._seen[path] = Sighting(stamp, now)
            seen.closed = seen.closed or closed
            if seen.taken_as is not None or now < seen.not_before:
                return False
            still = max(now - seen.since, self._wall() - changed_at(path))
            return self._gate.decide(path, still, closed=seen.closed) is Readiness.READY
        except FileNotFoundError:
            return False
        except OSError as error:
            self.failed(path, file_trouble(error, "cannot read the file"))
            return False

    def _refuse(self, path: Path) -> None:
        """A link or a folder named like a PDF: say so once, touch nothing."""
        if path in self._seen:
            return
        seen = self._seen[path] = Sighting(Stamp(-1, -1, -1), 0.0, taken_as=REFUSED)
        link = path.is_symlink()
        trouble = FileTrouble(
            "a link is never followed" if link else "not a regular file",
            code="symlink_refused" if link else "not_a_file",
            next_step="Put the file itself into the inbox.",
        )
        seen.told.add(trouble.code)
        self._on_trouble(path, trouble)
