"""Looking for what is worth an alert, from a thread of a running daemon, and sending it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from autod.alerts.delivery import Delivery
from autod.alerts.memory import ArchiveMemory, LocalMemory, Memory
from autod.alerts.message import message_of
from autod.alerts.rules import LOCAL, AlertName, ArchiveFacts, Facts, Verdict, judge
from autod.app import App
from autod.assembly.archive import utc_now
from autod.codes import Code
from autod.config import Settings
from autod.db import figures
from autod.db.manager import DatabaseManager
from autod.errors import DatabaseError
from autod.health import Report, State
from autod.health.checks import free_bytes, written_folders
from autod.health.patience import Patience
from autod.monitoring.alert_settings import alert_limits, open_channels, timing

log = structlog.get_logger("autod.alerts")

ROUND_SECONDS = 15.0
LOCAL_FILE = "alerts.json"


def local_file(settings: Settings) -> Path:
    return settings.work_dir.absolute() / LOCAL_FILE


class Alerting:
    """Judges, remembers and sends, round by round.

    Args:
        report: the last look at everything, None before the first.
    """

    def __init__(
        self,
        settings: Settings,
        app: App,
        report: Callable[[], Report | None],
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings = settings
        self._app = app
        self._report = report
        self._now = now
        self._limits = alert_limits(settings)
        self._delivery = Delivery(open_channels(settings))
        self._host = socket.gethostname()
        self._local = LocalMemory(local_file(settings), timing())
        self._shared = ArchiveMemory(app.manager, timing())
        self._patience = Patience()

    def round(self) -> None:
        """Judge everything once, and send what is due."""
        self._delivery.again()
        facts = self.facts()
        found = list(judge(facts, self._limits))
        self._tell(self._local, [verdict for verdict in found if verdict.name in LOCAL])
        if not facts.database_trouble:
            try:
                self._tell(self._shared, [verdict for verdict in found if verdict.name not in LOCAL])
            except DatabaseError as error:
                log.warning("Alerts wait for the database", reason=error.code)

    def facts(self) -> Facts:
        report, client = self._report(), self._app.client
        trouble = _trouble(report, "Database")
        free = self._patience.ask("free space", lambda: _free(self._settings))
        return Facts(
            database_trouble=trouble,
            disk_free=free or {},
            circuit_open=client is not None and client.circuit.value == "open",
            uses_service=client is not None,
            archive=None
            if trouble
            else self._patience.ask("archive", lambda: _archive(self._app.manager, self._now())),
            folder_trouble=_trouble(report, "Folders"),
            damage=_trouble(report, "Integrity"),
        )

    def _tell(self, memory: Memory, verdicts: list[Verdict]) -> None:
        now = self._now()
        for due in memory.due(verdicts, now):
            self._delivery.send(message_of(due.verdict, due.notice, self._host, now))
            memory.sent(due)


def _trouble(report: Report | None, name: str) -> str | None:
    """What a check found wrong; empty when nothing is, None when nobody has looked."""
    if report is None:
        return None
    check = report.check(name)
    return check.detail if check.state is State.FAILED else ""


@contextlib.contextmanager
def telling_of_failed_start(settings: Settings, now: Callable[[], datetime] = utc_now) -> Iterator[None]:
    """A daemon that cannot start for want of its database, again and again, is an alert as well."""
    try:
        yield
    except DatabaseError as error:
        if error.code != Code.DATABASE_IN_USE:
            _tell_of_failed_start(settings, error.message, now())
        raise


def _tell_of_failed_start(settings: Settings, trouble: str, now: datetime) -> None:
    memory, delivery = (
        LocalMemory(local_file(settings), timing()),
        Delivery(open_channels(settings)),
    )
    verdict = Verdict(AlertName.DATABASE_DOWN, True, f"The daemon cannot start: {trouble}")
    for due in memory.due([verdict], now):
        delivery.send(message_of(due.verdict, due.notice, socket.gethostname(), now))


def _free(settings: Settings) -> dict[str, int]:
    return {name: free_bytes(folder) for name, folder in written_folders(settings).items()}


def _archive(manager: DatabaseManager, now: datetime) -> ArchiveFacts | None:
    quarter = now - timedelta(minutes=15)
    try:
        with manager.get_session(read_only=True) as session:
            return ArchiveFacts(
                api_failures=figures.api_failures(session, quarter),
                api_answers=figures.api_answers(session, quarter),
                api_failures_day=figures.api_failures(session, now - timedelta(days=1)),
                spent_today=figures.spent_today(session, now),
                uploads_failed_hour=figures.upload_failures(session, now - timedelta(hours=1)),
            )
    except DatabaseError:
        return None
