"""The database and the folders that settings describe, and whether work may begin in them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from autod.backup import RESTORING
from autod.codes import Code
from autod.config import Settings
from autod.db.engine import unreadable
from autod.db.manager import DatabaseManager
from autod.db.schema import SchemaState
from autod.errors import BackupError, ConfigurationError, DatabaseError

if TYPE_CHECKING:
    from autod.files.folders import Folders


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_manager(settings: Settings) -> DatabaseManager:
    """The database of these settings, not yet connected."""

    def met_damage() -> None:
        from autod.pipeline import soundness

        soundness.met_damage(settings.work_dir.absolute(), utc_now())

    return DatabaseManager(
        settings.paper_autopilot_db_url,
        pool_size=settings.db_pool_size,
        on_damage=met_damage,
    )


@contextlib.contextmanager
def open_ready_manager(settings: Settings) -> Iterator[DatabaseManager]:
    """The database, checked to be up to date, for commands that only look or correct."""
    manager = open_manager(settings)
    try:
        require_schema(manager, settings)
        yield manager
    finally:
        manager.close()


def require_known_schema(manager: DatabaseManager, settings: Settings) -> None:
    """As ``require_schema``, but one that is to be upgraded will do: it is backed up before."""
    trouble = schema_trouble(manager, settings)
    if trouble is not None and trouble.code != Code.SCHEMA_OUTDATED:
        raise trouble


def require_schema(manager: DatabaseManager, settings: Settings) -> None:
    """Refuse to work on a database that is not up to date; changes nothing.

    Raises:
        DatabaseError: with what to run.
    """
    if trouble := schema_trouble(manager, settings):
        raise trouble


def schema_trouble(manager: DatabaseManager, settings: Settings) -> DatabaseError | None:
    """Why nothing can be done with this database, and what to do; None when it is up to date."""
    state, trouble = manager.look()
    if state is SchemaState.CURRENT:
        return None
    if trouble is not None:
        return unreadable(trouble)
    if state is SchemaState.NEWER:
        return DatabaseError(
            "the database belongs to a newer version of this program",
            code=Code.SCHEMA_NEWER,
            next_step="Install the newer version, or restore the backup made before the upgrade.",
        )
    if state is SchemaState.EMPTY:
        return _empty_schema(plan_folders(settings))
    return DatabaseError(
        "the database schema is outdated",
        code=Code.SCHEMA_OUTDATED,
        next_step="Run `alembic upgrade head` (or `autod db upgrade`).",
    )


def _empty_schema(folders: Folders) -> DatabaseError:
    """A new installation, or an archive whose database is another one or gone: the folders know."""
    from autod.files import marks

    place = marks.where_archive_lies(folders)
    if place is None:
        return DatabaseError(
            "the database schema is empty",
            code=Code.SCHEMA_EMPTY,
            next_step="Run `alembic upgrade head` (or `autod db upgrade`).",
        )
    return DatabaseError(
        f"the database is missing or empty, though an archive's documents lie here: {place}",
        code=Code.SCHEMA_EMPTY,
        next_step="Point PAPER_AUTOPILOT_DB_URL at the archive's database, or restore a backup "
        "(docs/BACKUP.md). Only if a new database is to take the documents back: `alembic upgrade head` "
        "(or `autod db upgrade`), then `autod check --repair`.",
    )


def folders_of(settings: Settings) -> Folders:
    """The folders as absolute paths; the inbox and our own are made where missing.

    The others are made, and marked, by who works in them: see ``autod.pipeline.footing``.

    Raises:
        ConfigurationError: one lies inside the inbox, where filing would feed itself.
        FileTrouble: one cannot be made.
    """
    from autod.files import custody
    from autod.flushing import make_folder

    folders = plan_folders(settings)
    for folder in (folders.claimed, folders.processed, folders.failed):
        if folder.resolve().is_relative_to(folders.inbox.resolve()):
            raise ConfigurationError(f"{folder.name} must not lie inside the inbox")
    with custody.explained("cannot make the folders"):
        for folder in (folders.work, folders.inbox):
            make_folder(folder)
    return folders


def plan_folders(settings: Settings) -> Folders:
    """The folders as absolute paths, whether they are there or not."""
    from autod.files.folders import Folders

    return Folders(
        inbox=settings.inbox_dir.absolute(),
        claimed=(settings.claimed_dir or settings.work_dir / "claimed").absolute(),
        processed=settings.processed_dir.absolute(),
        failed=settings.failed_dir.absolute(),
        own=settings.work_dir.absolute(),
    )


def require_restored(folders: Folders) -> None:
    """Refuse to work where a restore was cut off: half of the documents may be missing.

    Raises:
        BackupError: code ``restore_unfinished``.
    """
    if (folders.work / RESTORING).exists():
        raise BackupError(
            "a restore into these folders was cut off",
            code=Code.RESTORE_UNFINISHED,
            next_step="Run the same `autod restore` again; it goes on where it stopped.",
        )
