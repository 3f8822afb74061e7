"""An installation as the runbook finds it: a folder, a daemon at work, a database, the programs it types.

The daemon, its launcher and the databases are those of the torture. ``systemctl``, ``sudo`` and
``journalctl`` stand in for a machine with systemd: they start, stop and show this installation's daemon and
database server. ``curl`` finds the daemon's port, which is another one in each installation.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.openai.stub import KEY, Stub, serving
from tests.runbook.blocks import Block
from tests.torture.databases import Postgres, open_database
from tests.torture.faults import VARIABLE, Fault, to_json
from tests.torture.system import Launcher, Life, System

ROOT = Path(__file__).resolve().parents[2]
NAME = "paper_autopilot"
CHECKOUT = ("autod", "src", "alembic.ini", ".env.example", "run_daemon.py", "scripts", "docs", "packaging")
SETTINGS = {
    "OCR_ENGINE": "off",
    "QUIET_SECONDS": "0",
    "PATIENCE_SECONDS": "1",
    "STOP_SECONDS": "5",
}
START_SECONDS = 120.0
BLOCK_SECONDS = 180.0

SYSTEMCTL = """#!{python}
import json, socket, sys
with socket.socket(socket.AF_UNIX) as control:
    control.connect({address!r})
    control.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n")
    code, said = json.loads(control.makefile().readline())
