"""The machine: OCR, the port, and whether it starts by itself."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import socket
import sys
from pathlib import Path

from autod.assembly.reader import reading_room
from autod.child.calls import try_walls
from autod.child.sandbox import Sandbox
from autod.config import OcrChoice, Settings
from autod.doctor.finding import Finding, broken, doubtful, fine, skipped
from autod.errors import AutodError
from autod.health.daemon import DaemonReport

UNITS = (
    Path("/etc/systemd/system/paper-autopilot.service"),
    Path("/lib/systemd/system/paper-autopilot.service"),
    Path.home() / ".config/systemd/user/paper-autopilot.service",
    Path.home() / "Library/LaunchAgents/com.paper-autopilot.daemon.plist",
    Path("/Library/LaunchDaemons/com.paper-autopilot.daemon.plist"),
)
_WALLS = {"files": "other files", "system_calls": "network and programs"}
_UNREAD = "Scans are filed without their text: nothing is found in them."


def look(settings: Settings, daemon: DaemonReport | None) -> list[Finding]:
    """Findings about the machine; ``daemon`` is what the running one says of itself."""
    return [_ocr(settings), _reader(settings), _port(settings, daemon), _unit()]


def _reader(settings: Settings) -> Finding:
    """Whether a process that opens documents is walled in: tried in one."""
    limits, readers = reading_room(settings)
    try:
        with Sandbox(limits) as sandbox:
            walls = try_walls(sandbox)
    except AutodError as error:
        step = error.next_step or "Report it with the log."
        return broken("Reader", f"{error.message} [{error.code}]", "No document can be read.", step)
    missing = [f"{_WALLS[wall]} ({why})" for wall, why in walls.items() if why]
    if missing:
        return doubtful(
            "Reader",
            f"not kept from {' nor from '.join(missing)} [reader_unconfined]",
            "A document that takes over the program reading it reaches what the daemon's user can.",
            "Use Linux 5.13 or later with Landlock, and the systemd unit of this version.",
        )
    room = f"{readers} at a time, up to {limits.memory_mb} MB each"
    return fine("Reader", f"walled in: no network, no programs, no files but its own; {room}")


def _ocr(settings: Settings) -> Finding:
    wheel = importlib.util.find_spec("rapidocr") is not None
    if settings.ocr_engine is OcrChoice.OFF:
        return doubtful("OCR", "switched off", _UNREAD, "Set PAPER_AUTOPILOT_OCR_ENGINE=auto.")
    if settings.ocr_engine is OcrChoice.RAPIDOCR:
        return _of_the_wheel(wheel)
    wanted = settings.ocr_languages.split("+")
    installed = _tesseract_languages(settings.ocr_languages)
    if not installed:
        if settings.ocr_engine is OcrChoice.TESSERACT:
            return broken(
                "OCR",
                "Tesseract or its language files are not installed",
                _UNREAD,
                "Run `apt install tesseract-ocr-eng tesseract-ocr-deu` (and others), "
                "or set PAPER_AUTOPILOT_OCR_ENGINE=auto.",
            )
        return _of_the_wheel(wheel)
    lacking = [name for name in wanted if name not in installed]
    if lacking:
        return doubtful(
            "OCR",
            f"Tesseract reads {'+'.join(installed)}; not installed: {'+'.join(lacking)}",
            "Scans in those languages are read with more mistakes.",
            f"Run `apt install {' '.join(f'tesseract-ocr-{name}' for name in lacking)}`, "
            "or take them out of PAPER_AUTOPILOT_OCR_LANGUAGES.",
        )
    return fine("OCR", f"Tesseract, {'+'.join(installed)}")


def _of_the_wheel(there: bool) -> Finding:
    if there:
        return fine("OCR", "the one that comes along (Latin scripts; Tesseract is several times faster)")
    return broken("OCR", "none installed", _UNREAD, "Run `pip install -r requirements.txt`.")


def _tesseract_languages(wanted: str) -> list[str]:
    with contextlib.suppress(ImportError):
        from autod.read.ocr_tesseract import find_languages

        languages = find_languages(wanted)
        return languages[1].split("+") if languages else []
    return []


def _port(settings: Settings, daemon: DaemonReport | None) -> Finding:
    port = settings.monitor_port
    if not port:
        return skipped("Port", "the daemon opens none (PAPER_AUTOPILOT_MONITOR_PORT=0)")
    if daemon is not None:
        return fine("Port", f"{port}: our daemon answers")
    family = socket.AF_INET6 if ":" in settings.monitor_host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.monitor_host, port))
        except OSError as error:
            return doubtful(
                "Port",
                f"{settings.monitor_host}:{port} cannot be opened: {os.strerror(error.errno or 0)}",
                "Health and metrics of the daemon cannot be asked for; documents are processed all the same.",
                "Set PAPER_AUTOPILOT_MONITOR_PORT to a free one, or stop the program that has it.",
            )
    return fine("Port", f"{port} is free")


def _unit() -> Finding:
    unit = next((path for path in UNITS if path.exists()), None)
    if unit is not None:
        return fine("Service", str(unit))
    kind = "launchd" if sys.platform == "darwin" else "systemd"
    return skipped("Service", f"no {kind} unit: it does not start by itself (docs/DAEMON_MODE.md)")
