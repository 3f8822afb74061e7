"""``autod retry``: failed documents once more, from the copies in failed/."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def retry(
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="ID…", help="The numbers that list shows.", min=1)
    ] = None,
    all_failed: Annotated[bool, typer.Option("--all-failed", help="Every failed document.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a document.")] = False,
) -> None:
    """Process failed documents again from their copies in failed/, and wait for them.

    What fails again is set aside again. While the daemon runs, it is the daemon that processes them.

    Examples:

        autod retry 12 15

        autod retry --all-failed
    """
    from autod.cli.output import console
    from autod.cli.process import print_result
    from autod.config import get_config
    from autod.db import documents
    from autod.errors import UsageError
    from autod.retrying import open_retrying
    from autod.services import start_logging

    if bool(numbers) == all_failed:
        raise UsageError("name documents, or use --all-failed", next_step="See `autod retry --help`.")
    settings = get_config()
    start_logging(settings)
    screen = console(stderr=True)
    failed = 0
    with open_retrying(settings) as app:
        with app.manager.get_session(read_only=True) as session:
            chosen = (
                documents.failed(session)
                if all_failed
                else [documents.require_failed(session, number) for number in dict.fromkeys(numbers or [])]
            )
        names = {document.id: Path(document.original_filename) for document in chosen}
        with screen.status(f"Retrying {len(names)} document(s)…") as status:
            for done, (number, result) in enumerate(app.retry_many(list(names)), 1):
                failed += not result.success
                print_result(app, names[number], result, as_json=as_json)
                status.update(f"Retried {done} of {len(names)}…")
        if not names and not as_json:
            screen.print("No document has failed.")
    if failed:
        raise typer.Exit(4)