print(said, end="")
sys.exit(code)
"""
SUDO = """#!/bin/bash
while [[ $1 == -* ]]; do [[ $1 == -u ]] && shift; shift; done
exec "$@"
"""
CURL = """#!/bin/bash
exec {curl} "${{@//:8737/:{port}}}"
"""
PAGER = """#!/bin/bash
{{ cat; echo; }} >> {pager}
"""
JOURNALCTL = """#!/bin/bash
cat {folder}/output-*.txt
"""


class Installation:
    """One folder with everything; ``service`` is the OpenAI that it pays, which is ours.

    Args:
        folder: the root of a clone, as a user has it, in a place of its own.
        url: the database, migrated or not.
        programs: where ``systemctl`` and the like lie, on a disk that nobody fills.
    """

    def __init__(
        self,
        launcher: Launcher,
        database: str,
        folder: Path,
        url: str,
        programs: Path,
        service: Stub,
        service_url: str,
    ) -> None:
        self.launcher = launcher
        self.database = database
        self.folder = folder
        self.url = url
        self.port = port = _free_port()
        self.service = service
        self.server: Postgres | None = None
        self.life: Life | None = None
        self.faults: list[Fault] = []
        self.programs = programs
        self.system = System(launcher, url, folder, folder / "inbox", folder)
        for name in CHECKOUT:
            (folder / name).symlink_to(ROOT / name)
        settings = {f"PAPER_AUTOPILOT_{name}": value for name, value in SETTINGS.items()}
        if database == "postgres":
            settings["PAPER_AUTOPILOT_DB_URL"] = url
        settings["PAPER_AUTOPILOT_MONITOR_PORT"] = str(port)
        self.configure(**settings, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=service_url)

        (folder / "work").symlink_to(".autod")  # where the auditor looks

    def configure(self, **settings: str) -> None:
        """Write lines into ``.env``; a later line for the same setting wins."""
        with (self.folder / ".env").open("a", encoding="utf-8") as stream:
            stream.writelines(f"{name}={value}\n" for name, value in settings.items())

    @property
    def pager(self) -> Path:
        """What ``page-somebody`` was given: a JSON object for each alert."""
        return self.programs / "pager"

    def paged(self) -> list[dict[str, Any]]:
        """The alerts that woke somebody, in order."""
        lines = self.pager.read_text(encoding="utf-8").splitlines() if self.pager.exists() else []
        return [json.loads(line) for line in lines if line]

    @property
    def environment(self) -> dict[str, str]:
        """What a person's shell on this machine has."""
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("PAPER_AUTOPILOT_", "OPENAI_", "PG"))
        }
        programs = [self.programs, Path(sys.executable).parent]
        extra = {}
        if self.server is not None:
            programs.append(self.server.binaries)
            extra = {"PGHOST": str(self.server.socket), "PGUSER": "postgres", "PGDATABASE": NAME}
        path = os.pathsep.join([*map(str, programs), kept["PATH"]])
        plain = {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", "COLUMNS": "100"}
        return {**kept, **plain, **extra, "PYTHONPATH": ""}

    def start(self) -> Life:
        """Start the daemon and wait until it watches; the faults of now are in it."""
        places = self.system.places
        folders = {"INBOX": places.inbox, "PROCESSED": places.processed, "FAILED": places.failed}
        environment = {f"PAPER_AUTOPILOT_{name}_DIR": str(place) for name, place in folders.items()}
        environment |= {
            "PAPER_AUTOPILOT_WORK_DIR": str(self.folder / ".autod"),
            VARIABLE: to_json(self.faults),
        }
        self.life = Life(self.launcher, self.folder, environment)
        self.system.wait_for(self.life.watching, self.life, START_SECONDS)
        return self.life

    def stop(self) -> int:
        """Stop the daemon; its exit code, 0 when none runs."""
        life, self.life = self.life, None
        return 0 if life is None or life.ended(0) else life.terminate() or 0

    def wait(self, condition: Callable[[], bool], seconds: float = START_SECONDS) -> bool:
        assert self.life is not None
        return self.system.wait_for(condition, self.life, seconds)

    def run(self, block: Block, *, careful: bool = True) -> subprocess.CompletedProcess[str]:
        """Type one block of the runbook; what it says on both outputs is kept.

        Args:
            careful: also the first programs of a pipe must succeed, which no person's shell asks for.
        """
        command, typed = self._command(block, careful)
        if block.until_stopped:
            return self._until_it_watches(command)
        return subprocess.run(
            command,
            input=typed,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=BLOCK_SECONDS,
        )

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        return self.run(Block("", "", "bash", command, 0))

    def _command(self, block: Block, careful: bool) -> tuple[list[str], str | None]:
        if block.language == "python":
            return ["python3", "-"], block.text
        if block.language == "sql":
            if self.database == "postgres":
                return ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", NAME], block.text
            return ["sqlite3", "-bail", f"{NAME}.db"], block.text
        if block.language == "jq":
            return ["bash", "-c", f"jq -s {shlex.quote(block.text)} logs/{NAME}.log"], None
        typed = f"{self.service.key}\n" if block.asks_for_key else ""
        strictness = ["-euo", "pipefail"] if careful else ["-eu"]
        return ["bash", *strictness, "-c", block.text], typed

    def _until_it_watches(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        said: list[str] = []
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as running:
            assert running.stdout is not None
            for line in running.stdout:
                said.append(line)
                if line.startswith("Watching"):
                    os.killpg(running.pid, 15)
        return subprocess.CompletedProcess(command, running.returncode, "".join(said), "")

    def control(self, verb: str, *units: str) -> tuple[int, str]:
        """What ``systemctl`` does here."""
        unit = units[-1] if units else ""
        if unit.startswith("postgresql"):
            return self._control_server(verb)
        if verb in ("stop", "restart"):
            self.stop()
        if verb in ("start", "restart"):
            life = self.start()
            if life.ended(0):
                return 1, f"paper-autopilot failed: {life.last_words()}\n"
        running = self.life is not None and not self.life.ended(0)
        if verb in ("status", "is-active"):
            return (0, "active\n") if running else (3, "inactive\n")
        return 0, ""

    def _control_server(self, verb: str) -> tuple[int, str]:
        assert self.server is not None, "there is no server on SQLite"
        if verb in ("stop", "restart") and self.server.running:
            self.server.stop()
        if verb in ("start", "restart") and not self.server.running:
            self.server.start()
        if verb in ("status", "is-active"):
            return (0, "active\n") if self.server.running else (3, "inactive\n")
        return 0, ""


@contextlib.contextmanager
def installed(
    database: str,
    *,
    place: Path | None = None,
    launcher: Launcher | None = None,
    faults: Iterable[Fault] = (),
) -> Iterator[Installation]:
    """A fresh installation without a database schema; everything of it is gone afterwards.

    Args:
        place: where its folder is made, for instance a small disk.
        launcher: one that is shared; a new one otherwise.
    """
    with contextlib.ExitStack() as stack:
        top = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autod-runbook-")))
        top.chmod(0o755)
        folder = (place or top) / "autoD"
        folder.mkdir()
        launcher = launcher or stack.enter_context(Launcher())
        service, service_url = stack.enter_context(serving())
        url, server = f"sqlite:///{folder / NAME}.db", None
        if database == "postgres":
            server = open_database("postgres", top / "database")
            stack.callback(server.close)
            assert isinstance(server, Postgres)
            url = server.named(NAME)
        made = Installation(launcher, database, folder, url, top / "bin", service, service_url)
        made.server = server
        made.faults = list(faults)
        stack.callback(made.stop)
        _put_programs(made, stack)
        yield made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _put_programs(installation: Installation, stack: contextlib.ExitStack) -> None:
    folder = installation.programs
    folder.mkdir()
    address = str(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autod-ctl-"))) / "socket")
    programs = {
        "systemctl": SYSTEMCTL.format(python=sys.executable, address=address),
        "sudo": SUDO,
        "page-somebody": PAGER.format(pager=shlex.quote(str(installation.pager))),
        "curl": CURL.format(curl=shutil.which("curl"), port=installation.port),
        "journalctl": JOURNALCTL.format(folder=shlex.quote(str(installation.folder))),
    }
    for name, text in programs.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            answer = installation.control(*json.loads(self.rfile.readline()))
            self.wfile.write(json.dumps(answer).encode() + b"\n")

    server = socketserver.UnixStreamServer(address, Handler)
    stack.callback(server.server_close)
    stack.callback(server.shutdown)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
