"""``autod db``: the database's schema."""

from __future__ import annotations

import typer

database = typer.Typer(help="The database's schema.", no_args_is_help=True)


@database.callback()
def options() -> None:
    """The database's schema."""


@database.command()
def upgrade() -> None:
    """Create the tables, or bring them to this version; harmless when they are current.

    Examples:

        autod db upgrade
    """
    from autod.cli.output import console
    from autod.config import get_config
    from autod.db.schema import upgrade as upgrade_schema

    upgrade_schema(get_config().paper_autopilot_db_url)
    console().print("The database is up to date.")
