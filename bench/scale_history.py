"""The engine's history of finished work: how much it is, and how long forgetting it takes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.db.manager import DatabaseManager
from autod.durable.runner import Engine
from autod.duties import needed
from bench.timing import Latencies

DAYS = 40
KEPT_DAYS = 30
"""The history is ``DAYS`` long, and what is older than ``KEPT_DAYS``, the setting's default, is forgotten."""

TABLES = ("workflow_status", "workflow_input", "workflow_output", "operation_outputs")
"""What the engine keeps of a workflow that has ended, by ``workflow_uuid``."""

MOMENTS = ("created_at", "updated_at", "started_at_epoch_ms", "completed_at")
MOST_SECONDS = 60.0


def make_history(manager: DatabaseManager, workflows: int) -> None:
    """Copy the few workflows that have ended until there are ``workflows``, spread over the last days."""
    with manager.get_session() as session:
        ended = session.scalar(sa.text("SELECT count(*) FROM workflow_status WHERE status = 'SUCCESS'"))
        copies = max(1, workflows // (ended or 1))
        step = round(DAYS * 86_400_000 / copies)
        for table in TABLES:
            _copy(session, table, copies, step)
    if manager.sqlite_path is None:
        with manager.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))


def _copy(session: Session, table: str, copies: int, step: int) -> None:
    names = [column["name"] for column in sa.inspect(session.connection()).get_columns(table)]
    given = {"workflow_uuid": "workflow_uuid || '-' || number"}
    if table == "workflow_status":
        given |= {name: f"{name} - number * CAST({step} AS BIGINT)" for name in MOMENTS}
    chosen = ", ".join(given.get(name, name) for name in names)
    session.execute(
        sa.text(
            f"INSERT INTO {table} ({', '.join(names)}) WITH RECURSIVE numbers(number) AS"  # noqa: S608 - constants
            " (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < :copies)"
            f" SELECT {chosen} FROM {table}, numbers"
            " WHERE workflow_uuid IN (SELECT workflow_uuid FROM workflow_status WHERE status = 'SUCCESS')"
            " ORDER BY number DESC"
        ),
        {"copies": copies - 1},
    )


def measure_history(manager: DatabaseManager, engine: Engine) -> dict[str, str]:
    """Forget what is too old, batch by batch, as the daemon does."""
    steps = _count(manager, "operation_outputs")
    workflows = _count(manager, "workflow_status WHERE completed_at IS NOT NULL")
    before = datetime.now(UTC) - timedelta(days=KEPT_DAYS)
    latencies, forgotten = Latencies(), 0
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < MOST_SECONDS:
        with latencies.timed():
            pruned = engine.upkeep.prune(before, lambda hashes: needed(manager, hashes))
        if not pruned:
            break
        forgotten += pruned
    return {
        "engine's history, finished workflows": f"{workflows:,}",
        "engine's history, steps per document": f"{steps / max(1, workflows):.1f}",
        "history: forgetting a batch, ms": str(latencies),
        "history: workflows forgotten": f"{forgotten:,}",
        "history: workflows forgotten/s": f"{forgotten / max(passed, 0.001):.0f}",
    }


def _count(manager: DatabaseManager, rows: str) -> int:
    with manager.get_session(read_only=True) as session:
        return session.scalar(sa.text(f"SELECT count(*) FROM {rows}")) or 0  # noqa: S608 - constants
