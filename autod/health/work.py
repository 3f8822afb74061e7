"""The checks of the work itself: a daemon, the backlog, what waits for people, and the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from autod.backup.record import last_backup
from autod.db.figures import WorkerSeen
from autod.db.guard import holder
from autod.db.models import Event
from autod.db.workers import SILENT_SECONDS
from autod.errors import DatabaseError
from autod.health.checks import Subject
from autod.health.report import Check, failed, off, ok, warning
from autod.health.spoken import read_state

STUCK_AFTER = timedelta(hours=1)
UNATTENDED_AFTER = timedelta(minutes=10)
BACKUP_OLD_AFTER = timedelta(hours=50)
"""Two nightly ones were missed."""
CLOCK_WARNING = timedelta(seconds=5)
CLOCK_FAILED = timedelta(minutes=5)
STALLED = "work waits, and its engine hands nothing out"
_BACK_UP = "Run `autod backup && autod verify-backup`"
_START = "Start it: `systemctl start paper-autopilot`, or `python3 run_daemon.py`."


def daemon(subject: Subject) -> Check:
    """Whether somebody works on the inbox, and whether the work moves."""
    report = subject.daemon
    if report is None:
        return _unheard(subject)
    who = f"process {report.pid}, up {_span(timedelta(seconds=report.up_seconds))}, {report.in_work} in work"
    restart = "Look at the end of the log, then restart it: nothing is lost."
    if report.loop_overdue:
        return failed("Daemon", f"{who}; its inbox loop does not come round", restart)
    if report.overdue_steps:
        return failed("Daemon", f"{who}; beyond its limit: {', '.join(report.overdue_steps)}", restart)
    if report.stalled:
        return failed("Daemon", f"{who}; {STALLED} [engine_stalled]", restart)
    if report.stopping:
        return warning("Daemon", f"{who}; stopping", "It finishes what is in work, then ends.")
    return ok("Daemon", who)


def _unheard(subject: Subject) -> Check:
    """Nobody answered: perhaps there is a process all the same, or work without one."""
    if (process := _at_work_here(subject)) is not None:
        if codes := read_state(subject.settings.work_dir.absolute(), process, subject.now):
            step = "docs/TROUBLESHOOTING.md has the code; the end of the log says more."
            return failed("Daemon", f"{process} has the work folder and says: {', '.join(codes)}", step)
        return ok("Daemon", f"{process} has the work folder")
    if elsewhere := len(living(subject)):
        return ok("Daemon", f"none here; {elsewhere} at work elsewhere")
    if _waits_too_long(subject, UNATTENDED_AFTER):
        return failed("Daemon", "documents wait and no daemon runs here", _START)
    return warning("Daemon", "none runs here", _START)


def _at_work_here(subject: Subject) -> str | None:
    return holder(subject.settings.work_dir.absolute() / "process")


def workers(subject: Subject) -> Check:
    """The whole fleet, where several processes share a PostgreSQL database."""
    if subject.manager.sqlite_path is not None:
        return off("Workers", "one process at a time (SQLite)")
    if subject.snapshot is None:
        return _unknown("Workers")
    alive = living(subject)
    hosts = ", ".join(sorted({worker.host for worker in alive}))
    detail = f"{len(alive)} at work" + (f" on {hosts}" if hosts else "")
    silent = [worker for worker in subject.snapshot.workers if worker not in alive]
    if silent:
        who = ", ".join(f"process {worker.pid} on {worker.host}" for worker in silent)
        step = "Look at that machine; the others take over what it had in work."
        return warning("Workers", f"{detail}; silent: {who}", step)
    return ok("Workers", detail)


def living(subject: Subject) -> list[WorkerSeen]:
    """The workers that showed lately that they live."""
    shown = subject.snapshot.workers if subject.snapshot else ()
    return [worker for worker in shown if worker.silent_seconds < SILENT_SECONDS]


def backlog(subject: Subject) -> Check:
    """What waits, and for how long the oldest has."""
    if subject.snapshot is None:
        return _unknown("Backlog")
    standing = subject.snapshot.standing
    somebody = subject.daemon is not None or _at_work_here(subject) is not None or bool(living(subject))
    begun = f"{standing.processing} {'in work' if somebody else 'begun'}"
    detail = f"{standing.waiting} waiting, {begun}, {standing.postponed} postponed"
    held_up = standing.oldest_held_up
    if held_up is not None and subject.now - held_up > STUCK_AFTER:
        step = (
            "`autod list --status waiting`, then `autod show ID` says what it waits for; it comes by itself. "
            "`autod retry --all-waiting` asks at once."
        )
        return warning("Backlog", f"{detail}, held up for {_span(subject.now - held_up)}", step)
    if standing.oldest_waiting is None:
        return ok("Backlog", detail)
    detail += f", the oldest for {_span(subject.now - standing.oldest_waiting)}"
    if _waits_too_long(subject, STUCK_AFTER):
        step = "See `autod list --status waiting` and the log; more PAPER_AUTOPILOT_WORKERS shorten it."
        return warning("Backlog", detail, step)
    return ok("Backlog", detail)


def review(subject: Subject) -> Check:
    """What people should look at."""
    if subject.snapshot is None:
        return _unknown("Review")
    standing = subject.snapshot.standing
    detail = f"{standing.needs_review} to review, {standing.failed} failed"
    steps = ["See `autod list --review`, then `autod correct`."] if standing.needs_review else []
    if standing.failed:
        steps.insert(0, "See `autod list --status failed`, then `autod retry`.")
        return warning("Review", detail, " ".join(steps))
    return ok("Review", detail, " ".join(steps))


def backup(subject: Subject) -> Check:
    """How old the newest backup is, and when one was last tried out."""
    last = last_backup(subject.settings.backup_dir)
    if last is None:
        if subject.snapshot is None:
            return _unknown("Backup")
        if not subject.snapshot.standing.completed:
            return off("Backup", "nothing to back up yet")
        return warning("Backup", "none", f"{_BACK_UP}; docs/BACKUP.md has the line for cron.")
    age = subject.now - last.taken_at
    tried = (
        "never tried out"
        if last.verified_at is None
        else f"tried out {_span(subject.now - last.verified_at)} ago"
    )
    detail = f"{_span(age)} old, {tried}"
    if age > BACKUP_OLD_AFTER:
        return warning("Backup", detail, f"{_BACK_UP}; look why cron did not.")
    return ok("Backup", detail)


def clock(subject: Subject) -> Check:
    """The clock against the database server's, and against what was written down before."""
    if subject.snapshot is None:
        return _unknown("Clock")
    step = "Set the clock (NTP): times, caps and waiting depend on it."
    try:
        with subject.manager.get_session(read_only=True) as session:
            written = session.scalar(sa.select(Event.at).order_by(Event.id.desc()).limit(1))
            there = session.scalar(sa.select(sa.func.now())) if subject.manager.sqlite_path is None else None
    except DatabaseError:
        return _unknown("Clock")
    off_by = [] if written is None else [written - subject.now]
    if there is not None:
        off_by.append(abs(there - datetime.now(UTC)))
    worst = max([timedelta(0), *off_by])
    if worst > CLOCK_FAILED:
        return failed("Clock", f"off by {_span(worst)}", step)
    if worst > CLOCK_WARNING:
        return warning("Clock", f"off by {_span(worst)}", step)
    return ok("Clock")


def _waits_too_long(subject: Subject, limit: timedelta) -> bool:
    oldest = subject.snapshot.standing.oldest_waiting if subject.snapshot else None
    return oldest is not None and subject.now - oldest > limit


def _unknown(name: str) -> Check:
    return off(name, "unknown without the database")


def _span(time: timedelta) -> str:
    """``3 d``, ``5 h``, ``7 min`` or ``12 s``."""
    seconds = max(0, int(time.total_seconds()))
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
