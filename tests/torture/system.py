"""A daemon with its folders and database, seen from outside: drop files, start it, wait, kill it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.torture import tables
from tests.torture.auditor import MARK, Drop, Findings, Slots, audit
from tests.torture.faults import BLIND, VARIABLE, Fault, to_json
from tests.torture.paper import Sheet
from tests.torture.payee import Payee
from tests.torture.power import VARIABLE as JOURNAL
from tests.torture.power import Disk

TICK = 0.05
"""How often the database is asked whether work is left; a process that ends is noticed at once."""

STOP_LIMIT = 20.0
"""Seconds a stopping daemon gets: its own five and what a busy machine adds."""

COMMAND_LIMIT = 300.0

ROOT = Path(__file__).resolve().parents[2]


class Launcher:
    """The process that forks daemons."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.launcher"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


class Life:
    """One run of the daemon, from its start to its death."""

    def __init__(self, launcher: Launcher, cwd: Path, environment: dict[str, str]) -> None:
        self._launcher = launcher
        self._output = cwd / f"output-{time.monotonic_ns()}.txt"
        start = {"cwd": str(cwd), "environment": environment, "output": str(self._output)}
        self.pid: int = launcher.ask(start=start)["pid"]
        self._handle = os.pidfd_open(self.pid)
        self._code: int | None = None

    def ended(self, within: float) -> bool:
        """Whether it has ended, waiting up to ``within`` seconds for that."""
        if self._code is None and select.select([self._handle], [], [], within)[0]:
            self._code = self._launcher.ask(wait=self.pid)["code"]
            os.close(self._handle)
        return self._code is not None

    def watching(self) -> bool:
        """Whether it has said that it is ready, and so handles signals."""
        return self._output.exists() and "Watching" in self._output.read_text()

    def last_words(self) -> str:
        """The last line it printed: the reason, if it ended by itself."""
        lines = self._output.read_text().splitlines() if self._output.exists() else []
        return f"{self._code}: {lines[-1] if lines else 'silent'}"

    def killed(self) -> bool:
        return self._code == -signal.SIGKILL

    def signal(self, number: int) -> None:
        if not self.ended(0):
            signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.ended(STOP_LIMIT)

    def terminate(self) -> int | None:
        """SIGTERM; returns the exit code, None when it had to be killed."""
        self.signal(signal.SIGTERM)
        if not self.ended(STOP_LIMIT):
            self.kill()
            return None
        return self._code


