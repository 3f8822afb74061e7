"""``make bench-scale`` in small: it runs to its end and says what it measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_small_archive_and_a_short_queue_are_measured() -> None:
    small = (
        "--database",
        "sqlite",
        "--rows",
        "100",
        "--backlog",
        "6",
        "--seconds",
        "3",
        "--memory",
        "20",
        "--json",
    )
    run = subprocess.run(
        [sys.executable, "-m", "bench.scale", *small], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr[-2000:]
    figures = json.loads(run.stdout.splitlines()[-1])["sqlite"]
    assert "search: a rare word, ms" in figures
    assert float(figures["worked off, documents/s"]) > 0
    assert int(figures["engine's history, finished workflows"]) > 80
    assert int(figures["history: workflows forgotten"]) > 0
    assert float(figures["… and after all of them, MB"]) > 0
