"""Bringing an archive back to life in an empty place.

    verify ─▶ lock ─▶ empty? ─▶ files ─▶ database ─▶ migrate ─▶ new places ─▶ work in flight

The database comes last, so that no daemon starts on half of the documents. A note in the work folder names
the archive that is being restored: a restore that was killed is simply run again.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
import structlog

from autod.backup import RESTORING, postgres, snapshot
from autod.backup.archive import ArchiveReader, Progress
from autod.backup.collecting import relative, roots
from autod.backup.damage import damaged
from autod.backup.manifest import FileEntry, Manifest
from autod.codes import Code
from autod.db.documents import UNFINISHED
from autod.db.guard import sole_worker
from autod.db.identity import set_log_aside
from autod.db.inventory import inventory_rows, relocate
from autod.db.manager import DatabaseManager
from autod.db.schema import REVISIONS, upgrade
from autod.durable.handover import hand_over
from autod.errors import BackupError
from autod.files import custody
from autod.files.folders import Folders
from autod.flushing import SCRATCH, flush, flush_files, flush_folder, make_folder, write
from autod.pipeline.footing import adopt

log = structlog.get_logger("autod.backup")

FILES = "Restoring files"


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there again: ``in_flight`` documents go on with the next start of the daemon."""

    manifest: Manifest
    files: int
    in_flight: int


def restore(archive: Path, manager: DatabaseManager, folders: Folders, progress: Progress) -> Restored:
    """Restore an archive into folders and a database that are empty, and bring it to this version.

    Raises:
        BackupError: the archive is damaged, of another kind of database, or the place is not empty.
        DatabaseError: the database cannot be reached or written, or a daemon runs here.
    """
    with ArchiveReader(archive) as reader:
        _require_fitting(reader.manifest, manager)
        reader.verify(progress)
        with _place(folders), sole_worker(folders.work, manager.sqlite_path):
            note = folders.work / RESTORING
            mark = {
                "archive": reader.manifest.taken_at.isoformat(),
                "database": reader.manifest.database.sha256,
            }
            if not _was_cut_off(note, mark):
                _require_empty(reader, manager, folders)
                _require_space(reader, folders)
                write(note, json.dumps(mark))
            for root in roots(folders).values():  # what a killed restore left of a file
                custody.sweep(root)
            places = _restore_files(reader, folders, progress)
            progress("Restoring the database", 0, 0)
            in_flight = _restore_database(reader, manager, folders, places)
            adopt(manager, folders)
            note.unlink()
            flush_folder(folders.work)  # were it there again, a second restore would be asked for
    log.info("Backup restored", archive=str(archive), documents=reader.manifest.documents)
    return Restored(reader.manifest, len(reader.manifest.files), in_flight)


def _require_fitting(manifest: Manifest, manager: DatabaseManager) -> None:
    ours = snapshot.SQLITE if manager.sqlite_path else snapshot.POSTGRESQL
    if manifest.database.kind != ours:
        raise BackupError(
            f"the archive holds a database of {manifest.database.kind}, and the setting names one of {ours}",
            code=Code.RESTORE_OTHER_DATABASE,
            next_step="Set PAPER_AUTOPILOT_DB_URL to an empty database of the archive's kind.",
        )
    if manifest.database.revision not in REVISIONS:
        raise BackupError(
            f"the archive was made by version {manifest.product}, which is newer than this one",
            code=Code.BACKUP_NEWER,
            next_step="Install that version, or a later one, and restore with it.",
        )


@contextlib.contextmanager
def _place(folders: Folders) -> Iterator[None]:
    try:
        for folder in (folders.work, *roots(folders).values()):
            make_folder(folder, 0o700)
        yield
    except OSError as error:
        raise BackupError(
            f"the archive cannot be restored here: {os.strerror(error.errno or 0)}",
            code=Code.RESTORE_UNWRITABLE,
            next_step="Give the service's user access to the folders and free space, then restore again.",
        ) from error


def _was_cut_off(note: Path, mark: dict[str, str]) -> bool:
    """Whether a restore of this very archive was killed here."""
    try:
        return bool(json.loads(note.read_text(encoding="utf-8")) == mark)
    except (OSError, ValueError):
        return False


def _require_empty(reader: ArchiveReader, manager: DatabaseManager, folders: Folders) -> None:
    """Refuse to mix an archive with what is there; hidden files do not count."""
    occupied = [
        str(root)
        for place, root in roots(folders).items()
        if (place != "inbox" or reader.entries("inbox"))
        and any(not path.name.startswith(".") for path in root.iterdir())
    ]
    if _has_tables(manager):
        occupied.append("the database")
    if os.path.lexists(folders.work / RESTORING):
        occupied.append("a restore of another archive that was cut off")
    if occupied:
        raise BackupError(
            f"not empty: {', '.join(occupied)}",
            code=Code.RESTORE_NOT_EMPTY,
            next_step="Move the old folders and database aside (never delete them before the restore is "
            "checked), then restore again.",
        )


def _has_tables(manager: DatabaseManager) -> bool:
    if manager.sqlite_path is not None and not manager.sqlite_path.exists():
        return False
    if trouble := manager.look().trouble:
        raise trouble
    with manager.get_session(read_only=True) as session:
        return bool(sa.inspect(session.connection()).get_table_names())


