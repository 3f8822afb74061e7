"""Linux's Landlock: of the file system this process may from now on read some places, and write none."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every machine
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# How many rights over files each version of Landlock knows; later ones have no more.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_FILE_RIGHTS_NOW = 16
_TCP = 0b11  # bind and connect, from version 4 on
_SCOPES = 0b11  # abstract Unix sockets and signals of others, from version 6 on


def version() -> int:
    """The kernel's version of Landlock.

    Raises:
        OSError: it has none, it is switched off, or a filter above us refuses it.
    """
    return _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))


def restrict(readable: Iterable[str]) -> list[int]:
    """Take all rights over files from this thread but to read what is ``readable`` or lies beneath it.

    Network and signals too, where the kernel's version knows of them. Files that are open already stay so.
    The descriptors that come back must stay open as long as the process lives: /proc and /sys make their
    entries anew when nobody holds them, and a rule is about the entry that was there.

    Raises:
        OSError: it is not in force.
    """
    known = version()
    rights = (1 << _FILE_RIGHTS.get(known, _FILE_RIGHTS_NOW)) - 1
    attributes = struct.pack("=QQQ", rights, _TCP if known >= 4 else 0, _SCOPES if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    rules = _call(_CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    held: list[int] = []
    try:
        for place in readable:
            held += _allow_reading(rules, place)
        _call(_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)
    return held


def _allow_reading(rules: int, place: str) -> list[int]:
    try:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return []  # what is not there needs no right
    rights = _READ_FILE | _READ_DIR if stat.S_ISDIR(os.fstat(descriptor).st_mode) else _READ_FILE
    _call(
        _ADD_RULE,
        ctypes.c_int(rules),
        ctypes.c_int(_PATH_BENEATH),
        struct.pack("=Qi", rights, descriptor),
        ctypes.c_uint32(0),
    )
    if place.startswith(("/proc/", "/sys/")):
        return [descriptor]
    os.close(descriptor)
    return []


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    answer: int = libc.syscall(ctypes.c_long(number), *arguments)
    if answer < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return answer
