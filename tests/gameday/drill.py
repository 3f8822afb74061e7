"""What every drill does: break a system at work, see the signal, follow the runbook, audit what is left."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tests.runbook.archive import SAID
from tests.runbook.blocks import PAGE, read_blocks
from tests.runbook.installation import Installation, installed
from tests.torture.auditor import Findings
from tests.torture.paper import good
from tests.torture.system import Launcher

SIGNAL_SECONDS = 90.0
RECOVER_SECONDS = 120.0
BLOCKS = read_blocks(PAGE.read_text(encoding="utf-8"))


class Skipped(Exception):
    """This machine does not allow the drill; the text says what is missing."""


class Drill(Protocol):
    """One thing that goes wrong. Its module's docstring says what."""

    name: str
    database: str

    def place(self) -> contextlib.AbstractContextManager[Path | None]:
        """Where the installation lies; None is a folder like any other."""
        ...

    def run(self, game: Game) -> None:
        """Break it, see the signal, mend it by the runbook."""
        ...


@dataclass(slots=True)
class Verdict:
    """How a drill went. ``problems`` are signals that did not come and steps that did not help."""

    name: str
    seconds: float
    signals: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    skipped: str = ""

    @property
    def passed(self) -> bool:
        return not self.problems and self.findings.clean


class Game:
    """A drill's hands and eyes: the installation, and what is told of how it went."""

    def __init__(self, installation: Installation, verdict: Verdict) -> None:
        self.installation = installation
        self.system = installation.system
        self.service = installation.service
        self._verdict = verdict
        self._number = 0

    def start(self, **settings: str) -> None:
        """Make the database, write ``settings``, start the daemon, and have it file a first document."""
        self.service.desk.answer = lambda body: SAID
        self.installation.configure(
            PAPER_AUTOPILOT_ALERT_COMMAND=str(self.installation.programs / "page-somebody"),
            **settings,
        )
        migrated = self.installation.shell("alembic upgrade head")
        if migrated.returncode:
            self.problem(f"no database: {migrated.stderr[-300:]}")
        if self.installation.start().ended(0):
            raise RuntimeError("the daemon does not start")
        self.drop(1)
        self.see_it_through("before anything broke")

    def drop(self, count: int) -> None:
        """Put ``count`` new good documents into the inbox."""
        for _ in range(count):
            self._number += 1
            self.system.drop(f"paper-{self._number}.pdf", good(self._number))

    def saw(self, signal: str) -> None:
        """Note that the trouble was seen."""
        self._verdict.signals.append(signal)

    def problem(self, what: str) -> None:
        self._verdict.problems.append(what)

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether ``condition`` came true in time; a daemon that ended by itself is no reason to stop."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def expect_alert(self, name: str, severity: str) -> None:
        """The alert must be raised."""
        if self.until(lambda: self._paged("raised", name, severity), SIGNAL_SECONDS):
            self.saw(f"{severity} {name}")
        else:
            self.problem(f"alert {name} ({severity}) was not raised")

    def expect_end_of_alert(self, name: str, severity: str) -> None:
        """After the cure the alert must be withdrawn."""
        if not self.until(lambda: self._paged("resolved", name, severity), SIGNAL_SECONDS):
            self.problem(f"alert {name} ({severity}) was not withdrawn")

    def expect_no_alert(self) -> None:
        """What is no emergency wakes nobody."""
        for message in self.installation.paged():
            self.problem(f"alert {message['alert']} was raised for nothing")

    def expect_health(self, check: str, state: str) -> None:
        """The health check must show it."""
        if self.until(lambda: self._state_of(check) == state, SIGNAL_SECONDS):
            self.saw(f"health: {check} {state}")
        else:
            self.problem(f"health shows {check} as {self._state_of(check)}, not {state}")

    def follow(self, heading: str) -> str:
        """Type every block of the runbook under ``heading``; returns what they printed."""
        chosen = [
            block
            for block in BLOCKS
            if block.heading == heading and self.installation.database in block.databases
        ]
        if not chosen:
            self.problem(f"the runbook has no steps under {heading!r}")
        said = ""
        for block in chosen:
            done = self.installation.run(block, careful=False)
            said += done.stdout
            if done.returncode:
                self.problem(f"RUNBOOK.md:{block.line} ended with {done.returncode}: {done.stderr[-300:]}")
        self._verdict.steps.append(heading)
        return said

    def see_it_through(self, when: str = "after the cure") -> None:
        """Everything that waits, and one document more, must be filed."""
        self.drop(1)
        if not self.until(self.system.idle, RECOVER_SECONDS):
            self.problem(f"work is left {RECOVER_SECONDS:g} s {when}")

    def _paged(self, status: str, name: str, severity: str) -> bool:
        return any(
            (message["status"], message["alert"], message["severity"]) == (status, name, severity)
            for message in self.installation.paged()
        )

    def _state_of(self, check: str) -> str:
        said = self.installation.shell("python3 -m autod health --json || true")
        try:
            return str(json.loads(said.stdout)["checks"][check]["state"])
        except (ValueError, KeyError):
            return f"unknown: {said.stderr[-200:]}"


@contextlib.contextmanager
def anywhere() -> Iterator[None]:
    """No place of its own."""
    yield


def play(drill: Drill, launcher: Launcher) -> Verdict:
    """Run one drill in an installation of its own and audit what it left."""
    begun = time.monotonic()
    verdict = Verdict(drill.name, 0.0)
    try:
        with (
            drill.place() as place,
            installed(drill.database, place=place, launcher=launcher) as installation,
        ):
            game = Game(installation, verdict)
            drill.run(game)
            _end(game, verdict)
    except Skipped as reason:
        verdict.skipped = str(reason)
    verdict.seconds = time.monotonic() - begun
    return verdict


def _end(game: Game, verdict: Verdict) -> None:
    """Stop, start once more without faults, wait, stop, audit."""
    installation = game.installation
    installation.stop()
    installation.faults = []
    installation.start()
    if not game.until(game.system.idle, RECOVER_SECONDS):
        game.problem("work is left after a clean start")
    if code := installation.stop():
        game.problem(f"the daemon stopped with exit code {code}")
    disk_was_full = any(message["alert"] == "disk_low" for message in installation.paged())
    verdict.findings = game.system.audit(log_complete=not disk_was_full)
    if game.service.violations:
        game.problem(f"the service was asked wrongly: {game.service.violations[:3]}")
