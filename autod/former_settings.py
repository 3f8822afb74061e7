"""Names of settings that are no longer read, and what is read instead.

People who come from the autoD before this one, or from an earlier version of this one, still have them in
their ``.env``. A name that is ignored in silence has the default used in its place.
A setting that is removed or renamed joins ``FORMER``; one whose value became a constant ``BUILT_IN``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

BUILT_IN: Mapping[str, str] = {
    "PAPER_AUTOPILOT_DB_BUSY_TIMEOUT_SECONDS": "nothing takes its place: "
    "a write to SQLite waits 10 s for another one",
    "PAPER_AUTOPILOT_HISTORY_DAYS": "nothing takes its place: "
    "the engine's records of finished work are kept for 30 days",
    "PAPER_AUTOPILOT_WORKER_SILENT_SECONDS": "nothing takes its place: "
    "a process of a fleet is given up after 15 s without a sign",
    "PAPER_AUTOPILOT_RESCAN_SECONDS": "nothing takes its place: the inbox is listed every 5 s",
    "PAPER_AUTOPILOT_MAX_ATTEMPTS": "nothing takes its place: "
    "a document fails after 5 attempts; trouble outside of it is none",
    "PAPER_AUTOPILOT_READ_SECONDS_PER_PAGE": "nothing takes its place: "
    "every page adds 20 s to the time limit; PAPER_AUTOPILOT_READ_TIMEOUT_SECONDS is the limit's fixed part",
    "PAPER_AUTOPILOT_READ_IDLE_SECONDS": "nothing takes its place: an idle reading process ends after 30 s",
    "PAPER_AUTOPILOT_MAX_PAGE_MEGAPIXELS": "nothing takes its place: "
    "a larger picture of a page than 40 megapixels is made smaller for OCR",
    "PAPER_AUTOPILOT_OPENAI_PATIENCE_SECONDS": "nothing takes its place: "
    "an answer is waited for 15 minutes at a stretch, and collected later",
    "PAPER_AUTOPILOT_OPENAI_MAX_PICTURES": "nothing takes its place: "
    "the first 10 pages of a document are sent as pictures, further ones as text alone",
    "PAPER_AUTOPILOT_OPENAI_DETAIL": "nothing takes its place: "
    "the model looks closely at the pages of a file; PAPER_AUTOPILOT_OPENAI_FORM=text costs less",
    "PAPER_AUTOPILOT_OPENAI_POLL_SECONDS": "nothing takes its place: "
    "an answer is looked for after 1 s, then in pauses that grow to 10 s",
    "PAPER_AUTOPILOT_OPENAI_BATCH_POLL_SECONDS": "nothing takes its place: "
    "batches are looked at every minute",
    "PAPER_AUTOPILOT_ALERT_AFTER_SECONDS": "nothing takes its place: "
    "a condition that lasts a minute is an alert",
    "PAPER_AUTOPILOT_ALERT_CLEAR_SECONDS": "nothing takes its place: "
    "an alert is resolved when its condition stayed away for 5 minutes",
    "PAPER_AUTOPILOT_ALERT_API_ERROR_PERCENT": "nothing takes its place: "
    "more errors of the service than half of its outcomes in 15 minutes are an alert",
    "PAPER_AUTOPILOT_ALERT_VECTOR_STORE_FAILURES": "nothing takes its place: "
    "3 failed uploads in an hour are an alert",
    "PAPER_AUTOPILOT_LOG_KEEP": "nothing takes its place: 5 rotated logs are kept, "
    "of PAPER_AUTOPILOT_LOG_MAX_MB each",
}
"""Settings whose value nobody changed and is a constant now, each with the constant, as a clause.

