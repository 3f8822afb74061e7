"""What is done again and again goes on, whatever goes wrong, until it is stopped."""

from __future__ import annotations

import threading

from structlog.testing import capture_logs

from autod.periodic import Periodic
from tests.waiting import until


def test_the_first_call_waits_unless_it_is_to_be_at_once() -> None:
    calls: list[str] = []
    patient = Periodic("patient", lambda: calls.append("patient"), 3600)
    prompt = Periodic("prompt", lambda: calls.append("prompt"), 3600, at_once=True)
    for task in (patient, prompt):
        task.start()
    until(lambda: calls)
    for task in (patient, prompt):
        task.stop(30)
    assert calls == ["prompt"]


def test_an_error_is_told_and_the_next_call_comes_all_the_same() -> None:
    calls = threading.Semaphore(0)

    def broken() -> None:
        calls.release()
        raise RuntimeError("a mistake of ours")

    task = Periodic("broken", broken, 0.001, at_once=True)
    with capture_logs() as logs:
        task.start()
        assert all(calls.acquire(timeout=30) for _ in range(3))
        task.stop(30)
    assert {(line["task"], line["error"], line["log_level"]) for line in logs} == {
        ("broken", "internal_error", "error")
    }


def test_a_call_that_is_under_way_sees_that_it_should_end_and_is_waited_for() -> None:
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        until(task.stopping)
        ended.set()

    task = Periodic("long", work, 3600, at_once=True)
    task.start()
    assert begun.wait(30)
    task.stop(30)
    assert ended.is_set()


def test_stopping_what_was_never_started_is_harmless() -> None:
    Periodic("idle", lambda: None, 1).stop()
