"""Names of settings that are no longer read, and what is read instead.

People who come from the autoD before this one, or from an earlier version of this one, still have them in
their ``.env``. A name that is ignored in silence has the default used in its place.
A setting that is removed or renamed joins ``FORMER``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

FORMER: Mapping[str, str] = {
    "OPENAI_MODEL": "use PAPER_AUTOPILOT_OPENAI_MODEL",
    "API_TIMEOUT_SECONDS": "use PAPER_AUTOPILOT_OPENAI_TIMEOUT_SECONDS",
    "MAX_RETRIES": "use PAPER_AUTOPILOT_MAX_ATTEMPTS",
    "FAILED_RETRY_ATTEMPTS": "use PAPER_AUTOPILOT_MAX_ATTEMPTS",
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
    "LOG_BACKUP_COUNT": "use PAPER_AUTOPILOT_LOG_KEEP",
    "VECTOR_STORE_NAME": "use PAPER_AUTOPILOT_VECTOR_STORE_NAME",
    "VECTOR_STORE_CACHE_FILE": "use PAPER_AUTOPILOT_VECTOR_STORE_ID, with the id that this file holds",
    "PROCESSED_RETENTION_DAYS": "nothing takes its place: filed documents are kept",
    "ENVIRONMENT": "nothing takes its place: there is one way to run",
    "PAPER_AUTOPILOT_INBOX_PATH": "use PAPER_AUTOPILOT_INBOX_DIR",
    "PAPER_AUTOPILOT_VERSION": "nothing takes its place: `autod --version` tells it",
}
"""Each name with what to do, as a clause."""


def former_names(given: Iterable[str]) -> dict[str, str]:
    """Those of the names, as they are given, that are no longer read, with what to do."""
    return {name: FORMER[name.upper()] for name in given if name.upper() in FORMER}


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
