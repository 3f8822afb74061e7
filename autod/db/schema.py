"""Creating and upgrading the tables, and telling whether they fit this version.

alembic and dbos are imported by ``upgrade`` only: together they take seconds.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from autod.codes import Code
from autod.db.engine import create_engine, file_unavailable, sqlite_path, translate
from autod.db.sqlite_abilities import WithFunctions
from autod.errors import DatabaseError

ENGINE_TABLES = frozenset({"dbos_migrations", "dbos_datasource_migrations"})
ENGINE_SCHEMA = "public"
"""Where DBOS keeps its tables on PostgreSQL: beside ours, so that one set of GRANTs covers both."""

MIGRATIONS = Path(__file__).parent / "migrations"

REVISIONS = tuple(sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")))
"""Every revision of our tables, as their files are named; the last one is this version's."""


class SchemaState(StrEnum):
    """How the tables stand to this version of the program."""

    CURRENT = "current"
    EMPTY = "empty"
    OUTDATED = "outdated"
    NEWER = "newer"
    UNREACHABLE = "unreachable"


class Seen(NamedTuple):
    """What a look at the tables found; ``trouble`` says why they could not be looked at."""

    state: SchemaState
    trouble: DatabaseError | None = None


def state_of(connection: sa.Connection) -> SchemaState:
    """Compare the tables with this version."""
    tables = set(sa.inspect(connection).get_table_names())
    if "alembic_version" not in tables:
        return SchemaState.OUTDATED if "documents" in tables else SchemaState.EMPTY
    revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    if revision is None:
        return SchemaState.EMPTY
    if revision not in REVISIONS:
        return SchemaState.NEWER
    fits = revision == REVISIONS[-1] and tables >= ENGINE_TABLES
    return SchemaState.CURRENT if fits else SchemaState.OUTDATED


def upgrade(url: str) -> None:
    """Create the tables or bring them to this version: ours and the engine's. Harmless when current.

    Raises:
        DatabaseError: unreachable, refused, or in a state that cannot be upgraded.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = url
    try:
        command.upgrade(config, "head")
        upgrade_engine_tables(url)
    except SQLAlchemyError as error:
        raise translate(error) from None
    except CommandError as error:
        raise DatabaseError(
            f"the schema cannot be upgraded: {error}",
            code=Code.SCHEMA_NEWER,
            next_step="Install the newer version, or restore the backup made before the upgrade.",
        ) from None


def upgrade_engine_tables(url: str) -> None:
    """Create or upgrade the tables of the durable engine (DBOS)."""
    from dbos import DBOS, SQLAlchemyDatasource

    plain = sa.make_url(url)
    plain = plain.set(drivername="postgresql") if sqlite_path(url) is None else WithFunctions.named_in(plain)
    address = plain.render_as_string(hide_password=False)
    with _quiet("dbos"):
        DBOS.migrate(address, schema=ENGINE_SCHEMA)
        SQLAlchemyDatasource.migrate(address, schema=ENGINE_SCHEMA)


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """DBOS warns when its user may not connect to the database ``postgres``, which it need not."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def require_folder(path: Path) -> None:
    """See to it that the folder in which the SQLite file lies, or is to lie, is there.

    Raises:
        DatabaseError: code ``database_unavailable``.
    """
    if not path.parent.is_dir():
        raise file_unavailable(
            f"the folder of the database file is not there: {path.parent}",
            "Mount its disk, or correct PAPER_AUTOPILOT_DB_URL. "
            f"Create {path.parent} only for a new archive.",
        )


def open_for_migration(url: str) -> sa.Engine:
    """An engine for the migration itself: it may create the SQLite file, for its owner alone.

    Raises:
        DatabaseError: the folder of the file is missing, or code ``sqlite_too_old``.
    """
    path = sqlite_path(url)
    if path is not None:
        require_folder(path)
    engine = create_engine(url, create=True)
    if path is not None:
        # Whatever the umask: SQLite gives its log files the rights of this one.
        with suppress(OSError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return engine
