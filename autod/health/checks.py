"""The checks of what the product stands on: database, service, store, disk, log and inbox."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from autod.assembly.archive import schema_trouble
from autod.assembly.service import model_news, open_client, require_reader
from autod.assembly.vector_store import open_vector_store
from autod.codes import Code
from autod.config import Settings, VectorStoreChoice
from autod.db.figures import ArchiveFigures
from autod.db.manager import DatabaseManager
from autod.db.models import ApiCall, CallState, Event
from autod.db.sqlite_abilities import require_sqlite
from autod.domain.fates import AS_IT_SHOULD, OF_THE_SERVICE
from autod.domain.status import EventKind
from autod.errors import AutodError, ConfigurationError, DatabaseError, ReasonJson
from autod.health.daemon import DaemonReport
from autod.health.report import Check, State, failed, off, ok, warning
from autod.inbox.untaken import in_words, steps_for, untaken

GIGABYTE = 1e9
DISK_FULL_GB = 0.1
"""With less, nothing is taken from the inbox with a good conscience."""
LOG_WARNING_MB = 100
SLOW_DATABASE_SECONDS = 1.0
UPLOADS_WARNING = 0.9


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks look at; ``snapshot`` is None when the database has nothing to say.

    ``daemon`` is what the daemon at work says of itself, None when there is none to ask. ``ask_services``
    allows a free request that carries nothing of a document.
    """

    settings: Settings
    manager: DatabaseManager
    now: datetime
    daemon: DaemonReport | None = None
    snapshot: ArchiveFigures | None = None
    ask_services: bool = False


def database(subject: Subject) -> Check:
    if subject.daemon is not None and subject.daemon.waits_for == Code.DATABASE_REPLACED:
        return failed("Database", *subject.daemon.waiting)
    if subject.manager.sqlite_path is not None:
        try:
            require_sqlite()
        except DatabaseError as error:
            return failed("Database", f"{error.message} [{error.code}]", error.next_step)
    begun = time.monotonic()
    trouble = schema_trouble(subject.manager, subject.settings)
    seconds = time.monotonic() - begun
    if trouble is not None:
        return failed("Database", f"{trouble.message} [{trouble.code}]", trouble.next_step)
    if seconds > SLOW_DATABASE_SECONDS:
        step = "Look at the server's load and its disk; docs/RUNBOOK.md, Performance."
        return warning("Database", f"answers after {seconds:.1f} s", step)
    return ok("Database")


def openai(subject: Subject) -> Check:
    """Whether the settings are enough to ask, and whether the daemon still asks; nothing is sent."""
    settings = subject.settings
    if not settings.uses_openai:
        return off("OpenAI API", "not used (embedded engine)")
    try:
        open_client(settings).close()
        require_reader(settings)
        news = model_news(settings, subject.now.date())
    except ConfigurationError as error:
        return failed("OpenAI API", error.message, error.next_step)
    if subject.daemon is not None and subject.daemon.circuit == "open":
        step = "Check the service's status page and your key; documents wait and are tried again."
        return failed("OpenAI API", "fails again and again; the daemon leaves it alone for a while", step)
    refusal = _refusal(subject)
    if refusal is not None:
        return failed("OpenAI API", refusal["message"], refusal["next_step"])
    if news:
        return warning("OpenAI API", "; ".join(news), "docs/OPENAI.md, section Models, says what to do.")
    where = f" on {settings.openai_server}" if settings.own_server else ""
    return ok("OpenAI API", f"{settings.openai_model}{where}")


def _refusal(subject: Subject) -> ReasonJson | None:
    """Why documents wait for the service, by the one that had to wait last; None when that is over.

    An answer that came later ends it, and so does a restart, which may have brought another key. That the
    service asks for a slower pace, or for a batch's day, is no trouble.
    """
    if subject.snapshot is None:
        return None
    try:
        with subject.manager.get_session(read_only=True) as session:
            last = session.scalar(
                sa.select(Event).where(Event.kind == EventKind.POSTPONED).order_by(Event.at.desc()).limit(1)
            )
            answers = sa.select(sa.func.max(ApiCall.settled_at)).where(ApiCall.state == CallState.SETTLED)
            answered = session.scalar(answers)
    except DatabaseError:
        return None
    code = str(last.detail.get("code", "")) if last is not None else ""
    if last is None or not code.startswith(OF_THE_SERVICE) or code in AS_IT_SHOULD:
        return None
    up = timedelta(seconds=subject.daemon.up_seconds) if subject.daemon else None
    over = (answered is not None and answered > last.at) or (up is not None and subject.now - up > last.at)
    if over:
        return None
    message, next_step = last.detail.get("message", code), last.detail.get("next_step", "")
    return {"code": code, "message": str(message), "next_step": str(next_step)}


