"""Not more than so many within any stretch of time."""

from __future__ import annotations

import threading
from collections import deque


class RateWindow:
    """Tells each caller when it is its turn, at most ``limit`` within any ``seconds``; thread-safe.

    Turns are remembered also while there is no limit, so that one that is learned later counts them.

    Args:
        seconds: length of the window.
        limit: turns in it; None lets everybody through, and may be set at any time.
    """

    def __init__(self, seconds: float, limit: int | None = None) -> None:
        self.limit = limit
        self._seconds = seconds
        self._turns: deque[float] = deque()
        self._lock = threading.Lock()

    def turn(self, now: float, not_before: float = 0.0) -> float:
        """The moment of the caller's turn, in monotonic seconds like ``now``; the turn is taken."""
        with self._lock:
            while self._turns and self._turns[0] <= now - self._seconds:
                self._turns.popleft()
            at = max(now, not_before)
            if self.limit is not None and len(self._turns) >= self.limit:
                at = max(at, self._turns[-self.limit] + self._seconds)
            self._turns.append(at)
            return at
