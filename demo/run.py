"""``make demo``: our sample documents through the real daemon, in a folder of their own.

Writes the samples, starts ``run_daemon.py`` on a fresh inbox, drops the samples in, shows each one as it
ends, and prints where everything lies. Needs no account, no server and no network.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import Session

from autod.cli.output import clean, grid, headline, money, percent
from autod.cli.surprises import guarded
from autod.db.engine import sqlite_url
from autod.db.manager import DatabaseManager
from autod.db.models import Document, Event
from autod.db.schema import upgrade
from autod.domain.status import DocumentStatus, EventKind
from demo.samples import SAMPLES, write_samples

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "demo" / "out"
LONGEST_SECONDS = 300
WIDE = 150
PHRASE = "planter box"
"""Words that one of the samples holds."""
COLUMNS = ("type", "issuer", "date", "amount", "conf.", "cost", "sec.", "filed as")
NUMBERS = ("amount", "conf.", "cost", "sec.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--picture", type=Path, metavar="FILE.svg", help="keep a picture of the run")
    picture: Path | None = parser.parse_args().picture
    screen = Console(highlight=False, record=picture is not None)
    complete = run(screen)
    if picture is not None:
        drawn = screen.export_svg(title="make demo")
        # Whoever looks at the picture should not fetch a font from somebody else for it.
        picture.write_text(re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL), encoding="utf-8")
    return 0 if complete else 1


def run(screen: Console) -> bool:
    """The whole demonstration; False when a document did not come to an end."""
    with screen.status("Writing the sample documents…"):
        shutil.rmtree(PLACE, ignore_errors=True)
        (PLACE / "inbox").mkdir(parents=True)
        write_samples(PLACE / "samples")
    url = str(sqlite_url(PLACE / "paper_autopilot.db"))
    upgrade(url)
    manager = DatabaseManager(url)
    screen.print(f"Starting the daemon on {len(SAMPLES)} documents; nothing leaves this machine.\n")
    begun = time.monotonic()
    with _daemon(url):
        for sample in SAMPLES:
            shutil.copy(PLACE / "samples" / sample.file_name, PLACE / "inbox" / sample.file_name)
        complete = _follow(manager, screen, len(SAMPLES))
    seconds = time.monotonic() - begun
    with manager.get_session() as session:
        _print_table(session, screen)
    manager.close()
    _print_places(screen, seconds)
    if not complete:
        screen.print("[red]Not every document came to an end.[/red] See demo/out/logs/paper_autopilot.log")
    return complete


@contextmanager
def _daemon(url: str) -> Iterator[None]:
    """The real daemon, with its defaults, working in ``PLACE``."""
    settings = {
        "PAPER_AUTOPILOT_DB_URL": url,
        "PAPER_AUTOPILOT_PATIENCE_SECONDS": "3",
        "PAPER_AUTOPILOT_MONITOR_PORT": "0",
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
    }
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PAPER_AUTOPILOT_", "OPENAI_"))}
    with (PLACE / "daemon.txt").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "run_daemon.py")],
            cwd=PLACE,
            env={**kept, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _follow(manager: DatabaseManager, screen: Console, wanted: int) -> bool:
    """Print each file as its life ends; False when not all did in time."""
    shown: set[int] = set()
    ends = (EventKind.FILED, EventKind.FAILED, EventKind.DUPLICATE)
    deadline = time.monotonic() + LONGEST_SECONDS
    with screen.status("Waiting for the daemon…") as status:
        while len(shown) < wanted and time.monotonic() < deadline:
            with manager.get_session() as session:
                for event in session.scalars(select(Event).where(Event.kind.in_(ends)).order_by(Event.id)):
                    if event.id not in shown:
                        shown.add(event.id)
                        screen.print(_line(session, event))
            status.update(f"{len(shown)} of {wanted} documents done…")
            time.sleep(0.1)
    return len(shown) == wanted


def _line(session: Session, event: Event) -> str:
    document = session.get_one(Document, event.document_id)
    name = clean(document.original_filename)
    if event.kind is EventKind.DUPLICATE:
        return f"[cyan]=[/cyan] {clean(event.detail['name'])}: the same as {name}"
    if event.kind is EventKind.FAILED:
        return f"[red]✗[/red] {name}: {document.error_code}. {clean(document.next_step)}"
    return f"[green]✓[/green] {name} → {headline(document)}"


def _print_table(session: Session, screen: Console) -> None:
    """One row a document; where it lies goes into a table of its own when the terminal is narrow."""
    rows = [_row(document) for document in session.scalars(select(Document).order_by(Document.id))]
    again = session.scalars(select(Event).where(Event.kind == EventKind.DUPLICATE))
    rows += [
        ["duplicate", "–", "–", "–", "", "$0.00", "", _relative(str(event.detail["path"]))] for event in again
    ]
    screen.print("\n[bold]What became of them[/bold]")
    if screen.width >= WIDE:
        screen.print(grid(screen.width, COLUMNS, rows, right=NUMBERS, flexible=("issuer", "filed as")))
        return
    screen.print(
        grid(screen.width, COLUMNS[:-1], [row[:-1] for row in rows], right=NUMBERS, flexible=("issuer",))
    )
    screen.print("Filed as")
    for *_, place in rows:
        screen.print(f"  {place}", soft_wrap=True)


def _row(document: Document) -> list[str]:
    seconds = "" if document.processing_seconds is None else f"{document.processing_seconds:.1f}"
    spent = [f"${document.total_cost_usd:.2f}", seconds, _relative(document.filed_path)]
    if document.status is not DocumentStatus.COMPLETED:
        return [f"[red]{clean(document.error_code)}[/red]", "–", "–", "–", "", *spent]
    return [
        clean(document.doc_type),
        clean(document.issuer or "–"),
        str(document.primary_date or "–"),
        money(document.total_amount, document.currency) or "–",
        percent(document.confidence),
        *spent,
    ]


def _relative(path: str | None) -> str:
    return clean(Path(path).relative_to(PLACE)) if path else ""


def _print_places(screen: Console, seconds: float) -> None:
    here = PLACE.relative_to(ROOT)
    screen.print(f"\nAll done in {seconds:.0f} s. Everything lies in [bold]{here}[/bold]:")
    places = {
        "processed/": "the filed originals, unaltered",
        "failed/": "what could not be read, each with its reason beside it",
        "paper_autopilot.db": "every value with its evidence, the text, the custody record",
        "logs/paper_autopilot.log": "one JSON line per event",
        "samples/": "the documents as they were dropped in",
    }
    for place, meaning in places.items():
        screen.print(f"  {place:<26} {meaning}")
    screen.print("\nLook further:")
    for command in (f'search "{PHRASE}"', "show 1", "list --review"):
        # Not wrapped: it is there to be copied.
        screen.print(
            f"  (cd {here} && PYTHONPATH=../.. ../../.venv/bin/python -m autod {command})", soft_wrap=True
        )


if __name__ == "__main__":
    sys.exit(guarded(main))
