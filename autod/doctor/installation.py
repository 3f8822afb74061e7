"""The program itself: Python, its packages, and who runs it."""

from __future__ import annotations

import os
import re
import sys
from importlib import metadata
from pathlib import Path

from autod.doctor.finding import Finding, broken, doubtful, fine, skipped

OLDEST, NEWEST = (3, 11), (3, 14)
PINS = Path(__file__).resolve().parents[2] / "requirements.txt"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(.*)$")
_REINSTALL = "Run `pip install -r requirements.txt` in the environment that runs the program."


def look(pins: Path = PINS) -> list[Finding]:
    """Findings about the installation; ``pins`` is the clone's requirements.txt."""
    return [_python(sys.version_info[:2]), _packages(pins), _user()]


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


def _packages(pins: Path) -> Finding:
    if not pins.is_file():
        return skipped("Packages", "not compared: an installed wheel brings no requirements.txt")
    missing, other = [], []
    for name, version in _pinned(pins):
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
            continue
        if installed != version:
            other.append(f"{name} {installed} (tested: {version})")
    if missing:
        return broken(
            "Packages",
            f"missing: {', '.join(missing)}",
            "What needs them fails when it is first used.",
            _REINSTALL,
        )
    if other:
        return doubtful(
            "Packages", f"other versions: {', '.join(other)}", "The tests ran with those pinned.", _REINSTALL
        )
    return fine("Packages", "as pinned")


def _pinned(pins: Path) -> list[tuple[str, str]]:
    """Name and version of each pin that this machine and Python need."""
    found = []
    for line in pins.read_text(encoding="utf-8").splitlines():
        pin = _PIN.match(line)
        if pin and _applies(pin[3].partition(";")[2].rstrip(" \\")):
            found.append((pin[1], pin[2]))
    return found


def _applies(marker: str) -> bool:
    """Whether a requirement with this environment marker is needed here; what cannot be told is not."""
    if not marker.strip():
        return True
    try:
        from packaging.markers import InvalidMarker, Marker
    except ImportError:
        return False
    try:
        return Marker(marker).evaluate()
    except InvalidMarker:
        return False


def _user() -> Finding:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return doubtful(
            "User",
            "root",
            "What opens hostile PDFs would have all rights, and others cannot write what root made.",
            "Run it as a user of its own; packaging/systemd does.",
        )
    return fine("User", "not root")
