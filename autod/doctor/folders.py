"""The folders and files of the settings: there, ours, and where they belong."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from autod.assembly.archive import open_ready_manager
from autod.config import Settings
from autod.db import waits
from autod.db.engine import sqlite_path
from autod.db.guard import holder
from autod.doctor.finding import Finding, broken, doubtful, fine, skipped
from autod.errors import AutodError
from autod.health.checks import nearest_existing
from autod.health.report import State

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "fuse.sshfs", "9p"})
_READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def look(settings: Settings, env_file: Path) -> list[Finding]:
    """Findings about what lies on disks."""
    findings = [*_folders(settings), _same_disk(settings), _database_disk(settings), _lock(settings)]
    return [*findings, _claimed(settings), _env_file(env_file)]


def _folders(settings: Settings) -> Iterator[Finding]:
    inbox = settings.inbox_dir.absolute()
    folders = {
        "inbox": inbox,
        "processed": settings.processed_dir.absolute(),
        "failed": settings.failed_dir.absolute(),
        "work": settings.work_dir.absolute(),
        "logs": settings.log_file.absolute().parent,
    }
    for name, folder in folders.items():
        yield _folder(f"Folder {name}", folder)
        if name in ("processed", "failed", "work") and folder.resolve().is_relative_to(inbox.resolve()):
            yield broken(
                f"Folder {name}",
                f"{folder} lies inside the inbox",
                "What is filed there would be taken in again, for ever.",
                f"Move it out of {inbox}.",
            )
    places = [folder.resolve() for name, folder in folders.items() if name in ("processed", "failed")]
    if len(set(places)) < len(places):
        yield doubtful(
            "Folder failed",
            "the same as processed",
            "Failed and filed documents would lie in one folder.",
            "Set PAPER_AUTOPILOT_FAILED_DIR to a folder of its own.",
        )


def _folder(topic: str, folder: Path) -> Finding:
    if folder.is_symlink() and not folder.exists():
        return broken(
            topic,
            f"{folder} is a link to {folder.readlink()}, which is not there",
            "Nothing can be read or written there; a share may not be mounted.",
            "Mount it, or make the link point to a folder.",
        )
    if not folder.exists():
        parent = nearest_existing(folder)
        if os.access(parent, os.W_OK | os.X_OK):
            return fine(topic, f"{folder}: made when it is needed")
        return broken(
            topic,
            f"{folder} is not there and cannot be made in {parent}",
            "The daemon does not start without it.",
            f"Make it and give it to the service's user, or give that user access to {parent}.",
        )
    if not folder.is_dir():
        return broken(
            topic,
            f"{folder} is no folder",
            "Documents have nowhere to go.",
            "Move the file of that name away.",
        )
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".autod-doctor-"):
            pass
    except OSError as error:
        return broken(
            topic,
            f"{folder} cannot be written: {error.strerror}",
            "Documents stay where they are until it can.",
            "Give the service's user read and write access, or mount it writable.",
        )
    linked = f", a link to {folder.resolve()}" if folder.is_symlink() else ""
    return fine(topic, f"{folder}{linked}")


def _same_disk(settings: Settings) -> Finding:
    work, processed = (
        nearest_existing(settings.work_dir.absolute()),
        nearest_existing(settings.processed_dir.absolute()),
    )
    if work.stat().st_dev == processed.stat().st_dev:
        return fine("Disks", "work and processed are on one file system")
    return doubtful(
        "Disks",
        "work and processed are on different file systems",
        "Filing then copies, flushes and checks each document instead of renaming it: safe, but slower.",
        "Set PAPER_AUTOPILOT_WORK_DIR to a folder beside processed.",
    )


def _database_disk(settings: Settings) -> Finding:
    """SQLite's locks and its WAL do not work over a network."""
    file = sqlite_path(settings.paper_autopilot_db_url)
    if file is None:
        return skipped("Database file", "a server keeps it")
    kind = _file_system_of(nearest_existing(file.absolute()))
    if kind in NETWORK_FILE_SYSTEMS:
        return broken(
            "Database file",
            f"{file} lies on a network share ({kind})",
            "SQLite cannot lock a file there: it can be damaged beyond repair.",
            "Move it to a local disk, or use PostgreSQL.",
        )
    return fine("Database file", f"{file} on a local disk")


def _file_system_of(place: Path) -> str:
    import psutil

    mounts = sorted(psutil.disk_partitions(all=True), key=lambda mount: len(mount.mountpoint), reverse=True)
    resolved = place.resolve()
    return next((mount.fstype for mount in mounts if resolved.is_relative_to(mount.mountpoint)), "")


def _lock(settings: Settings) -> Finding:
    process = settings.work_dir.absolute() / "process"
    who = holder(process)
    if who is not None:
        return fine("Lock", f"{who} works here")
    if process.with_name("process.lock").exists():
        return fine("Lock", "nobody holds it; a lock file that is left over does no harm")
    return fine("Lock", "none yet")


def _claimed(settings: Settings) -> Finding:
    """Copies in the work folder: of documents that wait for a time to come, and of others, in work.

    While nobody works there, the others are unfinished business of the last run.
    """
    folder = settings.work_dir.absolute() / "claimed"
    copies = {path.stem for path in folder.glob("*.pdf")} if folder.is_dir() else set()
    waiting = len(copies & _waiting(settings)) if copies else 0
    in_work = len(copies) - waiting
    verb = "waits" if waiting == 1 else "wait"
    and_waiting = f", {waiting} {verb} for a time to come (`autod list --status waiting`)" if waiting else ""
    if not in_work or holder(settings.work_dir.absolute() / "process") is not None:
        return fine("Unfinished work", f"{in_work} document(s) in work{and_waiting}")
    return doubtful(
        "Unfinished work",
        f"{in_work} document(s) were in work when the program ended{and_waiting}",
        "Those that were in work are not in processed yet; nothing of them is lost.",
        "Start the daemon, or run `autod process`: it goes on where it stopped.",
    )


def _waiting(settings: Settings) -> set[str]:
    """The hashes of documents that wait; none while the database does not say, which is told elsewhere."""
    try:
        with open_ready_manager(settings) as manager, manager.get_session(read_only=True) as session:
            return {document.sha256_hex for document in waits.postponed(session)}
    except (AutodError, SQLAlchemyError):
        return set()


def _env_file(path: Path) -> Finding:
    if not path.is_file():
        return fine("File .env", "none: settings come from the environment and the defaults")
    mode = path.stat().st_mode
    secret = any(
        line.startswith(("OPENAI_API_KEY=", "PAPER_AUTOPILOT_DB_URL=postgresql"))
        and len(line.partition("=")[2].strip()) > 0
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
    )
    if os.name == "posix" and secret and mode & _READABLE_BY_OTHERS:
        return Finding(
            "File .env",
            State.WARNING,
            f"it holds a key or credentials and has mode {stat.S_IMODE(mode):04o}",
            "Other users of this machine can read it.",
            f"Run `chmod 600 {path}`.",
        )
    return fine("File .env", str(path.absolute()))
