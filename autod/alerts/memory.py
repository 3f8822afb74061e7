"""What is remembered of alerts over restarts: in the database for all workers, in a file for this one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from autod.alerts.hysteresis import AlertState, Notice, Phase, Timing, advance, quiet
from autod.alerts.rules import Verdict
from autod.db import alerts
from autod.db.manager import DatabaseManager
from autod.db.models import Alert

LEASE = timedelta(minutes=5)
"""How long one worker has for sending a notice before another one sends it."""


@dataclass(frozen=True, slots=True)
class DueNotice:
    """Something that people are to be told now."""

    verdict: Verdict
    notice: Notice


class Memory(Protocol):
    """Remembers where alerts stand."""

    def due(self, verdicts: Iterable[Verdict], now: datetime) -> list[DueNotice]:
        """Take what was found, and say what is to be sent by the caller; nobody else is told the same.

        Raises:
            DatabaseError: nothing was changed.
        """
        ...

    def sent(self, done: DueNotice) -> None:
        """It was sent. Without this it is due again after a while."""
        ...


class ArchiveMemory:
    """In the database: one worker of many is told to send."""

    def __init__(self, manager: DatabaseManager, timing: Timing) -> None:
        self._manager = manager
        self._timing = timing

    def due(self, verdicts: Iterable[Verdict], now: datetime) -> list[DueNotice]:
        with self._manager.get_session() as session:
            rows = [
                (verdict, alerts.locked(session, verdict.name, Phase.QUIET, now))
                for verdict in sorted(verdicts, key=lambda verdict: verdict.name)
            ]
            return [due for verdict, row in rows if (due := self._moved_on(row, verdict, now))]

    def sent(self, done: DueNotice) -> None:
        with self._manager.get_session() as session:
            row = session.get(Alert, done.verdict.name.value)
            if row is not None and row.pending == done.notice:
                row.pending = row.claimed_until = None

    def _moved_on(self, row: Alert, verdict: Verdict, now: datetime) -> DueNotice | None:
        before = AlertState(Phase(row.phase), row.since, row.raised_at, row.told_at)
        after, notice = advance(before, verdict.firing, now, self._timing)
        row.phase, row.since, row.raised_at, row.told_at = (
            after.phase.value,
            after.since,
            after.raised_at,
            after.told_at,
        )
        if verdict.firing is not None:
            row.summary = verdict.summary
        if notice is not None:
            row.pending, row.claimed_until = notice.value, None
        if row.pending is None or (row.claimed_until is not None and row.claimed_until > now):
            return None
        row.claimed_until = now + LEASE
        return DueNotice(verdict, Notice(row.pending))


class LocalMemory:
    """In a file of the work folder, for what must be told although the database is down or cannot be written.

    A file that cannot be written is remembered until the process ends.
    """

    def __init__(self, path: Path, timing: Timing) -> None:
        self._path = path
        self._timing = timing
        self._states = self._read()

    def due(self, verdicts: Iterable[Verdict], now: datetime) -> list[DueNotice]:
        due: list[DueNotice] = []
        for verdict in verdicts:
            before = self._states.get(verdict.name)
            after, notice = advance(before or quiet(now), verdict.firing, now, self._timing)
            self._states[verdict.name] = after
            if notice is not None:
                due.append(DueNotice(verdict, notice))
            if after != before:
                self._write()
        return due

    def sent(self, done: DueNotice) -> None:
        """Nothing to do: the file was written before."""

    def states(self) -> dict[str, AlertState]:
        return dict(self._states)

    def _read(self) -> dict[str, AlertState]:
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            held = json.loads(self._path.read_text(encoding="utf-8"))
            return {name: _state_of(said) for name, said in held.items()}
        return {}

    def _write(self) -> None:
        scratch = self._path.with_name(self._path.name + ".new")
        with suppress(OSError):
            scratch.parent.mkdir(parents=True, exist_ok=True)
            scratch.write_text(
                json.dumps({name: asdict(state) for name, state in self._states.items()}, default=str),
                encoding="utf-8",
            )
            scratch.replace(self._path)


def _state_of(said: dict[str, str | None]) -> AlertState:
    since = _moment(said["since"])
    if since is None:
        raise ValueError("an alert without its time")
    return AlertState(Phase(said["phase"] or ""), since, _moment(said["raised_at"]), _moment(said["told_at"]))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
