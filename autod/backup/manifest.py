"""What an archive says of itself: its last member, so that an archive that was cut off has none."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from autod.backup.damage import damaged
from autod.codes import Code
from autod.errors import BackupError

FORMAT = 1
NAME = "manifest.json"
DATABASE_FOLDER = "database"
PLACES = ("claimed", "processed", "failed", "inbox")
"""The folders of an archive that hold files, in the order in which they are written."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the archive. ``document_id`` is the row whose bytes these are, None for any other file."""

    path: str
    sha256: str
    size: int
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class DatabaseEntry:
    """The database's file: ``kind`` is sqlite or postgresql, ``content_size`` its bytes when unpacked.

    ``counts`` are the rows of our tables at the moment of the backup.
    """

    kind: str
    path: str
    sha256: str
    size: int
    content_size: int
    revision: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Missing:
    """A document whose bytes could not be found when the backup was taken."""

    document_id: int
    sha256: str
    path: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``folders`` are the absolute folders that ``PLACES`` stood for, as text."""

    product: str
    taken_at: datetime
    folders: dict[str, str]
    database: DatabaseEntry
    files: tuple[FileEntry, ...]
    missing: tuple[Missing, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every document's bytes are in the archive."""
        return not self.missing

    @property
    def documents(self) -> int:
        return self.database.counts["documents"]

    def to_json(self) -> bytes:
        content = {"format": FORMAT, **asdict(self), "taken_at": self.taken_at.isoformat()}
        return json.dumps(content, indent=1).encode("ascii") + b"\n"


def manifest_from(content: bytes) -> Manifest:
    """The manifest of an archive that anybody may have written.

    Raises:
        BackupError: code ``backup_damaged``, or ``backup_newer`` for a format that we do not know.
    """
    try:
        data = json.loads(content)
        if data.pop("format") != FORMAT:
            raise BackupError(
                "the archive was made by a newer version of this program",
                code=Code.BACKUP_NEWER,
                next_step="Install that version, or a later one, and restore with it.",
            )
        return Manifest(
            product=_text(data["product"]),
            taken_at=datetime.fromisoformat(data["taken_at"]),
            folders={place: _text(data["folders"][place]) for place in PLACES},
            database=DatabaseEntry(
                **{**_checked(data["database"]), "counts": _counts(data["database"]["counts"])}
            ),
            files=tuple(FileEntry(**_checked(entry)) for entry in data["files"]),
            missing=tuple(Missing(**_checked(entry)) for entry in data["missing"]),
            skipped=tuple(_text(note) for note in data["skipped"]),
        )
    except BackupError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise damaged("its manifest cannot be understood") from None


_NUMBERS = {"size", "content_size", "document_id"}


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    for name, value in fields.items():
        if name == "counts" or (name == "document_id" and value is None):
            continue
        if not isinstance(value, int if name in _NUMBERS else str) or isinstance(value, bool):
            raise TypeError(name)
        if isinstance(value, int) and value < 0:
            raise ValueError(name)
    return fields


def _counts(counts: dict[str, int]) -> dict[str, int]:
    if counts.keys() < {"documents"} or not all(type(number) is int for number in counts.values()):
        raise ValueError("counts")
    return counts


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value
