"""Pauses that grow: between attempts, between looks at what is not there yet."""

from __future__ import annotations

from dataclasses import dataclass

MOST_STEPS = 100
"""Far beyond any longest pause, and no overflow however often something has failed."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """The first pause, the longest one, and by what each is longer than the one before; in seconds."""

    first: float
    longest: float
    factor: float = 2.0

    def pause(self, times: int) -> float:
        """Seconds to wait when something was in vain so many times, 1 at first; at most the longest."""
        return min(self.first * self.factor ** min(max(times - 1, 0), MOST_STEPS), self.longest)
