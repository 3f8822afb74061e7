"""Real ``autod run`` processes on one PostgreSQL, each with a work folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from autod.db.manager import DatabaseManager
from autod.durable.protocol import PIPELINE_VERSION
from tests.waiting import until

ROOT = Path(__file__).parents[2]

OF_VERSION = """
import sys
from autod.durable import protocol
protocol.PIPELINE_VERSION = sys.argv[1]
from autod import app
from autod.db import workers
from autod.extract.openai import pacing
app.RESCAN_SECONDS, pacing.POLL_SECONDS = 0.5, 0.1
workers.SILENT_SECONDS = 8.0  # long enough for a busy machine to let every process beat in time
sys.argv[1:] = ["run"]
from autod.cli.main import main
main()
"""
"""``autod run`` of a version of the pipeline, set before a module takes it over, and with short pauses."""


@dataclass
class Worker:
    """One process; ``version`` of the pipeline is the program's own when it is None.

    ``before`` is run in it before anything else.
    """

    name: str
    folder: Path
    environment: dict[str, str]
    version: str | None = None
    before: str = ""
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.start()

    def start(self) -> None:
        program = ["-c", f"{self.before}\n{OF_VERSION}", self.version or PIPELINE_VERSION]
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *program],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=output,
            )

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(60)

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""


@dataclass
class Crew:
    """The processes and what they share."""

    place: Path
    manager: DatabaseManager
    settings: dict[str, Any]
    stack: ExitStack
    workers: dict[str, Worker] = field(default_factory=dict)

    def start(self, name: str, version: str | None = None, *, before: str = "", **settings: Any) -> Worker:
        folder = self.place / name
        chosen: dict[str, Any] = {
            "db_url": self.manager.url,
            "inbox_dir": self.place / "inbox",
            "processed_dir": self.place / "processed",
            "failed_dir": self.place / "failed",
            "work_dir": folder / "work",
            "log_file": folder / "log",
            "ocr_engine": "off",
            "workers": 1,
            "quiet_seconds": 0,
            "stop_seconds": 1,
            **self.settings,
            **settings,
        }
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PAPER_", "OPENAI_"))}
        for key, value in chosen.items():
            prefix = "" if key in ("openai_api_key", "openai_base_url") else "PAPER_AUTOPILOT_"
            environment[prefix + key.upper()] = str(value)
        worker = Worker(name, folder, {**environment, "PYTHONPATH": str(ROOT)}, version, before)
        self.workers[name] = worker
        self.stack.callback(_end, worker)
        return worker

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with self.manager.get_session(read_only=True) as session:
            return [tuple(row) for row in session.execute(sa.text(sql))]

    def count(self, rows: str) -> int:
        """How many ``TABLE WHERE …`` has."""
        return len(self.ask(f"SELECT 1 FROM {rows}"))  # noqa: S608 - a test's own words

    def alive(self) -> set[int]:
        """The processes that count as alive."""
        return {pid for (pid,) in self.ask("SELECT pid FROM workers")}

    def until_alive(self, *workers: Worker) -> None:
        until(lambda: self.alive() == {worker.process.pid for worker in workers}, seconds=120)

    def until_completed(self, number: int) -> None:
        until(lambda: self.count("documents WHERE status = 'completed'") == number, seconds=120)

    def files(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.place / folder).rglob("*.pdf"))


def _end(worker: Worker) -> None:
    if worker.process.poll() is None:
        worker.signal(signal.SIGCONT)
        worker.kill()


@contextmanager
def crew(place: Path, manager: DatabaseManager, **settings: Any) -> Iterator[Crew]:
    """``settings`` are those of all processes; what is started in the block ends with it."""
    (place / "inbox").mkdir(parents=True)
    with ExitStack() as stack:
        yield Crew(place, manager, settings, stack)
