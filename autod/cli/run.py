"""``autod run``: the daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autod.db.models import Document
    from autod.errors import AutodError


def run() -> None:
    """Watch the inbox and process what is dropped there, until Ctrl-C or SIGTERM.

    Examples:

        autod run

        PAPER_AUTOPILOT_INBOX_DIR=~/Scans autod run
    """
    import contextlib
    import signal

    from autod import heap
    from autod.app import App
    from autod.assembly.logging import start_logging
    from autod.cli.output import clean, console, duplicate_line, tell_former_settings
    from autod.config import get_config
    from autod.db import documents
    from autod.inbox.watch import Watch
    from autod.monitoring.alerting import telling_of_failed_start
    from autod.monitoring.overseeing import check_settings, overseen

    heap.one_arena()
    settings = get_config()
    check_settings(settings)
    start_logging(settings)
    tell_former_settings(logged=True)
    screen = console(stderr=True)
    with contextlib.ExitStack() as stack:
        with telling_of_failed_start(settings):
            app = stack.enter_context(App(settings))
        daemon = app.daemon(
            stack.enter_context(Watch(app.folders.inbox)),
            on_duplicate=lambda path, number: screen.print(duplicate_line(path, number)),
        )

        def tell(sha256: str) -> None:
            with app.manager.get_session(read_only=True) as session:
                document = documents.by_sha(session, sha256)
                if document is not None:
                    screen.print(line_of(document))

        app.on_end(tell)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: daemon.stop())
        heap.settle()
        screen.print(f"Watching {clean(app.folders.inbox)} (stop with Ctrl-C)")
        app.footing.on_change(lambda trouble: screen.print(waiting_line(trouble), soft_wrap=True))
        with overseen(settings, app, daemon):
            daemon.run()
        screen.print("Stopping: finishing what is in work…")
    if app.parked:
        screen.print(f"Parked {len(app.parked)} document(s); the next start goes on with them.")
    screen.print("Stopped.")
    if app.cut_off:
        _leave_at_once()


def _leave_at_once() -> None:
    """End although a step still runs, for example an answer that is waited for: the next start repeats it.

    Python would wait for its thread, however long that takes.
    """
    import logging
    import os
    import sys

    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def waiting_line(trouble: AutodError | None) -> str:
    """What the terminal says when all work begins to wait, with what to do, and when it goes on."""
    from autod.cli.output import clean

    if trouble is None:
        return "[green]✓[/green] Work goes on."
    message, next_step = clean(trouble.message), clean(trouble.next_step)
    return f"[yellow]![/yellow] Work waits: {message} ({trouble.code}). {next_step}"


def line_of(document: Document) -> str:
    """What became of a document, for the terminal."""
    from autod.cli.output import clean, headline
    from autod.domain.status import DocumentStatus

    name = clean(document.original_filename)
    if document.status in (DocumentStatus.COMPLETED, DocumentStatus.SUPERSEDED):
        return f"[green]✓[/green] {name} → {headline(document)}"
    if document.status is DocumentStatus.FAILED:
        return f"[red]✗[/red] {name}: {clean(document.error_code)}. {clean(document.next_step)}"
    if document.error_code is None or document.retry_at is None:
        return f"[yellow]…[/yellow] {name}: not finished; the next start goes on with it"
    return f"[yellow]…[/yellow] {name}: {clean(document.error_code)}, tried again later"
