"""Wake the daemon when something happens in the inbox, and know which files are being written.

Native events are only a hint that shortens the wait: network shares have none and a queue of them can
overflow, so the slow rescan in ``daemon`` stays the one that finds files. Where the system tells of closing
(Linux), a file that was written and not closed since is open: that helps where the kernel does not tell who
writes, as with files of other users.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import structlog

from autod.files.kept import kept_as
from autod.files.writers import WhoWrites, Writing

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

log = structlog.get_logger("autod.inbox")


TELLS_CLOSING = sys.platform.startswith("linux")
OPEN_SECONDS = 3600.0
"""A file that was written and not closed, as far as we heard, counts as open so long: news gets lost."""


class Watch:
    """Collects paths that were closed or moved into place; ``wait`` sleeps until there is something."""

    def __init__(self, folder: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._monotonic = monotonic
        self._open: dict[Path, float] = {}
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
                source = Path(os.fsdecode(event.src_path))
                path = Path(os.fsdecode(event.dest_path)) if moved else source
                watch.follow(event.event_type, source, path)
                if path.name.startswith(".") and (moved or kept_as(path.name) is None):
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

    def follow(self, kind: str, source: Path, path: Path) -> None:
        """An event of a kind of watchdog's was about ``source``, which is ``path`` now."""
        with self._lock:
            if kind == "modified" and TELLS_CLOSING:
                self._open[path] = self._monotonic()
            elif kind == "moved" and source in self._open:
                self._open[path] = self._open.pop(source)
            elif kind in ("closed", "deleted"):
                self._open.pop(path, None)

    def beside(self, ask: WhoWrites) -> WhoWrites:
        """Answers as ``ask`` does, and where that does not know, by what was written and not closed."""

        def answer(path: Path) -> Writing:
            found = ask(path)
            if found is Writing.UNKNOWN and self._is_open(path):
                return Writing.SOMEBODY
            return found

        return answer

    def _is_open(self, path: Path) -> bool:
        with self._lock:
            written = self._open.get(path)
            return written is not None and self._monotonic() - written < OPEN_SECONDS

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
