"""Not more than so many in a minute."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

MINUTE = 60.0


class PerMinute:
    """Makes its callers wait so that at most ``limit`` go through in any minute; thread-safe.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, limit: int, *, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._limit = limit
        self._sleep = sleep
        self._clock = clock
        self._turns: deque[float] = deque(maxlen=limit)
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when it is the caller's turn."""
        with self._lock:
            now = self._clock()
            turn = now
            if len(self._turns) == self._limit:
                turn = max(now, self._turns[0] + MINUTE)
            self._turns.append(turn)
        if turn > now:
            self._sleep(turn - now)
