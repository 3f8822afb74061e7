"""``make bench``: what a document costs in seconds, CPU and memory, through the real daemon.

    python -m bench.speed [--documents 1000] [--json]

Machines differ and are shared: compare figures of one run, not of two.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import func, select

from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.db.schema import upgrade
from autod.domain.status import DocumentStatus
from bench.paper import write_page, write_scan
from bench.starts import measure_starts

ROOT = Path(__file__).resolve().parent.parent
IDLE_SECONDS = 40
FINAL = (DocumentStatus.COMPLETED, DocumentStatus.FAILED)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=1000, help="size of the backlog (default 1000)")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    arguments = parser.parse_args()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="autod-bench-") as folder:
        for name, measure in (
            ("starts", measure_starts),
            ("latency", measure_latency),
            ("backlog", lambda place: measure_backlog(place, arguments.documents)),
            ("scan", measure_scan),
        ):
            place = Path(folder) / name
            place.mkdir()
            figures |= measure(place)
    print()
    for name, value in figures.items():
        print(f"{name:<46} {value}")
    if arguments.json:
        print(json.dumps(figures))
    return 0


class Running:
    """A daemon at work in a folder of its own, and what it uses."""

    def __init__(self, place: Path, process: subprocess.Popen[bytes], manager: DatabaseManager) -> None:
        self.place = place
        self.inbox = place / "inbox"
        self.manager = manager
        self.main = psutil.Process(process.pid)

    def done(self) -> int:
        with self.manager.get_session() as session:
            found = session.scalar(select(func.count()).where(Document.status.in_(FINAL)))
        return int(found or 0)

    def wait_for(self, documents: int, title: str) -> None:
        shown = time.monotonic()
        while (done := self.done()) < documents:
            if time.monotonic() - shown > 5:
                shown = time.monotonic()
                print(f"  {title}: {done} of {documents}", flush=True)
            time.sleep(0.01)

    def cpu_seconds(self) -> float:
        """CPU time of the daemon and of all its children, living and ended."""
        times = self.main.cpu_times()
        total = times.user + times.system + times.children_user + times.children_system
        for child in self.main.children(recursive=True):
            spent = child.cpu_times()
            total += spent.user + spent.system
        return total

    def resident_mb(self) -> tuple[float, float]:
        """Main process, all children."""
        children = sum(child.memory_info().rss for child in self.main.children(recursive=True))
        return round(self.main.memory_info().rss / 1e6, 1), round(children / 1e6, 1)


@contextmanager
def daemon(place: Path, workers: int = 2) -> Iterator[Running]:
    """The real daemon in ``place``."""
    url = f"sqlite:///{place / 'paper_autopilot.db'}"
    upgrade(url)
    (place / "inbox").mkdir()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PAPER_AUTOPILOT_", "OPENAI_"))}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "run_daemon.py")],
        cwd=place,
        env={
            **clean,
            "PYTHONPATH": str(ROOT),
            "PAPER_AUTOPILOT_DB_URL": url,
            "PAPER_AUTOPILOT_WORKERS": str(workers),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    manager = DatabaseManager(url)
    try:
        running = Running(place, process, manager)
        write_page(running.inbox / "warm-up.pdf", 10_000_000)
        running.wait_for(1, "warm-up")
        yield running
    finally:
        manager.close()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=120)


def measure_latency(place: Path) -> dict[str, Any]:
    """Dropped → row complete, one at a time; then what an idle daemon holds."""
    print("one document at a time…", flush=True)
    seconds = []
    with daemon(place) as running:
        for number in range(20):
            path = place / "page.pdf"
            write_page(path, number)
            begun = time.monotonic()
            path.rename(running.inbox / f"page-{number}.pdf")
            running.wait_for(number + 2, "latency")
            seconds.append(time.monotonic() - begun)
        deadline = time.monotonic() + 90  # a child without work ends after 30
        while running.main.children() and time.monotonic() < deadline:
            time.sleep(0.2)
        main, children = running.resident_mb()
        begun = running.cpu_seconds()
        time.sleep(IDLE_SECONDS)
        idle = (running.cpu_seconds() - begun) / IDLE_SECONDS
    return {
        "dropped → row complete, median of 20, s": round(statistics.median(seconds), 3),
        "dropped → row complete, slowest, s": round(max(seconds), 3),
        "idle daemon, main process resident, MB": main,
        "idle daemon, children resident, MB": children,
        "idle daemon, CPU": f"{idle:.2%}",
    }


def measure_backlog(place: Path, documents: int) -> dict[str, Any]:
    """A backlog of one-page born-digital documents: CPU each, is time linear, is memory flat."""
    print(f"a backlog of {documents} documents…", flush=True)
    store = place / "store"
    store.mkdir()
    for number in range(documents):
        write_page(store / f"page-{number:05}.pdf", number)
    quarters, memory = [], []
    with daemon(place) as running:
        cpu = running.cpu_seconds()
        begun = last = time.monotonic()
        for path in sorted(store.iterdir()):
            path.rename(running.inbox / path.name)
        for quarter in range(1, 5):
            running.wait_for(documents * quarter // 4 + 1, "backlog")
            now = time.monotonic()
            quarters.append(round(now - last, 1))
            memory.append(running.resident_mb())
            last = now
        cpu = running.cpu_seconds() - cpu
        total = last - begun
    return {
        f"{documents} documents, s": round(total, 1),
        "documents/s": round(documents / total, 1),
        "CPU per document, everything included, ms": round(cpu / documents * 1000, 1),
        "seconds per quarter": quarters,
        "resident after each quarter (main, children), MB": memory,
    }


def measure_scan(place: Path) -> dict[str, Any]:
    """A scanned page through the daemon against the OCR engine alone on the same pages, in one run."""
    print("scanned pages…", flush=True)
    pages = 6
    store = place / "store"
    store.mkdir()
    for number in range(pages):
        write_scan(store / f"scan-{number}.pdf", number)
    alone = _ocr_alone(sorted(store.iterdir()))
    with daemon(place, workers=1) as running:
        write_scan(running.inbox / "warm.pdf", 99)
        running.wait_for(2, "warm-up scan")
        cpu = running.cpu_seconds()
        for path in sorted(store.iterdir()):
            path.rename(running.inbox / path.name)
        running.wait_for(pages + 2, "scans")
        cpu = (running.cpu_seconds() - cpu) / pages
    return {
        "scanned page through the daemon, CPU s": round(cpu, 2),
        "OCR engine alone on that page, CPU s": round(alone, 2),
        "ratio": round(cpu / alone, 2),
    }


def _ocr_alone(paths: list[Path]) -> float:
    """CPU seconds a page of the engine itself, warm, in a process of its own."""
    result = subprocess.run(
        [sys.executable, "-m", "bench.ocr_alone", *map(str, paths)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(result.stdout)


if __name__ == "__main__":
    sys.exit(main())
