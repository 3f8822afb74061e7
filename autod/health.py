"""Is everything up? The same checks for the command line, cron and machines; no paid call is made."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from autod.config import Settings, VectorStoreChoice
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.errors import ConfigurationError
from autod.services import model_ending, open_client, open_manager

DISK_WARNING_GB = 2
LOG_WARNING_MB = 100


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: ``state`` is ok, warning, failed, or off (not in use)."""

    name: str
    state: str
    detail: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All checks at one moment; unhealthy when one failed."""

    at: datetime
    checks: tuple[Check, ...]
    completed_today: int

    @property
    def healthy(self) -> bool:
        return all(check.state != "failed" for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        return {
            "healthy": self.healthy,
            "timestamp": self.at.isoformat(),
            "docs_24h": self.completed_today,
            "checks": {
                c.name: {"state": c.state, "detail": c.detail, "next_step": c.next_step} for c in self.checks
            },
        }


def examine(settings: Settings, now: datetime) -> Report:
    """Look at everything; never raises for a thing that is down."""
    manager = open_manager(settings)
    try:
        database = _database(manager)
        completed = 0
        if database.state == "ok":
            with manager.get_session() as session:
                completed = documents.counts(session, now - timedelta(hours=24)).completed
    finally:
        manager.close()
    checks = (
        database,
        _openai(settings, now),
        _vector_store(settings),
        _inbox(settings.inbox_dir),
        _disk(settings.processed_dir),
        _log(settings.log_file),
    )
    return Report(now, checks, completed)


def _database(manager: DatabaseManager) -> Check:
    steps = {
        "unreachable": "Start the database server, or correct PAPER_AUTOPILOT_DB_URL.",
        "empty": "Run `alembic upgrade head` (or `autod db upgrade`).",
        "outdated": "Run `alembic upgrade head` (or `autod db upgrade`).",
        "newer": "Install the newer version of this program.",
    }
    state = manager.schema_state()
    if state == "current":
        return Check("Database", "ok", "OK")
    return Check("Database", "failed", f"FAILED ({state})", steps[state])


def _openai(settings: Settings, now: datetime) -> Check:
    """Whether the settings are enough to ask; nothing is sent."""
    if not settings.uses_openai:
        return Check("OpenAI API", "off", "not used (embedded engine)")
    try:
        open_client(settings).close()
        ending = model_ending(settings, now.date())
    except ConfigurationError as error:
        return Check("OpenAI API", "failed", f"FAILED ({error.message})", error.next_step)
    if ending is not None:
        return Check("OpenAI API", "warning", f"WARNING ({ending})", "Change the setting before that day.")
    where = f" on {settings.openai_server}" if settings.own_server else ""
    return Check("OpenAI API", "ok", f"OK ({settings.openai_model}{where})")


def _vector_store(settings: Settings) -> Check:
    if settings.vector_store is VectorStoreChoice.OFF:
        return Check("Vector Store", "off", "not used (embedded index)")
    return Check("Vector Store", "ok", "OK (OpenAI)")


def _inbox(folder: Path) -> Check:
    if not folder.exists():
        return Check(
            "Inbox", "warning", "not there yet", "It is made when the daemon starts; or check the mount."
        )
    return Check("Inbox", "ok", "OK")


def _disk(folder: Path) -> Check:
    existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(existing).free / 1e9
    if free < DISK_WARNING_GB:
        step = "Free some space: old logs and backups first."
        return Check(
            "Disk Space", "warning", f"WARNING ({free:.1f}GB free, {DISK_WARNING_GB}GB wanted)", step
        )
    return Check("Disk Space", "ok", f"OK ({free:.0f}GB free)")


def _log(path: Path) -> Check:
    if not path.exists():
        return Check("Log File", "ok", "OK (none yet)")
    size = path.stat().st_size / 1e6
    if size > LOG_WARNING_MB:
        return Check("Log File", "warning", f"WARNING ({size:.0f}MB)", "Lower PAPER_AUTOPILOT_LOG_MAX_MB.")
    return Check("Log File", "ok", f"OK ({size:.0f}MB)")
