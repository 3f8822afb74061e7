"""``autod run``: the daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autod.db.models import Document


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
    from autod.cli.output import clean, console, duplicate_line, tell_former_settings
    from autod.config import get_config
    from autod.db import documents
    from autod.inbox.watch import Watch
    from autod.monitoring.alerting import telling_of_failed_start
    from autod.monitoring.overseeing import check_settings, overseen
    from autod.services import start_logging

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
                    screen.print(_line(document))

        app.on_end(tell)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: daemon.stop())
        heap.settle()
        screen.print(f"Watching {clean(app.folders.inbox)} (stop with Ctrl-C)")
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


def _line(document: Document) -> str:
    from autod.cli.output import clean, headline
    from autod.domain.status import DocumentStatus

    name = clean(document.original_filename)
    if document.status is DocumentStatus.COMPLETED:
        return f"[green]✓[/green] {name} → {headline(document)}"
    if document.status is DocumentStatus.FAILED:
        return f"[red]✗[/red] {name}: {clean(document.error_code)}. {clean(document.next_step)}"
    return f"[yellow]…[/yellow] {name}: {clean(document.error_code)}, tried again later"
