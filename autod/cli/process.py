"""``autod process``: some files, or what is in the inbox, once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from autod.app import App
    from autod.config import Settings
    from autod.pipeline.processing import ProcessResult
    from autod.retrying import Beside


def process(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="PDFs, or folders of them; none means the inbox.", show_default=False),
    ] = None,
    estimate: Annotated[
        bool,
        typer.Option("--estimate", help="Say what OpenAI would cost for them, and send and process nothing."),
    ] = False,
    count: Annotated[
        bool,
        typer.Option(
            "--count",
            help="With --estimate: have OpenAI count the tokens. This sends the documents there, "
            "though nobody reads them.",
        ),
    ] = False,
    batch: Annotated[
        bool,
        typer.Option(
            "--batch", help="Have OpenAI read them within a day for half the price; collect others."
        ),
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="With --batch: wait for the answers.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file.")] = False,
) -> None:
    """Process files now and wait for them; without files, everything in the inbox that is complete.

    A file outside the inbox stays where it is; a copy is filed.

    Examples:

        autod process

        autod process invoice.pdf contract.pdf --json

        autod process --estimate ~/Scans

        autod process --batch ~/Scans
    """
    from autod.cli.files import pdfs_in
    from autod.config import get_config
    from autod.errors import UsageError

    settings = get_config()
    if wait and not batch:
        raise UsageError("--wait goes with --batch", next_step="See `autod process --help`.")
    if count and not estimate:
        raise UsageError("--count goes with --estimate", next_step="See `autod process --help`.")
    if estimate:
        from autod.cli.estimate import print_estimate

        chosen = pdfs_in(files or [settings.inbox_dir])
        print_estimate(settings, chosen, count=count, batch=batch, as_json=as_json)
        return
    from autod.app import App
    from autod.services import start_logging

    start_logging(settings)
    _warn_of_its_end(settings)
    with App(settings) as app:
        if batch:
            from autod.cli.process_batch import process_in_batch

            chosen = pdfs_in(files) if files else app.settled_files()
            failed = process_in_batch(app, chosen, wait=wait, as_json=as_json)
        else:
            failed = process_all(app, pdfs_in(files) if files else app.settled_files(), as_json=as_json)
        for path in app.held_open:
            print_held_open(path, as_json=as_json)
        if not as_json:
            _tell_of_kept(app)
    if failed or app.held_open:
        raise typer.Exit(4)


def _tell_of_kept(app: App) -> None:
    """Say that files stay in the inbox, hidden, and who looks at them again: no daemon is there to do it."""
    from autod.cli.output import console
    from autod.pipeline.kept import KEPT, KEPT_SECONDS, kept_as

    number = sum(kept_as(path.name) is not None for path in app.folders.inbox.glob(f".*{KEPT}"))
    if number:
        minutes = f"{KEPT_SECONDS / 60:.0f} minutes"
        console(stderr=True).print(
            f"{number} file(s) stay in the inbox, hidden, for {minutes} in case they change:"
            " the daemon, or the next `autod process`, looks at them again.",
            soft_wrap=True,
        )


def _warn_of_its_end(settings: Settings) -> None:
    """Tell the person, too, that the model in use is about to end; the log is told when the work begins."""
    from autod.cli.output import console
    from autod.services import model_ending, utc_now

    ending = model_ending(settings, utc_now().date()) if settings.uses_openai else None
    if ending is not None:
        console(stderr=True).print(f"[yellow]![/yellow] {ending}")


def process_all(app: App, files: list[Path], *, as_json: bool) -> int:
    """Process ``files`` side by side, print a line for each; returns how many failed."""
    from autod.cli.output import console

    screen = console(stderr=True)
    failed = 0
    with screen.status(f"Processing {len(files)} file(s)…") as status:
        for done, (path, result) in enumerate(app.process_many(files), 1):
            failed += not result.success
            print_result(app, path, result, as_json=as_json)
            status.update(f"Processed {done} of {len(files)}…")
    if not files and not app.held_open and not as_json:
        screen.print("The inbox holds no complete PDF.")
    return failed


def print_held_open(path: Path, *, as_json: bool) -> None:
    """Say that a file was left in the inbox because it is still being written."""
    from autod.cli.output import clean, console, print_json
    from autod.inbox.inbox import held_open_trouble
    from autod.pipeline.kept import name_before
    from autod.pipeline.processing import explain

    trouble = held_open_trouble()
    error = explain(trouble.code, trouble.message, trouble.next_step)
    if as_json:
        print_json({"file": str(path), "success": False, "error": error})
    else:
        console().print(f"[yellow]…[/yellow] {clean(name_before(path))}: waits: {clean(error)}")


def print_result(app: App | Beside, path: Path, result: ProcessResult, *, as_json: bool) -> None:
    """A line or two for a person, or one JSON object: what became of the file."""
    from dataclasses import asdict

    from autod.cli.output import clean, console, headline, print_json
    from autod.db import documents
    from autod.pipeline.kept import name_before

    if as_json:
        print_json({"file": str(path), **asdict(result)})
        return
    screen = console()
    with app.manager.get_session() as session:
        document = documents.by_id(session, result.document_id or 0)
        if not result.success:
            waits = document is not None and document.status in documents.UNFINISHED
            mark = "[yellow]…[/yellow]" if waits else "[red]✗[/red]"
            screen.print(
                f"{mark} {clean(name_before(path))}: {'waits: ' if waits else ''}{clean(result.error)}"
            )
            return
        if document is None:
            return
        if result.duplicate_of is not None:
            screen.print(f"[cyan]=[/cyan] {clean(name_before(path))}: duplicate of document {document.id}")
            return
        screen.print(
            f"[green]✓[/green] {clean(name_before(path))} → document {document.id}: {headline(document)}"
        )
        screen.print(f"  filed as {clean(document.filed_path)}", soft_wrap=True)
        screen.print(f"  {result.processing_time_seconds:.1f} s, ${result.cost_usd:.4f}")
