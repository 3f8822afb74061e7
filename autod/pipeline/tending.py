"""A thread that looks after the vector store now and then, beside the inbox's loop."""

from __future__ import annotations

import threading

import structlog

from autod.errors import AutodError
from autod.pipeline.shelf import Shelf

log = structlog.get_logger("autod.shelf")

EVERY_SECONDS = 60.0


class Tending:
    """Catches up with uploads until ``stop``. Use ``start`` once."""

    def __init__(self, shelf: Shelf, every_seconds: float = EVERY_SECONDS) -> None:
        self._shelf = shelf
        self._every_seconds = every_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shelf", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Begin no further document and wait for the one in hand, ``seconds`` at most."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_seconds):
            try:
                self._shelf.catch_up(self._stopping.is_set)
            except AutodError as error:
                log.warning("Cannot look after the vector store", reason=error.code)
            except Exception:  # the loop goes on; what failed is due again
                log.exception("Looking after the vector store failed", error="internal_error")
