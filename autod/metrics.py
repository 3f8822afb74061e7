"""Every metric there is: its name, kind, meaning and labels. docs/METRICS.md is written from this list.

What comes from the archive is read from the database at the moment of asking: it survives restarts, and is
the same from every worker. What comes from the process is of one daemon, since its start. No label holds
anything of a document, so their number is bounded: ``LABELS`` has every value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MetricKind(StrEnum):
    """As Prometheus names them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Source(StrEnum):
    """Where a metric's value comes from."""

    ARCHIVE = "archive"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; a ratio is absent while there is nothing to divide by."""

    name: str
    kind: MetricKind
    source: Source
    meaning: str
    labels: tuple[str, ...] = ()


STEPS = (
    "begin", "read", "may_leave", "prepare", "reserve", "claim", "submit", "attach", "collect", "settle",
    "forget", "understand", "record", "upload", "link", "file", "complete", "postpone", "set_aside", "fail",
    "document", "ask", "other",
)  # fmt: skip
"""The steps of a document's life; ``ask`` is all of asking a remote reader, ``document`` the whole life."""

LABELS: dict[str, tuple[str, ...]] = {
    "window": ("hour", "day", "week", "month"),
    "status": ("waiting", "postponed", "processing", "completed", "failed"),
    "event": (
        "received", "duplicate", "filed", "failed", "postponed", "refused", "uploaded", "upload_failed",
    ),
    "outcome": ("ok", "failed"),
    "step": STEPS,
    "tokens": ("input", "output", "cached"),
    "folder": ("processed", "work", "log", "database"),
    "circuit": ("closed", "open", "half_open"),
    "check": (
        "Database", "OpenAI API", "Vector Store", "Disk Space", "Log File", "Inbox", "Folders", "Integrity",
        "Daemon", "Workers", "Backlog", "Review", "Backup", "Clock",
    ),
    "life": ("alive", "silent"),
    "version": ("that of the program",),
}  # fmt: skip
"""Every value of every label. ``month`` is 30 days, ``week`` 7, all of them up to now."""

BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900)
"""Upper bounds of the histograms, seconds."""

_C, _G, _H = MetricKind.COUNTER, MetricKind.GAUGE, MetricKind.HISTOGRAM
_A, _P = Source.ARCHIVE, Source.PROCESS

METRICS = (
    Metric("autod_documents", _G, _A, "Documents, by where they stand.", ("status",)),
    Metric("autod_events_total", _C, _A, "What happened to files, since the archive began.", ("event",)),
    Metric("autod_review_documents", _G, _A, "Documents with a field that waits for review."),
    Metric("autod_backlog_oldest_seconds", _G, _A, "Age of the oldest unfinished document; 0 without one."),
    Metric("autod_window_completed", _G, _A, "Documents completed in the window.", ("window",)),
    Metric(
        "autod_window_failed", _G, _A, "Documents whose last end, in the window, was a failure.", ("window",)
    ),
    Metric("autod_processing_seconds_mean", _G, _A, "Mean time from begin to filed.", ("window",)),
    Metric("autod_duplicate_ratio", _G, _A, "Duplicates among the files taken.", ("window",)),
    Metric(
        "autod_error_ratio",
        _G,
        _A,
        "Failed among the documents that ended, each by its last end.",
        ("window",),
    ),
    Metric("autod_review_ratio", _G, _A, "Documents to review among those completed.", ("window",)),
    Metric("autod_cost_usd", _G, _A, "US dollars billed in the window.", ("window",)),
    Metric("autod_cost_open_usd", _G, _A, "US dollars reserved or of unknown outcome.", ("window",)),
    Metric("autod_cost_per_document_usd", _G, _A, "US dollars by completed document.", ("window",)),
    Metric(
        "autod_cost_today_usd", _G, _A, "US dollars since midnight UTC, open ones included: the day's cap."
    ),
    Metric(
        "autod_workers",
        _G,
        _A,
        "Processes of the fleet, by whether they still show that they live.",
        ("life",),
    ),
    Metric("autod_unknown_calls", _G, _A, "Paid calls that nobody knows the outcome of."),
    Metric("autod_tokens", _G, _A, "Tokens of paid calls in the window.", ("window", "tokens")),
    Metric(
        "autod_cached_prefix_ratio", _G, _A, "Share of the prompt's static part found cached.", ("window",)
    ),
    Metric("autod_cached_tokens_ratio", _G, _A, "Share of all input tokens found cached.", ("window",)),
    Metric("autod_api_failures", _G, _A, "Documents that the service's trouble held up.", ("window",)),
    Metric("autod_api_error_ratio", _G, _A, "Those among its failures and answers.", ("window",)),
    Metric("autod_schema_valid_ratio", _G, _A, "Answers that fit the schema.", ("window",)),
    Metric("autod_vector_store_failures", _G, _A, "Uploads that failed; skipped ones do not.", ("window",)),
    Metric("autod_upload_success_ratio", _G, _A, "Uploads to the vector store that succeeded.", ("window",)),
    Metric("autod_database_up", _G, _P, "1 when the database answers and its schema is this version's."),
    Metric("autod_disk_free_bytes", _G, _P, "Free space where we write.", ("folder",)),
    Metric("autod_log_bytes", _G, _P, "Size of the log file."),
    Metric("autod_backup_timestamp_seconds", _G, _P, "When the newest backup was made, Unix time."),
    Metric("autod_check_ok", _G, _P, "1 unless the health check failed.", ("check",)),
    Metric("autod_alive", _G, _P, "1 while work moves: the inbox loop comes round, no step is overdue."),
    Metric("autod_ready", _G, _P, "1 while new work can be taken."),
    Metric("autod_circuit", _G, _P, "1 for the circuit breaker's state.", ("circuit",)),
    Metric("autod_documents_in_work", _G, _P, "Documents that this daemon works on."),
    Metric("autod_step_running_seconds", _G, _P, "The longest running step of each name.", ("step",)),
    Metric("autod_step_seconds", _H, _P, "How long steps take.", ("step", "outcome")),
    Metric("autod_up_seconds", _G, _P, "Time since this daemon started."),
    Metric("autod_build_info", _G, _P, "1, with the version.", ("version",)),
)

BY_NAME = {metric.name: metric for metric in METRICS}
