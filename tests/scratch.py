"""Where tests put their files: in memory, where the machine has room, so that no flush waits for a disk.

The program flushes whatever it relies on, often a dozen times for one document. What that order protects
from is tested by ``tests/torture/power.py``, which keeps what was flushed and takes away the rest;
``make torture`` works on the disk.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 * 2**30
"""Several times what a run of all tests was seen to need."""


def use_memory() -> None:
    """Have everything temporary of this process, and of those it starts, made in memory, if that serves.

    Whoever has set ``TMPDIR`` has chosen.
    """
    if "TMPDIR" not in os.environ and _serves(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def _serves(place: Path) -> bool:
    """Whether there is room, and programs that lie there may be run: containers often have neither."""
    if not place.is_dir() or not os.access(place, os.W_OK):
        return False
    if min(shutil.disk_usage(place).free, psutil.virtual_memory().available) < ROOM_BYTES:
        return False
    with tempfile.TemporaryDirectory(prefix="autod-trial-", dir=place) as folder:
        program = Path(folder) / "program"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o700)
        try:
            return subprocess.run([program], check=False).returncode == 0
        except OSError:
            return False
