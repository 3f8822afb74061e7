"""Waiting for workflows to end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from autod.durable.finished import Endings
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
def endings(desk: Desk) -> Iterator[Endings]:
    endings = Endings(desk)
    endings.start()
    yield endings
    endings.stop()


@pytest.fixture
def pool(endings: Endings) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(10) as pool:
        yield pool
        endings.release()


def never() -> bool:
    return False


def test_whoever_waits_for_a_workflow_goes_on_when_it_has_ended_and_nobody_else(
    desk: Desk, endings: Endings, pool: ThreadPoolExecutor
) -> None:
    first, second, other = (pool.submit(endings.wait, name, never) for name in ("doc:a", "doc:a", "doc:b"))
    until(lambda: ["doc:a", "doc:b"] in desk.asked)
    desk.ended.add("doc:a")
    first.result(timeout=30)
    second.result(timeout=30)
    until(lambda: desk.asked[-1] == ["doc:b"])
    assert not other.done()


def test_a_release_ends_all_waiting_and_what_led_to_it_ends_later_waiting_at_once(
    endings: Endings, pool: ThreadPoolExecutor
) -> None:
    stopping = threading.Event()
    waiting = [pool.submit(endings.wait, f"doc:{number}", stopping.is_set) for number in range(5)]
    stopping.set()
    endings.release()
    for one in [*waiting, pool.submit(endings.wait, "doc:late", stopping.is_set)]:
        one.result(timeout=30)


def test_a_database_that_cannot_be_asked_is_asked_again(
    desk: Desk, endings: Endings, pool: ThreadPoolExecutor
) -> None:
    desk.fails, desk.ended = True, {"doc:a"}
    waiting = pool.submit(endings.wait, "doc:a", never)
    until(lambda: len(desk.asked) > 1)
    assert not waiting.done()
    desk.fails = False
    waiting.result(timeout=30)


def test_workflows_that_nobody_waits_for_any_more_are_not_asked_about(
    desk: Desk, endings: Endings, pool: ThreadPoolExecutor
) -> None:
    desk.ended |= {"doc:a", "doc:c"}
    for name, unless in (("doc:a", never), ("doc:b", lambda: True), ("doc:c", never)):
        pool.submit(endings.wait, name, unless).result(timeout=30)
    assert desk.asked == [["doc:a"], ["doc:c"]]
