"""``autod process``: some files, or what is in the inbox, once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from autod.app import App
    from autod.config import Settings


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

    Without files, documents that wait and whose time has come are taken up too.
    A file outside the inbox stays where it is; a copy is filed.

    Examples:

        autod process

        autod process invoice.pdf contract.pdf --json

        autod process --estimate ~/Scans

        autod process --batch ~/Scans
    """
    from autod.cli.files import pdfs_in, require_files
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
    require_files(files or [])
    if not _process(settings, files or [], batch=batch, wait=wait, as_json=as_json):
        raise typer.Exit(4)


def _process(settings: Settings, files: list[Path], *, batch: bool, wait: bool, as_json: bool) -> bool:
    """Process ``files``, or the inbox; returns whether all went well."""
    from autod.app import App
    from autod.assembly.logging import start_logging
    from autod.cli.files import pdfs_in
    from autod.cli.output import tell_former_settings
    from autod.cli.results import print_held_open

    start_logging(settings)
    tell_former_settings(logged=True)
    _warn_of_the_model(settings)
    with App(settings) as app:
        chosen = pdfs_in(files) if files else app.settled_files()
        if batch:
            from autod.cli.process_batch import process_in_batch

            failed = process_in_batch(app, chosen, wait=wait, as_json=as_json)
        else:
            failed = process_all(app, chosen, as_json=as_json, inbox=not files)
        for path in app.held_open:
            print_held_open(path, as_json=as_json)
        if not files:
            _name_untaken(app)
        if not as_json:
            _tell_of_kept(app)
    return not failed and not app.held_open


def _tell_of_kept(app: App) -> None:
    """Say that files stay in the inbox, hidden, and who looks at them again: no daemon is there to do it."""
    from autod.cli.output import console
    from autod.files.kept import KEPT, KEPT_SECONDS, kept_as

    number = sum(kept_as(path.name) is not None for path in app.folders.inbox.glob(f".*{KEPT}"))
    if number:
        minutes = f"{KEPT_SECONDS / 60:.0f} minutes"
        console(stderr=True).print(
            f"{number} file(s) stay in the inbox, hidden, for {minutes} in case they change:"
            " the daemon, or the next `autod process`, looks at them again.",
            soft_wrap=True,
        )


def _warn_of_the_model(settings: Settings) -> None:
    """Tell the person, too, what is to know of the model in use; the log is told when the work begins."""
    from autod.assembly.archive import utc_now
    from autod.assembly.service import model_news
    from autod.cli.output import clean, console

    for news in model_news(settings, utc_now().date()) if settings.uses_openai else []:
        console(stderr=True).print(f"[yellow]![/yellow] {clean(news)}")


def _name_untaken(app: App) -> None:
    """What lies in the inbox and stays there, with what to do."""
    from autod.cli.output import clean, console

    screen = console(stderr=True)
    for item in app.untaken():
        name = clean(item.name)
        screen.print(f"[yellow]![/yellow] {name}: not taken, {item.why}. {item.next_step}", soft_wrap=True)


def process_all(app: App, files: list[Path], *, as_json: bool, inbox: bool) -> int:
    """Process ``files`` side by side, print a line for each; returns how many failed or wait.

    Args:
        inbox: they are all of the inbox: documents that wait and whose time has come are taken up too.
    """
    from autod.cli.output import console
    from autod.cli.results import print_result, print_waits
    from autod.db.batches import WAITING_CODE

    screen = console(stderr=True)
    failed = done = 0
    work = f"Processing {len(files)} file(s)…" if files else "Looking for what waits…"
    with screen.status(work) as status:
        for path, result in app.process_inbox(files) if inbox else app.process_many(files):
            done += 1
            failed += not result.success and not (result.error or "").startswith(WAITING_CODE)
            print_result(app, path, result, as_json=as_json)
            status.update(f"Processed {done} of {max(done, len(files))}…")
    if as_json:
        return failed
    if inbox and not done and not app.held_open:
        screen.print("The inbox holds no complete PDF.")
    print_waits(app)
    return failed
