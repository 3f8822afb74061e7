"""One question goes ahead of many while the service's cache is cold."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from autod.extract.openai.warming import WARM_SECONDS, WarmUp


def test_one_goes_ahead_and_the_others_follow_when_it_was_answered() -> None:
    warm_up = WarmUp(lambda: 0.0)
    assert warm_up.enter()
    followed = threading.Event()

    def follow() -> bool:
        ahead = warm_up.enter()
        followed.set()
        return ahead

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(follow)
        assert not followed.wait(0.05)
        warm_up.done(answered=True, ahead=False)
        assert other.result(timeout=10) is False
    assert not warm_up.enter()


def test_when_the_first_fails_the_next_one_goes_ahead() -> None:
    warm_up = WarmUp(lambda: 0.0)
    assert warm_up.enter()
    warm_up.done(answered=False, ahead=True)
    assert warm_up.enter()


def test_after_a_pause_the_cache_is_cold_again() -> None:
    moment = [0.0]
    warm_up = WarmUp(lambda: moment[0])
    assert warm_up.enter()
    warm_up.done(answered=True, ahead=True)
    moment[0] = WARM_SECONDS - 1
    assert not warm_up.enter()
    moment[0] = WARM_SECONDS + 1
    assert warm_up.enter()
