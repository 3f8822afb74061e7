"""Where alerts stand, for people who ask."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from autod.alerts.memory import LocalMemory
from autod.alerts.rules import SEVERITIES, AlertName, Severity
from autod.assembly.archive import open_ready_manager
from autod.config import Settings
from autod.db import alerts
from autod.errors import DatabaseError
from autod.monitoring.alert_settings import timing
from autod.monitoring.alerting import local_file


@dataclass(frozen=True, slots=True)
class StandingAlert:
    """One alert; ``summary`` is what was seen last, where it is remembered."""

    name: str
    severity: Severity
    phase: str
    since: datetime
    summary: str

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def standing_alerts(settings: Settings) -> list[StandingAlert]:
    """This worker's own alerts and the archive's, the worst first; without a database the former."""
    found = [
        StandingAlert(name, SEVERITIES[AlertName(name)], state.phase.value, state.since, "")
        for name, state in LocalMemory(local_file(settings), timing()).states().items()
    ]
    try:
        with open_ready_manager(settings) as manager, manager.get_session(read_only=True) as session:
            for row in alerts.all_of(session):
                severity = SEVERITIES[AlertName(row.name)]
                found.append(StandingAlert(row.name, severity, row.phase, row.since, row.summary))
    except DatabaseError as error:
        trouble = f"others unknown: {error.message}"
        found = [StandingAlert(a.name, a.severity, a.phase, a.since, trouble) for a in found]
    return sorted(found, key=lambda alert: (alert.severity, alert.name))
