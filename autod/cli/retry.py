"""``autod retry``: failed documents once more, from the copies in failed/, and waiting ones at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from autod.db.models import Document


def retry(
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="ID…", help="The numbers that list shows.", min=1)
    ] = None,
    all_failed: Annotated[bool, typer.Option("--all-failed", help="Every failed document.")] = False,
    all_waiting: Annotated[
        bool, typer.Option("--all-waiting", help="Every document that waits for a time to come.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a document.")] = False,
) -> None:
    """Process failed documents again from their copies in failed/, and waiting ones at once; wait for them.

    What fails again is set aside again. While the daemon runs, it is the daemon that processes them.

    Examples:

        autod retry 12 15

        autod retry --all-failed

        autod retry --all-waiting
    """
    from autod.assembly.logging import start_logging
    from autod.cli.output import console
    from autod.cli.results import print_result, print_waits
    from autod.config import get_config
    from autod.errors import UsageError
    from autod.requeue import open_retrying

    if bool(numbers) == (all_failed or all_waiting):
        raise UsageError(
            "name documents, or use --all-failed or --all-waiting", next_step="See `autod retry --help`."
        )
    settings = get_config()
    start_logging(settings)
    screen = console(stderr=True)
    failed = 0
    with open_retrying(settings) as app:
        with app.manager.get_session(read_only=True) as session:
            chosen = _chosen(session, numbers or [], failed=all_failed, waiting=all_waiting)
        names = {document.id: Path(document.original_filename) for document in chosen}
        retrying = f"Retrying {len(names)} document(s)…" if names else ""
        with screen.status(retrying) as status:
            for done, (number, result) in enumerate(app.retry_many(list(names)), 1):
                failed += not result.success
                print_result(app, names[number], result, as_json=as_json)
                status.update(f"Retried {done} of {len(names)}…")
        if not as_json:
            if not names:
                screen.print("No document has failed." if all_failed else "No document waits.")
            print_waits(app)
    if failed:
        raise typer.Exit(4)


def _chosen(session: Session, numbers: list[int], *, failed: bool, waiting: bool) -> list[Document]:
    from autod.db import documents, waits

    chosen = [documents.require_unfinished(session, number) for number in dict.fromkeys(numbers)]
    chosen += documents.failed(session) if failed else []
    return chosen + (waits.postponed(session) if waiting else [])
