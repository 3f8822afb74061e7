"""The database at one moment: its file for the archive, and what its rows promise."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from autod.backup import postgres
from autod.codes import Code
from autod.db.engine import sqlite_url, translate
from autod.db.inventory import InventoryRow, inventory_rows
from autod.db.manager import DatabaseManager
from autod.db.models import Base
from autod.errors import DatabaseError
from autod.files.custody import CHUNK
from autod.flushing import flush

SQLITE, POSTGRESQL = "sqlite", "postgresql"
SQLITE_COPIES = 3
"""The copy, the packed one, and the one in the archive lie there at the same time."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``file`` is packed as it goes into the archive as ``name``; ``content_size`` is its size unpacked."""

    kind: str
    name: str
    file: Path
    content_size: int
    revision: str
    counts: dict[str, int]
    rows: list[InventoryRow]


def take(manager: DatabaseManager, scratch: Path) -> Snapshot:
    """Copy the database as it is at one moment, also while others write to it.

    Raises:
        DatabaseError: it cannot be read, or is damaged.
        BackupError: pg_dump is missing, too old, or fails.
    """
    return _of_sqlite(manager.sqlite_path, scratch) if manager.sqlite_path else _dump(manager, scratch)


def space_for(manager: DatabaseManager) -> int:
    """How many bytes copying the database may take meanwhile; a dump is much smaller than it is."""
    if manager.sqlite_path is not None:
        return manager.sqlite_path.stat().st_size * SQLITE_COPIES
    with manager.get_session(read_only=True) as session:
        return int(session.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)


def _of_sqlite(source: Path, scratch: Path) -> Snapshot:
    copy = scratch / "paper_autopilot.db"
    with sqlite_trouble():
        create_private(copy)
        with closing(_connect(source)) as live, closing(_connect(copy)) as target:
            live.backup(target, pages=-1)  # in one go: a step of a few pages starts anew at every write
    with (
        closing(DatabaseManager(str(sqlite_url(copy)))) as frozen,
        frozen.get_session(read_only=True) as session,
    ):
        seen = _see(session)
    make_single_file(copy)
    packed = scratch / "paper_autopilot.db.gz"
    with copy.open("rb") as plain, gzip.open(packed, "wb", compresslevel=6) as target:
        shutil.copyfileobj(plain, target, CHUNK)
    size = copy.stat().st_size
    copy.unlink()
    return Snapshot(SQLITE, packed.name, packed, size, *seen)


def _dump(manager: DatabaseManager, scratch: Path) -> Snapshot:
    """pg_dump sees the very moment in which the rows are read: it is told the snapshot's name."""
    postgres.require_tool("pg_dump", manager.url)
    target = scratch / "paper_autopilot.dump"
    frozen = manager.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    try:
        with frozen.connect() as connection, Session(connection) as session:
            name = str(session.scalar(sa.text("SELECT pg_export_snapshot()")))
            seen = _see(session)
            postgres.dump(manager.url, target, snapshot=name)
    except SQLAlchemyError as error:
        raise translate(error) from None
    size = target.stat().st_size
    return Snapshot(POSTGRESQL, target.name, target, size, *seen)


def _see(session: Session) -> tuple[str, dict[str, int], list[InventoryRow]]:
    """Revision, counts and rows; also of tables that an upgrade is still to change."""
    revision = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return str(revision), count_rows(session), inventory_rows(session)


def count_rows(session: Session) -> dict[str, int]:
    """How many rows each of our tables has that is there."""
    there = set(sa.inspect(session.connection()).get_table_names())
    return {
        name: int(session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
        for name, table in sorted(Base.metadata.tables.items())
        if name in there
    }


def unpack_sqlite(chunks: Iterator[bytes], target: Path, expected_size: int) -> None:
    """Write the database file that ``chunks`` hold packed; more bytes than expected are refused at once.

    Raises:
        DatabaseError: code ``database_damaged``.
        ValueError: the packed bytes are damaged or too many.
    """
    import zlib

    unpacker = zlib.decompressobj(wbits=31)
    left = expected_size
    create_private(target)
    with target.open("r+b") as stream:
        try:
            for chunk in chunks:
                while chunk:
                    plain = unpacker.decompress(chunk, min(CHUNK, left + 1))
                    left -= len(plain)
                    if left < 0:
                        raise ValueError("too large")
                    stream.write(plain)
                    chunk = unpacker.unconsumed_tail
        except zlib.error:
            raise ValueError("not packed as it should be") from None
        if left or not unpacker.eof:
            raise ValueError("too short")
        stream.flush()
        flush(stream.fileno())
    _check(target)


def make_single_file(path: Path) -> None:
    """Put everything into the one file, without a log beside it, and see that it is whole."""
    _check(path)
    with sqlite_trouble(), closing(_connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _check(path: Path) -> None:
    with sqlite_trouble(), closing(_connect(path)) as connection:
        if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            raise DatabaseError(
                "the database file is damaged",
                code=Code.DATABASE_DAMAGED,
                next_step="Stop the daemon and put the last backup of the file back.",
            )


def create_private(path: Path) -> None:
    """An empty file that its owner alone may read; the path must be free."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=60)


@contextmanager
def sqlite_trouble() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise translate(sa.exc.OperationalError("", {}, error)) from None
