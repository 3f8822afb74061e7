"""A filter of system calls for Linux's seccomp: a wall around code that a document may have taken over.

The filter is a list of what is allowed. What is refused gets ``EPERM``, because libraries try more than they
need and live with a refusal; what only an attack calls ends the process with SIGSYS, which tells the parent.
Paths cannot be judged here (a filter sees numbers alone), except that no file can be opened for writing.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from autod.child.system_calls import BY_ARGUMENT, FREE, HOSTILE, NEWEST, UNKNOWN, Numbers


class Machine(NamedTuple):
    """What the kernel calls this kind of processor (``AUDIT_ARCH_…``), its column, and seccomp's number."""

    audit: int
    column: int
    seccomp: int


MACHINES: Final = {
    "x86_64": Machine(0xC000003E, 0, 317),
    "aarch64": Machine(0xC00000B7, 1, 277),
}
_SET_NO_NEW_PRIVILEGES = 38
_SET_MODE_FILTER, _GET_ACTION_AVAIL = 1, 2
_KILL_PROCESS, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_EPERM, _ENOSYS = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS
_X32 = 0x40000000  # x86-64's second table of numbers, which nobody uses

_LOAD, _JUMP_EQUAL, _JUMP_FROM, _JUMP_ANY, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16  # where struct seccomp_data has them

# The flags of a thread, all of which a new process lacks, and those of a namespace of its own.
_THREAD = 0x00000100 | 0x00000800 | 0x00010000  # CLONE_VM, CLONE_SIGHAND, CLONE_THREAD
_NAMESPACES = 0x7E020000
_WRITING = 0o3 | 0o100 | 0o1000 | 0o20000000  # O_WRONLY or O_RDWR, O_CREAT, O_TRUNC, O_TMPFILE
# Duplicates, flags and questions, but no F_SETOWN: it would have the kernel send signals to others.
_FCNTL = (0, 1, 2, 3, 4, 5, 1030, 1032, 1034)
# Questions about a terminal or a pipe, close-on-exec, non-blocking; nothing that types into a terminal.
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# Names of threads and of memory, and questions.
_PRCTL = (3, 15, 16, 21, 23, 39, 41, 42, 0x53564D41)

Step = tuple[int, int, int, int]


def build(machine: Machine, pid: int) -> bytes:
    """The program for a process with this ``pid``, as the kernel takes it."""
    steps: list[Step] = [
        (_LOAD, 0, 0, _MACHINE),
        (_JUMP_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_FROM, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL_PROCESS),
    ]
    for numbers, verdict in ((FREE, _ALLOW), (HOSTILE, _KILL_PROCESS), (UNKNOWN, _ENOSYS)):
        for number in _numbers(numbers, machine):
            steps += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, verdict)]
    for name, conditions in _conditions(pid).items():
        for number in _numbers({name: BY_ARGUMENT[name]}, machine):
            steps += [(_JUMP_EQUAL, 0, len(conditions), number), *conditions]
    steps += [(_JUMP_FROM, 0, 1, NEWEST + 1), (_RETURN, 0, 0, _ENOSYS), (_RETURN, 0, 0, _EPERM)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _numbers(numbers: Numbers, machine: Machine) -> Iterable[int]:
    for both in numbers.values():
        number = both[machine.column]
        if number is not None:
            yield number


def _conditions(pid: int) -> dict[str, list[Step]]:
    """For each of ``BY_ARGUMENT`` the steps that decide; each list ends with a verdict."""
    return {
        "open": _without(1, _WRITING),
        "openat": _without(2, _WRITING),
        "clone": [
            _argument(0),
            (_AND, 0, 0, _THREAD | _NAMESPACES),
            (_JUMP_EQUAL, 0, 1, _THREAD),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _EPERM),
        ],
        "kill": _one_of(0, (pid,)),
        "tgkill": _one_of(0, (pid,)),
        "prlimit64": _one_of(0, (0, pid)),
        "prctl": _one_of(0, _PRCTL),
        "ioctl": _one_of(1, _IOCTL),
        "fcntl": _one_of(1, _FCNTL),
    }


def _argument(position: int) -> Step:
    """Load the lower half of an argument; the kernel looks at no more of the ones that are judged."""
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * position)


def _one_of(position: int, allowed: Sequence[int]) -> list[Step]:
    steps = [_argument(position)]
    for value in allowed:
        steps += [(_JUMP_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    return [*steps, (_RETURN, 0, 0, _EPERM)]


def _without(position: int, flags: int) -> list[Step]:
    return [
        _argument(position),
        (_JUMP_ANY, 0, 1, flags),
        (_RETURN, 0, 0, _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def forbid_new_privileges() -> None:
    """Let no program that this process might start gain rights: the kernel's condition for the walls.

    Raises:
        OSError: not on this kernel.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise _last_error()


def install(machine: Machine, program: bytes) -> None:
    """Put this thread, and every one that it starts, under ``program`` for good.

    Raises:
        OSError: the kernel has no seccomp, or a filter above us refuses it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    given = _Program(len(program) // 8, program)
    if libc.syscall(machine.seccomp, _SET_MODE_FILTER, 0, ctypes.byref(given)):
        raise _last_error()


def why_not(machine: Machine) -> str:
    """Why no filter can be installed here; empty when one can."""
    libc = ctypes.CDLL(None, use_errno=True)
    action = ctypes.c_uint32(_KILL_PROCESS)
    if libc.syscall(machine.seccomp, _GET_ACTION_AVAIL, 0, ctypes.byref(action)):
        return os.strerror(ctypes.get_errno())
    return ""


def _last_error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
