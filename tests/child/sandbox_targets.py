"""Functions that ``test_sandbox.py`` calls inside child processes."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
from typing import Any

from autod.errors import LimitExceeded, ProtectedDocument, Retry

held: list[Any] = []


def echo(value: Any) -> Any:
    return value


def pid() -> int:
    return os.getpid()


def session_and_core_limit() -> list[int]:
    import resource

    return [os.getsid(0), *resource.getrlimit(resource.RLIMIT_CORE)]


def variables() -> dict[str, str]:
    return dict(os.environ)


def module_path() -> list[str]:
    import sys

    return sys.path


def big(size: int) -> str:
    return "x" * size


def noise() -> str:
    print("noise on stdout", flush=True)
    os.write(1, b"noise of a C library" * 1000)
    os.write(2, b"noise of a C library" * 10000)
    return "quiet"


def fill_the_disk() -> None:
    raise OSError(errno.ENOSPC, "No space left on device", "/secret/path")


def abort() -> None:
    os.abort()


def raise_signal(name: str) -> None:
    os.kill(os.getpid(), signal.Signals[name])


def leave(code: int) -> None:
    os._exit(code)


def hold_the_interpreter() -> None:
    """Runs for years inside one C call that never gives back the interpreter's lock."""
    re.match("(a+)+$", "a" * 60 + "b")


def announce_and_hold(pipe: int) -> None:
    """Write a byte to ``pipe``, keep it open, never return: its reader sees the end of this process."""
    announce(pipe)
    hold_the_interpreter()


def announce(pipe: int) -> None:
    os.write(os.dup(pipe), b"x")  # the copy is open as long as this process lives


def contents(file: int) -> str:
    return os.pread(file, 100, 0).decode()


def open_descriptors() -> list[int]:
    found = []
    for number in range(100):
        with contextlib.suppress(OSError):
            os.fstat(number)
            found.append(number)
    return found


def hoard() -> None:
    while True:
        held.append(bytearray(os.urandom(1 << 20)))


def keep(megabytes: int) -> None:
    held.append(bytearray(os.urandom(1 << 20)) * megabytes)


def too_much_at_once() -> int:
    return len(bytearray(1 << 46))


def refuse() -> None:
    raise ProtectedDocument("It needs a password.", code="made_up", next_step="Ask.", retry=Retry.LATER)


class NarrowLimit(LimitExceeded):
    """An error class that the parent's ``autod.errors`` does not hold."""

    code = "narrow"


def refuse_narrowly() -> None:
    raise NarrowLimit("Too many pages.")


def surprise() -> None:
    raise KeyError("text of the document")
