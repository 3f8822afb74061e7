"""What survives a power cut: bytes are flushed, and so is each folder that got a new name.

A checkpoint or a row may rely on a file only after that. docs/decisions/0017-what-a-power-cut-leaves.md
lists those that do.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
from pathlib import Path

SCRATCH = ".part"
"""Ends the names of files that are being written."""

FULL_FLUSH: int | None = getattr(fcntl, "F_FULLFSYNC", None)
"""On macOS ``fsync`` leaves the bytes in the drive's own memory; this does not."""

_CANNOT = {
    errno.EINVAL,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
}
"""A folder that we may use and not look into, or a file system that flushes none: it is left as it is."""

_made: dict[Path, tuple[int, int]] = {}
"""Folders whose own names this process knows to be flushed, with device and inode."""


def flush(descriptor: int) -> None:
    """Have the bytes of an open file on the disk itself.

    Raises:
        OSError: they may be lost.
    """
    if FULL_FLUSH is not None:
        with contextlib.suppress(OSError):  # a network share does not know it
            fcntl.fcntl(descriptor, FULL_FLUSH)
            return
    os.fsync(descriptor)


def flush_folder(folder: Path) -> None:
    """Make what came, went or changed its name in ``folder`` survive.

    Raises:
        OSError: the disk failed. A file system that cannot do it at all is left as it is.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        try:
            flush(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make ``folder`` and those above it where missing; their names survive, too.

    A folder that is there may have been made by somebody who died before it was flushed: the first time this
    process comes by, it is flushed as well.

    Raises:
        OSError: it cannot be made, or the disk failed.
    """
    for place in reversed((folder, *folder.parents[:-1])):
        if place in _made and _made[place] == _identity(place):
            continue
        ours = not place.is_dir()
        if ours:
            place.mkdir(mode, exist_ok=True)
        try:
            flush_folder(place.parent)
        except OSError:
            if ours:
                raise
        if (identity := _identity(place)) is not None:
            _made[place] = identity


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def write(path: Path, text: str, mode: int = 0o666) -> None:
    """Put ``text`` at ``path``, whole or not at all, for good; a link there is replaced, not written through.

    Raises:
        OSError: the disk refused; what was there before still is.
    """
    scratch = path.parent / f".{secrets.token_hex(8)}{SCRATCH}"
    try:
        descriptor = os.open(scratch, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            flush(stream.fileno())
        scratch.replace(path)
        flush_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink()


def flush_files(*paths: Path) -> list[str]:
    """Make files of one folder survive that were written by somebody else; returns their SHA-256.

    Raises:
        OSError: one cannot be read, or the disk failed.
    """
    digests = []
    for path in paths:
        with path.open("rb") as stream:
            flush(stream.fileno())
            digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
    for folder in {path.parent for path in paths}:
        flush_folder(folder)
    return digests


def is_whole(path: Path, sha256: str | None) -> bool:
    """Whether the file still has the bytes that were flushed; not when nobody noted their hash."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    except OSError:
        return False
