"""What a reading process can still reach: tried in such a process, for ``autod doctor``."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

from autod.child.confinement import state


def try_walls() -> dict[str, str]:
    """Why a wall is missing, by ``system_calls`` and ``files``; empty where it held when it was tried."""
    found = state()
    for wall, attempts in _ATTEMPTS.items():
        passed = [name for name, attempt in attempts.items() if _passes(attempt)]
        if passed and not found[wall]:
            found[wall] = f"it does not hold: {', '.join(passed)}"
    return found


def _passes(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _read_users() -> None:
    with open("/etc/passwd", "rb"):
        pass


def _read_parent() -> None:
    with open(f"/proc/{os.getppid()}/environ", "rb"):
        pass


def _list_folder() -> None:
    os.listdir(os.getcwd())


def _write() -> None:
    os.close(os.open(os.devnull, os.O_WRONLY))


def _open_socket() -> None:
    socket.socket().close()


def _start_program() -> None:
    os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", ":"], {}), 0)


def _signal_parent() -> None:
    os.kill(os.getppid(), 0)


_ATTEMPTS: dict[str, dict[str, Callable[[], object]]] = {
    "files": {"a file": _read_users, "the parent": _read_parent, "a folder": _list_folder},
    "system_calls": {
        "writing": _write,
        "the network": _open_socket,
        "a program": _start_program,
        "a signal": _signal_parent,
    },
}
