"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass

from autod.health.report import State


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` was found about ``topic``, ``why`` it matters, and the ``next_step`` to take.

    ``off`` means that it was not looked at or is not in use, and ``what`` says which. The last two are empty
    when all is well.
    """

    topic: str
    state: State
    what: str
    why: str = ""
    next_step: str = ""


def fine(topic: str, what: str) -> Finding:
    return Finding(topic, State.OK, what)


def skipped(topic: str, what: str) -> Finding:
    return Finding(topic, State.OFF, what)


def doubtful(topic: str, what: str, why: str, next_step: str) -> Finding:
    return Finding(topic, State.WARNING, what, why, next_step)


def broken(topic: str, what: str, why: str, next_step: str) -> Finding:
    return Finding(topic, State.FAILED, what, why, next_step)
