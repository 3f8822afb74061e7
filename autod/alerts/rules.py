"""What is worth waking somebody for: the seven alerts, judged from facts. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

FEWEST_OUTCOMES = 4
"""Fewer answers and failures of the service than this prove nothing."""


class Severity(StrEnum):
    """How bad: P0 is a complete outage, P3 can wait for working hours."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class AlertName(StrEnum):
    DATABASE_DOWN = "database_down"
    API_ERRORS = "api_errors"
    DISK_LOW = "disk_low"
    COST_HIGH = "cost_high"
    VECTOR_STORE_FAILURES = "vector_store_failures"
    FOLDER_AWAY = "folder_away"
    DATABASE_DAMAGED = "database_damaged"


SEVERITIES = {
    AlertName.DATABASE_DOWN: Severity.P0,
    AlertName.API_ERRORS: Severity.P1,
    AlertName.DISK_LOW: Severity.P2,
    AlertName.COST_HIGH: Severity.P2,
    AlertName.VECTOR_STORE_FAILURES: Severity.P3,
    AlertName.FOLDER_AWAY: Severity.P0,
    AlertName.DATABASE_DAMAGED: Severity.P1,
}

NEXT_STEPS = {
    AlertName.DATABASE_DOWN: "Start the database; documents wait in the inbox. See docs/RUNBOOK.md.",
    AlertName.API_ERRORS: "See the service's status page, the key and its limits; documents wait.",
    AlertName.DISK_LOW: "Remove old backups and logs, or enlarge the disk, before documents have to wait.",
    AlertName.COST_HIGH: "See `autod costs --by issuer`; the caps hold. Or raise the threshold.",
    AlertName.VECTOR_STORE_FAILURES: "See `upload failed` in the log; check the store's ID and the key.",
    AlertName.FOLDER_AWAY: "Mount the folder's disk, writable; work then goes on. See `autod health`.",
    AlertName.DATABASE_DAMAGED: "Run `autod check`: it says what is damaged and what helps.",
}

LOCAL = frozenset(
    {AlertName.DATABASE_DOWN, AlertName.DISK_LOW, AlertName.FOLDER_AWAY, AlertName.DATABASE_DAMAGED}
)
"""Those that are about one machine, not about the archive that machines share.

They are told although the database cannot be written, which a full disk sees to.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where alerts begin. Without ``cost_usd`` there is none for it; ``api_error_share`` is 0..1."""

    disk_bytes: int
    api_error_share: float
    cost_usd: Decimal | None
    vector_store_failures: int


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """What the database tells: of the last 15 minutes, the last day, today (UTC) and the last hour."""

    api_failures: int
    api_answers: int
    api_failures_day: int
    spent_today: Decimal
    uploads_failed_hour: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at one moment.

    ``database_trouble`` is empty while the database is well, None when nobody has looked; ``disk_free`` is
    bytes by folder, empty while the file system does not answer; ``archive`` is None while nobody can tell.
    ``folder_trouble`` and ``damage`` of the database are like ``database_trouble``.
    """

    database_trouble: str | None
    disk_free: dict[str, int]
    circuit_open: bool
    uses_service: bool
    archive: ArchiveFacts | None
    folder_trouble: str | None = ""
    damage: str | None = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One alert's condition: ``firing`` None means that nobody can tell."""

    name: AlertName
    firing: bool | None
    summary: str


def judge(facts: Facts, limits: Limits) -> Iterator[Verdict]:
    """A verdict on each alert."""
    yield _database(facts)
    yield _api(facts, limits)
    yield _disk(facts, limits)
    yield _cost(facts, limits)
    yield _vector_store(facts, limits)
    yield _lasting(AlertName.FOLDER_AWAY, facts.folder_trouble, "All folders are the archive's")
    yield _lasting(AlertName.DATABASE_DAMAGED, facts.damage, "The database is whole")


def _lasting(name: AlertName, trouble: str | None, well: str) -> Verdict:
    return Verdict(name, None if trouble is None else bool(trouble), trouble or well)


def _database(facts: Facts) -> Verdict:
    trouble = facts.database_trouble
    summary = f"The database is down: {trouble}" if trouble else "The database answers"
    return Verdict(AlertName.DATABASE_DOWN, None if trouble is None else bool(trouble), summary)


def _api(facts: Facts, limits: Limits) -> Verdict:
    """Silence proves nothing: documents that wait after an error ask seldom."""

    def found(firing: bool | None, summary: str) -> Verdict:
        return Verdict(AlertName.API_ERRORS, firing, summary)

    if not facts.uses_service:
        return found(False, "No remote service is used")
    if facts.circuit_open:
        return found(True, "The service failed several times in a row and is left alone for a while")
    if facts.archive is None:
        return found(None, "Unknown while the database is down")
    failures, outcomes = facts.archive.api_failures, facts.archive.api_failures + facts.archive.api_answers
    summary = f"{failures} of {outcomes} outcomes in 15 minutes were the service's errors"
    if outcomes >= FEWEST_OUTCOMES:
        return found(failures / outcomes > limits.api_error_share, summary)
    return found(None if facts.archive.api_failures_day else False, summary)


def _disk(facts: Facts, limits: Limits) -> Verdict:
    if not facts.disk_free:
        return Verdict(AlertName.DISK_LOW, None, "The file system does not answer")
    folder, free = min(facts.disk_free.items(), key=lambda item: item[1])
    summary = f"{free / 1e9:.1f} GB free where {folder} lies; {limits.disk_bytes / 1e9:g} GB are wanted"
    return Verdict(AlertName.DISK_LOW, free < limits.disk_bytes, summary)


def _cost(facts: Facts, limits: Limits) -> Verdict:
    if limits.cost_usd is None:
        return Verdict(AlertName.COST_HIGH, False, "No threshold is set")
    if facts.archive is None:
        return Verdict(AlertName.COST_HIGH, None, "Unknown while the database is down")
    spent = facts.archive.spent_today
    summary = f"{spent:.2f} USD spent or reserved today (UTC); the threshold is {limits.cost_usd:.2f}"
    return Verdict(AlertName.COST_HIGH, spent >= limits.cost_usd, summary)


def _vector_store(facts: Facts, limits: Limits) -> Verdict:
    if facts.archive is None:
        return Verdict(AlertName.VECTOR_STORE_FAILURES, None, "Unknown while the database is down")
    failed = facts.archive.uploads_failed_hour
    summary = f"{failed} uploads to the vector store failed in an hour"
    return Verdict(AlertName.VECTOR_STORE_FAILURES, failed >= limits.vector_store_failures, summary)
