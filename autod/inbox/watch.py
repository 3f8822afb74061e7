"""Wake the daemon when something happens in the inbox.

Native events are only a hint that shortens the wait: network shares have none and a queue of them can
overflow, so the slow rescan in ``daemon`` stays the one that finds files.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

log = structlog.get_logger("autod.inbox")


class Watch:
    """Collects paths that were closed or moved into place; ``wait`` sleeps until there is something."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wake = threading.Event()
        self._closed: set[Path] = set()
        self._lock = threading.Lock()
        self._observer: BaseObserver | None = None

    def __enter__(self) -> Watch:
        from watchdog.events import (
            FileClosedEvent,
            FileMovedEvent,
            FileSystemEvent,
            FileSystemEventHandler,
        )
        from watchdog.observers import Observer

        watch = self

        class Handler(FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                moved = isinstance(event, FileMovedEvent)
                path = Path(os.fsdecode(event.dest_path if moved else event.src_path))
                if path.name.startswith("."):
                    return  # half copies of others, and files that we are about to remove
                if moved or isinstance(event, FileClosedEvent):
                    watch.tell(path)
                elif event.event_type in ("created", "modified"):
                    watch.wake()

        observer = Observer()
        try:
            observer.schedule(Handler(), str(self._folder), recursive=False)
            observer.start()
        except OSError as error:
            log.warning("No file events here, the rescan alone finds files", reason=str(error))
        else:
            self._observer = observer
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(timeout=5)

    def tell(self, path: Path) -> None:
        """``path`` was closed by its writer or renamed into place."""
        with self._lock:
            self._closed.add(path)
        self._wake.set()

    def wake(self) -> None:
        """End the current ``wait`` early."""
        self._wake.set()

    def wait(self, seconds: float) -> frozenset[Path]:
        """Sleep until woken or for ``seconds``; returns the paths that were closed since last time."""
        self._wake.wait(seconds)
        self._wake.clear()
        with self._lock:
            closed, self._closed = frozenset(self._closed), set()
        return closed
