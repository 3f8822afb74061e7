"""One child process of the sandbox, seen from the parent: start, exchange one message, measure, end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import psutil

from autod.child.main import LENGTH_BYTES

PROGRAM = Path(__file__).with_name("main.py")
PACKAGE_ROOT = Path(__file__).resolve().parent.parent.parent
WATCH_SECONDS = 0.05
READ_BYTES = 1 << 20
CRASH_REPORT_BYTES = 1 << 16
# The child gets what its libraries need and no more: not the keys and passwords of the parent. Whole names,
# because people put secrets under every beginning. HOME leads to libraries that a user installed for himself.
ENVIRONMENT_NAMES = frozenset(
    [
        "PATH",
        "HOME",
        "TZ",
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "LC_CTYPE",
        "LC_COLLATE",
        "LC_MESSAGES",
        "LC_MONETARY",
        "LC_NUMERIC",
        "LC_TIME",
        "TESSDATA_PREFIX",
        "OMP_NUM_THREADS",
        "OMP_THREAD_LIMIT",
        "OMP_WAIT_POLICY",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "DYLD_FALLBACK_LIBRARY_PATH",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONUSERBASE",
        "PYTHONNOUSERSITE",
        "PYTHONPLATLIBDIR",
        "PYTHONPYCACHEPREFIX",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONUTF8",
        "PYTHONCOERCECLOCALE",
        "PYTHONHASHSEED",
        "PYTHONMALLOC",
        "PYTHONDEVMODE",
    ]
)
# Libraries that would report something of themselves: ``ocr_rapid`` says what.
ENVIRONMENT_ADDED = {"ORT_DISABLE_TELEMETRY": "1"}


class TooSlow(Exception):
    """The call ran over its time."""


class TooBig(Exception):
    """The process, or its answer, grew over the memory limit."""


class Died(Exception):
    """The process ended by itself. ``how`` names the signal or exit code; no document text in either."""

    def __init__(self, how: str, crash_report: str) -> None:
        super().__init__(how)
        self.how = how
        self.crash_report = crash_report


class ChildProcess:
    """A fresh interpreter in a session of its own, so that Ctrl-C in the terminal does not reach it.

    One call at a time. ``kill`` may come from any thread; the other methods belong to the thread that
    holds the child, which calls ``end`` when it is done with it.  Raises: OSError: no process can be
    started.
    """

    def __init__(self, memory_mb: int) -> None:
        self._memory_bytes = memory_mb * 2**20
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
            self._channel, channel = socket.socketpair()
            ours.callback(self._channel.close)
            theirs.callback(channel.close)
            lifeline, self._lifeline = os.pipe()
            ours.callback(os.close, self._lifeline)
            theirs.callback(os.close, lifeline)
            self._crash_report, crash_report = os.pipe()
            ours.callback(os.close, self._crash_report)
            theirs.callback(os.close, crash_report)
            self._process = _start(channel.fileno(), lifeline, crash_report, self._data_limit_bytes())
            self._descriptors = ours.pop_all()
        self.pid = self._process.pid
        self._channel.settimeout(WATCH_SECONDS)
        self._measured: psutil.Process | None = None

    def exchange(self, request: bytes, timeout_seconds: float, descriptors: Sequence[int] = ()) -> bytes:
        """The child's answer; it gets a copy of each of the open files. After any exception it must be ended.

        Raises:
            TooSlow, TooBig, Died: why there is no answer.
        """
        watch = _Watch(self, timeout_seconds, self._memory_bytes)
        try:
            self._send(len(request).to_bytes(LENGTH_BYTES, "big") + request, descriptors, watch)
            size = int.from_bytes(self._receive(LENGTH_BYTES, watch), "big")
            if size > self._memory_bytes:
                raise TooBig
            return bytes(self._receive(size, watch))
        except (BrokenPipeError, ConnectionResetError, EOFError):
            raise self._died() from None

    def alive(self) -> bool:
        return self._process.poll() is None

    def memory_bytes(self) -> int:
        """Resident memory now; 0 when the process has ended."""
        try:
            if self._measured is None:
                self._measured = psutil.Process(self.pid)
            return int(self._measured.memory_info().rss)
        except psutil.Error:
            return 0

    def kill(self) -> None:
        """Send SIGKILL to the process group and return at once."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill the process, wait until it is gone and close what led to it."""
        self.kill()
        self._process.wait()
        self._descriptors.close()

    def _data_limit_bytes(self) -> int:
        # The watcher looks at resident memory every WATCH_SECONDS; this line only stops what grows
        # faster. It counts memory that is reserved and never used (stacks, an OCR engine's arenas: 200
        # MB on two cores, more on many), hence the distance.
        return 2 * self._memory_bytes + 2**30

    def _send(self, message: bytes, descriptors: Sequence[int], watch: _Watch) -> None:
        rest = memoryview(message)
        while rest:
            with contextlib.suppress(TimeoutError):
                if descriptors:
                    sent = socket.send_fds(self._channel, [rest], descriptors)
                    descriptors = ()  # they went with the first byte
                else:
                    sent = self._channel.send(rest)
                rest = rest[sent:]
            watch.check()

    def _receive(self, size: int, watch: _Watch) -> bytearray:
        received = bytearray()
        while len(received) < size:
            with contextlib.suppress(TimeoutError):
                part = self._channel.recv(min(READ_BYTES, size - len(received)))
                if not part:
                    raise EOFError
                received += part
            watch.check()
        return received

    def _died(self) -> Died:
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return Died("its channel closed", "")
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        report = os.read(self._crash_report, CRASH_REPORT_BYTES)  # all writers are gone: this cannot block
        return Died(how, report.decode(errors="replace"))


class _Watch:
    """Looks at the clock and at the child's memory, as often as ``WATCH_SECONDS`` and no more."""

    def __init__(self, child: ChildProcess, timeout_seconds: float, memory_bytes: int) -> None:
        self._child = child
        self._memory_bytes = memory_bytes
        self._deadline = monotonic() + timeout_seconds
        self._next = monotonic() + WATCH_SECONDS

    def check(self) -> None:
        now = monotonic()
        if now > self._deadline:
            raise TooSlow
        if now > self._next:
            self._next = now + WATCH_SECONDS
            if self._child.memory_bytes() > self._memory_bytes:
                raise TooBig


def _start(channel: int, lifeline: int, crash_report: int, data_limit_bytes: int) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name in ENVIRONMENT_NAMES}
    numbers = (channel, lifeline, crash_report, data_limit_bytes)
    # A script and not ``-m``: runpy and the package's own modules would cost a third of the start.
    # ``-P`` keeps the script's folder off the module path, where ``child`` and its neighbours would hide
    # modules of the same name.
    return subprocess.Popen(  # noqa: S603  # our own interpreter and program
        [sys.executable, "-P", str(PROGRAM), str(PACKAGE_ROOT), *map(str, numbers)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment | ENVIRONMENT_ADDED,
        pass_fds=(channel, lifeline, crash_report),
        start_new_session=True,
    )
