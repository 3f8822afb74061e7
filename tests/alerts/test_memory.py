"""An alert is sent once: over restarts, by one of many workers, and again only when nobody sent it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autod.alerts.hysteresis import Notice, Phase, Timing
from autod.alerts.memory import LEASE, ArchiveMemory, DueNotice, LocalMemory
from autod.alerts.rules import AlertName, Verdict
from autod.db import alerts
from autod.db.manager import DatabaseManager

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TIMING = Timing(timedelta(minutes=1), timedelta(minutes=5))
COSTLY = Verdict(AlertName.COST_HIGH, True, "5.00 USD spent")
CHEAP = Verdict(AlertName.COST_HIGH, False, "1.00 USD spent")
DOWN = Verdict(AlertName.DATABASE_DOWN, True, "down")


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_restart_neither_forgets_nor_repeats(manager: DatabaseManager) -> None:
    assert ArchiveMemory(manager, TIMING).due([COSTLY], at(0)) == []
    due = ArchiveMemory(manager, TIMING).due([COSTLY], at(60))
    assert due == [DueNotice(COSTLY, Notice.RAISED)]
    ArchiveMemory(manager, TIMING).sent(due[0])
    later = ArchiveMemory(manager, TIMING)
    assert [later.due([COSTLY], at(seconds)) for seconds in (75, 400, 4000)] == [[], [], []]
    assert later.due([CHEAP], at(4015)) == []
    assert later.due([CHEAP], at(4400)) == [DueNotice(CHEAP, Notice.RESOLVED)]


def test_of_many_workers_one_sends(database_url: str) -> None:
    managers = [DatabaseManager(database_url) for _ in range(4)]
    workers = [ArchiveMemory(manager, TIMING) for manager in managers]
    workers[0].due([COSTLY], at(0))
    said: list[DueNotice] = []
    start = threading.Barrier(len(workers))

    def look(worker: ArchiveMemory) -> None:
        start.wait(10)
        said.extend(worker.due([COSTLY], at(61)))

    threads = [threading.Thread(target=look, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for manager in managers:
        manager.close()
    assert said == [DueNotice(COSTLY, Notice.RAISED)]


def test_what_a_worker_died_of_sending_is_sent_by_another(manager: DatabaseManager) -> None:
    dying, other = ArchiveMemory(manager, TIMING), ArchiveMemory(manager, TIMING)
    dying.due([COSTLY], at(0))
    assert dying.due([COSTLY], at(60)) == [DueNotice(COSTLY, Notice.RAISED)]
    assert other.due([COSTLY], at(90)) == []
    again = other.due([COSTLY], at(61) + LEASE)
    assert again == [DueNotice(COSTLY, Notice.RAISED)]
    other.sent(again[0])
    assert other.due([COSTLY], at(62) + 2 * LEASE) == []


def test_unknown_is_not_written_down_as_known(manager: DatabaseManager) -> None:
    memory = ArchiveMemory(manager, TIMING)
    memory.due([COSTLY], at(0))
    memory.due([Verdict(AlertName.COST_HIGH, None, "unknown")], at(600))
    with manager.get_session(read_only=True) as session:
        (row,) = alerts.all_of(session)
    assert (row.phase, row.summary) == (Phase.RISING, "5.00 USD spent")


def test_the_file_remembers_over_restarts(tmp_path: Path) -> None:
    path = tmp_path / "work" / "alerts.json"
    assert LocalMemory(path, TIMING).due([DOWN], at(0)) == []
    assert LocalMemory(path, TIMING).due([DOWN], at(60)) == [DueNotice(DOWN, Notice.RAISED)]
    assert LocalMemory(path, TIMING).due([DOWN], at(120)) == []
    assert LocalMemory(path, TIMING).states()["database_down"].phase is Phase.FIRING


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"database_down": 3}', '{"database_down": {"phase": "x"}}']
)
def test_a_damaged_file_is_begun_anew(tmp_path: Path, content: str) -> None:
    path = tmp_path / "alerts.json"
    path.write_text(content)
    assert LocalMemory(path, TIMING).due([DOWN], at(0)) == []
    assert LocalMemory(path, TIMING).due([DOWN], at(60)) == [DueNotice(DOWN, Notice.RAISED)]


def test_a_file_that_cannot_be_written_still_tells_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    memory = LocalMemory(tmp_path / "file" / "alerts.json", TIMING)
    assert [len(memory.due([DOWN], at(seconds))) for seconds in (0, 60, 120)] == [0, 1, 0]
