"""Is a file in the inbox complete and still?

Being quiet is not enough: a scanner pauses, a network stalls. A PDF is complete when its header, its
last ``%%EOF`` and the cross-reference it points to are there, and a linearized one has its stated length.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from autod.pipeline.custody import open_plain

HEAD = TAIL = 2048
_START = re.compile(rb"startxref\s{1,20}(\d{1,15})\s{1,20}%%EOF\s{0,1024}\x00{0,1024}\s*$")
_LENGTH = re.compile(rb"/Linearized\b[^>]{0,400}?/L\s{1,5}(\d{1,15})")


class Readiness(StrEnum):
    READY = "ready"
    WAIT = "wait"
    REFUSED = "refused"


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


def changed_at(path: Path) -> float:
    """When content or name last changed, in seconds since the epoch, by the file system's clock."""
    status = os.lstat(path)
    return max(status.st_mtime, status.st_ctime)


def looks_complete(path: Path) -> bool:
    """Header, ``%%EOF``, a cross-reference where ``startxref`` says, and a linearized file's own length.

    Raises:
        OSError: the file cannot be read.
    """
    with open_plain(path) as stream:
        head = stream.read(HEAD)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - TAIL))
        tail = stream.read(TAIL)
        if b"%PDF-" not in head[:1024]:
            return False
        linearized = _LENGTH.search(head)
        if linearized and int(linearized.group(1)) > size:
            return False
        start = _START.search(tail)
        if not start:
            return False
        position = head.find(b"%PDF-") + int(start.group(1))
        return any(_is_cross_reference(stream, place) for place in {position, int(start.group(1))})


def _is_cross_reference(stream: BinaryIO, position: int) -> bool:
    stream.seek(position)
    found = stream.read(64).lstrip()
    return found.startswith(b"xref") or re.match(rb"\d{1,10}\s{1,5}\d{1,5}\s{1,5}obj", found) is not None
