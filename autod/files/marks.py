"""The mark that each of our folders bears, so that an empty mount point is not taken for one of them."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy.orm import Session

from autod import flushing
from autod.codes import Code
from autod.db import archive
from autod.domain.filing import REASON, SUFFIX
from autod.errors import FileTrouble
from autod.files import custody
from autod.files.folders import Folders

MARK = ".autod-archive"
_WRITTEN = re.compile(r"([0-9a-f]{32})\b")
_EXPLANATION = (
    "This folder belongs to a Paper Autopilot archive. Leave this file here: without it work waits."
)
_ADOPT = "If it really is a new place, run `autod check --adopt`."

INBOX = "inbox"


class Ownership(StrEnum):
    """What is known of one folder."""

    OURS = "ours"
    FRESH = "fresh"
    """Without a mark, and nothing says that there should be one: it may be made and marked."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class CheckedFolder:
    """One folder; ``trouble`` says what is wrong with it, ``device`` the disk that it lies on."""

    name: str
    folder: Path
    ownership: Ownership
    device: int | None = None
    trouble: FileTrouble | None = None


def marked_folders(folders: Folders) -> dict[str, Path]:
    """The folders that bear the mark."""
    return {
        INBOX: folders.inbox,
        "claimed": folders.claimed,
        "processed": folders.processed,
        "failed": folders.failed,
    }


def read_mark(folder: Path) -> str | None:
    """The mark in ``folder``; None when it bears none.

    Raises:
        OSError: the folder is gone (``FileNotFoundError``) or out of reach.
    """
    try:
        with custody.open_plain(folder / MARK) as stream:
            match = _WRITTEN.match(stream.read(200).decode("ascii", "replace"))
    except FileNotFoundError:
        folder.stat()
        return None
    return match.group(1) if match else None


def write_mark(folder: Path, mark: str) -> None:
    """Make ``folder`` if need be, and mark it.

    Raises:
        OSError: it cannot be written.
    """
    flushing.make_folder(folder)
    flushing.write(folder / MARK, f"{mark}\n{_EXPLANATION}\n")


def marks_in(folders: Folders) -> dict[str, str]:
    """The marks that are there, by the folder's name."""
    marks = {}
    for name, folder in marked_folders(folders).items():
        with contextlib.suppress(OSError):
            if mark := read_mark(folder):
                marks[name] = mark
    return marks


def where_archive_lies(folders: Folders) -> Path | None:
    """A folder with an archive's documents or its mark; None when nothing says that there was one."""
    for folder in (folders.processed, folders.failed, folders.claimed, folders.inbox):
        with contextlib.suppress(OSError):
            if read_mark(folder) or (folder != folders.inbox and _holds_documents(folder)):
                return folder
    return None


def _holds_documents(folder: Path) -> bool:
    ours = (SUFFIX, REASON)  # what failed may be of any kind, and has its reason beside it
    return any(path.name.lower().endswith(ours) for path in folder.rglob("*"))


def look(
    name: str, folder: Path, mark: str, *, expected: Callable[[], bool], device: int | None = None
) -> CheckedFolder:
    """What one folder is; changes nothing.

    Args:
        mark: the archive's.
        expected: whether documents should be in the folder and none of them is; asked when there is no mark.
        device: the disk on which the folder lay when it was seen marked.
    """
    try:
        present = read_mark(folder)
        status = folder.stat()
    except FileNotFoundError:
        if device is not None and _disk_above(folder) != device:
            return CheckedFolder(name, folder, Ownership.WRONG, trouble=_away(name, folder))
        if name != INBOX and expected():
            return CheckedFolder(name, folder, Ownership.WRONG, trouble=_away(name, folder))
        return CheckedFolder(name, folder, Ownership.FRESH)
    except OSError as error:
        return CheckedFolder(name, folder, Ownership.WRONG, trouble=_unreachable(name, folder, error))
    if present is None:
        elsewhere = device is not None and status.st_dev != device
        if elsewhere or (name != INBOX and expected()):
            return CheckedFolder(name, folder, Ownership.WRONG, trouble=_unmarked(name, folder))
    elif present != mark:
        return CheckedFolder(name, folder, Ownership.WRONG, trouble=_of_others(name, folder))
    if name != INBOX and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return CheckedFolder(name, folder, Ownership.WRONG, trouble=_read_only(name, folder))
    return CheckedFolder(name, folder, Ownership.OURS if present else Ownership.FRESH, status.st_dev)


