"""SQLAlchemy engines for SQLite and PostgreSQL, and what their errors mean to a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import event, exc

from autod.codes import Code
from autod.db.sqlite_abilities import add_functions, require_sqlite
from autod.db.write_lock import WaitingConnection, turn_of, wait_before_writing, waiting_connection
from autod.errors import DatabaseError, Retry

READ_ONLY = {"sqlite_begin": "DEFERRED"}
"""Execution options of a transaction that only reads: on SQLite it then never waits for a writer."""

UNLESS_ISOLATED = "DEFERRED unless isolated"
FOR_CHECKPOINTS = {"sqlite_begin": UNLESS_ISOLATED}
"""Execution options for a library that names an isolation level for a transaction that is to write, and none
when it looks something up."""

CACHE_KB, LIBRARY_CACHE_KB = 400, 100
"""Pages that a SQLite connection keeps. There are dozens of connections, and the system keeps pages, too."""

STATEMENTS_KEPT = 32
"""Compiled statements that a SQLite connection keeps. With the usual 128, lists of changing length fill each
of dozens of connections over thousands of documents."""

CONNECT_SECONDS = 10
BUSY_SECONDS = 10.0
"""How long a write to SQLite waits for another one. Ours take milliseconds; a backup tool or a browser for
databases may hold the file for seconds, and what still finds it locked waits as a document does.
"""
LIBRARY_BUSY_SECONDS = 30.0
LIBRARY_IDLE_SECONDS = 60
_CHANGED = "changed a row"


def sqlite_url(path: Path) -> sa.URL:
    """The URL of a SQLite file; as text, with ``str``, it is quoted where the path needs it."""
    return sa.URL.create("sqlite", database=str(path))


def sqlite_path(url: str | sa.URL) -> Path | None:
    """The absolute path of the file behind a SQLite URL; None for any other URL."""
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError:
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database).absolute()


def create_engine(
    url: str | sa.URL,
    *,
    pool_size: int = 5,
    busy_timeout_seconds: float | None = None,
    create: bool = False,
    on_damage: Callable[[], None] = lambda: None,
) -> sa.Engine:
    """An engine with our guarantees; nothing is connected yet.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://…`` (psycopg 3 is used for it).
        pool_size: connections kept open; as many again are opened on demand.
        busy_timeout_seconds: how long a SQLite write waits for another one; ``BUSY_SECONDS`` by default.
        create: make the SQLite file if it is missing; otherwise connecting then fails.
        on_damage: called whenever a statement meets damage in the SQLite file.

    Raises:
        DatabaseError: code ``database_url_invalid`` or ``sqlite_too_old``.
    """
    path = sqlite_path(url)
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError:
        raise _bad_url() from None
    # Parameters hold what documents say; they must not reach an error message.
    common: dict[str, Any] = {"hide_parameters": True, "pool_size": pool_size, "max_overflow": pool_size}
    if path is not None:
        require_sqlite()
        patience = BUSY_SECONDS if busy_timeout_seconds is None else busy_timeout_seconds
        engine = _sqlite(parsed, path, patience, create, common)
        event.listen(engine, "handle_error", lambda met: on_damage() if _is_damage(met) else None)
        return engine
    if parsed.get_backend_name() != "postgresql":
        raise _bad_url()
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "autod"},
        **common,
    )


def _bad_url() -> DatabaseError:
    return DatabaseError(
        "the database URL is not one of SQLite or PostgreSQL",
        code=Code.DATABASE_URL_INVALID,
        retry=Retry.PERSON,
        next_step="Set PAPER_AUTOPILOT_DB_URL to sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
    )


def _sqlite(
    url: sa.URL, path: Path, busy_timeout_seconds: float, create: bool, common: dict[str, Any]
) -> sa.Engine:
    engine = _sqlite_engine(url, path, busy_timeout_seconds, create, "DEFERRED", CACHE_KB, common)

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later would fail at once, whatever the time-out, if
        # another one wrote in between: take the write lock at the start. Setting the driver's
        # isolation_level does not do it, because SQLAlchemy resets that with each isolation level.
        options = connection.get_execution_options()
        kind = options.get("sqlite_begin", "IMMEDIATE")
        if kind == UNLESS_ISOLATED:
            kind = "IMMEDIATE" if "isolation_level" in options else "DEFERRED"
        if kind == "IMMEDIATE":
            waiting_connection(connection).wait_for_turn()
        connection.exec_driver_sql(f"BEGIN {kind}")

    # DBOS deletes its checkpoints in a transaction that it begins as one that looks something up.
    wait_before_writing(engine)
    return engine


def create_library_engine(
    url: str,
    *,
    pool_size: int,
    before_use: Callable[[], None] = lambda: None,
    on_change: Callable[[], None] = lambda: None,
) -> sa.Engine:
    """An engine on the same database for a library that begins its transactions by itself.

    The caller disposes of it.

    Args:
        before_use: called by each thread that is about to get a connection; it may wait.
        on_change: called after each transaction that changed a row.
    """
    path = sqlite_path(url)
    pool = _telling_pool(before_use)
    common: dict[str, Any] = {"hide_parameters": True, "pool_size": pool_size, "poolclass": pool}
    if path is None:
        engine = _postgres_library_engine(url, common)
    else:
        made, waits = sa.make_url(url), LIBRARY_BUSY_SECONDS
        common |= {"max_overflow": pool_size}
        engine = _sqlite_engine(made, path, waits, False, "IMMEDIATE", LIBRARY_CACHE_KB, common)
        wait_before_writing(engine)
    _tell_of_changes(engine, on_change)
    return engine


def _postgres_library_engine(url: str, common: dict[str, Any]) -> sa.Engine:
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        max_overflow=0,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "autod engine"},
        **common,
    )

    @event.listens_for(engine, "connect")
    def limit_idle_transactions(connection: Any, _record: object) -> None:
        # What a process that froze in a transaction has locked, others must get.
        with connection.cursor() as cursor:
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{LIBRARY_IDLE_SECONDS}s'")
        connection.commit()

    return engine


def _telling_pool(before_use: Callable[[], None]) -> type[sa.Pool]:
    class TellingPool(sa.QueuePool):
        def connect(self) -> sa.PoolProxiedConnection:
            before_use()
            return super().connect()

    return TellingPool


def _tell_of_changes(engine: sa.Engine, on_change: Callable[[], None]) -> None:
    @event.listens_for(engine, "after_cursor_execute")
    def note(
        connection: sa.Connection, cursor: Any, _statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        writes = context is not None and (context.isinsert or context.isupdate or context.isdelete)
        if writes and cursor.rowcount != 0:
            connection.info[_CHANGED] = True

    @event.listens_for(engine, "checkin")
    def tell(_connection: object, record: Any) -> None:
        # Not at the commit: SQLAlchemy tells of that before it is done.
        if record.info.pop(_CHANGED, False):
            on_change()


def _sqlite_engine(
    url: sa.URL,
    path: Path,
    busy_timeout_seconds: float,
    create: bool,
    begins: Literal["DEFERRED", "IMMEDIATE"],
    cache_kb: int,
    common: dict[str, Any],
) -> sa.Engine:
    address = f"{path.as_uri()}?mode={'rwc' if create else 'rw'}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address,
            uri=True,
            timeout=busy_timeout_seconds,
            check_same_thread=False,
            isolation_level=begins,
            cached_statements=STATEMENTS_KEPT,
            factory=WaitingConnection,
        )
        connection.turn = turn_of(path)
        connection.patience_seconds = busy_timeout_seconds
        return connection

    # The connection that was used last knows the statements and pages that are wanted next.
    pooled = {"poolclass": sa.QueuePool, **common}
    engine = sa.create_engine(url, creator=connect, pool_use_lifo=True, **pooled)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # FULL, not NORMAL: a file is removed from the inbox on the word of what was committed. ``fullfsync``
        # is for macOS, where a flush otherwise ends in the drive's memory.
        pragmas = ("journal_mode = WAL", "synchronous = FULL", "fullfsync = ON", "foreign_keys = ON")
        for pragma in (*pragmas, f"cache_size = -{cache_kb}"):
            connection.execute(f"PRAGMA {pragma}")
        add_functions(connection)

    return engine


_UNAVAILABLE = (
    Code.DATABASE_UNAVAILABLE,
    "the database cannot be reached",
    Retry.LATER,
    DatabaseError.next_step,
)
_FILE_UNAVAILABLE = (
    Code.DATABASE_UNAVAILABLE,
    "the database file cannot be opened or read",
    Retry.LATER,
    "Check the path in PAPER_AUTOPILOT_DB_URL, that its folder is there and its disk well, and that the "
    "service's user may read and write both; then run `autod health`.",
)
_OUTDATED = (
    Code.SCHEMA_OUTDATED,
    "the database lacks a table or column that this version needs",
    Retry.PERSON,
    "Run `alembic upgrade head` (or `autod db upgrade`).",
)
_BUSY = (
    Code.DATABASE_BUSY,
    "the database was busy for too long",
    Retry.LATER,
    "It is tried again; if it stays so, stop other programs that hold the database.",
)
_FULL = (
    Code.DATABASE_FULL,
    "the database's disk is full",
    Retry.LATER,
    "Free some space on the database's disk; the work is tried again.",
)
_READ_ONLY = (
    Code.DATABASE_READ_ONLY,
    "the database cannot be written to",
    Retry.PERSON,
    "Give the service's user write access to the database and its folder.",
)
_REFUSED = (
    Code.DATABASE_REFUSED,
    "the database refused this user",
    Retry.PERSON,
    "Check the user and its credentials; it needs SELECT, INSERT, UPDATE and DELETE on all tables.",
)
_DAMAGED = (
    Code.DATABASE_DAMAGED,
    "the database file is damaged",
    Retry.PERSON,
    "Stop the daemon and run `autod check`: it tells what `autod check --repair` builds anew without loss. "
    "Only a damaged table needs the last backup.",
)
_NO_DATABASE = (
    _DAMAGED[0],
    "the database file is damaged, or not a database",
    Retry.PERSON,
    "Stop the daemon. Restore the last backup, with database and folders moved aside: docs/BACKUP.md.",
)
_MISSING = (
    Code.DATABASE_MISSING,
    "the server has no database of that name",
    Retry.PERSON,
    "Create it with `createdb paper_autopilot`, then run `autod db upgrade`.",
)
_UNEXPECTED = (
    Code.DATABASE_ERROR,
    "the database rejected a statement",
    Retry.PERSON,
    "Report this with the log line; no data was changed.",
)

_Meaning = tuple[str, str, Retry, str]

_SQLITE: dict[str, _Meaning] = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_CANTOPEN": _FILE_UNAVAILABLE,
    "SQLITE_IOERR": _FILE_UNAVAILABLE,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _NO_DATABASE,
}

# By SQLSTATE, the longest beginning wins: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES: dict[str, _Meaning] = {
    "08": _UNAVAILABLE,
    "25006": _READ_ONLY,
    "28": _REFUSED,
    "3D000": _MISSING,
    "40": _BUSY,
    "42501": _REFUSED,
    "42703": _OUTDATED,
    "42P01": _OUTDATED,
    "53": _UNAVAILABLE,
    "53100": _FULL,
    "55P03": _BUSY,
    "57": _UNAVAILABLE,
    "57014": _BUSY,
    "58": _UNAVAILABLE,
}


def translate(error: exc.SQLAlchemyError) -> DatabaseError:
    """What a driver's error means; the result names no statement, value or password.

    Raise the result ``from None``: PostgreSQL's own text quotes whole rows.
    """
    code, message, retry, next_step = _meaning(error)
    state = _state(error)
    return DatabaseError(
        f"{message} ({state})" if state else message, code=code, retry=retry, next_step=next_step
    )


def file_unavailable(what: str, next_step: str = _FILE_UNAVAILABLE[3]) -> DatabaseError:
    """The trouble with a SQLite file that cannot even be asked; ``what`` names it or its folder."""
    return DatabaseError(what, code=_FILE_UNAVAILABLE[0], retry=Retry.LATER, next_step=next_step)


def unreadable(trouble: DatabaseError) -> DatabaseError:
    """Trouble of a look at the schema: a file whose schema cannot be read leaves nothing to check."""
    if trouble.code != _DAMAGED[0]:
        return trouble
    return DatabaseError(trouble.message, code=trouble.code, retry=trouble.retry, next_step=_NO_DATABASE[3])


def damage_told_by(error: BaseException) -> DatabaseError | None:
    """Damage of a SQLite file that an error tells of, also one that came back from a record as mere words."""
    text = str(error)
    for sqlite_text, meaning in (("is malformed", _DAMAGED), ("is not a database", _NO_DATABASE)):
        if sqlite_text in text:
            code, message, retry, next_step = meaning
            return DatabaseError(message, code=code, retry=retry, next_step=next_step)
    return None


def _is_damage(met: sa.engine.ExceptionContext) -> bool:
    name = getattr(met.original_exception, "sqlite_errorname", None) or ""
    return _SQLITE.get("_".join(name.split("_")[:2]), _UNEXPECTED)[0] == _DAMAGED[0]


def _state(error: exc.SQLAlchemyError) -> str:
    driver_error = getattr(error, "orig", None)
    name = getattr(driver_error, "sqlite_errorname", None) or getattr(driver_error, "sqlstate", None)
    return str(name or "")


def _meaning(error: exc.SQLAlchemyError) -> _Meaning:
    state = _state(error)
    driver_error = getattr(error, "orig", None)
    if isinstance(error, exc.TimeoutError):
        return _BUSY
    if isinstance(driver_error, sqlite3.Error):
        if "no such table" in str(driver_error) or "no such column" in str(driver_error):
            return _OUTDATED
        if "Could not decode to UTF-8" in str(driver_error):  # Python's word; SQLite has no code for it
            return _DAMAGED
        name = "_".join(state.split("_")[:2])
        return _SQLITE.get(name, _UNEXPECTED)
    for length in (5, 2):
        if state and state[:length] in _POSTGRES:
            return _POSTGRES[state[:length]]
    if isinstance(error, exc.OperationalError):
        return _refused_at_login(driver_error) or _UNAVAILABLE
    return _UNAVAILABLE if isinstance(error, exc.InterfaceError) else _UNEXPECTED


def _refused_at_login(driver_error: object) -> _Meaning | None:
    """Errors while connecting carry no SQLSTATE, only the server's English text."""
    text = str(driver_error)
    if "password authentication failed" in text or "no password supplied" in text:
        return _REFUSED
    return _MISSING if 'database "' in text and "does not exist" in text else None
