"""``make bench-scale``: how the database and the engine behave with many documents and a long queue.

    python -m bench.scale [--database sqlite|postgres|both] [--rows 100000] [--backlog 10000]
                          [--memory 10000] [--json]

The archive is made up, its rows written by the product's own functions (see ``bench.scale_fill``). The
backlog goes through the real intake, queue and workflow; only reading is replaced by a result at once, so
that what is measured is everything but reading (``make bench`` measures that).
Machines differ and are shared: compare figures of one run, not of two.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from autod.db.manager import DatabaseManager
from autod.logs import configure_logging
from bench.scale_backlog import measure_backlog
from bench.scale_fill import TIMES, fill
from bench.scale_memory import measure_memory
from bench.scale_questions import measure_questions, measure_search
from tests.torture.databases import Database, open_database

KINDS = ("sqlite", "postgres")


def main() -> int:
    """Measure, print, return the exit code."""
    arguments = _arguments()
    kinds = KINDS if arguments.database == "both" else (arguments.database,)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autod-scale-")))
        urls = {kind: stack.enter_context(database(kind, folder)) for kind in kinds}
        _fill_all(urls, arguments.rows)
        figures = {
            kind: measure(url, folder / kind, arguments.rows, arguments.backlog, arguments.seconds)
            for kind, url in urls.items()
        }
        for kind in kinds if arguments.memory else ():
            url = stack.enter_context(database(kind, folder / "memory"))
            print(f"{kind}: the daemon's memory over {arguments.memory:,} documents…", flush=True)
            figures[kind] |= measure_memory(url, folder / "memory" / kind / "place", arguments.memory)
    _print(figures)
    if arguments.json:
        print(json.dumps(figures))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.scale", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both")
    parser.add_argument("--rows", type=int, default=100_000, help="documents in the archive")
    parser.add_argument("--backlog", type=int, default=10_000, help="documents that wait")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the backlog is worked on")
    parser.add_argument("--memory", type=int, default=10_000, help="documents for a daemon's memory; or 0")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    return parser.parse_args()


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new database in ``folder``; a PostgreSQL server runs while the block does."""
    (folder / kind).mkdir(parents=True)
    server: Database = open_database(kind, folder / f"{kind}-server")
    try:
        yield server.fresh(folder / kind)
    finally:
        server.close()


def _fill_all(urls: dict[str, str], rows: int) -> None:
    """Side by side, one process for each database: filling is most of the run and is not measured."""
    with ProcessPoolExecutor(len(urls)) as pool:
        for job in [pool.submit(fill, kind, url, rows) for kind, url in urls.items()]:
            job.result()


def measure(url: str, place: Path, rows: int, backlog: int, seconds: float) -> dict[str, str]:
    """All figures of one database, ready to print."""
    kind, written = place.name, rows // TIMES
    configure_logging(place / "log", "INFO", max_mb=50, keep=1)
    with DatabaseManager(url) as manager:
        print(f"{kind}: questions to {rows:,} rows…", flush=True)
        figures = measure_questions(manager, written)
        figures |= measure_search(manager, written)
        print(f"{kind}: a backlog of {backlog:,}…", flush=True)
        figures |= measure_backlog(manager, place, rows, backlog, seconds)
    return figures


def _print(figures: dict[str, dict[str, str]]) -> None:
    names = dict.fromkeys(name for found in figures.values() for name in found)
    print()
    print(f"{'':<52}" + "".join(f"{kind:>26}" for kind in figures))
    for name in names:
        print(f"{name:<52}" + "".join(f"{found.get(name, '–'):>26}" for found in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
