"""Looking after batches beside other work, as the daemon does."""

from __future__ import annotations

import threading
from types import TracebackType

import structlog

from autod.errors import AutodError
from autod.pipeline.batch_clerk import BatchClerk

log = structlog.get_logger("autod.batches")


class BatchWatch:
    """Has the clerk make his rounds on a thread of its own; use as a context manager.

    Args:
        poll_seconds: between two rounds; without a batch a round is one small question to the database.
    """

    def __init__(self, clerk: BatchClerk, poll_seconds: float) -> None:
        self._clerk = clerk
        self._poll_seconds = poll_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="batches", daemon=True)

    def __enter__(self) -> BatchWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Whatever a round is at can be cut off: the next start goes on with it."""
        self._stopping.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._clerk.standing().anything:
                    self._clerk.round()
            except AutodError as error:
                log.error("The batches wait", error=error.code, detail=error.message)
            except Exception:
                log.exception("The round of the batches met an unexpected error", error="internal_error")
            self._stopping.wait(self._poll_seconds)
