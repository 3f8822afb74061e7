"""Work that waits while the engine hands nothing out is told: to whoever waits, in the log and by health."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dbos._sys_db import SystemDatabase

from autod.app import App
from autod.assembly.archive import utc_now
from autod.assembly.logging import start_logging
from autod.config import Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus
from autod.durable import handout
from autod.durable.handout import PATIENT_LOOKS, Handout, WatchedQueue
from autod.health import Examiner, State
from autod.inbox.watch import Watch
from autod.monitoring.overseeing import Overseer
from tests.paper import pdf_of
from tests.settings import settings_in
from tests.waiting import until


class Queue:
    """A queue as a line sees it."""

    def __init__(self) -> None:
        self.first: str | None = "doc:a"
        self.room = True
        self.begun = 0

    def line(self, more_looks: int = 0) -> WatchedQueue:
        return WatchedQueue(lambda: self.first, lambda: self.room, lambda: self.begun, more_looks)


def _is_completed(manager: DatabaseManager) -> bool:
    with manager.get_session(read_only=True) as session:
        return documents.require(session, 1).status is DocumentStatus.COMPLETED


def looks(line: WatchedQueue, number: int) -> list[bool]:
    return [line.stalled() for _ in range(number)]


def test_the_same_first_in_line_with_room_and_nothing_begun_is_a_standstill() -> None:
    assert looks(Queue().line(), PATIENT_LOOKS + 2) == [False] * PATIENT_LOOKS + [True, True]
    assert PATIENT_LOOKS * handout.LOOK_SECONDS < 30


def something_begins(queue: Queue) -> None:
    queue.begun += 1


def another_is_first(queue: Queue) -> None:
    queue.first = "doc:b"


def nothing_waits(queue: Queue) -> None:
    queue.first = None


def no_room(queue: Queue) -> None:
    queue.room = False


@pytest.mark.parametrize("moves", [something_begins, another_is_first, nothing_waits, no_room])
def test_anything_that_moves_is_no_standstill(moves: Callable[[Queue], None]) -> None:
    queue = Queue()
    line = queue.line()
    assert looks(line, PATIENT_LOOKS + 1)[-1]
    moves(queue)
    assert looks(line, PATIENT_LOOKS) == [False] * PATIENT_LOOKS


def test_where_a_limit_on_the_rate_holds_work_back_more_patience_is_had() -> None:
    assert looks(Queue().line(more_looks=15), PATIENT_LOOKS + 16).index(True) == PATIENT_LOOKS + 15


def test_a_database_that_cannot_be_asked_is_not_a_standstill() -> None:
    def broken() -> str | None:
        raise OSError

    told: list[Any] = []
    watched = Handout({"documents": WatchedQueue(broken, lambda: True, lambda: 0)}, told.append)
    for _ in range(PATIENT_LOOKS + 2):
        watched.look()
    assert (told, watched.stalled) == ([], False)


@pytest.fixture
def settings(tmp_path: Any, database_url: str) -> Settings:
    return settings_in(tmp_path, database_url, quiet_seconds=0)


@pytest.fixture
def moving() -> Iterator[threading.Event]:
    """Set, the engine hands out as it should."""
    event = threading.Event()
    yield event
    event.set()


def finds_nothing(moving: threading.Event) -> None:
    """Nothing ever becomes due."""


def fails(moving: threading.Event) -> None:
    raise RuntimeError("no idea")


def hangs(moving: threading.Event) -> None:
    moving.wait()


@pytest.mark.parametrize("trouble", [finds_nothing, fails, hangs])
def test_who_waits_the_log_and_health_are_told_and_it_goes_on_by_itself(
    trouble: Callable[[threading.Event], None],
    settings: Settings,
    moving: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handout, "LOOK_SECONDS", 0.05)
    right = SystemDatabase.start_queued_workflows

    def wrong(self: SystemDatabase, *arguments: Any, **more: Any) -> Any:
        if not moving.is_set():
            trouble(moving)
            return [], None
        return right(self, *arguments, **more)

    monkeypatch.setattr(SystemDatabase, "start_queued_workflows", wrong)
    start_logging(settings, ("autod",))
    with DatabaseManager(settings.paper_autopilot_db_url) as manager, App(settings, manager) as app:
        path = app.folders.inbox / "a.pdf"
        path.write_bytes(pdf_of())
        told = app.process(path)
        assert not told.success
        assert str(told.error).startswith("engine_stalled: work waits") and "Nothing is lost" in str(
            told.error
        )
        with Watch(app.folders.inbox) as watch:
            overseer = Overseer(settings, app, app.daemon(watch))
            said = overseer.daemon_report()
            assert said.stalled and not said.alive and not overseer.moving()
            check = Examiner(settings, manager, daemon=lambda: said).examine(utc_now()).check("Daemon")
            assert check.state is State.FAILED and "[engine_stalled]" in check.detail
            overseer.write_down()
            blind = Examiner(settings, manager, daemon=lambda: None).examine(utc_now()).check("Daemon")
            assert blind.state is State.FAILED and "engine_stalled" in blind.detail
        moving.set()
        until(lambda: not app.engine.stalled)
        until(lambda: _is_completed(manager))
    records = [json.loads(line) for line in settings.log_file.read_text().splitlines()]
    assert [r["error"] for r in records if r["level"] == "ERROR"] == ["engine_stalled"]
