"""The one retry layer: what may be sent again, how often, and after which wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TypeVar

from autod.extract.openai.failures import (
    FlexUnavailable,
    RateLimited,
    ResponseBusy,
    ServiceFailing,
    ServiceUnreachable,
)

T = TypeVar("T")

_PASSING = (ServiceUnreachable, ServiceFailing, RateLimited, ResponseBusy)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most ``attempts`` in all; waits double from ``first_wait`` to ``longest_wait`` seconds, and vary by
    ``first_wait``, so that many threads do not come back at once.

    A service that asks for more patience than ``longest_wait`` is taken at its word: the error goes up,
    and the document waits instead of a thread. Without ``failing`` the service's own failures go up at once:
    the caller looks for an answer before it tries again.
    """

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 30.0
    failing: bool = True


def wait_before(policy: RetryPolicy, error: Exception) -> bool | float:
    """Whether to try again after this error; seconds where the service itself says how long to wait."""
    if not isinstance(error, _PASSING) or isinstance(error, FlexUnavailable):
        return False
    if isinstance(error, (ServiceFailing, ResponseBusy)) and not policy.failing:
        return False
    if error.wait_seconds is not None:
        return False if error.wait_seconds > policy.longest_wait else float(error.wait_seconds)
    return True


def with_retries(work: Callable[[], T], policy: RetryPolicy) -> T:
    """Run ``work`` until it succeeds or its error is not to be retried; that error is raised.

    Only what passes in seconds is waited for here, within one request. Longer waits cross a checkpoint: there
    a document gives its place to others, and the engine wakes it, also after a crash.
    """
    import stamina

    _quietly()
    tries = stamina.retry_context(
        on=partial(wait_before, policy),
        attempts=policy.attempts,
        timeout=None,
        wait_initial=policy.first_wait,
        wait_max=policy.longest_wait,
        wait_jitter=policy.first_wait,
    )
    for attempt in tries:
        with attempt:
            return work()
    raise AssertionError("the last attempt returns or raises")


@cache
def _quietly() -> None:
    """Have no record made of each try, in the library's words: what lasts is told when it goes up."""
    from stamina.instrumentation import set_on_retry_hooks

    set_on_retry_hooks(())
