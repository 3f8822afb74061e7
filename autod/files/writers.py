"""Does a process have a file open for writing?

On Linux a read lease tells, for files of our own user: the kernel grants it only while nobody has the file
open for writing, memory mappings included. The answer counts on file systems that this machine alone writes
to: a network file system refuses leases for reasons of its own, or grants them without asking the server.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import functools
import os
import signal
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

LOCAL = {
    0xEF53: "ext2, ext3, ext4",
    0x58465342: "xfs",
    0x9123683E: "btrfs",
    0x01021994: "tmpfs",
    0x858458F6: "ramfs",
    0x794C7630: "overlayfs",
    0xF2F52010: "f2fs",
    0x2FC12FC1: "zfs",
    0xCA451A4E: "bcachefs",
    0x3153464A: "jfs",
    0x4D44: "vfat",
    0x2011BAB0: "exfat",
    0x7366746E: "ntfs3",
}
"""File systems, by the magic number of statfs(2), that no other machine writes to behind this one's back."""


class Writing(StrEnum):
    """Whether somebody has the file open for writing."""

    NOBODY = "nobody"
    SOMEBODY = "somebody"
    UNKNOWN = "unknown"


WhoWrites = Callable[[Path], Writing]
"""Answers for one file. Raises OSError when it cannot be opened."""


def unknown(_path: Path) -> Writing:
    """The answer where nothing can be known."""
    return Writing.UNKNOWN


def who_writes(path: Path) -> Writing:
    """Ask the kernel for a read lease and give it back at once.

    Raises:
        OSError: the file cannot be opened.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return Writing.UNKNOWN
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return _by_lease(descriptor) if _is_local(descriptor) else Writing.UNKNOWN
    finally:
        os.close(descriptor)


def _by_lease(descriptor: int) -> Writing:
    try:
        # Somebody who opens it in this very moment has the kernel tell us: SIGIO would end the process.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return Writing.SOMEBODY if error.errno == errno.EAGAIN else Writing.UNKNOWN
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return Writing.NOBODY


def _is_local(descriptor: int) -> bool:
    answer = ctypes.create_string_buffer(512)  # more than any system's struct statfs
    if _c_library().fstatfs(descriptor, answer) != 0:
        return False
    return ctypes.c_long.from_buffer(answer).value & 0xFFFFFFFF in LOCAL


@functools.cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
