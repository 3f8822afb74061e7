"""The values of the metrics, without a word of any metrics library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from autod.backup.record import last_backup
from autod.config import Settings
from autod.db.figures import ArchiveFigures, Window
from autod.health import Report, State
from autod.health.checks import free_bytes, written_folders
from autod.health.daemon import DaemonReport
from autod.metrics import LABELS

Number = float | Decimal | None


@dataclass(frozen=True, slots=True)
class Measured:
    """One value; ``labels`` are in the order of the metric's."""

    name: str
    value: float
    labels: tuple[str, ...] = ()


def archive_readings(found: ArchiveFigures, silent_after: float) -> Iterator[Measured]:
    """What the database tells; a worker counts as silent after so many seconds."""
    alive = sum(worker.silent_seconds < silent_after for worker in found.workers)
    yield Measured("autod_workers", alive, ("alive",))
    yield Measured("autod_workers", len(found.workers) - alive, ("silent",))
    standing = found.standing
    for status in LABELS["status"]:
        yield Measured("autod_documents", getattr(standing, status), (status,))
    for kind, count in found.events.items():
        yield Measured("autod_events_total", count, (kind.value,))
    yield Measured("autod_review_documents", standing.needs_review)
    yield Measured("autod_backlog_oldest_seconds", _age(standing.oldest_waiting, found.at))
    yield Measured("autod_unknown_calls", standing.unknown_calls)
    yield Measured("autod_cost_today_usd", float(found.spent_today))
    for name, window in found.windows.items():
        yield from _window_readings(name, window)


def _window_readings(name: str, window: Window) -> Iterator[Measured]:
    values: dict[str, Number] = {
        "autod_window_completed": window.completed,
        "autod_window_failed": window.failed,
        "autod_processing_seconds_mean": window.processing_seconds,
        "autod_duplicate_ratio": window.duplicate_ratio,
        "autod_error_ratio": window.error_ratio,
        "autod_review_ratio": window.review_ratio,
        "autod_cost_usd": window.usd,
        "autod_cost_open_usd": window.open_usd,
        "autod_cost_per_document_usd": window.usd_per_document,
        "autod_cached_prefix_ratio": window.cache.prefix,
        "autod_cached_tokens_ratio": window.cache.tokens,
        "autod_api_failures": window.api_failures,
        "autod_api_error_ratio": window.api_error_ratio,
        "autod_schema_valid_ratio": window.schema_valid_ratio,
        "autod_vector_store_failures": window.uploads_failed,
        "autod_upload_success_ratio": window.upload_success_ratio,
    }
    for metric, value in values.items():
        if value is not None:
            yield Measured(metric, float(value), (name,))
    tokens = zip(
        LABELS["tokens"], (window.input_tokens, window.output_tokens, window.cached_tokens), strict=True
    )
    for kind, count in tokens:
        yield Measured("autod_tokens", count, (name, kind))


def place_readings(settings: Settings) -> Iterator[Measured]:
    """What the folders tell."""
    for name, folder in written_folders(settings).items():
        yield Measured("autod_disk_free_bytes", free_bytes(folder), (name,))
    path = settings.log_file
    yield Measured("autod_log_bytes", path.stat().st_size if path.exists() else 0)
    last = last_backup(settings.backup_dir)
    if last is not None:
        yield Measured("autod_backup_timestamp_seconds", last.taken_at.timestamp())


def process_readings(
    said: DaemonReport, report: Report | None, running: list[tuple[str, float]]
) -> Iterator[Measured]:
    """What one daemon tells; ``report`` is its last look at everything."""
    yield Measured("autod_alive", said.alive)
    yield Measured("autod_up_seconds", said.up_seconds)
    yield Measured("autod_documents_in_work", said.in_work)
    yield Measured("autod_build_info", 1, (said.version,))
    if said.circuit is not None:
        for state in LABELS["circuit"]:
            yield Measured("autod_circuit", state == said.circuit, (state,))
    if report is not None:
        yield Measured("autod_database_up", report.check("Database").state is not State.FAILED)
        for check in report.checks:
            yield Measured("autod_check_ok", check.state is not State.FAILED, (check.name,))
    longest: dict[str, float] = {}
    for step, seconds in running:
        known = step_label(step)
        longest[known] = max(seconds, longest.get(known, 0.0))
    for step, seconds in longest.items():
        yield Measured("autod_step_running_seconds", seconds, (step,))


def step_label(name: str) -> str:
    """The step's name if it is one of those we know: a label must not grow without bounds."""
    return name if name in LABELS["step"] else "other"


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
