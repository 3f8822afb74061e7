"""What a daemon writes down of its own trouble, for a health check that cannot reach its port."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from autod import flushing
from autod.codes import Code
from autod.health.daemon import DaemonReport

STATE = "daemon.json"
EVERY_SECONDS = 15.0
OUTDATED_AFTER = timedelta(minutes=1)
"""What was written before says nothing about now: who writes may hang, or be gone."""


def codes_of(report: DaemonReport) -> list[str]:
    """The daemon's troubles by code, empty when it has none."""
    troubles = {
        report.waits_for or "": report.waits_for is not None,
        Code.ENGINE_STALLED: report.stalled,
        Code.INBOX_LOOP_OVERDUE: report.loop_overdue,
        Code.STEPS_OVERDUE: bool(report.overdue_steps),
    }
    return [code for code, holds in troubles.items() if holds]


def write_state(work: Path, report: DaemonReport, now: datetime) -> None:
    """Write the codes into the work folder, whole or not at all; a disk that refuses is told elsewhere.

    Without trouble there is no file: a daemon that is well keeps no disk awake.
    """
    codes = codes_of(report)
    with suppress(OSError):
        if not codes:
            (work / STATE).unlink(missing_ok=True)
            return
        state = {"at": now.isoformat(), "pid": os.getpid(), "codes": codes}
        flushing.write(work / STATE, json.dumps(state))


def read_state(work: Path, holder: str, now: datetime) -> list[str] | None:
    """The codes that the process which holds the folder wrote lately; None when that is not known.

    Args:
        holder: in the words of ``autod.db.guard.holder``.
    """
    try:
        state = json.loads((work / STATE).read_text(encoding="utf-8"))
        age = now - datetime.fromisoformat(state["at"])
        codes = [str(code) for code in state["codes"]]
        ours = holder == f"pid {state['pid']}"
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return codes if ours and abs(age) <= OUTDATED_AFTER else None
