"""``autod process --batch``: hand documents in for half the price, and collect what was answered."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from autod.db.batches import WAITING_CODE
from autod.errors import UsageError
from autod.paying.batch_lane import BATCH_LANE

if TYPE_CHECKING:
    from autod.app import App
    from autod.db.batches import BatchStanding
    from autod.pipeline.processing import ProcessResult


def process_in_batch(app: App, files: list[Path], *, wait: bool, as_json: bool) -> int:
    """Collect first, then hand ``files`` in, then wait if so wished; returns how many failed."""
    from autod.cli.output import console

    if app.clerk is None:
        raise UsageError(
            "there is nobody who takes batches",
            next_step="Set OPENAI_API_KEY: only OpenAI's own service takes them.",
        )
    screen = console(stderr=True)
    failed = _collect(app, as_json=as_json)
    with screen.status(f"Reading {len(files)} file(s)…") as status:
        for done, (path, result) in enumerate(app.process_many(files, lane=BATCH_LANE), 1):
            failed += _tell(app, path, result, as_json=as_json)
            status.update(f"Read {done} of {len(files)}…")
    failed += _collect(app, as_json=as_json)
    standing = app.clerk.standing()
    if wait:
        from autod.paying.batch_clerk import POLL_SECONDS

        with screen.status(_progress(standing)) as status:
            while standing.open or standing.batches:
                time.sleep(POLL_SECONDS)
                failed += _collect(app, as_json=as_json)
                standing = app.clerk.standing()
                status.update(_progress(standing))
    _say_what_is_next(standing, as_json=as_json)
    return failed


def _collect(app: App, *, as_json: bool) -> int:
    return sum(_tell(app, Path(name), result, as_json=as_json) for name, result in app.collect())


def _tell(app: App, path: Path, result: ProcessResult, *, as_json: bool) -> int:
    """A line about one file; 1 when it failed, 0 also while it waits."""
    from autod.cli.output import clean, console
    from autod.cli.results import print_result

    waits = (result.error or "").startswith(WAITING_CODE)
    if waits and not as_json:
        console().print(f"[yellow]…[/yellow] {clean(path.name)}: waits for a batch")
    else:
        print_result(app, path, result, as_json=as_json)
    return int(not result.success and not waits)


def _progress(standing: BatchStanding) -> str:
    return f"{standing.open:,} question(s) in {standing.batches} batch(es) at OpenAI…"


def _say_what_is_next(standing: BatchStanding, *, as_json: bool) -> None:
    from autod.cli.output import console

    screen = console(stderr=as_json)
    if not standing.open:
        screen.print("Nothing waits for a batch.")
        return
    if standing.queued:
        screen.print(
            f"{standing.queued:,} question(s) are still to be handed in; see the log for the reason."
        )
    screen.print(
        f"{standing.sent:,} question(s) are in {standing.batches} batch(es) at OpenAI, which may take a day.",
        "The running daemon collects them by itself; without one, run `autod process --batch` again, or",
        "with --wait. Nothing is lost if this machine is switched off meanwhile.",
        sep="\n",
    )
