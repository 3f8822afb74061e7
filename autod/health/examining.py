"""Looking at everything, with patience for none that hangs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from autod.assembly.archive import open_manager
from autod.config import Settings
from autod.db.figures import ArchiveFigures, snapshot
from autod.db.manager import DatabaseManager
from autod.errors import DatabaseError
from autod.health import checks, standing, work
from autod.health.checks import Subject
from autod.health.daemon import DaemonReport, ask_daemon
from autod.health.patience import Patience
from autod.health.report import Check, Report, State, failed

BEFORE_FIGURES: dict[str, Callable[[Subject], Check]] = {"Database": checks.database}
CHECKS: dict[str, Callable[[Subject], Check]] = {
    "OpenAI API": checks.openai,
    "Vector Store": checks.vector_store,
    "Disk Space": checks.disk,
    "Log File": checks.log_file,
    "Inbox": checks.inbox,
    "Folders": standing.folders,
    "Integrity": standing.integrity,
    "Daemon": work.daemon,
    "Workers": work.workers,
    "Backlog": work.backlog,
    "Review": work.review,
    "Backup": work.backup,
    "Clock": work.clock,
}


def examine(settings: Settings, now: datetime, *, ask_services: bool = True) -> Report:
    """Look at everything from outside, the daemon too; never raises for a thing that is down.

    ``ask_services`` as in ``Examiner``.
    """
    manager = open_manager(settings)
    try:
        examiner = Examiner(settings, manager, daemon=lambda: ask_daemon(settings), ask_services=ask_services)
        return examiner.examine(now)
    finally:
        manager.close()


class Examiner:
    """Runs the checks, again and again if need be.

    Args:
        daemon: what the daemon at work says of itself.
        figures: the archive's figures, perhaps a little old; None asks the database each time.
        ask_services: allow free requests to remote services; none carries anything of a document.
    """

    def __init__(
        self,
        settings: Settings,
        manager: DatabaseManager,
        *,
        daemon: Callable[[], DaemonReport | None],
        figures: Callable[[], ArchiveFigures | None] | None = None,
        ask_services: bool = False,
    ) -> None:
        self._settings = settings
        self._manager = manager
        self._daemon = daemon
        self._figures = figures
        self._ask_services = ask_services
        self._patience = Patience()

    def examine(self, now: datetime) -> Report:
        """All checks at ``now``; never raises for a thing that is down."""
        daemon = self._daemon()
        bare = Subject(self._settings, self._manager, now, daemon)
        first = [self._patiently(name, check, bare) for name, check in BEFORE_FIGURES.items()]
        figures = self._snapshot(now) if first[0].state is not State.FAILED else None
        subject = Subject(self._settings, self._manager, now, daemon, figures, self._ask_services)
        rest = [self._patiently(name, check, subject) for name, check in CHECKS.items()]
        return Report(now, (*first, *rest), figures.day.completed if figures else None)

    def _snapshot(self, now: datetime) -> ArchiveFigures | None:
        if self._figures is not None:
            return self._figures()
        try:
            with self._manager.get_session(read_only=True) as session:
                return snapshot(session, now)
        except DatabaseError:
            return None

    def _patiently(self, name: str, check: Callable[[Subject], Check], subject: Subject) -> Check:
        """The check's word; one that breaks or hangs must not hide what the others found."""
        try:
            verdict = self._patience.ask(name, lambda: check(subject))
        except Exception as error:  # noqa: BLE001 - see above
            return failed(name, f"the check broke: {type(error).__name__}", "Report it with the log.")
        step = "Check its mount or server; it hangs rather than fails."
        return verdict or Check(name, State.FAILED, "FAILED (it does not answer)", step, silent=True)