def unmarkable(name: str, folder: Path, error: OSError) -> CheckedFolder:
    """One that should be marked, and the file system refuses."""
    refused = error.errno in (errno.EROFS, errno.EACCES, errno.EPERM)
    trouble = _read_only(name, folder) if refused else _unreachable(name, folder, error)
    return CheckedFolder(name, folder, Ownership.WRONG, trouble=trouble)


def lacks_all(session: Session, name: str, folders: Folders, *, alone: bool) -> bool:
    """Whether documents should be in the folder of that name, and none of a sample is.

    ``alone``: no other process keeps claimed copies of this database's documents elsewhere.
    """
    folder = marked_folders(folders)[name]
    if name != "claimed":
        sample = archive.filed_below(session, folder)
        return bool(sample) and not any(os.path.lexists(path) for path in sample)
    rows = archive.unfinished(session) if alone else {}
    if any(folders.claim_of(sha256).exists() for sha256 in rows):
        return False
    return any(not os.path.lexists(custody.path_from(source)) for source in rows.values())


def hold_what_is_told(session: Session, folders: Folders, *, alone: bool) -> bool:
    """Whether some of what the rows say of the folders is there, and no folder lacks all of a sample."""
    if any(
        lacks_all(session, name, folders, alone=alone) for name in marked_folders(folders) if name != INBOX
    ):
        return False
    filed = (archive.filed_below(session, folder) for folder in (folders.processed, folders.failed))
    claimed = (folders.claim_of(sha256) for sha256 in archive.unfinished(session))
    return any(os.path.lexists(path) for sample in filed for path in sample) or any(
        claim.exists() for claim in claimed
    )


def _disk_above(folder: Path) -> int:
    return next(place.stat().st_dev for place in folder.parents if place.exists())


def _trouble(what: str, code: str, next_step: str) -> FileTrouble:
    return FileTrouble(what, code=code, next_step=next_step, outside=True)


def _away(name: str, folder: Path) -> FileTrouble:
    return _trouble(
        f"the {name} folder is gone: {folder}",
        Code.FOLDER_MISSING,
        f"Mount its disk, or put the folder back; work then goes on. {_ADOPT}",
    )


def _unmarked(name: str, folder: Path) -> FileTrouble:
    return _trouble(
        f"the {name} folder does not bear the archive's mark, its disk is perhaps not mounted: {folder}",
        Code.FOLDER_UNMARKED,
        f"Mount its disk; work then goes on. {_ADOPT}",
    )


def _of_others(name: str, folder: Path) -> FileTrouble:
    return _trouble(
        f"the {name} folder bears the mark of another archive: {folder}",
        Code.FOLDER_OF_ANOTHER_ARCHIVE,
        f"Correct the setting of the folder, or PAPER_AUTOPILOT_DB_URL. {_ADOPT}",
    )


def _read_only(name: str, folder: Path) -> FileTrouble:
    return _trouble(
        f"the {name} folder cannot be written to: {folder}",
        Code.FOLDER_READ_ONLY,
        "Mount it writable, or give the service's user access; work then goes on.",
    )


def _unreachable(name: str, folder: Path, error: OSError) -> FileTrouble:
    return _trouble(
        f"the {name} folder is out of reach ({os.strerror(error.errno or 0)}): {folder}",
        Code.FOLDER_UNREACHABLE,
        "Check the disk or the network share and its permissions; work then goes on.",
    )
