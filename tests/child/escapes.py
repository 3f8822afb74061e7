"""What code that a document has taken over might try; ``test_confinement.py`` calls it in child processes.

Each of ``ATTEMPTS`` raises ``OSError`` when it is refused, and returns what it reached otherwise.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autod.child.system_calls import HOSTILE

COLUMN = {"x86_64": 0, "aarch64": 1}


def attempt(name: str, **arguments: Any) -> str:
    """``refused``, or what was reached."""
    try:
        reached = ATTEMPTS[name](**arguments)
    except (OSError, subprocess.SubprocessError):
        return "refused"
    return f"reached: {reached!r}"[:200]


def pid() -> int:
    return os.getpid()


def read(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123  # as plain as an attacker has it
        return file.read(100)


def read_link_of_open_file(path: str) -> bytes:
    """The file again, by way of the folder of open files."""
    return read(f"/proc/self/root{path}")


def list_folder(path: str) -> list[str]:
    return os.listdir(path)  # noqa: PTH208  # as above


def parents_environment() -> bytes:
    return read(f"/proc/{os.getppid()}/environ")


def parents_memory() -> bytes:
    return read(f"/proc/{os.getppid()}/mem")


def parents_open_files() -> list[str]:
    return list_folder(f"/proc/{os.getppid()}/fd")


def parents_memory_by_call() -> int:
    number = {"x86_64": 310, "aarch64": 270}[os.uname().machine]
    buffer = ctypes.create_string_buffer(8)
    vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)
    return _system_call(number, os.getppid(), vector, ctypes.c_ulong(1), vector, ctypes.c_ulong(1), 0)


def write(path: str) -> str:
    Path(path).write_bytes(b"x")
    return path


def open_to_write(path: str) -> int:
    return os.open(path, os.O_WRONLY)


def make_folder(path: str) -> None:
    Path(path).mkdir()


def remove(path: str) -> None:
    Path(path).unlink()


def rename(path: str) -> None:
    Path(path).rename(path + ".gone")


def change_rights(path: str) -> None:
    Path(path).chmod(0o666)


def link(path: str) -> None:
    os.link(path, path + ".link")


def connect(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        return "connected"


def send_datagram() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        return out.sendto(b"x", ("127.0.0.1", 9))


def unix_socket() -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM):
        return "a socket"


def look_up_a_name() -> Any:
    return socket.getaddrinfo("localhost.example", 80)


def run_a_shell() -> None:
    os.execv("/bin/sh", ["/bin/sh", "-c", "true"])  # noqa: S606  # the attempt


def start_a_program() -> bytes:
    return subprocess.run(["/bin/echo", "x"], capture_output=True, check=True).stdout


def spawn() -> int:
    return os.posix_spawn("/bin/true", ["true"], {})


def fork() -> int:
    child = os.fork()
    if child == 0:
        os._exit(0)
    return child


def signal_the_parent() -> None:
    os.kill(os.getppid(), 0)


def signal_all() -> None:
    os.kill(-1, 0)


def own_a_signal_of_the_parent() -> None:
    reader, _ = os.pipe()
    fcntl.fcntl(reader, fcntl.F_SETOWN, os.getppid())


def memory_file() -> int:
    return os.memfd_create("x")


def raise_the_limits_of_the_parent() -> Any:
    import resource

    return resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)


def hostile_call(name: str) -> int:
    """Call what no library calls, with arguments that do nothing; returns where it is not fatal."""
    number = HOSTILE[name][COLUMN[os.uname().machine]]
    assert number is not None
    return _system_call(number, -1, 0, 0, 0, 0, 0)


def call_in_the_other_table() -> int:
    return _system_call(0x40000000 | 39, 0)


def _system_call(number: int, *arguments: Any) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    answer: int = libc.syscall(ctypes.c_long(number), *arguments)
    if answer < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return answer


ATTEMPTS: dict[str, Callable[..., Any]] = {
    made.__name__: made
    for made in (
        read,
        read_link_of_open_file,
        list_folder,
        parents_environment,
        parents_memory,
        parents_open_files,
        parents_memory_by_call,
        write,
        open_to_write,
        make_folder,
        remove,
        rename,
        change_rights,
        link,
        connect,
        send_datagram,
        unix_socket,
        look_up_a_name,
        run_a_shell,
        start_a_program,
        spawn,
        fork,
        signal_the_parent,
        signal_all,
        own_a_signal_of_the_parent,
        memory_file,
        raise_the_limits_of_the_parent,
    )
}
