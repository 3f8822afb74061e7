"""Taking a backup while work goes on.

    lock ─▶ list ─▶ space? ─▶ copy the database ─▶ write ─▶ flush ─▶ verify ─▶ rename ─▶ note ─▶ drop old ones

Until the rename nothing bears an archive's name; what a killed backup leaves is removed by the next one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from autod import __version__
from autod.backup import snapshot
from autod.backup.archive import ArchiveReader, ArchiveWriter, Progress
from autod.backup.collecting import Collector, Listed, list_files, roots
from autod.backup.manifest import DATABASE_FOLDER, DatabaseEntry, Manifest
from autod.backup.record import LastBackup, archive_name, archives_in, note
from autod.codes import Code
from autod.db.guard import single_process
from autod.db.manager import DatabaseManager
from autod.errors import BackupError, ConfigurationError, DatabaseError
from autod.files import custody
from autod.files.folders import Folders
from autod.flushing import flush, flush_folder, make_folder

log = structlog.get_logger("autod.backup")

SPARE_BYTES = 64 << 20
SCRATCH = ".backup-"


@dataclass(frozen=True, slots=True)
class Taken:
    """A finished backup. ``dropped`` are the old archives that were removed after it."""

    path: Path
    manifest: Manifest
    size: int
    dropped: tuple[Path, ...]


def take(
    manager: DatabaseManager,
    folders: Folders,
    target: Path,
    *,
    keep_days: int,
    keep_bytes: int | None = None,
    with_inbox: bool,
    now: datetime,
    progress: Progress,
) -> Taken:
    """Write an archive of the database and of every document's bytes into the folder ``target``.

    When it is whole, older archives go: those above ``keep_days`` days, and the oldest above ``keep_bytes``
    in all (None: any size). The one just made and the newest stay.

    Raises:
        BackupError: no space, another backup runs, the folder cannot be written to, or a tool is missing.
        ConfigurationError: the folder lies in one of those that are backed up.
        DatabaseError: the database cannot be read.
    """
    target = target.absolute()
    _refuse_inside(target, folders)
    with _writable(target), _alone(target):
        _sweep(target)
        listed = list_files(folders, with_inbox=with_inbox)
        _require_space(target, snapshot.space_for(manager) + sum(file.size for file in listed))
        progress("Copying the database", 0, 0)
        final = target / archive_name(now)
        with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=target) as name:
            scratch = Path(name)
            copied = snapshot.take(manager, scratch)
            part = scratch / final.name
            manifest = _write(part, manager, folders, copied, listed, now, progress)
            with ArchiveReader(part) as reader:
                reader.verify(progress)
            _rename(part, final)
        size = final.stat().st_size
        note(target, LastBackup(final.name, now, size, manifest.documents, len(manifest.missing)))
        before = now - timedelta(days=keep_days)
        dropped = _drop_old(target, before, keep_bytes, made=final) if manifest.complete else ()
    log.info("Backup taken", archive=str(final), size=size, documents=manifest.documents)
    if manifest.missing:
        log.error(
            "The backup lacks documents",
            error=Code.BACKUP_INCOMPLETE,
            documents=[missing.document_id for missing in manifest.missing],
        )
    return Taken(final, manifest, size, dropped)


def _write(
    part: Path,
    manager: DatabaseManager,
    folders: Folders,
    copied: snapshot.Snapshot,
    listed: list[Listed],
    now: datetime,
    progress: Progress,
) -> Manifest:
    """Write the archive ``part``, flushed: the copy of the database, the files, and what is in it."""
    snapshot.create_private(part)
    with part.open("r+b") as stream:
        writer = ArchiveWriter(stream)
        collector = Collector(manager, folders, copied.rows, listed, writer, progress)
        database = _add_database(writer, copied, now)
        collector.collect()
        manifest = Manifest(
            product=__version__,
            taken_at=now,
            folders={place: custody.path_text(root) for place, root in roots(folders).items()},
            database=database,
            files=tuple(collector.entries),
            missing=tuple(collector.missing),
            skipped=tuple(collector.skipped),
        )
        writer.finish(manifest)
        stream.flush()
        flush(stream.fileno())
    return manifest


def _add_database(writer: ArchiveWriter, copied: snapshot.Snapshot, now: datetime) -> DatabaseEntry:
    path = f"{DATABASE_FOLDER}/{copied.name}"
    size = copied.file.stat().st_size
    with custody.open_plain(copied.file) as stream:
        sha256 = writer.add(path, stream, size, now.timestamp())
    copied.file.unlink()
    return DatabaseEntry(copied.kind, path, sha256, size, copied.content_size, copied.revision, copied.counts)


def _refuse_inside(target: Path, folders: Folders) -> None:
    for root in roots(folders).values():
        if target.resolve().is_relative_to(root.resolve()):
            raise ConfigurationError(
                f"backups must not lie inside {root.name}, which they hold",
                next_step="Set PAPER_AUTOPILOT_BACKUP_DIR to a folder of its own, best on another disk.",
            )


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(single_process(target / "backup"))
        except DatabaseError as error:
            if error.code != Code.DATABASE_IN_USE:
                raise BackupError(
                    error.message, code=Code.BACKUP_UNWRITABLE, next_step=error.next_step
                ) from None
            raise BackupError(
                "another backup into this folder is under way",
                code=Code.BACKUP_RUNNING,
                next_step="Wait until it has ended; two at once would gain nothing.",
            ) from None
        yield


@contextlib.contextmanager
def _writable(target: Path) -> Iterator[None]:
    """Make the folder, for us alone if it is new, and explain what the file system says."""
    try:
        make_folder(target, 0o700)
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_space(target) from error
        raise BackupError(
            f"the backup cannot be written: {os.strerror(error.errno or 0)}",
            code=Code.BACKUP_UNWRITABLE,
            next_step=f"Give the service's user access to {target}, or set PAPER_AUTOPILOT_BACKUP_DIR.",
        ) from error


def _sweep(target: Path) -> None:
    """Remove what a killed backup left; we hold the lock, so nobody works in it."""
    for left in target.glob(f"{SCRATCH}*"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
    custody.sweep(target)


def _require_space(target: Path, needed: int) -> None:
    if shutil.disk_usage(target).free < needed + SPARE_BYTES:
        raise _no_space(target, needed)


def _no_space(target: Path, needed: int = 0) -> BackupError:
    wanted = f"; about {(needed + SPARE_BYTES) / 1e9:.1f} GB are needed" if needed else ""
    return BackupError(
        f"there is not enough space for the backup in {target}{wanted}",
        code=Code.BACKUP_NO_SPACE,
        next_step="Free some space, set PAPER_AUTOPILOT_BACKUP_KEEP_GB, or name another folder.",
    )


def _rename(part: Path, final: Path) -> None:
    """Take the name, never over another archive: two in one second are the same moment."""
    try:
        os.link(part, final)
    except FileExistsError:
        raise BackupError(
            f"{final.name} exists already",
            code=Code.BACKUP_RUNNING,
            next_step="Run `autod backup` again in a moment.",
        ) from None
    except OSError as error:
        if error.errno not in custody.NO_LINKS:
            raise
        part.rename(final)
    flush_folder(final.parent)


def _drop_old(target: Path, before: datetime, keep_bytes: int | None, *, made: Path) -> tuple[Path, ...]:
    """Remove archives that are too old or too much; the one just made and the newest stay."""
    archives = archives_in(target)
    newest = max(archives.values())
    kept = made.stat().st_size
    old = []
    for path, taken_at in sorted(archives.items(), key=lambda archive: archive[1], reverse=True):
        if path == made:
            continue
        size = path.stat().st_size
        too_much = keep_bytes is not None and kept + size > keep_bytes
        if taken_at != newest and (taken_at < before or too_much):
            old.append(path)
        else:
            kept += size
    for path in old:
        path.unlink()
    return tuple(sorted(old))
