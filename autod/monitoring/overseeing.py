"""Watching over a running daemon, from a thread beside it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import structlog

from autod import __version__
from autod.app import App
from autod.assembly.archive import utc_now
from autod.config import Settings
from autod.db.workers import SILENT_SECONDS
from autod.health import Examiner, Report, State
from autod.health.daemon import DaemonReport, instance_of
from autod.health.patience import Patience
from autod.health.spoken import EVERY_SECONDS, write_state
from autod.inbox.daemon import Daemon
from autod.monitoring.alert_settings import open_channels
from autod.monitoring.alerting import ROUND_SECONDS, Alerting
from autod.monitoring.exposition import Exposition
from autod.monitoring.figures_cache import FiguresCache
from autod.monitoring.measured import Measured, archive_readings, place_readings, process_readings
from autod.monitoring.pages import application
from autod.monitoring.port import listening, require_token
from autod.monitoring.service_manager import Feeder, ServiceManager
from autod.periodic import Periodic

log = structlog.get_logger("autod.monitoring")

LOOK_SECONDS = 15.0
OUTDATED_SECONDS = 60.0
"""A look at everything that is older says nothing about now."""
STOP_SECONDS = 2.0
LONGEST_LOOK_SECONDS = 300.0
"""A look at everything takes no longer, even when every file system hangs."""
NEEDED_FOR_WORK = ("Database", "Folders", "Inbox", "Disk Space")


class Overseer:
    """Looks at everything again and again, and remembers what it saw."""

    def __init__(
        self,
        settings: Settings,
        app: App,
        daemon: Daemon,
        *,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._app = app
        self._daemon = daemon
        self._now = now
        self._monotonic = monotonic
        self._begun = monotonic()
        self._figures = FiguresCache(app.manager, now, monotonic)
        self._examiner = Examiner(
            settings, app.manager, daemon=self.daemon_report, figures=self._figures.latest
        )
        self._exposition = Exposition(self._readings)
        app.step_clock.on_end(self._exposition.step_ended)
        self._seen: tuple[float, Report] | None = None
        self._patience = Patience()

    def look(self) -> None:
        """Look at everything once."""
        report = self._examiner.examine(self._now())
        self._seen = (self._monotonic(), report)

    def write_down(self) -> None:
        """Write the daemon's troubles where a health check finds them that cannot ask."""
        write_state(self._settings.work_dir.absolute(), self.daemon_report(), self._now())

    def daemon_report(self) -> DaemonReport:
        client, trouble = self._app.client, self._app.footing.last_trouble()
        return DaemonReport(
            instance=instance_of(self._settings),
            pid=os.getpid(),
            version=__version__,
            up_seconds=round(self._monotonic() - self._begun, 1),
            loop_overdue=self._daemon.overdue,
            in_work=len(self._app.engine.active()),
            overdue_steps=self._app.step_clock.overdue(),
            circuit=None if client is None else client.circuit.value,
            stopping=self._daemon.stopping,
            waits_for=trouble.code if trouble else None,
            waiting=(trouble.message, trouble.next_step) if trouble else ("", ""),
            stalled=self._app.engine.stalled,
            held_open=len(self._daemon.held_open()),
        )

    def report(self) -> Report | None:
        return self._seen[1] if self._seen else None

    def hindrances(self) -> list[str]:
        """Why no new work can be taken; empty when it can."""
        said = self.daemon_report()
        if said.stopping:
            return ["the daemon is stopping"]
        if not said.alive:
            return ["work does not move"]
        if self._seen is None or self._monotonic() - self._seen[0] > OUTDATED_SECONDS:
            return ["nobody has looked yet"]
        found = (self._seen[1].check(name) for name in NEEDED_FOR_WORK)
        return [f"{check.name}: {check.detail}" for check in found if check.state is State.FAILED]

    def moving(self) -> bool:
        """Whether a restart could make nothing better.

        A database that refuses is waited for; one that neither answers nor refuses holds our threads, and
        only a new process gets rid of them.
        """
        seen_at, report = self._seen or (self._begun, None)
        if self._monotonic() - seen_at > LONGEST_LOOK_SECONDS:
            return False
        return self.daemon_report().alive and not (report and report.check("Database").silent)

    def status(self) -> str:
        """How it goes, in a line."""
        if not self.moving():
            return "Work does not move"
        hindrances = self.hindrances() if self._seen else []
        said = self.daemon_report()
        return "; ".join(hindrances) or f"{said.in_work} documents in work"

    def metrics(self) -> bytes:
        """Everything that can be scraped; may ask the database."""
        return self._exposition.text()

    def _readings(self) -> Iterator[Measured]:
        figures = self._figures.latest()
        if figures is not None:
            yield from archive_readings(figures, SILENT_SECONDS)
        yield Measured("autod_ready", not self.hindrances())
        yield from self._patience.ask("folders", lambda: list(place_readings(self._settings))) or ()
        yield from process_readings(self.daemon_report(), self.report(), self._app.step_clock.running())


def check_settings(settings: Settings) -> None:
    """Refuse settings that cannot work or would let strangers in, before anything is opened.

    Raises:
        ConfigurationError: code ``monitor_token_missing``, or an alert's channel cannot work.
    """
    open_channels(settings)
    if settings.monitor_port:
        require_token(settings.monitor_host, _token(settings))


@contextlib.contextmanager
def overseen(settings: Settings, app: App, daemon: Daemon) -> Iterator[None]:
    """Watch over ``daemon`` while the block runs, answer on its port, and tell systemd if it started us."""
    overseer = Overseer(settings, app, daemon)
    manager = ServiceManager()
    feeder = Feeder(manager, overseer.moving, overseer.status)
    alerting = Alerting(settings, app, overseer.report)
    with contextlib.ExitStack() as stack:
        if settings.monitor_port:
            pages = application(overseer, _token(settings))
            stack.enter_context(listening(pages, settings.monitor_host, settings.monitor_port))
        for watching in (
            Periodic("state", overseer.write_down, EVERY_SECONDS, at_once=True),
            Periodic("overseer", overseer.look, LOOK_SECONDS, at_once=True),
            Periodic("alerting", alerting.round, ROUND_SECONDS),
            Periodic("watchdog feeder", feeder.feed, feeder.every_seconds),
        ):
            # Whoever hangs on a dead share or a slow mail server is left behind.
            stack.callback(watching.stop, STOP_SECONDS)
            watching.start()
        stack.callback(manager.tell, "STOPPING=1", "STATUS=Finishing what is in work")
        manager.tell("READY=1", "STATUS=Watching the inbox")
        yield


def _token(settings: Settings) -> str | None:
    return settings.monitor_token.get_secret_value() if settings.monitor_token else None
