"""Is the database whole? Asked of a private copy, so that no writer ever waits; and building an index anew.

What can be made from other rows (the search index, the indexes of tables) is told apart from what cannot.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from autod.codes import Code
from autod.db import inventory
from autod.db.engine import translate
from autod.db.manager import DatabaseManager
from autod.db.models import Document

SEARCH_INDEX = "search_fts"
SEARCH_TEXTS = "search_texts"
SEARCH_DAMAGED, INDEX_DAMAGED, TABLE_DAMAGED = (
    Code.SEARCH_DAMAGED,
    Code.DATABASE_INDEX_DAMAGED,
    Code.TABLE_DAMAGED,
)
ROWS_UNLINKED = Code.ROWS_UNLINKED
MOST_LINES = 20
ROOM = 1.2
"""So many times its size must be free for a copy."""

_BTREES = """
    SELECT c.oid::regclass::text, bt_index_check(c.oid::regclass)::text
    FROM pg_class c JOIN pg_am a ON a.oid = c.relam JOIN pg_index i ON i.indexrelid = c.oid
    WHERE a.amname = 'btree' AND c.relnamespace = 'public'::regnamespace AND i.indisvalid
"""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something damaged, by code; ``table`` is the one whose indexes are, where that is known."""

    code: str
    what: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class Integrity:
    """What was found; ``unchecked`` says what could not be looked at and why, empty when all was."""

    flaws: tuple[Flaw, ...]
    unchecked: str = ""


def examine(manager: DatabaseManager, scratch: Path) -> Integrity:
    """Look at everything; the copy of a SQLite file lies in the folder ``scratch`` meanwhile.

    About 4 s and a copy of 220 MB for 20,000 documents; others read and write all the time.

    Raises:
        DatabaseError: the database cannot be reached.
        OSError: the copy cannot be made.
    """
    if manager.sqlite_path is None:
        return _of_postgres(manager)
    size = manager.sqlite_path.stat().st_size
    if shutil.disk_usage(scratch).free < size * ROOM:
        return Integrity((), f"there is no room for a copy of {size / 1e6:.0f} MB in {scratch}")
    with tempfile.TemporaryDirectory(prefix=".integrity-", dir=scratch) as folder:
        copy = Path(folder) / "copy.db"
        with _sqlite(manager.sqlite_path) as live, _sqlite(copy) as target:
            live.backup(target, pages=-1)
        with _sqlite(copy) as connection:
            return Integrity(tuple(_flaws(connection)))


def rebuild(manager: DatabaseManager, flaws: tuple[Flaw, ...]) -> bool:
    """Build anew what ``flaws`` name, if all of it can be made from other rows; nobody else may be at work.

    Stopped at any moment, it leaves the database as it was or better: run it again.

    Raises:
        DatabaseError: the database refuses; nothing was changed.
    """
    codes = {flaw.code for flaw in flaws}
    if manager.sqlite_path is None or not codes or not codes <= {SEARCH_DAMAGED, INDEX_DAMAGED}:
        return False
    manager.close()
    with _sqlite(manager.sqlite_path) as connection:
        lost_texts = SEARCH_DAMAGED in codes and not _is_readable(connection, SEARCH_TEXTS)
        _make_anew(
            connection,
            search=SEARCH_DAMAGED in codes,
            texts=lost_texts,
            indexes_of={flaw.table for flaw in flaws if flaw.code == INDEX_DAMAGED},
        )
        with suppress(sqlite3.DatabaseError):  # what it cannot do is still there at the next look
            connection.execute("VACUUM")
    if lost_texts:
        with manager.get_session(read_only=True) as session:
            numbers = list(session.scalars(sa.select(Document.id).where(Document.processed_at.is_not(None))))
        for number in numbers:
            with manager.get_session() as session:
                inventory.index_again(session, number)
    return True


def _flaws(connection: sqlite3.Connection) -> Iterator[Flaw]:
    lines = _ask(connection, f"PRAGMA integrity_check({MOST_LINES})")
    if lines == ["ok"]:
        yield from _unlinked(connection)
        yield from _of_search(connection)
        return
    flaws = [flaw for table in _tables(connection) for flaw in _of_table(connection, table)]
    yield from dict.fromkeys(flaws)
    if not flaws:
        yield Flaw(INDEX_DAMAGED, f"the file's bookkeeping is damaged: {lines[0][:200]}")


def _of_table(connection: sqlite3.Connection, table: str) -> Iterator[Flaw]:
    lines = _ask(connection, f"PRAGMA integrity_check({_quoted(table)})")
    if lines == ["ok"]:
        return
    if table.startswith(SEARCH_INDEX) or table == SEARCH_TEXTS:
        yield Flaw(SEARCH_DAMAGED, "the search index is damaged: searches miss documents")
    elif _is_readable(connection, table):
        yield Flaw(INDEX_DAMAGED, f"an index of the table {table} is damaged: {lines[0][:200]}", table)
    else:
        yield Flaw(TABLE_DAMAGED, f"the table {table} is damaged: {lines[0][:200]}")


