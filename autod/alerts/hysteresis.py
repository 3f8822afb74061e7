"""When to speak of a condition: after it has lasted, once, and once more when it has stayed away. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Phase(StrEnum):
    """``rising`` and ``falling`` are not believed yet."""

    QUIET = "quiet"
    RISING = "rising"
    FIRING = "firing"
    FALLING = "falling"


class Notice(StrEnum):
    """What people are told; ``test`` only shows that the channels work."""

    RAISED = "raised"
    REMINDER = "reminder"
    RESOLVED = "resolved"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a condition must last, or stay away, to be believed; and how often a lasting one is told."""

    raise_after: timedelta
    clear_after: timedelta
    remind_every: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AlertState:
    """Where an alert stands; ``since`` is when its phase began, ``raised_at`` when people were told."""

    phase: Phase
    since: datetime
    raised_at: datetime | None = None
    told_at: datetime | None = None


def quiet(now: datetime) -> AlertState:
    """An alert that was never due."""
    return AlertState(Phase.QUIET, now)


def advance(
    state: AlertState, firing: bool | None, now: datetime, timing: Timing
) -> tuple[AlertState, Notice | None]:
    """The next state, and what people are to be told; unknown (None) leaves everything as it is."""
    if firing is None:
        return state, None
    if firing:
        return _burns(state, now, timing)
    return _calm(state, now, timing)


def _burns(state: AlertState, now: datetime, timing: Timing) -> tuple[AlertState, Notice | None]:
    if state.phase is Phase.FALLING:
        state = AlertState(Phase.FIRING, now, state.raised_at, state.told_at)
    if state.phase is Phase.FIRING:
        if state.told_at is not None and now - state.told_at >= timing.remind_every:
            return replace(state, told_at=now), Notice.REMINDER
        return state, None
    if state.phase is Phase.QUIET:
        state = AlertState(Phase.RISING, now)
    if now - state.since >= timing.raise_after:
        return AlertState(Phase.FIRING, now, raised_at=now, told_at=now), Notice.RAISED
    return state, None


def _calm(state: AlertState, now: datetime, timing: Timing) -> tuple[AlertState, Notice | None]:
    if state.phase in (Phase.QUIET, Phase.RISING):
        return (state if state.phase is Phase.QUIET else quiet(now)), None
    if state.phase is Phase.FIRING:
        state = replace(state, phase=Phase.FALLING, since=now)
    if now - state.since >= timing.clear_after:
        return quiet(now), Notice.RESOLVED
    return state, None
