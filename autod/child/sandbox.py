"""Work on hostile documents in child processes that can be killed.

A PDF can make a library loop for ever, eat the memory or abort the process. So every such call runs in a
child with limits on time and memory; the worst a document can do is to lose its own child.

    with Sandbox(SandboxLimits(timeout_seconds=120, memory_mb=3072, idle_seconds=30), size=2) as sandbox:
        sandbox.call("autod.read.reader:count_pages", descriptors={"document": file.fileno()})

``autod/child/main.py`` is the other end and describes the messages.
"""

from __future__ import annotations

import json
import logging
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from types import MappingProxyType, TracebackType
from typing import Any, Self

from autod import errors
from autod.child.bytecode import compile_once
from autod.child.process import ChildProcess, Died, TooBig, TooSlow
from autod.codes import Code
from autod.errors import AutodError, DocumentError, LimitExceeded, Retry, UnreadableDocument

CLOSE_SECONDS = 5.0

log = logging.getLogger("autod.sandbox")

PRINT_ANEW = "Print it to a new PDF and drop that in; the original is kept in failed/."


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What one call may use, and how long a child without work is kept."""

    timeout_seconds: float
    memory_mb: int
    idle_seconds: float


class Sandbox:
    """Up to ``size`` child processes, started on demand, used again, ended when idle.

    Threads may call at the same time; beyond ``size`` they wait for a free child, and the time limit
    starts when they have one.
    """

    def __init__(self, limits: SandboxLimits, size: int = 1) -> None:
        self._limits = limits
        self._size = size
        self._changed = threading.Condition()
        self._busy: set[ChildProcess] = set()
        self._idle: list[tuple[ChildProcess, float]] = []
        self._starting = 0
        self._closed = False
        self._janitor: threading.Thread | None = None

    def call(
        self,
        function: str,
        *,
        more_seconds: float = 0.0,
        descriptors: Mapping[str, int] = MappingProxyType({}),
        **arguments: Any,
    ) -> Any:
        """The result of ``function`` ("package.module:name", never taken from a document) in a child.

        Arguments and result travel as JSON; ``more_seconds`` are added to the time limit. ``descriptors`` are
        open files, arguments too: the child has none but those, and opens no path.

        Raises:
            AutodError: the very error the function raised on purpose.
            LimitExceeded: ``read_timeout`` or ``memory_limit``.
            UnreadableDocument: ``reader_crashed`` by a signal, ``reader_attacked`` when it called what
                only an attack calls, ``reader_failed`` with another exception.
            DocumentError: ``reader_stopped`` by ``close()``, ``reader_unavailable`` when no process can
                start; both may be tried again.
        """
        request = json.dumps(
            {"function": function, "arguments": arguments, "descriptors": list(descriptors)}
        ).encode()
        seconds = self._limits.timeout_seconds + more_seconds
        child = self._take()
        healthy = False
        try:
            answer = json.loads(child.exchange(request, seconds, list(descriptors.values())))
            healthy = "result" in answer or "error" in answer
        except TooSlow:
            raise LimitExceeded(
                f"Reading took longer than the limit of {seconds:g} s (read_timeout_seconds).",
                code=Code.READ_TIMEOUT,
            ) from None
        except TooBig:
            raise self._out_of_memory() from None
        except Died as death:
            raise self._explain(death) from None
        except ValueError:
            raise UnreadableDocument("The reader's answer was garbled.", code=Code.READER_FAILED) from None
        finally:
            self._give_back(child, healthy)
        if "result" in answer:
            return answer["result"]
        raise self._as_error(answer)

    def pids(self) -> list[int]:
        """The process ids of the children that are alive."""
        with self._changed:
            return sorted(child.pid for child in (*self._busy, *(child for child, _ in self._idle)))

    def close(self) -> None:
        """Kill every child, those at work too; their callers get ``reader_stopped``."""
        with self._changed:
            self._closed = True
            idle = [child for child, _ in self._idle]
            self._idle.clear()
            for child in self._busy:
                child.kill()
            self._changed.notify_all()
        for child in idle:
            child.end()
        with self._changed:
            self._changed.wait_for(lambda: not self._busy and not self._starting, CLOSE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _take(self) -> ChildProcess:
        """A free child, now busy: the one used last, which is warm, or a new one."""
        with self._changed:
            while not self._closed:
                while self._idle:
                    child, _ = self._idle.pop()
                    if child.alive():
                        self._busy.add(child)
                        return child
                    child.end()
                if len(self._busy) + self._starting < self._size:
                    break
                self._changed.wait()
            if self._closed:
                raise _stopped()
            self._starting += 1
        return self._start()

    def _start(self) -> ChildProcess:
        child: ChildProcess | None = None
        try:
            compile_once()
            child = ChildProcess(self._limits.memory_mb)
        except OSError as error:
            raise DocumentError(
                f"The reading process could not be started ({type(error).__name__}).",
                code=Code.READER_UNAVAILABLE,
                retry=Retry.LATER,
                outside=True,
                next_step="Free memory or raise the limit of processes; the document is tried again.",
            ) from error
        finally:
            with self._changed:
                self._starting -= 1
                if child is not None:
                    self._busy.add(child)
                    if self._closed:
                        child.kill()
                self._changed.notify_all()
        return child

    def _give_back(self, child: ChildProcess, healthy: bool) -> None:
        # A child that has grown beyond half of the limit is replaced, so that what one document left
        # behind cannot fail the next. A warm OCR engine (1.1 GB) stays below the default's half.
        keep = healthy and child.memory_bytes() <= self._limits.memory_mb * 2**20 // 2
        if not keep:
            child.end()
        with self._changed:
            self._busy.discard(child)
            if keep and self._closed:
                child.end()
            elif keep:
                self._idle.append((child, monotonic()))
                if self._janitor is None:
                    self._janitor = threading.Thread(
                        target=self._end_idle, name="sandbox-janitor", daemon=True
                    )
                    self._janitor.start()
            self._changed.notify_all()

    def _end_idle(self) -> None:
        """End children that had no work for ``idle_seconds``; return when none is left."""
        while True:
            with self._changed:
                if not self._idle:
                    self._janitor = None
                    return
                child, since = self._idle[0]
                rest = since + self._limits.idle_seconds - monotonic()
                if rest > 0:
                    self._changed.wait(rest)
                    continue
                del self._idle[0]
            child.end()

    def _out_of_memory(self) -> LimitExceeded:
        return LimitExceeded(
            f"Reading needed more than the limit of {self._limits.memory_mb} MB (read_memory_mb).",
            code=Code.MEMORY_LIMIT,
        )

    def _explain(self, death: Died) -> AutodError:
        if self._closed:
            return _stopped()
        if death.how == signal.SIGKILL.name:
            return UnreadableDocument(
                "The reader was killed from outside (SIGKILL).",
                code=Code.READER_CRASHED,
                retry=Retry.LATER,
                next_step="Often the system was short of memory: free some; the document is tried again.",
            )
        if death.how == signal.SIGSYS.name:
            return UnreadableDocument(
                "The reader did what only an attack does and was ended for it (SIGSYS).",
                code=Code.READER_ATTACKED,
                next_step="Do not open this file elsewhere; ask its sender. docs/THREAT_MODEL.md says more.",
            )
        if death.crash_report:
            log.debug("reader ended with %s:\n%s", death.how, death.crash_report)
        return UnreadableDocument(
            f"The reader ended with {death.how}.", code=Code.READER_CRASHED, next_step=PRINT_ANEW
        )

    def _as_error(self, answer: dict[str, Any]) -> AutodError:
        if "error" in answer:
            error = answer["error"]
            kind: type[AutodError] = getattr(errors, error["kind"])
            return kind(
                error["message"],
                code=error["code"],
                next_step=error["next_step"],
                retry=Retry(error["retry"]),
                outside=error["outside"],
            )
        if "unexpected" in answer:
            surprise = answer["unexpected"]
            log.debug("reader failed with %s:\n%s", surprise["kind"], surprise["trace"])
            return UnreadableDocument(
                f"The reader failed with {surprise['kind']}.", code=Code.READER_FAILED, next_step=PRINT_ANEW
            )
        return self._out_of_memory()


def _stopped() -> AutodError:
    return DocumentError(
        "Reading was interrupted because the program stops.",
        code=Code.READER_STOPPED,
        retry=Retry.LATER,
        next_step="Start the program again; the document is taken up where it was.",
    )
