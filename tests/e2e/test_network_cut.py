"""With the network cut off the product does its whole job, and it never even tries to reach anybody.

Every process of the program, the sandboxed children too, reports each attempt to connect or to look up a name
(an audit hook sees what Python does), and runs, where the system allows it, in a network of its own that
leads nowhere (which stops what native code does).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.openai.stub import KEY, serving
from tests.paper import INVOICE, pdf_of
from tests.read.pdfs import draw, draw_scan, scan

ROOT = Path(__file__).resolve().parents[2]
WATCH = """
import os, sys

FOLDER = os.path.dirname(__file__)
# Opened now: later a reading process opens no file.
OUT = {
    name: os.open(os.path.join(FOLDER, name), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for name in ("attempts", "processes")
}

def note(name, text):
    os.write(OUT[name], (text + "\\n").encode())

def watch(event, arguments):
    named = event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
    sent = event in ("socket.connect", "socket.sendto", "socket.sendmsg")
    if named or (sent and arguments[0].family != 1):
        note("attempts", f"{event} {arguments[1:]!r}")

note("processes", str(os.getpid()))
sys.addaudithook(watch)
"""


def cut_off() -> list[str]:
    """What runs a command in a network of its own that leads nowhere; nothing where that is not allowed."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    tried = subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False)
    return [unshare, "-rn"] if tried.returncode == 0 else []


class Watched:
    """The program in a folder of its own, with every attempt to reach somebody noted."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.watch = place / "watch"
        self.watch.mkdir()
        (self.watch / "sitecustomize.py").write_text(WATCH)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PAPER_AUTOPILOT_", "OPENAI_"))}
        self.environment = {
            **kept,
            "PYTHONPATH": f"{self.watch}{os.pathsep}{ROOT}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, *arguments: str, before: list[str] | None = None, **settings: str) -> str:
        done = subprocess.run(
            [*(before or []), sys.executable, "-m", "autod", *arguments],
            cwd=self.place,
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def noted(self, name: str) -> list[str]:
        path = self.watch / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    program = Watched(tmp_path)
    (tmp_path / "invoice.pdf").write_bytes(pdf_of())
    draw(tmp_path / "scan.pdf", draw_scan(scan()))
    program.run("db", "upgrade")
    return program


def test_without_a_network_text_and_scans_are_read_and_nobody_is_even_tried(watched: Watched) -> None:
    said = watched.run("process", "invoice.pdf", "scan.pdf", before=cut_off())
    assert said.count("✓") == 2
    assert "Northfield" in watched.run("search", "copper pipe", before=cut_off())
    assert watched.noted("attempts") == []
    assert len(set(watched.noted("processes"))) > 3, "the children were not watched"


def test_a_document_that_must_stay_makes_no_connection_although_a_key_is_set(watched: Watched) -> None:
    with serving() as (stub, url):
        remote = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url}
        watched.run("process", "invoice.pdf", PAPER_AUTOPILOT_PRIVACY="everything: local", **remote)
        assert (watched.noted("attempts"), stub.connections) == ([], 0)
        (watched.place / "other.pdf").write_bytes(pdf_of((*INVOICE, "another")))
        watched.run("process", "other.pdf", **remote)
        assert stub.connections > 0
        assert watched.noted("attempts"), "an attempt to connect would not have been noticed"