def _require_space(reader: ArchiveReader, folders: Folders) -> None:
    needed: dict[int, int] = {}
    for place, root in roots(folders).items():
        device = root.stat().st_dev
        needed[device] = needed.get(device, 0) + sum(entry.size for entry in reader.entries(place))
        if shutil.disk_usage(root).free < needed[device] + reader.manifest.database.content_size * 2:
            raise BackupError(
                f"there is not enough space to restore into {root}",
                code=Code.RESTORE_UNWRITABLE,
                next_step="Free some space, then restore again.",
            )


def _restore_files(reader: ArchiveReader, folders: Folders, progress: Progress) -> dict[int, Path]:
    """Put every file into its folder, never over anything; returns where each document's bytes lie."""
    places: dict[int, Path] = {}
    total = sum(entry.size for entry in reader.manifest.files)
    done = 0
    for place, root in roots(folders).items():
        for entry in reader.entries(place):
            path = _restore_file(reader, entry, root)
            if entry.document_id is not None and place in ("processed", "failed"):
                places[entry.document_id] = path
            done += entry.size
            progress(FILES, done, total)
    return places


def _restore_file(reader: ArchiveReader, entry: FileEntry, root: Path) -> Path:
    target = root / relative(entry.path)
    if custody.holds(target, entry.sha256):
        return target
    scratch = root / f".{secrets.token_hex(8)}{SCRATCH}"
    try:
        _write_private(reader, entry.path, scratch)
        return custody.file_away(scratch, entry.sha256, target.parent, target.name)
    finally:
        scratch.unlink(missing_ok=True)


def _write_private(reader: ArchiveReader, path: str, target: Path) -> None:
    snapshot.create_private(target)
    with target.open("r+b") as stream:
        reader.copy(path, stream)
        stream.flush()
        flush(stream.fileno())


def _restore_database(
    reader: ArchiveReader, manager: DatabaseManager, folders: Folders, places: dict[int, Path]
) -> int:
    """Load, bring to this version, and fit to this place; returns how many documents are in flight."""
    if manager.sqlite_path is None:
        if not _has_tables(manager):
            _load_dump(reader, manager, folders.work)
        _require_counts(manager, reader.manifest)
        return _fit(manager, reader.manifest, folders, places)
    if _has_tables(manager):  # it takes its name last of all
        with manager.get_session(read_only=True) as session:
            return sum(row.status in UNFINISHED for row in inventory_rows(session))
    return _restore_sqlite(reader, manager.sqlite_path, folders, places)


def _restore_sqlite(reader: ArchiveReader, target: Path, folders: Folders, places: dict[int, Path]) -> int:
    """Everything is done to a file beside the final one, which then takes its name."""
    database = reader.manifest.database
    with _scratch_beside(target) as scratch:
        copy = scratch / target.name
        try:
            snapshot.unpack_sqlite(reader.read(database.path), copy, database.content_size)
        except ValueError as error:
            raise damaged(f"its database is {error}") from None
        url = sa.URL.create("sqlite", database=str(copy)).render_as_string()
        with closing(DatabaseManager(url)) as manager:
            _require_counts(manager, reader.manifest)
            in_flight = _fit(manager, reader.manifest, folders, places)
        snapshot.make_single_file(copy)
        flush_files(copy)
        set_log_aside(target)  # of a file that is gone; it would be played into this one
        copy.replace(target)
        flush_folder(target.parent)
    return in_flight


@contextlib.contextmanager
def _scratch_beside(target: Path) -> Iterator[Path]:
    """A folder of ours on the target's disk; what a killed restore left of it is removed first."""
    beginning = f".{target.name}.restoring-"
    for left in target.parent.glob(f"{beginning}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=beginning, dir=target.parent) as name:
        yield Path(name)


def _load_dump(reader: ArchiveReader, manager: DatabaseManager, work: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=work) as name:
        dumped = Path(name) / "dump"
        _write_private(reader, reader.manifest.database.path, dumped)
        postgres.load(manager.url, dumped)


def _require_counts(manager: DatabaseManager, manifest: Manifest) -> None:
    """The loaded tables have as many rows as they had."""
    with manager.get_session(read_only=True) as session:
        counts = snapshot.count_rows(session)
    if any(counts.get(table) != number for table, number in manifest.database.counts.items()):
        raise damaged("its database has other numbers of rows than it had")


def _fit(manager: DatabaseManager, manifest: Manifest, folders: Folders, places: dict[int, Path]) -> int:
    """Bring the tables to this version, have rows name the places of now, hand work in flight over."""
    manager.close()
    upgrade(manager.url)
    inbox = (manifest.folders["inbox"], custody.path_text(folders.inbox))
    with manager.get_session() as session:
        relocate(session, {number: str(path) for number, path in places.items()}, inbox=inbox)
    with manager.get_session(read_only=True) as session:
        unfinished = [row.sha256 for row in inventory_rows(session) if row.status in UNFINISHED]
    hand_over(manager.engine, unfinished)
    manager.close()
    return len(unfinished)
