"""A long queue: how fast it is filled, claimed and worked off, and what it leaves behind."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from autod.app import MOST_REVIVED
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.pipeline.checkpoints import End
from autod.pipeline.durable import Durable
from autod.pipeline.engine import POLL_SECONDS, Engine
from autod.pipeline.folders import Folders
from autod.pipeline.footing import Footing
from autod.pipeline.intake import Intake
from autod.pipeline.workflow import live
from autod.read.limits import ReadLimits
from autod.search.fulltext import search
from bench.scale_history import make_history, measure_history
from bench.scale_paper import Sheet, common_word, sheet
from bench.scale_steps import ReadAlready
from bench.timing import Latencies

WORKERS = 2
DROPPED_AT_ONCE = 500
FIRST = 20
"""Documents that are processed before anything is measured."""
ASKED = 20


def measure_backlog(
    manager: DatabaseManager, place: Path, rows: int, backlog: int, seconds: float
) -> dict[str, str]:
    """Fill the queue while nothing moves, then let it be worked on for ``seconds``.

    The engine has as long a history as the archive: a few documents are processed, and their history copied.
    """
    folders = _folders(place)
    with Footing(manager, folders, lambda: datetime.now(UTC)) as footing:
        return _measured(manager, footing, rows, backlog, seconds)


def _measured(
    manager: DatabaseManager, footing: Footing, rows: int, backlog: int, seconds: float
) -> dict[str, str]:
    sheets = {paper.sha256: paper for paper in map(sheet, range(rows, rows + FIRST + backlog))}
    steps = ReadAlready(
        folders=footing.folders,
        ground=footing,
        sandbox=None,  # type: ignore[arg-type]  # nothing is read
        limits=ReadLimits(),
        review_below=0.6,
        now=lambda: datetime.now(UTC),
        sheet_of=sheets.__getitem__,
    )
    go = threading.Event()

    def life(durable: Durable, sha256: str) -> End:
        go.wait()
        return live(durable, steps, sha256)

    claims = Latencies()
    engine = Engine(manager.url, manager.engine, executor_id="bench", workers=WORKERS)
    size_before = _size(manager)
    memory = psutil.Process()
    papers = list(sheets.values())
    with _claims_timed(claims):
        engine.start(life)
        try:
            go.set()
            _enqueue(manager, engine, footing, papers[:FIRST])
            for paper in papers[:FIRST]:
                engine.result(paper.sha256)
            go.clear()
            make_history(manager, rows)
            with_history = _size(manager)
            figures = _enqueue(manager, engine, footing, papers[FIRST:])
            waiting = _size(manager)
            claims.seconds.clear()
            figures |= _with_a_full_queue(manager, engine, claims)
            figures |= _work(manager, go, seconds)
            figures["claim: taking work, while it is worked off, ms"] = str(claims)
            engine.finish(10)
            figures |= measure_history(manager, engine)
        finally:
            engine.finish(10)
            engine.stop()
    figures["memory of this process, resident, MB"] = f"{memory.memory_info().rss / 1e6:.0f}"
    figures["database with its rows, MB"] = f"{size_before / 1e6:.0f}"
    figures["… and the engine's history, MB"] = f"{with_history / 1e6:.0f}"
    figures["… and the backlog waiting, MB"] = f"{waiting / 1e6:.0f}"
    return figures


def _folders(place: Path) -> Folders:
    folders = Folders(*(place / name for name in ("inbox", "claimed", "processed", "failed")))
    for folder in (folders.inbox, folders.claimed, folders.processed, folders.failed):
        folder.mkdir(parents=True)
    return folders


def _enqueue(
    manager: DatabaseManager, engine: Engine, footing: Footing, papers: list[Sheet]
) -> dict[str, str]:
    """Drop and take in every file, one after the other, while nothing is worked on."""
    folders = footing.folders
    intake = Intake(manager, engine, folders, lambda: datetime.now(UTC), footing)
    latencies = Latencies()
    begun = time.monotonic()
    for start in range(0, len(papers), DROPPED_AT_ONCE):
        batch = papers[start : start + DROPPED_AT_ONCE]
        for paper in batch:
            (folders.inbox / paper.name).write_bytes(paper.content)
        for paper in batch:
            with latencies.timed():
                intake.receive(folders.inbox / paper.name)
        print(f"  {start + len(batch):,} of {len(papers):,} taken in", flush=True)
    rate = len(papers) / (time.monotonic() - begun)
    return {
        "enqueue: copy, row, queue, ms": str(latencies),
        "enqueue, documents/s": f"{rate:.0f}",
    }


def _with_a_full_queue(manager: DatabaseManager, engine: Engine, claims: Latencies) -> dict[str, str]:
    """What the daemon asks again and again, now that the whole backlog waits."""
    due, unfinished, revive = Latencies(), Latencies(), Latencies()
    while len(due.seconds) < ASKED or len(claims.seconds) < ASKED:
        time.sleep(POLL_SECONDS)
        with due.timed(), manager.get_session() as session:
            documents.take_due(session, datetime.now(UTC))
        with unfinished.timed(), manager.get_session(read_only=True) as session:
            hashes = list(documents.unfinished(session, MOST_REVIVED).values())
        with revive.timed():
            engine.upkeep.revive(hashes)
    figures = {
        "full queue, each poll: claim, ms": str(claims),
        "full queue, each poll: take_due, ms": str(due),
        "full queue, each 5 s: unfinished, ms": str(unfinished),
        "full queue, each 5 s: revive, ms": str(revive),
    }
    claims.seconds.clear()
    return figures


def _work(manager: DatabaseManager, go: threading.Event, seconds: float) -> dict[str, str]:
    """Let the backlog move, and search meanwhile as a person would."""
    before = _completed(manager)
    latencies, used = Latencies(), psutil.Process().cpu_times()
    begun = time.monotonic()
    go.set()
    while (passed := time.monotonic() - begun) < seconds:
        time.sleep(0.25)
        with manager.get_session(read_only=True) as session, latencies.timed():
            search(session, f"{common_word(300 + int(passed * 7) % 300)} {common_word(20)}")
    done = _completed(manager) - before
    now = psutil.Process().cpu_times()
    cpu = now.user + now.system - used.user - used.system
    return {
        "worked off, documents/s": f"{done / passed:.1f}",
        "… CPU of the daemon per document, ms": f"{cpu / max(1, done) * 1000:.1f}",
        "search while the backlog is worked on, ms": str(latencies),
    }


def _completed(manager: DatabaseManager) -> int:
    with manager.get_session(read_only=True) as session:
        return session.scalar(sa.text("SELECT count(*) FROM documents WHERE status = 'completed'")) or 0


def _size(manager: DatabaseManager) -> int:
    """Bytes of the database, without its log."""
    size = "pg_database_size(current_database())"
    if manager.sqlite_path is not None:
        size = "page_count * page_size FROM pragma_page_count, pragma_page_size"
    with manager.get_session(read_only=True) as session:
        return session.scalar(sa.text(f"SELECT {size}")) or 0


@contextmanager
def _claims_timed(latencies: Latencies) -> Iterator[None]:
    """Time the engine's look into its queue, which happens in a thread of its own."""
    from dbos._sys_db import SystemDatabase

    claim = SystemDatabase.start_queued_workflows

    @functools.wraps(claim)
    def timed(*arguments: Any, **named: Any) -> Any:
        with latencies.timed():
            return claim(*arguments, **named)

    SystemDatabase.start_queued_workflows = timed  # type: ignore[method-assign]
    try:
        yield
    finally:
        SystemDatabase.start_queued_workflows = claim  # type: ignore[method-assign]
