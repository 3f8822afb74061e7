"""What a start costs: CPU of whole commands that look something up, and of a reading process's first page.

CPU, not seconds: other work on the machine hardly changes it.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autod.child.calls import read_pdf, understand_reading
from autod.child.sandbox import Sandbox, SandboxLimits
from autod.db.schema import upgrade
from autod.read.limits import ReadLimits
from bench.paper import write_page

ROOT = Path(__file__).resolve().parent.parent
TIMES = 9
DOCUMENTS = 5
COMMANDS = (["list"], ["show", "1"], ["search", "valve"], ["stats"], ["health"])


def measure_starts(place: Path) -> dict[str, Any]:
    """Medians of nine."""
    print("commands and first pages…", flush=True)
    url = f"sqlite:///{place / 'paper_autopilot.db'}"
    upgrade(url)
    (place / "inbox").mkdir()
    for number in range(DOCUMENTS):
        write_page(place / "inbox" / f"page-{number}.pdf", number)
    _command(place, url, "process", "inbox")
    figures = {}
    for command in COMMANDS:
        seconds = [_command(place, url, *command) for _ in range(TIMES)]
        figures[f"autod {command[0]}, CPU s"] = round(statistics.median(seconds), 2)
    page = place / "page.pdf"
    write_page(page, DOCUMENTS)
    firsts = [_first_page(page, place / "page.reading.json") for _ in range(TIMES)]
    figures["first page after a rest, CPU s of its process"] = round(statistics.median(firsts), 2)
    return figures


def _command(place: Path, url: str, *arguments: str) -> float:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PAPER_AUTOPILOT_", "OPENAI_"))}
    before = _cpu_of_children()
    subprocess.run(
        [sys.executable, "-m", "autod", *arguments],
        cwd=place,
        env={**clean, "PYTHONPATH": str(ROOT), "PAPER_AUTOPILOT_DB_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,  # without a daemon, health says so by its code
    )
    return _cpu_of_children() - before


def _first_page(page: Path, reading: Path) -> float:
    before = _cpu_of_children()
    with Sandbox(SandboxLimits(timeout_seconds=60, memory_mb=2000, idle_seconds=60), size=1) as sandbox:
        read_pdf(sandbox, ReadLimits(), page, str(reading))
        understand_reading(sandbox, str(reading), review_below=0.6, today=datetime.now(UTC).date())
    return _cpu_of_children() - before


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
