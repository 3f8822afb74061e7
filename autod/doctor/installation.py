"""The program itself: Python, its packages, and who runs it."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from importlib import metadata
from pathlib import Path

from autod.db.sqlite_abilities import OLDEST as OLDEST_SQLITE
from autod.db.sqlite_abilities import lacking
from autod.doctor.finding import Finding, broken, doubtful, fine, skipped

OLDEST, NEWEST = (3, 11), (3, 14)
PINS = Path(__file__).resolve().parents[2] / "requirements.txt"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(.*)$")
_REINSTALL = "Run `pip install -r requirements.txt` in the environment that runs the program."


def look(pins: Path = PINS) -> list[Finding]:
    """Findings about the installation; ``pins`` is the clone's requirements.txt."""
    return [_python(sys.version_info[:2]), _sqlite(), _packages(pins), _user()]


def _python(version: tuple[int, int]) -> Finding:
    shown = ".".join(map(str, version))
    if OLDEST <= version <= NEWEST:
        return fine("Python", f"{shown} at {sys.executable}")
    return broken(
        "Python",
        f"{shown}; needed is {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}",
        "Libraries that read PDFs and scans are not built for other versions.",
        "Make the environment with one of these versions: `python3.12 -m venv .venv`.",
    )


def _sqlite() -> Finding:
    version = f"{sqlite3.sqlite_version} of this Python"
    if not lacking():
        return fine("SQLite", version)
    return doubtful(
        "SQLite",
        f"{version} lacks: {', '.join(lacking())} [sqlite_too_old]",
        "Nothing starts with it; an archive in PostgreSQL does not need it.",
        f"Use a Python whose SQLite is {OLDEST_SQLITE} or newer and has FTS5.",
    )


def _packages(pins: Path) -> Finding:
    if not pins.is_file():
        return skipped("Packages", "not compared: an installed wheel brings no requirements.txt")
    missing, other = [], []
    for name, (versions, always) in _pinned(pins).items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            if always:
                missing.append(name)
            continue
        if installed not in versions:
            other.append(f"{name} {installed} (tested: {', '.join(versions)})")
    if missing:
        why = "What needs them fails when it is first used."
        return broken("Packages", f"missing: {', '.join(missing)}", why, _REINSTALL)
    if other:
        why = "The tests ran with those pinned."
        return doubtful("Packages", f"other versions: {', '.join(other)}", why, _REINSTALL)
    return fine("Packages", "as pinned")


def _pinned(pins: Path) -> dict[str, tuple[list[str], bool]]:
    """The versions that each package is pinned to, and whether every machine needs it.

    A pin with a marker is for some machines or Pythons alone; there may be one for others beside it.
    """
    pinned: dict[str, tuple[list[str], bool]] = {}
    for line in pins.read_text(encoding="utf-8").splitlines():
        if pin := _PIN.match(line):
            versions, _ = pinned.get(pin[1], ([], True))
            pinned[pin[1]] = ([*versions, pin[2]], ";" not in pin[3])
    return pinned


def _user() -> Finding:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return doubtful(
            "User",
            "root",
            "What opens hostile PDFs would have all rights, and others cannot write what root made.",
            "Run it as a user of its own; packaging/systemd does.",
        )
    return fine("User", "not root")
