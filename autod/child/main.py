"""The program of a child process that touches hostile documents.

``sandbox.Sandbox`` starts it as a script. It reads calls from a private socket, one after another, and
writes one answer to each. A call is ``{"function": "package.module:name", "arguments": {…}, "descriptors":
[name, …]}``; the open files of that name come with it and are arguments too. An answer is one of

    {"result": …}
    {"error": {"kind": class of autod.errors, "message", "code", "next_step", "retry", "outside"}}
    {"out_of_memory": true}
    {"unexpected": {"kind": exception's class, "trace": where it was raised}}             anything else

each preceded by its length (``LENGTH_BYTES``, big endian). Only what every call needs is imported here:
the start of this process is part of every first document's time. Before the first call it gives up
all rights that reading does not need (``confinement``), and what is imported later is read under that rule.
"""

import _socket  # the module ``socket`` around it would take a fifth of the start
import errno
import faulthandler
import fcntl
import importlib
import json
import os
import resource
import select
import sys
from collections.abc import Callable
from typing import Any

from autod.codes import Code

LENGTH_BYTES = 8
READ_BYTES = 1 << 20
MOST_DESCRIPTORS = 8
INT_BYTES = 4


def main(package_root: str, channel: int, lifeline: int, crash_report: int, data_limit_bytes: int) -> None:
    """Answer calls until the parent closes the channel."""
    from autod.child.confinement import confine
    from autod.heap import look_seldom

    look_seldom()
    for descriptor in (channel, lifeline, crash_report):
        os.set_inheritable(descriptor, False)
    faulthandler.enable(file=crash_report)
    _die_with_parent(lifeline)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_DATA, data_limit_bytes)
    calls = _socket.socket(fileno=channel)
    confine(package_root)
    while (received := _receive(calls)) is not None:
        call, descriptors = received
        try:
            answer = _answer(call, descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        _send(channel, answer)


def _die_with_parent(lifeline: int) -> None:
    """Have the kernel end this process, even in the middle of a C call, when ``lifeline`` is closed.

    Nothing is ever written to the pipe, so its only event is the parent's death. PR_SET_PDEATHSIG would
    fire as soon as the parent's *thread* that started us ends; a thread reading the pipe would wait for
    the interpreter's lock, which a C call may never give back.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:
        os._exit(0)


def _limit(kind: int, wanted: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard == resource.RLIM_INFINITY or wanted < hard:
        resource.setrlimit(kind, (wanted, wanted))


def _answer(call: bytes, descriptors: list[int]) -> bytes:
    try:
        request = json.loads(call)
        files = dict(zip(request["descriptors"], descriptors, strict=True))
        result = _function(request["function"])(**request["arguments"], **files)
        return json.dumps({"result": result}).encode()
    except MemoryError:
        return b'{"out_of_memory": true}'
    except Exception as error:  # noqa: BLE001  # whatever a document provokes becomes an answer
        return json.dumps(_describe(error)).encode()


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return function


def _describe(error: Exception) -> dict[str, Any]:
    from autod import errors

    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        error = errors.FileTrouble(
            "cannot write what was read: the disk is full",
            code=Code.DISK_FULL,
            next_step="Free some space on the disk; the file is tried again.",
            outside=True,
        )
    if isinstance(error, errors.AutodError):
        kind = next(base for base in type(error).__mro__ if base.__module__ == errors.__name__)
        return {
            "error": {
                "kind": kind.__name__,
                "message": error.message,
                "code": error.code,
                "next_step": error.next_step,
                "retry": error.retry.value,
                "outside": error.outside,
            }
        }
    import traceback  # costs 5 ms, needed for surprises only

    # Frames only: an exception's message may quote the document.
    trace = "".join(traceback.format_tb(error.__traceback__))
    return {"unexpected": {"kind": type(error).__name__, "trace": trace}}


def _receive(calls: _socket.socket) -> tuple[bytes, list[int]] | None:
    """The next call and the files that come with its first byte; None when the parent has closed its end."""
    room = _socket.CMSG_SPACE(MOST_DESCRIPTORS * INT_BYTES)
    head, beside, _, _ = calls.recvmsg(LENGTH_BYTES, room)
    descriptors = [number for _, kind, data in beside if kind == _socket.SCM_RIGHTS for number in _ints(data)]
    rest = _read_exactly(calls.fileno(), LENGTH_BYTES - len(head)) if head else None
    if rest is None:
        return None
    call = _read_exactly(calls.fileno(), int.from_bytes(head + rest, "big"))
    return None if call is None else (call, descriptors)


def _ints(data: bytes) -> list[int]:
    """The whole ones: when there are more than there is room for, the last is cut."""
    starts = range(0, len(data) - len(data) % INT_BYTES, INT_BYTES)
    return [int.from_bytes(data[at : at + INT_BYTES], sys.byteorder) for at in starts]


def _read_exactly(channel: int, size: int) -> bytes | None:
    """``size`` bytes, or None when the parent has closed its end."""
    parts = bytearray()
    while len(parts) < size:
        part = os.read(channel, min(READ_BYTES, size - len(parts)))
        if not part:
            return None
        parts += part
    return bytes(parts)


def _send(channel: int, answer: bytes) -> None:
    rest = memoryview(len(answer).to_bytes(LENGTH_BYTES, "big") + answer)
    while rest:
        rest = rest[os.write(channel, rest) :]


if __name__ == "__main__":
    package_root = sys.argv[1]
    if package_root not in sys.path:
        sys.path.insert(0, package_root)
    main(package_root, *map(int, sys.argv[2:6]))
