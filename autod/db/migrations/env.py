"""Runs for every alembic command: connects, compares or migrates.

The database is the settings' one, or ``url`` among the attributes of a caller's alembic ``Config``.
"""

from __future__ import annotations

import sys
from typing import Any

import sqlalchemy as sa
from alembic import command, context
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import SchemaItem

from autod.db.engine import translate
from autod.db.models import Base
from autod.db.schema import open_for_migration, upgrade_engine_tables
from autod.errors import AutodError

UPGRADE_LOCK = 0x6175746F44
"""Key of the advisory lock that lets one process upgrade at a time."""


def database_url() -> str:
    given = context.config.attributes.get("url")
    if given is not None:
        return str(given)
    from autod.config import load_settings

    return load_settings().paper_autopilot_db_url


def is_ours(_item: SchemaItem, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    """Leave alone what the database holds beyond the models: DBOS' tables and FTS5's.

    The index of PostgreSQL's search vector has no counterpart on SQLite.
    """
    if kind == "table":
        return not reflected or name in Base.metadata.tables
    return name != "ix_search_texts_vector" or context.get_context().dialect.name == "postgresql"


def upgrades() -> bool:
    """True under ``alembic upgrade``; ``autod.db.schema.upgrade`` sees to the engine's tables itself."""
    options = context.config.cmd_opts
    return options is not None and options.cmd[0] is command.upgrade


def main() -> None:
    url = database_url()
    engine = open_for_migration(url)
    try:
        with engine.connect() as connection:
            context.configure(connection=connection, target_metadata=Base.metadata, include_object=is_ours)
            with context.begin_transaction():
                if connection.dialect.name == "postgresql":  # SQLite's transaction has the lock already
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
                context.run_migrations()
    finally:
        engine.dispose()
    if upgrades():
        upgrade_engine_tables(url)


def told(error: Exception) -> int:
    """Tell whoever typed the command what is wrong, as `autod` does; returns the exit code."""
    from autod.cli import main, surprises

    if isinstance(error, SQLAlchemyError):
        error = translate(error)
    return main.report(error) if isinstance(error, AutodError) else surprises.report(error)


try:
    main()
except CommandError:  # alembic tells of its own troubles
    raise
except Exception as error:
    if context.config.cmd_opts is None:  # a caller within the program
        raise
    sys.exit(told(error))
