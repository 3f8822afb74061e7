"""The daemon's word to systemd, over a real socket: ready, signs of life while work moves, stopping."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from autod.app import App
from autod.config import Settings
from autod.db.manager import DatabaseManager
from autod.health import State, patience
from autod.health.report import Check
from autod.inbox.watch import Watch
from autod.monitoring.overseeing import LONGEST_LOOK_SECONDS, Overseer, overseen
from autod.monitoring.service_manager import Feeder, ServiceManager
from tests.settings import settings_in


@pytest.fixture
def heard() -> Iterator[socket.socket]:
    """The service manager's end: an address without a file, as systemd may use."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(f"\0autod-test-{os.getpid()}")
        inbox.settimeout(10)
        yield inbox


def address(heard: socket.socket) -> str:
    name = heard.getsockname()
    return "@" + (name.decode() if isinstance(name, bytes) else name)[1:]


def words(heard: socket.socket) -> list[str]:
    return heard.recv(4096).decode().splitlines()


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    return settings_in(tmp_path, sqlite_url, monitor_port=0)


def test_ready_and_stopping_are_told(
    settings: Settings, heard: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address(heard))
    with App(settings) as app, Watch(app.folders.inbox) as watch:
        with overseen(settings, app, app.daemon(watch)):
            assert words(heard) == ["READY=1", "STATUS=Watching the inbox"]
        assert words(heard)[0] == "STOPPING=1"


def test_the_watchdog_is_fed_only_while_work_moves(heard: socket.socket) -> None:
    moving = [True]
    manager = ServiceManager({"NOTIFY_SOCKET": address(heard)})
    feeder = Feeder(manager, lambda: moving[0], lambda: "fine")
    feeder.feed()
    assert words(heard) == ["STATUS=fine", "WATCHDOG=1"]
    moving[0] = False
    feeder.feed()
    assert words(heard) == ["STATUS=fine"]


def test_the_watchdog_of_another_process_is_not_ours() -> None:
    ours = {"WATCHDOG_USEC": "300000000", "WATCHDOG_PID": str(os.getpid())}
    assert ServiceManager(ours).watchdog_seconds == 300
    assert ServiceManager({"WATCHDOG_USEC": "300000000"}).watchdog_seconds == 300
    assert ServiceManager({**ours, "WATCHDOG_PID": "1"}).watchdog_seconds is None
    assert ServiceManager({}).watchdog_seconds is None


def test_without_a_service_manager_nothing_is_told(tmp_path: Path) -> None:
    ServiceManager({}).tell("READY=1")
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).tell("READY=1")


def test_work_moves_unless_it_hangs(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [0.0]
    with App(settings) as app, Watch(app.folders.inbox) as watch:
        daemon = app.daemon(watch)
        overseer = Overseer(settings, app, daemon, monotonic=lambda: seconds[0])
        assert overseer.moving()
        overseer.look()
        assert (overseer.moving(), overseer.status()) == (True, "0 documents in work")

        found = overseer.report()
        assert found is not None
        refusing = Check("Database", State.FAILED, "FAILED (unreachable)")
        hanging = Check("Database", State.FAILED, "FAILED (it does not answer)", silent=True)
        for database, moves in ((refusing, True), (hanging, False)):
            monkeypatch.setattr(type(found), "check", lambda _, __, said=database: said)
            assert overseer.moving() is moves
        monkeypatch.undo()

        monkeypatch.setattr(type(daemon), "overdue", property(lambda _: True))
        assert (overseer.moving(), overseer.status()) == (False, "Work does not move")
        monkeypatch.undo()
        monkeypatch.setattr(app.step_clock, "overdue", lambda: ["read"])
        assert not overseer.moving()
        monkeypatch.undo()
        seconds[0] += LONGEST_LOOK_SECONDS + 1
        assert not overseer.moving()


def test_a_database_that_never_answers_holds_back_the_sign_of_life(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = threading.Event()
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.05)
    with App(settings) as app, Watch(app.folders.inbox) as watch:
        overseer = Overseer(settings, app, app.daemon(watch))
        monkeypatch.setattr(DatabaseManager, "look", lambda _: end.wait(30))
        try:
            overseer.look()
            assert not overseer.moving()
        finally:
            end.set()
