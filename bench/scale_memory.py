"""Does the daemon's memory grow with what it has done? One daemon, many documents, its size again and again.

    python -m bench.scale_memory URL FOLDER DOCUMENTS [--trace]

Everything is the daemon's own (inbox loop, intake, queue, workflow, overseer) but reading, whose result is
there at once. It runs in a process of its own, so that nothing else counts. With ``--trace`` it also says
which lines hold what was added, which costs time and memory itself.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from autod import heap
from autod.app import App
from autod.config import Settings
from autod.inbox.daemon import Daemon
from autod.inbox.watch import Watch
from autod.logs import configure_logging
from autod.monitoring.overseeing import overseen
from bench.scale_paper import MARK, Sheet, common_word, sheet
from bench.scale_steps import ReadAlready

DROPPED_AT_ONCE = 100
LOOKS = 20
"""How often the size is looked at in one run."""
SETTLED_AFTER = 0.2
"""Of the documents: what grows until then fills pools and caches that have a limit."""
PATIENCE_SECONDS = 120.0
TRACED_LINES = 25
LINE = "memory"


def measure_memory(url: str, place: Path, count: int) -> dict[str, str]:
    """Have ``count`` documents processed by a daemon of its own; its size when settled and at the end."""
    place.mkdir(parents=True)
    command = [sys.executable, "-m", "bench.scale_memory", url, str(place), str(count)]
    sizes: list[tuple[int, float]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        for line in daemon.stdout or ():
            print(f"  {line}", end="", flush=True)
            if line.startswith(LINE):
                _, done, megabytes = line.split()
                sizes.append((int(done), float(megabytes)))
    if daemon.returncode:
        return {"memory of the daemon": f"exit code {daemon.returncode}"}
    settled = next(size for done, size in sizes if done >= SETTLED_AFTER * count)
    return {
        f"memory of the daemon after {SETTLED_AFTER:.0%} of {count:,}, MB": f"{settled:.1f}",
        "… and after all of them, MB": f"{sizes[-1][1]:.1f}",
    }


def main() -> int:
    """Be the daemon, and print a line for each look at its size."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale_memory", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("place", type=Path)
    parser.add_argument("documents", type=int)
    parser.add_argument("--trace", action="store_true")
    arguments = parser.parse_args()
    heap.one_arena()
    settings = _settings(arguments.url, arguments.place)
    configure_logging(settings.log_file, "INFO", max_mb=50, keep=1)
    common_word(0)  # the made up vocabulary is not the daemon's
    with contextlib.ExitStack() as stack:
        app = stack.enter_context(App(settings))
        app.steps = ReadAlready.instead_of(app.steps, lambda sha256: _sheet(app.folders.claim_of(sha256)))
        daemon = app.daemon(stack.enter_context(Watch(app.folders.inbox)))
        heap.settle()
        stack.enter_context(overseen(settings, app, daemon))
        stack.enter_context(_running(daemon))
        _drop_and_look(app, arguments.documents, trace=arguments.trace)
    return 0


def _settings(url: str, place: Path) -> Settings:
    folders: dict[str, Any] = {
        f"{name}_dir": place / name for name in ("inbox", "processed", "failed", "work", "backup")
    }
    return Settings(
        _env_file=None,
        db_url=url,
        **folders,
        log_file=place / "log",
        patience_seconds=0,
        quiet_seconds=0,
        monitor_port=0,
    )


def _sheet(claimed: Path) -> Sheet:
    """The document that a claimed copy was made from, by the number in it."""
    content = claimed.read_bytes()
    start = content.index(MARK.encode()) + len(MARK)
    return sheet(int(content[start : start + 7]))


@contextlib.contextmanager
def _running(daemon: Daemon) -> Iterator[None]:
    thread = threading.Thread(target=daemon.run)
    thread.start()
    try:
        yield
    finally:
        daemon.stop()
        thread.join()


def _drop_and_look(app: App, count: int, *, trace: bool) -> None:
    me, before = psutil.Process(), None
    for start in range(0, count, DROPPED_AT_ONCE):
        for number in range(start, min(start + DROPPED_AT_ONCE, count)):
            paper = sheet(number)
            scratch = app.folders.inbox / f".{paper.name}"
            scratch.write_bytes(paper.content)
            scratch.replace(app.folders.inbox / paper.name)
        done = min(start + DROPPED_AT_ONCE, count)
        _wait_for(app, done)
        if done * LOOKS // count > start * LOOKS // count or done == count:
            gc.collect()
            print(LINE, done, f"{me.memory_info().rss / 1e6:.1f}", flush=True)
            if trace and before is None and done >= SETTLED_AFTER * count:
                tracemalloc.start(12)
                before = tracemalloc.take_snapshot()
    if before is not None:
        for added in tracemalloc.take_snapshot().compare_to(before, "traceback")[:TRACED_LINES]:
            print(f"{added.size_diff / 1e3:+.0f} kB in {added.count_diff:+} pieces")
            print("\n".join(added.traceback.format(limit=12)))


def _wait_for(app: App, count: int) -> None:
    """Until so many documents are completed."""
    deadline, last = time.monotonic() + PATIENCE_SECONDS, -1
    while time.monotonic() < deadline:
        with app.manager.get_session(read_only=True) as session:
            done = session.scalar(sa.text("SELECT count(*) FROM documents WHERE status = 'completed'")) or 0
        if done >= count:
            return
        if done > last:
            deadline, last = time.monotonic() + PATIENCE_SECONDS, done
        time.sleep(0.1)
    print(f"stuck at {last} of {count}", flush=True)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
