"""What a look at the system found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypedDict


class State(StrEnum):
    """How one thing is; ``off`` is not in use. Only ``failed`` makes the whole unhealthy."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; ``next_step`` is empty when there is nothing to do.

    ``silent`` is a thing that neither worked nor failed: whoever asked it waits still.
    """

    name: str
    state: State
    detail: str
    next_step: str = ""
    silent: bool = False


class CheckJson(TypedDict):
    """See ``Check``."""

    state: str
    detail: str
    next_step: str


class HealthJson(TypedDict):
    """See ``Report``; ``timestamp`` is ISO 8601."""

    healthy: bool
    timestamp: str
    docs_24h: int | None
    checks: dict[str, CheckJson]


@dataclass(frozen=True, slots=True)
class Report:
    """All checks at one moment; ``completed_today`` counts the documents completed in 24 hours.

    It is None when the database did not tell.
    """

    at: datetime
    checks: tuple[Check, ...]
    completed_today: int | None

    @property
    def healthy(self) -> bool:
        return all(check.state is not State.FAILED for check in self.checks)

    def check(self, name: str) -> Check:
        """The check of that name."""
        return next(check for check in self.checks if check.name == name)

    def to_dict(self) -> HealthJson:
        return {
            "healthy": self.healthy,
            "timestamp": self.at.isoformat(),
            "docs_24h": self.completed_today,
            "checks": {
                c.name: {"state": c.state.value, "detail": c.detail, "next_step": c.next_step}
                for c in self.checks
            },
        }


def ok(name: str, detail: str = "", next_step: str = "") -> Check:
    return Check(name, State.OK, f"OK ({detail})" if detail else "OK", next_step)


def off(name: str, detail: str) -> Check:
    return Check(name, State.OFF, detail)


def warning(name: str, detail: str, next_step: str) -> Check:
    return Check(name, State.WARNING, f"WARNING ({detail})", next_step)


def failed(name: str, detail: str, next_step: str) -> Check:
    return Check(name, State.FAILED, f"FAILED ({detail})", next_step)
