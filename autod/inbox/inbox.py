"""What lies in the inbox and what may be taken from it now.

Remembers what it has seen, so that nothing is looked at twice without having changed, and so that a
file that cannot be taken is complained about once and tried again after growing pauses. What a program has
open for writing is not taken, however long; hidden files that are kept after their documents have ended
(``autod.files.kept``) are handed over once they have changed, or their time is over.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from autod.codes import Code
from autod.domain.backoff import Backoff
from autod.errors import FileTrouble
from autod.files import kept
from autod.files.custody import file_trouble
from autod.files.kept import kept_as
from autod.files.writers import WhoWrites, Writing, who_writes
from autod.inbox.readiness import Gate, Readiness, Stamp, changed_at, stamp_of

log = structlog.get_logger("autod.inbox")

PAUSES = Backoff(first=5.0, longest=300.0)
"""For which a file is left alone that could not be taken."""

HELD_TOLD_SECONDS = 60.0
"""So long a program may have a file open for writing that is ready otherwise, before people are told."""
HELD_OPEN = Code.FILE_HELD_OPEN


@dataclass(slots=True)
class Sighting:
    """What is known about one path; ``since`` and ``not_before`` are monotonic seconds.

    ``held_since``: from then on only its writer kept it from being taken.
    """

    stamp: Stamp
    since: float
    closed: bool = False
    taken_as: str | None = None
    failures: int = 0
    returns: int = 0
    not_before: float = 0.0
    held_since: float | None = None
    told: set[str] = field(default_factory=set)


REFUSED = "refused"
"""Stands where a hash would, for what is no file."""


def held_open_trouble() -> FileTrouble:
    """What people are told of a file that a program has open for writing."""
    return FileTrouble(
        "a program has the file open for writing",
        code=HELD_OPEN,
        next_step="It is taken when that program closes it; end the program if it hangs.",
    )


def _followed_by(former: Sighting | None, seen: Sighting) -> Sighting:
    """A file that its writer goes on with is still the one that people were told of."""
    if former is not None and former.held_since is not None and former.stamp.inode == seen.stamp.inode:
        seen.held_since, seen.told = former.held_since, former.told & {HELD_OPEN}
    return seen


class Inbox:
    """One folder; sub-folders, hidden files and other kinds of file are left alone.

    Args:
        monotonic: seconds that never jump; wall: seconds since the epoch.
        on_trouble: told once per file and code, for the custody record.
        writes: whether somebody has a file open for writing.
    """

    def __init__(
        self,
        folder: Path,
        gate: Gate,
        *,
        monotonic: Callable[[], float],
        wall: Callable[[], float],
        on_trouble: Callable[[Path, FileTrouble], None],
        writes: WhoWrites = who_writes,
    ) -> None:
        self.folder = folder
        self._gate = gate
        self._monotonic = monotonic
        self._wall = wall
        self._on_trouble = on_trouble
        self._writes = writes
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
                    seen.not_before = self._monotonic() + PAUSES.pause(seen.returns)
                seen.returns += 1

    def put_off(self, path: Path) -> None:
        """A kept file stays for now: it is handed over again after a pause, or when it has changed."""
        if path in self._seen:
            seen = self._seen[path]
            seen.returns += 1
            seen.not_before = self._monotonic() + PAUSES.pause(seen.returns)

    def held_open(self, *, for_seconds: float = HELD_TOLD_SECONDS) -> list[Path]:
        """Files that only a program that has them open for writing has kept from being taken for so long."""
        latest = self._monotonic() - for_seconds
        held = ((path, seen.held_since) for path, seen in list(self._seen.items()))
        return sorted(path for path, since in held if since is not None and since <= latest)

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
        seen.not_before = self._monotonic() + PAUSES.pause(seen.failures)
        if trouble.code not in seen.told:
            seen.told.add(trouble.code)
            self._on_trouble(path, trouble)

    def unsettled(self) -> float | None:
        """In how many seconds a waiting file may have become ready; None when none waits."""
        waiting = [
            seen
            for path, seen in self._seen.items()
            if seen.taken_as is None
            and seen.failures == 0
            and HELD_OPEN not in seen.told
            and not self._rests(path, seen)
        ]
        return max(self._gate.quiet_seconds, 0.05) if waiting else None

    def _list(self) -> dict[Path, float]:
        """Candidates with their age stamp, oldest first; an unreachable folder is empty for now."""
        found: dict[Path, float] = {}
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    name = entry.name
                    is_paper = name.lower().endswith(".pdf") and not name.startswith(".")
                    if not is_paper and kept_as(name) is None:
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
                seen = self._seen[path] = _followed_by(seen, Sighting(stamp, now))
            seen.closed = seen.closed or closed
            if seen.taken_as is not None or now < seen.not_before:
                return False
            still = max(now - seen.since, self._wall() - changed_at(path))
            if self._rests(path, seen):
                return self._may_go(path, still)
            ready = self._gate.decide(path, still, closed=seen.closed) is Readiness.READY
            # A writer may end between the stamp and these answers: taken under a stamp that is no more, the
            # file would look changed, and be taken again.
            return ready and not self._is_held(path, seen, now) and stamp_of(path) == stamp
        except FileNotFoundError:
            return False
        except OSError as error:
            self.failed(path, file_trouble(error, "cannot read the file"))
            return False

    def _is_held(self, path: Path, seen: Sighting, now: float) -> bool:
        """Whether a program has the file open for writing; people are told when that lasts."""
        if self._writes(path) is not Writing.SOMEBODY:
            seen.held_since = None
            seen.told.discard(HELD_OPEN)
            return False
        seen.held_since = now if seen.held_since is None else seen.held_since
        if now - seen.held_since >= HELD_TOLD_SECONDS and HELD_OPEN not in seen.told:
            seen.told.add(HELD_OPEN)
            self._on_trouble(path, held_open_trouble())
        return True

    def _rests(self, path: Path, seen: Sighting) -> bool:
        """Whether it is a kept file that has not changed since its bytes were taken."""
        known = kept_as(path.name)
        if known is None:
            return False
        return (known.size, known.modified_ns) == (seen.stamp.size, seen.stamp.modified_ns)

    def _may_go(self, path: Path, still: float) -> bool:
        """Whether a kept file's time is over: nobody can write into it any more, or nobody has for long."""
        if still >= kept.KEPT_SECONDS or self._writes(path) is Writing.NOBODY:
            return True
        self.put_off(path)
        return False

    def _refuse(self, path: Path) -> None:
        """A link or a folder named like a PDF: say so once, touch nothing."""
        if path in self._seen:
            return
        seen = self._seen[path] = Sighting(Stamp(-1, -1, -1), 0.0, taken_as=REFUSED)
        link = path.is_symlink()
        trouble = FileTrouble(
            "a link is never followed" if link else "not a regular file",
            code=Code.SYMLINK_REFUSED if link else Code.NOT_A_FILE,
            next_step="Put the file itself into the inbox.",
        )
        seen.told.add(trouble.code)
        self._on_trouble(path, trouble)