def _of_search(connection: sqlite3.Connection) -> Iterator[Flaw]:
    """FTS5 compares its index with the texts; it is asked by an INSERT, which writes nothing."""
    try:
        connection.execute(
            f"INSERT INTO {SEARCH_INDEX}({SEARCH_INDEX}, rank) VALUES ('integrity-check', 1)"  # noqa: S608 - constants
        )
    except sqlite3.DatabaseError as error:
        yield Flaw(SEARCH_DAMAGED, f"the search index does not fit the texts: {error}")


def _unlinked(connection: sqlite3.Connection) -> Iterator[Flaw]:
    """Rows that name a row that is not there; those that name a document are told one by one elsewhere."""
    pairs: dict[tuple[str, str], int] = {}
    for table, _row, parent, _number in connection.execute("PRAGMA foreign_key_check"):
        if parent != "documents":
            pairs[table, parent] = pairs.get((table, parent), 0) + 1
    for (table, parent), count in pairs.items():
        yield Flaw(ROWS_UNLINKED, f"rows of {table} that name no row of {parent}: {count}")


def _tables(connection: sqlite3.Connection) -> list[str]:
    """Virtual ones have no pages of their own."""
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name"
    return [name for (name,) in connection.execute(query)]


def _ask(connection: sqlite3.Connection, question: str) -> list[str]:
    try:
        return [str(line) for (line,) in connection.execute(question)]
    except sqlite3.DatabaseError as error:
        return [str(error)]


def _is_readable(connection: sqlite3.Connection, table: str) -> bool:
    """Whether every row can be read, without the help of an index."""
    try:
        for _ in connection.execute(f"SELECT * FROM {_quoted(table)} NOT INDEXED"):  # noqa: S608 - a table's own name
            pass
    except sqlite3.DatabaseError:
        return False
    return True


def _make_anew(connection: sqlite3.Connection, *, search: bool, texts: bool, indexes_of: set[str]) -> None:
    """Indexes, the search index and the texts that it is made from, empty: all in one transaction.

    What is damaged cannot be dropped, so its name is taken out of the schema. Its pages then belong to
    nobody, until the file is written anew.
    """
    connection.execute("BEGIN IMMEDIATE")
    doomed: dict[str, str | None] = {}
    query = "SELECT type, name, tbl_name, sql FROM sqlite_schema"
    for kind, name, table, sql in connection.execute(query):
        of_search = search and (name == SEARCH_INDEX or name.startswith(f"{SEARCH_INDEX}_"))
        if (
            of_search
            or (texts and table == SEARCH_TEXTS)
            or (kind == "index" and table in indexes_of and sql)
        ):
            doomed[name] = sql if name == SEARCH_INDEX or not of_search else None
    connection.execute("PRAGMA writable_schema = ON")
    connection.executemany("DELETE FROM sqlite_schema WHERE name = ?", [(name,) for name in doomed])
    connection.execute("PRAGMA writable_schema = RESET")
    for statement in sorted(filter(None, doomed.values()), key=_order):
        connection.execute(statement)
    if search:
        connection.execute(f"INSERT INTO {SEARCH_INDEX}({SEARCH_INDEX}) VALUES ('rebuild')")  # noqa: S608 - constants
    connection.execute("COMMIT")


def _order(statement: str) -> bool:
    """Tables before what stands on them."""
    return not statement.startswith("CREATE TABLE")


def _of_postgres(manager: DatabaseManager) -> Integrity:
    """What the extension amcheck says of the B-trees, where somebody has installed it and lets us."""
    with manager.get_session(read_only=True) as session:
        has_amcheck = session.scalar(sa.text("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'"))
    if not has_amcheck:
        return Integrity((), "the server has no extension amcheck; `pg_amcheck` looks at its indexes")
    try:
        with manager.engine.connect() as connection:
            connection.execute(sa.text(_BTREES)).all()
    except SQLAlchemyError as error:
        state = getattr(getattr(error, "orig", None), "sqlstate", "")
        if state in ("XX001", "XX002"):
            return Integrity((Flaw(INDEX_DAMAGED, f"an index is damaged: {str(error.orig)[:200]}"),))  # type: ignore[attr-defined]
        if state == "42501":
            return Integrity((), "this user may not call amcheck's bt_index_check")
        raise translate(error) from None
    return Integrity(())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise translate(sa.exc.OperationalError("", {}, error)) from None
