"""Where the system cannot wall a reading process in, it is said; and nothing is reported to anybody."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autod.child.confinement import lacking
from tests.read.pdfs import draw, draw_scan, scan

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(bool(lacking()["system_calls"]), reason="needs a filter of system calls")

# What stands above us: a container's or a service's filter that answers one call by an error, or kills.
LANDLOCK, ENOSYS, EPERM = 444, 0x00050000 | 38, 0x00050000 | 1
KILL = 0x80000000
UNDER_A_FILTER = """
import os, struct, sys
from autod.child import seccomp
machine = seccomp.MACHINES[os.uname().machine]
number, verdict = int(sys.argv[1]), int(sys.argv[2])
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, verdict), (0x06, 0, 0, 0x7FFF0000)]
seccomp.forbid_new_privileges()
seccomp.install(machine, b"".join(struct.pack("HBBI", *step) for step in steps))
"""
ASK = """
import json
from autod.child.confinement import lacking
from autod.child.sandbox import Sandbox, SandboxLimits
with Sandbox(SandboxLimits(timeout_seconds=120, memory_mb=3072, idle_seconds=60)) as sandbox:
    tried = sandbox.call("autod.child.escaping:try_walls")
    print(json.dumps({"tried": tried, "foreseen": lacking()}))
"""
READ = """
from pathlib import Path
from autod.read import ocr_rapid
from autod.read.limits import ReadLimits
from autod.read.reader import read_document
with Path(sys.argv[3]).open("rb") as document:
    reading = read_document(document.fileno(), ReadLimits(ocr_engine="rapidocr"))
assert "Northfield" in reading.text
"""


def under_a_filter(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    return subprocess.run(
        [sys.executable, "-c", UNDER_A_FILTER + program, *arguments],
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def seccomp_number() -> int:
    return {"x86_64": 317, "aarch64": 277}[os.uname().machine]


def connect_number() -> int:
    return {"x86_64": 42, "aarch64": 203}[os.uname().machine]


def test_without_landlock_the_wall_around_files_is_said_to_be_missing_and_the_other_stands() -> None:
    said = json.loads(under_a_filter(ASK, str(LANDLOCK), str(ENOSYS)).stdout)
    assert said["tried"] == {"files": os.strerror(38), "system_calls": ""}
    assert said["foreseen"] == said["tried"]


def test_where_filters_are_forbidden_the_other_wall_stands_and_it_is_said() -> None:
    said = json.loads(under_a_filter(ASK, str(seccomp_number()), str(EPERM)).stdout)
    assert said["tried"]["system_calls"] == os.strerror(1)
    assert said["tried"]["files"] == lacking()["files"]
    assert said["foreseen"] == said["tried"]


def test_reading_scans_writes_nothing_into_the_users_folders_and_connects_to_nobody(tmp_path: Path) -> None:
    """Also outside of a walled process: the OCR engine's library is told to report nothing."""
    paper = draw(tmp_path / "scan.pdf", draw_scan(scan()))
    home = tmp_path / "home"
    home.mkdir()
    done = under_a_filter(
        READ, str(connect_number()), str(KILL), str(paper), HOME=str(home), TMPDIR=str(home)
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_a_connection_would_have_been_noticed() -> None:
    program = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))"
    done = under_a_filter(program, str(connect_number()), str(KILL))
    assert done.returncode == -signal.SIGSYS
