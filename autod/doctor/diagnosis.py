"""Everything that is looked at, from the program itself outwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autod.config import load_settings
from autod.doctor import account, folders, installation, machine
from autod.doctor.account import AccountModel
from autod.doctor.finding import Finding, broken, doubtful, fine, skipped
from autod.errors import ConfigurationError
from autod.former_settings import former_settings
from autod.health import State, examine
from autod.health.daemon import ask_daemon

WHY = {
    "Database": "Nothing is processed without it.",
    "OpenAI API": "Documents wait, or are read by the embedded engine.",
    "Vector Store": "Documents are not found by meaning; they are filed and found by words all the same.",
    "Disk Space": "A full disk stops everything; nothing is lost.",
    "Log File": "Without a log nobody can tell what happened.",
    "Folders": "Work waits: what is filed beside the archive's own disk would be out of sight.",
    "Integrity": "What is damaged in the database cannot be found, or is lost when it is read.",
    "Inbox": "What lies there is not taken in.",
    "Daemon": "Nothing is taken in until somebody runs it.",
    "Workers": "A worker that is silent has its work taken over; with fewer of them everything takes longer.",
    "Backlog": "Something holds documents up.",
    "Review": "Some documents need a person.",
    "Backup": "Without one that is known to work, a broken disk takes the archive with it.",
    "Clock": "Caps by day, waiting times and the record of what happened when depend on it.",
}
"""What it means when one of health's checks is not well."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings, in the order of looking, and the models that the service offers."""

    findings: tuple[Finding, ...]
    models: tuple[AccountModel, ...]

    @property
    def settings_wrong(self) -> bool:
        return any(f.topic == "Settings" and f.state is State.FAILED for f in self.findings)

    @property
    def broken(self) -> bool:
        return any(f.state is State.FAILED for f in self.findings)

    def to_dict(self) -> dict[str, object]:
        return {
            "healthy": not self.broken,
            "findings": [{**asdict(f), "state": f.state.value} for f in self.findings],
            "models": [
                {**asdict(m), "shutdown": m.shutdown.isoformat() if m.shutdown else None} for m in self.models
            ],
        }


def diagnose(
    clock: Callable[[], datetime],
    *,
    offline: bool = False,
    env_file: Path = Path(".env"),
    tell: Callable[[str], None] = lambda _: None,
) -> Diagnosis:
    """Look at everything; never raises for a thing that is broken. ``tell`` hears what is looked at."""
    tell("the installation")
    findings = installation.look()
    try:
        settings = load_settings(env_file)
    except ConfigurationError as error:
        findings += [
            broken("Settings", line, "The program does not start with a setting that it does not understand.",
                   "Correct it in .env or the environment; docs/configuration.md lists them.")
            for line in error.message.splitlines()
        ]  # fmt: skip
        findings.append(skipped("Everything else", "not looked at until the settings are right"))
        return Diagnosis(tuple(findings), ())
    findings.append(fine("Settings", "all understood"))
    findings += [
        doubtful(
            "Former settings", setting, "Its default is used instead.", "Set what is read now, remove this."
        )
        for setting in former_settings(env_file)
    ]
    tell("folders and files")
    findings += folders.look(settings, env_file)
    tell("the machine")
    findings += machine.look(settings, ask_daemon(settings))
    tell("database, disk and work")
    findings += _as_findings(examine(settings, clock(), ask_services=not offline).checks)
    tell("the service")
    of_account, models = account.look(settings, clock, offline=offline)
    return Diagnosis((*findings, *of_account), tuple(models))


def _as_findings(checks: Iterable[Any]) -> list[Finding]:
    """Health's own checks, with the reason why each matters."""
    return [
        Finding(
            check.name,
            check.state,
            check.detail,
            WHY.get(check.name, "") if check.state in (State.WARNING, State.FAILED) else "",
            check.next_step,
        )
        for check in checks
    ]
