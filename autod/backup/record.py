"""What is known of the last backup: a small file beside the archives, for health, alerts and people."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from autod import flushing

NAME = "last_backup.json"
_STAMP = "%Y%m%d_%H%M%S"
_ARCHIVE = re.compile(r"paper_autopilot_(\d{8}_\d{6})\.tar")


@dataclass(frozen=True, slots=True)
class LastBackup:
    """``taken_at`` is the moment that the archive shows; ``missing`` documents had no bytes any more.

    ``verified_at`` is when ``autod verify-backup`` last restored this archive.
    """

    archive: str
    taken_at: datetime
    size: int
    documents: int
    missing: int
    verified_at: datetime | None = None


def archive_name(taken_at: datetime) -> str:
    """The name of the archive of that moment (UTC)."""
    return f"paper_autopilot_{taken_at.astimezone(UTC):{_STAMP}}.tar"


def archives_in(folder: Path) -> dict[Path, datetime]:
    """Our archives with the moment their name tells, oldest first; links and other files are left out."""
    found = {}
    for path in sorted(folder.glob("paper_autopilot_*.tar")):
        name = _ARCHIVE.fullmatch(path.name)
        if name and path.is_file() and not path.is_symlink():
            with contextlib.suppress(ValueError):
                found[path] = datetime.strptime(name.group(1), _STAMP).replace(tzinfo=UTC)
    return found


def last_backup(folder: Path) -> LastBackup | None:
    """The last backup that was finished in this folder; None when there is none, or its note is lost."""
    try:
        data = json.loads((folder / NAME).read_text(encoding="utf-8"))
        verified = data["verified_at"]
        return LastBackup(
            archive=str(data["archive"]),
            taken_at=datetime.fromisoformat(data["taken_at"]),
            size=int(data["size"]),
            documents=int(data["documents"]),
            missing=int(data["missing"]),
            verified_at=datetime.fromisoformat(verified) if verified else None,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def note(folder: Path, last: LastBackup) -> None:
    """Write it down.

    Raises:
        OSError: the folder cannot be written to.
    """
    content = {
        **asdict(last),
        "taken_at": last.taken_at.isoformat(),
        "verified_at": last.verified_at.isoformat() if last.verified_at else None,
    }
    flushing.write(folder / NAME, json.dumps(content, indent=1) + "\n", 0o600)


def note_verified(archive: Path, at: datetime) -> None:
    """Write down that an archive was restored to scratch, if it is the last one and that is possible."""
    last = last_backup(archive.parent)
    if last is not None and last.archive == archive.name:
        with contextlib.suppress(OSError):
            note(archive.parent, replace(last, verified_at=at))
