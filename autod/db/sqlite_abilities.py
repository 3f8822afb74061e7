"""What SQLite must be able to do, found out by trial: systems ship many versions, built in many ways."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from functools import cache

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import plugins

from autod.codes import Code
from autod.errors import DatabaseError, Retry

OLDEST = "3.35"
"""The first version that can do all of ``ABILITIES``: of March 2021."""

ABILITIES = {
    "UPSERT and RETURNING": "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING RETURNING a",
    "MATERIALIZED": "WITH found AS MATERIALIZED (SELECT 1) SELECT * FROM found",
    "DROP COLUMN": "ALTER TABLE t DROP COLUMN b",
    "JSON": "SELECT json_array_length('[]'), json_type('{}'), json_set('{}', '$.a', 1)",
    "FTS5": "CREATE VIRTUAL TABLE f USING fts5(a, tokenize = 'unicode61')",
}
"""What we and DBOS use that not every SQLite has, with a statement that needs it."""

SECONDS_WITH_FRACTION = "SELECT unixepoch('subsec')"
"""What DBOS takes for granted from Python 3.12 on, though SQLite has it from 3.42 on."""


@cache
def lacking() -> tuple[str, ...]:
    """Those of ``ABILITIES`` that the SQLite of this Python does not have."""
    return tuple(name for name, statement in ABILITIES.items() if not _works(statement))


def _works(statement: str) -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (a PRIMARY KEY, b)")
        try:
            connection.execute(statement).fetchall()
        except sqlite3.Error:
            return False
    return True


def require_sqlite() -> None:
    """
    Raises:
        DatabaseError: code ``sqlite_too_old``.
    """
    if not lacking():
        return
    raise DatabaseError(
        f"SQLite {sqlite3.sqlite_version} of this Python cannot do what is needed: {', '.join(lacking())}",
        code=Code.SQLITE_TOO_OLD,
        retry=Retry.PERSON,
        next_step=f"Use a Python whose SQLite is {OLDEST} or newer and has FTS5, "
        "or set PAPER_AUTOPILOT_DB_URL to PostgreSQL.",
    )


def add_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that a newer SQLite has and DBOS uses.

    Also where this Python's DBOS would not: a database that was made elsewhere has them in its tables'
    defaults. Who only reads, copies or checks the file does not need them.
    """
    if not has_seconds_with_fraction():
        connection.create_function("unixepoch", 1, _unix_epoch)


@cache
def has_seconds_with_fraction() -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            (answer,) = connection.execute(SECONDS_WITH_FRACTION).fetchone()
        except sqlite3.Error:
            return False
    return isinstance(answer, float)


def _unix_epoch(what: object) -> float | int | None:
    """SQLite's function of one argument, as far as it is about now; NULL for all else, as for nonsense."""
    match what:
        case "subsec" | "subsecond":
            return round(time.time(), 3)
        case "now":
            return int(time.time())
    return None


class WithFunctions(sa.engine.CreateEnginePlugin):
    """Gives the connections of engines that DBOS makes by itself our functions; named in their URL."""

    NAME = "autod"

    @classmethod
    def named_in(cls, url: sa.URL) -> sa.URL:
        plugins.register(cls.NAME, __name__, cls.__name__)
        return url.update_query_dict({"plugin": cls.NAME})

    def update_url(self, url: sa.URL) -> sa.URL:
        return url

    def engine_created(self, engine: sa.Engine) -> None:
        @event.listens_for(engine, "connect")
        def prepare(connection: sqlite3.Connection, _record: object) -> None:
            add_functions(connection)
