"""Is a file in the inbox complete and still?

Being quiet is not enough: a scanner pauses, a network stalls; see ``autod.files.completeness``.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autod.files.completeness import looks_complete
from autod.files.custody import changed_at

__all__ = ["Gate", "Readiness", "Stamp", "changed_at", "looks_complete", "stamp_of"]


class Readiness(StrEnum):
    READY = "ready"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when somebody writes to the file."""

    size: int
    modified_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Gate:
    """Two waits in seconds: for a complete file to be still, and for an incomplete one to be given up on."""

    quiet_seconds: float
    patience_seconds: float

    def decide(self, path: Path, still_seconds: float, *, closed: bool) -> Readiness:
        """Whether ``path`` may be taken, unchanged as it was for ``still_seconds``.

        ``closed``: an event said that its writer closed it or renamed it into place.

        Raises:
            OSError: the file cannot be read.
        """
        if still_seconds >= self.patience_seconds:
            return Readiness.READY
        if not closed and still_seconds < self.quiet_seconds:
            return Readiness.WAIT
        return Readiness.READY if looks_complete(path) else Readiness.WAIT


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of a regular file; None for a folder, link, pipe or device.

    Raises:
        OSError: the file is gone or out of reach.
    """
    status = os.lstat(path)
    if not stat.S_ISREG(status.st_mode):
        return None
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino)
