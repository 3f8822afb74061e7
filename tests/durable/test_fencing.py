"""A worker that the others gave up does nothing any more with what it had in work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autod.db import workers
from autod.db.manager import DatabaseManager
from autod.db.workers import Member
from autod.durable.heartbeat import Fleet, Living
from autod.durable.results import Parked
from autod.durable.slots import Slots

ME = Member("me", "host", 1, "1", "documents", "/inbox")
OTHER = Member("other", "host", 2, "1", "documents", "/inbox")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def manager(postgres_url: str) -> Iterator[DatabaseManager]:
    with DatabaseManager(postgres_url) as opened:
        yield opened


def test_a_thread_that_began_before_its_worker_was_given_up_never_acts_again() -> None:
    slots = Slots(1)
    with pytest.raises(Parked), slots.in_work("doc:a"):
        slots.check()
        slots.outdate()
        slots.check()
    with slots.in_work("doc:a"):
        slots.check()
    assert slots.finish(0) == frozenset()


def test_nothing_begins_while_others_may_have_taken_over() -> None:
    slots = Slots(1, fenced=lambda: True)
    with pytest.raises(Parked), slots.in_work("doc:a"), slots.held():
        pass


def test_a_place_that_was_left_is_taken_again_before_newcomers_get_it() -> None:
    slots = Slots(1)
    with slots.in_work("doc:a"), slots.held():
        with slots.left(), slots.held():
            pass
        slots.check()


def test_a_worker_stops_acting_before_the_others_give_it_up(manager: DatabaseManager) -> None:
    clock = Clock()
    with fleet(manager, ME, clock) as mine:
        clock.now = 6.9
        assert not mine.fenced()
        clock.now = 7.1
        assert mine.fenced()
        mine.turn()
        assert not mine.fenced()


def test_a_silent_worker_is_given_up_and_goes_on_as_a_new_one(manager: DatabaseManager) -> None:
    living: list[Living] = []
    woken: list[bool] = []
    with fleet(manager, ME, given_up=lambda: woken.append(True)) as mine:
        with fleet(manager, OTHER, seconds=0, take_over=living.append) as other:
            other.turn()
        assert living[-1].executors <= {"other"}
        assert woken == []
        mine.turn()
        assert woken == [True]
        with manager.get_session(read_only=True) as session:
            assert [worker.executor_id for worker in workers.members(session)] == ["me"]


def test_a_worker_that_leaves_is_no_longer_among_the_living(manager: DatabaseManager) -> None:
    living: list[Living] = []
    with fleet(manager, ME, take_over=living.append) as mine:
        with fleet(manager, OTHER):
            mine.turn()
        mine.turn()
    assert [seen.executors for seen in living] == [{"me", "other"}, {"me"}]


def fleet(manager: DatabaseManager, member: Member, clock: Clock | None = None, **changes: object) -> Fleet:
    seconds = changes.pop("seconds", 10)
    options = {"take_over": lambda _: None, "given_up": lambda: None, **changes}
    return Fleet(manager, member, silent_seconds=seconds, monotonic=clock or Clock(), **options)  # type: ignore[arg-type]  # of tests' own making
