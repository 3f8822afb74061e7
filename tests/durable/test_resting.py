"""The engine's polls sleep while there is nothing to find, and wake when something is handed in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autod.app import App
from autod.db.manager import DatabaseManager
from autod.durable import resting
from autod.durable.resting import Rest
from tests.paper import pdf_of
from tests.settings import settings_in
from tests.waiting import until

POLLS = ("queue-worker-documents", "queue-worker-_dbos_internal_queue", "dbos-background-jobs")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rest(clock: Clock) -> Iterator[Rest]:
    rest = Rest(alone=True, monotonic=clock)
    clock.now += resting.AWAKE_SECONDS
    yield rest
    rest.end()


class Poll:
    """A thread of DBOS that looks when the test says so."""

    def __init__(self, rest: Rest, name: str) -> None:
        self._rest = rest
        self._pool = ThreadPoolExecutor(1, initializer=self._take, initargs=(name,))

    @staticmethod
    def _take(name: str) -> None:
        threading.current_thread().name = name

    def looks(self) -> threading.Event:
        """It begins a look; the event is set when it may go on."""

        def start_queued_workflows(passed: threading.Event) -> None:
            self._rest.hold()
            passed.set()

        return self._does(start_queued_workflows)

    def goes_on(self) -> threading.Event:
        """It asks something else in the middle of a look."""

        def get_workflow_statuses(passed: threading.Event) -> None:
            self._rest.hold()
            passed.set()

        return self._does(get_workflow_statuses)

    def _does(self, work: Callable[[threading.Event], None]) -> threading.Event:
        passed, begun = threading.Event(), threading.Event()

        def run() -> None:
            begun.set()
            work(passed)

        self._pool.submit(run)
        assert begun.wait(30)
        return passed


@pytest.mark.parametrize("name", POLLS)
def test_a_look_after_a_pause_waits_for_news(rest: Rest, clock: Clock, name: str) -> None:
    poll = Poll(rest, name)
    assert poll.looks().wait(30)  # the first one never waits
    clock.now += 60
    assert poll.goes_on().wait(30)  # however slow the machine is
    clock.now += 1
    held = poll.looks()
    assert not held.is_set()
    rest.news()
    assert held.wait(30)


def test_news_since_the_last_look_is_not_missed_however_late_the_next_one_comes(
    rest: Rest, clock: Clock
) -> None:
    poll = Poll(rest, "queue-worker-documents")
    assert poll.looks().wait(30)
    clock.now += 1
    rest.news()
    clock.now += 60
    assert poll.looks().wait(30)


def test_after_news_looks_go_by_the_clock_for_a_while(rest: Rest, clock: Clock) -> None:
    poll = Poll(rest, "queue-worker-documents")
    rest.news()
    for _ in range(3):
        assert poll.looks().wait(30)
        clock.now += resting.AWAKE_SECONDS / 4


def test_nobody_else_is_held(rest: Rest, clock: Clock) -> None:
    worker = Poll(rest, "dbos-executor-_3")
    for _ in range(2):
        assert worker.looks().wait(30)
        clock.now += 60


def test_no_look_begins_once_the_engine_stops(rest: Rest, clock: Clock) -> None:
    polls = [Poll(rest, "queue-worker-llm") for _ in range(2)]
    for poll in polls:
        assert poll.looks().wait(30)
    clock.now += 1
    held = polls[0].looks()
    rest.end()
    late = polls[1].looks()
    for poll in polls:
        poll._pool.shutdown()
    assert not held.is_set() and not late.is_set()


def test_a_pipeline_at_rest_asks_nothing_and_takes_what_is_handed_in(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: set[str] = set()
    hold = Rest.hold

    def watched(self: Rest) -> None:
        name = threading.current_thread().name
        inside.add(name)
        hold(self)
        inside.discard(name)

    monkeypatch.setattr(Rest, "hold", watched)

    def at_rest() -> bool:
        kinds = ("queue-worker-documents", *POLLS[1:])
        return all(any(name.startswith(kind) for name in tuple(inside)) for kind in kinds) and any(
            name.endswith("(queue_thread)") for name in tuple(inside)
        )

    settings = settings_in(tmp_path, database_url, quiet_seconds=0)
    with DatabaseManager(database_url) as manager, App(settings, manager) as app:
        for number in range(2):
            until(at_rest)
            path = app.folders.inbox / f"{number}.pdf"
            path.write_bytes(pdf_of((f"Invoice {number}",)))
            assert app.process(path).success
