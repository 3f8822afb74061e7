"""One question alone before many at once: it writes the prompt's static part into the service's cache.

A service can only find what an earlier question has left there. A hundred questions sent at the same moment
would all pay for the static part, and none would find it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

WARM_SECONDS = 5 * 60.0
"""The shortest time for which services keep a prefix after its last use."""

LONGEST_HOLD = 20.0
"""Seconds that the others wait for the one ahead: a slow first answer must not hold everything up."""


class WarmUp:
    """Lets one caller go ahead while the cache is cold, and the others after it.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._warm_until = float("-inf")
        self._ahead = False
        self._changed = threading.Condition()

    def enter(self) -> bool:
        """Wait for one's turn; True for the one that goes ahead and has to say ``done``."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_warm() or not self._ahead, timeout=LONGEST_HOLD)
            if self._is_warm() or self._ahead:
                return False
            self._ahead = True
            return True

    def done(self, *, answered: bool, ahead: bool) -> None:
        """An answer came: the cache is warm. Without one, the next caller goes ahead."""
        with self._changed:
            if answered:
                self._warm_until = self._clock() + WARM_SECONDS
            if answered or ahead:
                self._ahead = False
                self._changed.notify_all()

    def _is_warm(self) -> bool:
        return self._clock() < self._warm_until
