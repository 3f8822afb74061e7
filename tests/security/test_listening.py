"""A running daemon listens on the loopback address alone, and beyond it only with a token."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.monitoring.free_port import free_port
from tests.paper import pdf_of

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-some-length"


@pytest.fixture
def place(tmp_path: Path, sqlite_template: Path) -> Path:
    """A folder to run in, with a document in the inbox."""
    shutil.copyfile(sqlite_template, tmp_path / "paper_autopilot.db")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.pdf").write_bytes(pdf_of())
    return tmp_path


def start(place: Path, **settings: str) -> subprocess.Popen[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PAPER_AUTOPILOT_OCR_ENGINE": "off",
        "PAPER_AUTOPILOT_QUIET_SECONDS": "0",
        "PAPER_AUTOPILOT_STOP_SECONDS": "5",
        **{f"PAPER_AUTOPILOT_{name.upper()}": value for name, value in settings.items()},
    }
    return subprocess.Popen(
        [sys.executable, "-m", "autod", "run"],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def at_work(place: Path, **settings: str) -> Iterator[psutil.Process]:
    """A daemon that has just filed a document, so that everything it starts has been started."""
    daemon = start(place, **settings)
    try:
        assert daemon.stdout is not None
        assert any("✓" in line for line in daemon.stdout), "the daemon ended before it filed anything"
        yield psutil.Process(daemon.pid)
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.communicate(timeout=60)


def listeners(process: psutil.Process) -> set[tuple[str, int]]:
    """Every address that the process and its children listen on or receive datagrams at."""
    found = set()
    for one in (process, *process.children(recursive=True)):
        for connection in one.net_connections(kind="inet"):
            if connection.status in (psutil.CONN_LISTEN, psutil.CONN_NONE):
                found.add((connection.laddr.ip, connection.laddr.port))
    return found


def status_of(port: int, **headers: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - http, to ourselves
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_the_daemon_listens_on_the_loopback_address_alone(place: Path) -> None:
    port = free_port()
    with at_work(place, monitor_port=str(port)) as daemon:
        assert listeners(daemon) == {("127.0.0.1", port)}


def test_beyond_the_loopback_address_it_starts_with_a_token_alone_and_asks_for_it(place: Path) -> None:
    port = free_port()
    daemon = start(place, monitor_host="0.0.0.0", monitor_port=str(port))  # noqa: S104 - what is refused
    said, _ = daemon.communicate(timeout=60)
    assert daemon.returncode == 2 and "monitor_token_missing" in said
    with at_work(
        place,
        monitor_host="0.0.0.0",  # noqa: S104 - asked for, with a token
        monitor_port=str(port),
        monitor_token=TOKEN,
    ):
        assert status_of(port) == 401
        assert status_of(port, Authorization="Bearer another-token-of-some-length") == 401
        assert status_of(port, Authorization=f"Bearer {TOKEN}") == 200
