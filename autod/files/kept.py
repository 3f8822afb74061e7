"""Names of inbox files that are kept, hidden, for a while after their document has ended.

Somebody may still have the file open and write on into it, under whatever name. The name says which bytes
were taken from it and how it looked then, so that a change shows, also after a restart.
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

KEPT = ".kept"
KEPT_SECONDS = 600.0
"""How long a file stays as it is before it is destroyed: five times the longest pause that writers make."""

LONGEST_BYTES = 240
"""Room is left for being set aside under a longer name."""

_NAME = re.compile(
    r"\.(?P<name>.+)\.(?P<sha256>[0-9a-f]{64})\.(?P<size>[0-9a-f]+)\.(?P<time>[0-9a-f]+)\.[0-9a-f]{8}\.kept",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the name of a kept file says: the end of its former name, and its bytes when they were taken."""

    name: str
    sha256: str
    size: int
    modified_ns: int


def kept_as(name: str) -> Kept | None:
    """What a file's name says; None when it is not kept."""
    match = _NAME.fullmatch(name) if name.endswith(KEPT) else None
    if match is None:
        return None
    return Kept(match["name"], match["sha256"], int(match["size"], 16), int(match["time"], 16))


def kept_path(former: Path, sha256: str, status: os.stat_result) -> Path:
    """Where to keep a file that was taken as ``former``; no two paths are the same."""
    end = f".{sha256}.{status.st_size:x}.{status.st_mtime_ns:x}.{secrets.token_hex(4)}{KEPT}"
    name = os.fsencode(name_before(former))[-(LONGEST_BYTES - len(end) - 1) :]
    return former.with_name(f".{os.fsdecode(name)}{end}")


def name_before(path: Path) -> str:
    """The name that a file had before it was kept; its own for any other."""
    kept = kept_as(path.name)
    return kept.name if kept else path.name
