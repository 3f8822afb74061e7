"""The program ``autod``: its commands, and the one place where errors become exit codes.

Exit codes: 0 done · 1 internal error · 2 wrong call or setting · 3 database · 4 a document failed or waits ·
5 a remote service failed · 6 a backup or restore failed · 130 interrupted.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from autod import __version__
from autod.cli import (
    alerts,
    backup,
    check,
    config_command,
    correct,
    costs,
    database,
    doctor,
    extract,
    health,
    list_command,
    process,
    restore,
    retry,
    run,
    search,
    sent,
    show,
    stats,
    vectors,
    verify_backup,
)
from autod.cli.calling import as_typed
from autod.cli.output import harmless
from autod.cli.surprises import guarded
from autod.errors import AutodError

EPILOG = (
    "Exit codes: 0 done, 1 internal, 2 call or setting, 3 database, 4 document, 5 service, "
    "6 backup, 130 interrupted."
)

cli = typer.Typer(
    name="autod",
    help="Paper Autopilot: drop paper into a folder; get a filed, searchable, accounted-for archive.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
cli.command("run")(run.run)
cli.command("process")(process.process)
cli.command("retry")(retry.retry)
cli.command("extract")(extract.extract)
cli.command("show")(show.show)
cli.command("list")(list_command.list_documents)
cli.command("search")(search.search)
cli.command("correct")(correct.correct)
cli.command("stats")(stats.stats)
cli.command("sent")(sent.sent)
cli.command("check")(check.check)
cli.command("backup")(backup.backup)
cli.command("restore")(restore.restore)
cli.command("verify-backup")(verify_backup.verify_backup)
cli.command("health")(health.health)
cli.command("doctor")(doctor.doctor)
cli.command("config")(config_command.config)
cli.add_typer(costs.costs, name="costs")
cli.add_typer(vectors.vectors, name="vectors")
cli.add_typer(alerts.alerts, name="alerts")
cli.add_typer(database.database, name="db")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"autod {__version__}")
        raise typer.Exit


@cli.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Options of the program itself, acted on by their callbacks."""


def main() -> None:
    """Run the command line; never shows a traceback."""
    sys.exit(guarded(_run))


def _run() -> int:
    try:
        cli()
    except AutodError as error:
        return report(error)
    return 0


def report(error: AutodError) -> int:
    """Print what happened and what to do; returns the exit code."""
    for line in error.message.splitlines() or [""]:
        print(f"error [{error.code}]: {harmless(line)}", file=sys.stderr)
    print(f"  → {as_typed(harmless(error.next_step))}", file=sys.stderr)
    return error.exit_code