@dataclass(slots=True)
class System:
    """Everything that belongs to one round.

    Args:
        folder: for the claimed store, the log and everything that has no other place.
        inbox, archive: where files come from and where they end; each may be on another file system.
        patience: the daemon's, in seconds; longer than a scanner's longest pause.
        payee: who reads for money; the embedded engine reads without one.
        fleet: several daemons work side by side on one database, and share the claimed store.
        disk: where all folders lie, when its power is to be cut.
        blind: nothing tells the daemon who has a file open for writing, as on a network share.
        writers: those who still write into the inbox.
    """

    launcher: Launcher
    url: str
    folder: Path
    inbox: Path
    archive: Path
    patience: float = 1.0
    payee: Payee | None = None
    fleet: bool = False
    disk: Disk | None = None
    drops: list[Drop] = field(default_factory=list)
    kills: int = 0
    blind: bool = False
    writers: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        for place in (self.inbox, self.archive, self.folder):
            place.mkdir(parents=True, exist_ok=True)

    @property
    def places(self) -> Slots:
        return Slots(
            inbox=self.inbox,
            processed=self.archive / "processed",
            failed=self.archive / "failed",
            claimed=self.folder / "work" / "claimed",
            log=self.folder / "logs" / "paper_autopilot.log",
            database=self.url,
        )

    def drop(self, name: str, sheet: Sheet) -> None:
        """Write beside the inbox and rename into place."""
        part = self.inbox / f".{name}.scanning"
        part.write_bytes(sheet.content)
        self.drops.append(sheet.named(name))
        part.rename(self.inbox / name)
        if self.disk is not None:
            self.disk.settle(self.inbox)

    def cut_power(self) -> None:
        """What was not flushed may be gone; no daemon runs any more."""
        if self.disk is not None:
            self.disk.cut()

    def start(self, faults: Iterable[Fault] = (), *, worker: int = 0) -> Life:
        """Start a daemon; in a fleet that of a number, which keeps its own work folder and log."""
        environment = self.environment(worker)
        return Life(self.launcher, self.folder, environment | {VARIABLE: to_json(faults)})

    def autod(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the product as a person does, with the settings of the daemon."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PAPER_AUTOPILOT_", "OPENAI_"))}
        return subprocess.run(
            [sys.executable, "-m", "autod", *arguments],
            cwd=self.folder,
            env={**kept, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **self.environment()},
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_LIMIT,
        )

    def environment(self, worker: int = 0) -> dict[str, str]:
        settings: dict[str, object] = {
            "DB_URL": self.url,
            "INBOX_DIR": self.inbox,
            "PROCESSED_DIR": self.places.processed,
            "FAILED_DIR": self.places.failed,
            "WORK_DIR": self.folder / "work",
            "LOG_FILE": self.places.log,
            "QUIET_SECONDS": "0",
            "PATIENCE_SECONDS": self.patience,
            "STOP_SECONDS": "5",
            "READ_TIMEOUT_SECONDS": "20",
            "OCR_ENGINE": "off",
            "MONITOR_PORT": "0",
        }
        if self.fleet:
            settings |= {
                "WORK_DIR": self.folder / f"work-{worker}",
                "CLAIMED_DIR": self.places.claimed,
                "LOG_FILE": f"{self.places.log}-{worker}",
            }
        environment = {f"PAPER_AUTOPILOT_{name}": str(value) for name, value in settings.items()}
        if self.payee is not None:
            environment |= self.payee.settings
        if self.disk is not None:
            environment[JOURNAL] = str(self.disk.journal)
        return environment | ({BLIND: "1"} if self.blind else {})

    def said(self, code: str) -> bool:
        """Whether the log has a record with that code."""
        log = self.places.log
        return log.exists() and f'"{code}"' in log.read_text(encoding="utf-8")

    def idle(self) -> bool:
        """Nothing waits in the inbox, no row and no workflow is open, and every dropped file has a row."""
        names = [path.name for path in self.inbox.iterdir()]
        if any(name.endswith(".pdf") and not name.startswith(".") for name in names):
            return False
        if any(name.endswith((".kept", ".leaving")) for name in names) or any(
            w.is_alive() for w in self.writers
        ):
            return False
        return tables.open_work(self.url) == 0

    def swept(self) -> bool:
        """Whether a fleet has removed what its dead left; a daemon alone does so before it begins."""
        left = {path.name for path in self.places.claimed.iterdir()} - {MARK}
        return not self.fleet or not left

    def wait_for(self, condition: Callable[[], bool], life: Life, seconds: float) -> bool:
        """Whether ``condition`` came true while ``life`` went on, within ``seconds``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return True
            if life.ended(TICK):
                return False
        return False

    def settle(self, seconds: float) -> list[str]:
        """Start once without faults and wait until it is idle; returns what went wrong."""
        life = self.start()
        idle = self.wait_for(lambda: life.watching() and self.idle() and self.swept(), life, seconds)
        alive = not life.ended(0)
        code = life.terminate()
        if not alive:
            return [f"the daemon ended by itself with {life.last_words()}"]
        if code != 0:
            return [f"SIGTERM ended the idle daemon with {code}"]
        return [] if idle else [f"not idle after {seconds:g} s"]

    def audit(self, *, log_complete: bool = True) -> Findings:
        payments = self.payee.payments() if self.payee is not None else None
        findings = audit(self.places, self.drops, payments=payments, log_complete=log_complete)
        if self.payee is not None:
            findings.notes += self.payee.complaints()
        return findings
