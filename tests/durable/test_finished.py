"""Waiting for workflows to end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from autod.durable.finished import Finished
from tests.waiting import until


class Desk:
    """Workflows that have ended, and how often that was asked."""

    def __init__(self) -> None:
        self.ended: set[str] = set()
        self.asked: list[list[str]] = []
        self.fails = False

    def __call__(self, names: list[str]) -> set[str]:
        self.asked.append(names)
        if self.fails:
            raise OSError
        return self.ended & set(names)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def finished(desk: Desk) -> Iterator[Finished]:
    finished = Finished(desk)
    finished.start()
    yield finished
    finished.stop()


@pytest.fixture
def pool(finished: Finished) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(10) as pool:
        yield pool
        finished.release()


def never() -> bool:
    return False


def test_whoever_waits_for_a_workflow_goes_on_when_it_has_ended_and_nobody_else(
    desk: Desk, finished: Finished, pool: ThreadPoolExecutor
) -> None:
    first, second, other = (pool.submit(finished.wait, name, never) for name in ("doc:a", "doc:a", "doc:b"))
    until(lambda: ["doc:a", "doc:b"] in desk.asked)
    desk.ended.add("doc:a")
    first.result(timeout=30)
    second.result(timeout=30)
    until(lambda: desk.asked[-1] == ["doc:b"])
    assert not other.done()


def test_a_release_ends_all_waiting_and_what_led_to_it_ends_later_waiting_at_once(
    finished: Finished, pool: ThreadPoolExecutor
) -> None:
    stopping = threading.Event()
    waiting = [pool.submit(finished.wait, f"doc:{number}", stopping.is_set) for number in range(5)]
    stopping.set()
    finished.release()
    for one in [*waiting, pool.submit(finished.wait, "doc:late", stopping.is_set)]:
        one.result(timeout=30)


def test_a_database_that_cannot_be_asked_is_asked_again(
    desk: Desk, finished: Finished, pool: ThreadPoolExecutor
) -> None:
    desk.fails, desk.ended = True, {"doc:a"}
    waiting = pool.submit(finished.wait, "doc:a", never)
    until(lambda: len(desk.asked) > 1)
    assert not waiting.done()
    desk.fails = False
    waiting.result(timeout=30)


def test_workflows_that_nobody_waits_for_any_more_are_not_asked_about(
    desk: Desk, finished: Finished, pool: ThreadPoolExecutor
) -> None:
    desk.ended |= {"doc:a", "doc:c"}
    for name, unless in (("doc:a", never), ("doc:b", lambda: True), ("doc:c", never)):
        pool.submit(finished.wait, name, unless).result(timeout=30)
    assert desk.asked == [["doc:a"], ["doc:c"]]
