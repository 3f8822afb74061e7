"""The one retry layer: what may be sent again, how often, and after which wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from autod.extract.openai.errors import (
    FlexUnavailable,
    OpenAIError,
    RateLimited,
    ResponseBusy,
    ServiceFailing,
    ServiceUnreachable,
)

T = TypeVar("T")

_PASSING = (ServiceUnreachable, ServiceFailing, RateLimited, ResponseBusy)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most ``attempts`` in all; waits double from ``first_wait`` to ``longest_wait`` seconds.

    A service that asks for more patience than ``longest_wait`` is taken at its word: the error goes up,
    and the document waits instead of a thread. Without ``failing`` the service's own failures go up at once:
    the caller looks for an answer before it tries again.
    """

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 30.0
    failing: bool = True


def wait_before(policy: RetryPolicy, attempt: int, error: OpenAIError, jitter: float) -> float | None:
    """Seconds to wait after the failed ``attempt`` (1-based), None to give up; ``jitter`` is 0..1."""
    if not isinstance(error, _PASSING) or isinstance(error, FlexUnavailable) or attempt >= policy.attempts:
        return None
    if isinstance(error, (ServiceFailing, ResponseBusy)) and not policy.failing:
        return None
    if error.wait_seconds is not None:
        return None if error.wait_seconds > policy.longest_wait else error.wait_seconds
    wait = min(policy.first_wait * 2.0 ** (attempt - 1), policy.longest_wait)
    return wait * (0.75 + 0.25 * jitter)


def with_retries(
    work: Callable[[], T],
    policy: RetryPolicy,
    *,
    sleep: Callable[[float], None],
    jitter: Callable[[], float],
) -> T:
    """Run ``work`` until it succeeds or its error is not to be retried; that error is raised."""
    attempt = 0
    while True:
        attempt += 1
        try:
            return work()
        except OpenAIError as error:
            wait = wait_before(policy, attempt, error, jitter())
            if wait is None:
                raise
        sleep(wait)