def vector_store(subject: Subject) -> Check:
    """Whether the store is there, and how the uploads of the last day went."""
    settings = subject.settings
    if settings.vector_store is VectorStoreChoice.OFF:
        return off("Vector Store", "not used (embedded index)")
    where = "OpenAI"
    try:
        with open_client(settings) as client:
            store = open_vector_store(settings, subject.manager, client)
            if subject.ask_services and store is not None:
                where = store.find() or "OpenAI, none yet: the first document makes it"
    except AutodError as error:
        return failed("Vector Store", error.message, error.next_step)
    share = subject.snapshot.day.upload_success_ratio if subject.snapshot else None
    if share is not None and share < UPLOADS_WARNING:
        step = "Check PAPER_AUTOPILOT_VECTOR_STORE_ID and the key's rights; `grep 'upload failed'` the log."
        return warning("Vector Store", f"{share:.0%} of the uploads of 24 hours succeeded", step)
    return ok("Vector Store", where)


def inbox(subject: Subject) -> Check:
    """Whether files can be seen in the inbox and taken out of it."""
    folder = subject.settings.inbox_dir
    step = "Check the mount and the folder's permissions; the daemon goes on by itself once it is back."
    try:
        with os.scandir(folder) as entries:
            next(entries, None)
    except FileNotFoundError:
        made = "It is made when the daemon starts; or check the mount."
        if subject.daemon is not None:
            return failed("Inbox", "it is gone", step)
        return Check("Inbox", State.WARNING, "not there yet", made)
    except OSError as error:
        return failed("Inbox", os.strerror(error.errno or 0), step)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return failed("Inbox", "files cannot be taken out of it", step)
    if subject.daemon is not None and subject.daemon.held_open:
        detail = (
            f"{subject.daemon.held_open} file(s) held open by the program that writes them (file_held_open)"
        )
        return warning("Inbox", detail, "The log names them; they are taken when that program closes them.")
    if left := untaken(folder):
        return warning("Inbox", in_words(left), steps_for(left))
    return ok("Inbox")


def disk(subject: Subject) -> Check:
    """The least free space of the file systems that are written to."""
    settings = subject.settings
    free = min(free_bytes(folder) for folder in written_folders(settings).values()) / GIGABYTE
    ours = (("backups", settings.backup_dir), (".autod", settings.work_dir))
    taken = ", ".join(f"{name} {size_of(folder) / GIGABYTE:.1f}GB" for name, folder in ours)
    if free < DISK_FULL_GB:
        step = "Free some space now: backups and logs first. Documents wait until there is room."
        return failed("Disk Space", f"{free:.2f}GB free; {taken}", step)
    wanted = settings.alert_disk_gb
    if free < wanted:
        step = "Free some space: backups and logs first; docs/RUNBOOK.md, Disk nearly full."
        return warning("Disk Space", f"{free:.1f}GB free, {wanted:g}GB wanted; {taken}", step)
    return ok("Disk Space", f"{free:.0f}GB free; {taken}")


def log_file(subject: Subject) -> Check:
    path = subject.settings.log_file
    if not path.exists():
        return ok("Log File", "none yet")
    if not os.access(path, os.W_OK):
        step = "Give the service's user access to the folder of PAPER_AUTOPILOT_LOG_FILE."
        return failed("Log File", "it cannot be written", step)
    size = path.stat().st_size / 1e6
    if size > LOG_WARNING_MB:
        return warning("Log File", f"{size:.0f}MB", "Lower PAPER_AUTOPILOT_LOG_MAX_MB.")
    return ok("Log File", f"{size:.0f}MB")


def written_folders(settings: Settings) -> dict[str, Path]:
    """The folders that are written to, by what they hold."""
    from autod.db.engine import sqlite_path

    folders = {
        "processed": settings.processed_dir,
        "work": settings.work_dir,
        "log": settings.log_file.parent,
    }
    file = sqlite_path(settings.paper_autopilot_db_url)
    return folders if file is None else {**folders, "database": file.parent}


def size_of(folder: Path) -> int:
    """Bytes of the files below ``folder``; links are not followed, and what vanishes counts nothing."""
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        total += size_of(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
    except OSError:
        return total
    return total


def free_bytes(folder: Path) -> int:
    """Free space for us on the file system that holds ``folder``, which need not exist yet."""
    return shutil.disk_usage(nearest_existing(folder.absolute())).free


def nearest_existing(place: Path) -> Path:
    """``place`` itself, or the closest folder above it that is there; it must be absolute."""
    return next(candidate for candidate in (place, *place.parents) if candidate.exists())
