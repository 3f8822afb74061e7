"""Pauses grow to the longest one and stay there; a window never lets more through than its limit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autod.domain.backoff import Backoff
from autod.domain.rate_window import RateWindow

pauses = st.builds(
    Backoff,
    first=st.floats(0.01, 600),
    longest=st.floats(0.01, 86400),
    factor=st.floats(1.1, 10),
)


@given(pauses, st.integers(-5, 10**9))
def test_a_pause_is_never_beyond_the_longest_however_often_something_failed(
    backoff: Backoff, times: int
) -> None:
    assert min(backoff.first, backoff.longest) <= backoff.pause(times) <= backoff.longest
    assert backoff.pause(times) <= backoff.pause(times + 1)


def test_pauses_grow_by_the_factor() -> None:
    assert [Backoff(5, 3600, factor=4).pause(times) for times in range(1, 7)] == [5, 20, 80, 320, 1280, 3600]


@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 90)), max_size=40))
def test_no_window_holds_more_turns_than_its_limit(limit: int, calls: list[tuple[int, int]]) -> None:
    window, now, turns = RateWindow(60.0, limit), 0, list[float]()
    for later, hold in calls:
        now += later
        turns.append(window.turn(now, not_before=hold))
        assert turns[-1] >= max(now, hold)
    turns.sort()
    assert all(last - first >= 60.0 for first, last in zip(turns, turns[limit:], strict=False))


def test_a_limit_that_is_learned_later_counts_what_went_before() -> None:
    window = RateWindow(60.0)
    assert [window.turn(1.0) for _ in range(3)] == [1.0, 1.0, 1.0]
    window.limit = 3
    assert window.turn(2.0) == 61.0
