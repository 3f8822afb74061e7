"""``autod vectors``: the vector store at the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from autod.cli.filters import JsonOption

if TYPE_CHECKING:
    from autod.pipeline.vector_sync import Tally

vectors = typer.Typer(help="The vector store: what is in it, filling and emptying it.", no_args_is_help=True)


@vectors.callback()
def options() -> None:
    """The vector store: what is in it, filling and emptying it."""


@vectors.command()
def status(
    as_json: JsonOption = False,
) -> None:
    """Show how the store stands to the archive. Asks the service for its list, which is free.

    Examples:

        autod vectors status

        autod vectors status --json
    """
    from dataclasses import asdict

    from autod.assembly.archive import open_ready_manager
    from autod.assembly.vector_store import open_vector_sync
    from autod.cli.output import clean, console, print_json
    from autod.config import get_config

    with open_ready_manager(get_config()) as manager, console(stderr=True).status("Asking…"):
        vector_sync = open_vector_sync(get_config(), manager)
        store = vector_sync.uploads.store.find()
        standing = vector_sync.standing(ask=True)
    if as_json:
        print_json({"store": store, **asdict(standing)})
        return
    print(f"Store: {clean(store) if store else 'none yet; the first document makes it'}")
    print(f"In it: {standing.held:,} document(s), {standing.linked:,} of them known to the database")
    print(
        f"Belong there: {standing.belong:,} document(s); {standing.waiting:,} are tried again by the daemon"
    )
    if standing.held != standing.belong or standing.linked != standing.belong:
        print("`autod vectors rebuild` puts in what is missing and takes out what does not belong there.")


@vectors.command()
def rebuild(
    as_json: JsonOption = False,
) -> None:
    """Make the store hold what the archive holds: put in, bring up to date, take out.

    What must not leave this machine is left out, or taken out. It may be stopped at any time and started
    again: what is there already is not sent again. Exit code 5 when documents could not be placed.

    Examples:

        autod vectors rebuild
    """
    from dataclasses import asdict

    from autod.assembly.archive import open_ready_manager
    from autod.assembly.logging import start_logging
    from autod.assembly.vector_store import open_vector_sync
    from autod.cli.output import console, print_json
    from autod.config import get_config

    start_logging(get_config())
    with (
        open_ready_manager(get_config()) as manager,
        console(stderr=True).status("Asking what the store holds…") as shown,
    ):

        def progress(done: int, total: int) -> None:
            shown.update(f"Looked at {done} of {total} documents…")

        tally = open_vector_sync(get_config(), manager).rebuild(progress)
    if as_json:
        print_json(asdict(tally))
    else:
        _print(tally)
    if tally.failed:
        raise typer.Exit(5)


def _print(tally: Tally) -> None:
    print(f"{tally.placed:,} placed, {tally.kept:,} were there, {tally.removed:,} taken out")
    if tally.skipped:
        print(f"{tally.skipped:,} left out on purpose: too large, or without text")
    if tally.failed:
        print(f"{tally.failed:,} failed; the log says why")
    if tally.broken_off:
        print("Stopped, because the store failed again and again. Run it once more when it is well.")


@vectors.command()
def purge(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete all our documents at the service, and the store. The archive on this machine is not touched.

    New documents are put there again while PAPER_AUTOPILOT_VECTOR_STORE=openai: stop the daemon, purge, and
    set it to off to stay empty.

    Examples:

        autod vectors purge

        autod vectors purge --yes
    """
    from autod.assembly.archive import open_ready_manager
    from autod.assembly.vector_store import open_vector_sync
    from autod.cli.output import console, print_json
    from autod.config import get_config

    if not yes:
        typer.confirm("Delete all documents of Paper Autopilot at the service?", abort=True)
    with open_ready_manager(get_config()) as manager, console(stderr=True).status("Deleting…"):
        removed = open_vector_sync(get_config(), manager).purge()
    if as_json:
        print_json({"removed": removed})
    else:
        print(
            f"{removed:,} document(s) deleted at the service. `autod sent --kept` lists what is still kept."
        )
