"""What became of files and documents, as the commands that process them print it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autod.app import App
    from autod.db.models import Document
    from autod.pipeline.processing import ProcessResult
    from autod.requeue import RetryBeside


def print_waits(app: App | RetryBeside) -> None:
    """How many documents wait, until when, why, and how to have them tried at once."""
    from autod.assembly.archive import utc_now
    from autod.cli.output import clean, console
    from autod.db.batches import WAITING_CODE
    from autod.db.waits import waits

    screen = console(stderr=True)
    with app.manager.get_session(read_only=True) as session:
        found = waits(session)
    for wait in found:
        number = f"{wait.documents:,} document{'s' * (wait.documents != 1)}"
        verb = "wait" if wait.documents != 1 else "waits"
        why = clean(wait.message.removesuffix("."))
        if wait.code == WAITING_CODE:
            screen.print(f"{number} {verb} for a batch. `autod process --batch` collects the answers.")
        elif wait.until <= utc_now():
            screen.print(f"{number} waited, because {why} [{wait.code}]: the time has come.", markup=False)
            screen.print("  `autod process` takes up what waited.")
        else:
            until = f"{wait.until:%Y-%m-%d %H:%M} UTC"
            screen.print(f"{number} {verb} until {until}, because {why} [{wait.code}].", markup=False)
            screen.print("  `autod retry --all-waiting` asks again at once.")


def print_held_open(path: Path, *, as_json: bool) -> None:
    """Say that a file was left in the inbox because it is still being written."""
    from autod.cli.output import clean, console, print_json
    from autod.files.kept import name_before
    from autod.inbox.inbox import held_open_trouble
    from autod.pipeline.processing import explain

    trouble = held_open_trouble()
    error = explain(trouble.code, trouble.message, trouble.next_step)
    if as_json:
        print_json({"file": str(path), "success": False, "error": error})
    else:
        console().print(f"[yellow]…[/yellow] {clean(name_before(path))}: waits: {clean(error)}")


def _left_out_of(document: Document) -> str:
    """What a limit left out of it, so that nobody takes it for read as a whole; empty when nothing was."""
    from autod.domain.left_out import NEXT_STEPS

    codes = [code for code in document.needs_review if code in NEXT_STEPS]
    return f" (in review: {', '.join(codes)})" if codes else ""


def print_result(app: App | RetryBeside, path: Path, result: ProcessResult, *, as_json: bool) -> None:
    """A line or two for a person, or one JSON object: what became of the file."""
    from dataclasses import asdict

    from autod.cli.output import clean, console, duplicate_line, headline, print_json
    from autod.db import documents
    from autod.files.kept import name_before

    if as_json:
        print_json({"file": str(path), **asdict(result)})
        return
    screen = console()
    with app.manager.get_session() as session:
        document = documents.by_id(session, result.document_id or 0)
        if not result.success:
            waits = document is not None and document.status in documents.UNFINISHED
            mark = "[yellow]…[/yellow]" if waits else "[red]✗[/red]"
            name = clean(name_before(path))
            screen.print(f"{mark} {name}: {'waits: ' if waits else ''}{clean(result.error)}")
            if result.waits_until is not None:
                screen.print(
                    f"  It comes again at {result.waits_until:%Y-%m-%d %H:%M} UTC; "
                    f"`autod retry {result.document_id}` asks at once."
                )
            return
        if document is None:
            return
        if result.duplicate_of is not None:
            screen.print(duplicate_line(path, document.id))
            return
        screen.print(
            f"[green]✓[/green] {clean(name_before(path))} → document {document.id}: {headline(document)}"
            f"{_left_out_of(document)}"
        )
        screen.print(f"  filed as {clean(document.filed_path)}", soft_wrap=True)
        screen.print(f"  {result.processing_time_seconds:.1f} s, ${result.cost_usd:.4f}")
