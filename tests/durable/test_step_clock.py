"""The clock knows what runs, what ran, and what runs too long."""

from __future__ import annotations

import pytest

from autod.durable.step_clock import StepClock


class Hand:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_step_is_told_with_its_seconds_and_outcome() -> None:
    hand, heard = Hand(), list[tuple[str, float, bool]]()
    clock = StepClock({"": 10.0}, hand)
    clock.on_end(lambda *told: heard.append(told))
    with clock.step("read"):
        hand.now += 2
    with pytest.raises(ValueError, match="no"), clock.step("file"):
        hand.now += 1
        raise ValueError("no")
    assert heard == [("read", 2.0, True), ("file", 1.0, False)]
    assert clock.running() == []


def test_a_life_is_timed_around_its_steps_and_is_never_overdue() -> None:
    hand, heard = Hand(), list[tuple[str, float, bool]]()
    clock = StepClock({"": 10.0}, hand)
    clock.on_end(lambda *told: heard.append(told))
    with clock.life("ask", "a" * 64):
        with clock.step("submit"):
            hand.now += 1
        hand.now += 99
        assert (clock.running(), clock.overdue()) == ([], [])
    assert heard == [("submit", 1.0, True), ("ask", 100.0, True)]


def test_only_a_running_step_beyond_its_own_limit_is_overdue() -> None:
    hand = Hand()
    clock = StepClock({"read": 60.0, "": 10.0}, hand)
    with clock.step("read"):
        hand.now += 60
        assert (clock.running(), clock.overdue()) == ([("read", 60.0)], [])
        hand.now += 1
        assert clock.overdue() == ["read"]
    with clock.step("file"):
        hand.now += 11
        assert clock.overdue() == ["file"]
    assert clock.overdue() == []