They stop no command: after an upgrade the daemon works on, and says that they can go.
"""

FORMER: Mapping[str, str] = {
    "OPENAI_MODEL": "use PAPER_AUTOPILOT_OPENAI_MODEL",
    "API_TIMEOUT_SECONDS": "use PAPER_AUTOPILOT_OPENAI_TIMEOUT_SECONDS",
    "MAX_RETRIES": "nothing takes its place: a document fails after 5 attempts",
    "FAILED_RETRY_ATTEMPTS": "nothing takes its place: a document fails after 5 attempts",
    "RATE_LIMIT_RPM": "use PAPER_AUTOPILOT_OPENAI_DOCUMENTS_PER_MINUTE, or nothing: "
    "the service announces its limit",
    "PROMPT_TOKEN_PRICE_PER_MILLION": "prices are built in; your own go to PAPER_AUTOPILOT_OPENAI_PRICE_FILE",
    "COMPLETION_TOKEN_PRICE_PER_MILLION": "prices are built in; "
    "your own go to PAPER_AUTOPILOT_OPENAI_PRICE_FILE",
    "CACHED_TOKEN_PRICE_PER_MILLION": "prices are built in; your own go to PAPER_AUTOPILOT_OPENAI_PRICE_FILE",
    "COST_ALERT_THRESHOLD_1": "use PAPER_AUTOPILOT_ALERT_COST_DAY_USD",
    "COST_ALERT_THRESHOLD_2": "use PAPER_AUTOPILOT_CAP_DAY_USD, at which work stops",
    "COST_ALERT_THRESHOLD_3": "use PAPER_AUTOPILOT_CAP_MONTH_USD, at which work stops",
    "BATCH_SIZE": "nothing takes its place: documents are taken as they come",
    "MAX_WORKERS": "use PAPER_AUTOPILOT_WORKERS",
    "PROCESSING_TIMEOUT_PER_DOC": "use PAPER_AUTOPILOT_READ_TIMEOUT_SECONDS",
    "LOG_LEVEL": "use PAPER_AUTOPILOT_LOG_LEVEL",
    "LOG_FORMAT": "nothing takes its place: the log is JSON",
    "LOG_FILE": "use PAPER_AUTOPILOT_LOG_FILE",
    "LOG_MAX_BYTES": "use PAPER_AUTOPILOT_LOG_MAX_MB, in megabytes",
    "LOG_BACKUP_COUNT": "nothing takes its place: 5 rotated logs are kept",
    "VECTOR_STORE_NAME": "use PAPER_AUTOPILOT_VECTOR_STORE_ID, with the id of that store",
    "VECTOR_STORE_CACHE_FILE": "use PAPER_AUTOPILOT_VECTOR_STORE_ID, with the id that this file holds",
    "PROCESSED_RETENTION_DAYS": "nothing takes its place: filed documents are kept",
    "ENVIRONMENT": "nothing takes its place: there is one way to run",
    "PAPER_AUTOPILOT_INBOX_PATH": "use PAPER_AUTOPILOT_INBOX_DIR",
    "PAPER_AUTOPILOT_VERSION": "nothing takes its place: `autod --version` tells it",
    "PAPER_AUTOPILOT_VECTOR_STORE_NAME": "use PAPER_AUTOPILOT_VECTOR_STORE_ID, with the id of that store, "
    "or nothing where it is named paper-autopilot",
    **BUILT_IN,
}
"""Each name with what to do, as a clause."""


def former_names(given: Iterable[str]) -> dict[str, str]:
    """Those of the names, as they are given, that are no longer read, with what to do."""
    return {name: FORMER[name.upper()] for name in given if name.upper() in FORMER}


def built_in(name: str) -> bool:
    """Whether this former setting's value is a constant now, so that work goes on without it."""
    return name.upper() in BUILT_IN


def former_settings(env_file: Path | None = Path(".env")) -> list[str]:
    """What is set here and no longer read, one sentence each; values are left out."""
    from dotenv import dotenv_values

    places: dict[str, Iterable[str]] = {} if env_file is None else {str(env_file): dotenv_values(env_file)}
    places["the environment"] = os.environ
    return [
        f"{name}, set in {place}, is no longer read: {advice}"
        for place, given in places.items()
        for name, advice in sorted(former_names(given).items())
    ]
