"""A circuit breaker: after several failures of the service in a row, stop asking for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum

from autod.extract.openai.failures import Blame, CircuitOpen, OpenAIError


class CircuitState(StrEnum):
    """``half_open`` lets one request through to see whether the service is back."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Circuit:
    """Opens on the service's failures, never on a document's own refusal or on a rate limit.

    Args:
        threshold: failures in a row that open it.
        open_seconds: how long it stays open before one request may try again.
        clock: monotonic seconds.
    """

    def __init__(self, threshold: int, open_seconds: float, clock: Callable[[], float]) -> None:
        self._threshold = threshold
        self._open_seconds = open_seconds
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._lock = threading.Lock()

    @property
    def state(self) -> CircuitState:
        with self._lock:
            return self._state()

    def _state(self) -> CircuitState:
        if self._opened_at is None:
            return CircuitState.CLOSED
        waited = self._clock() - self._opened_at
        return CircuitState.OPEN if waited < self._open_seconds else CircuitState.HALF_OPEN

    def enter(self) -> None:
        """Ask to make a request; follow with ``succeeded`` or ``failed``.

        Raises:
            CircuitOpen: with the seconds left.
        """
        with self._lock:
            state = self._state()
            if state is CircuitState.HALF_OPEN and not self._probing:
                self._probing = True
                return
            if state is CircuitState.CLOSED:
                return
            left = max(0.0, self._open_seconds - (self._clock() - (self._opened_at or 0.0)))
            raise CircuitOpen(
                "the service failed repeatedly; it is left alone for a while", wait_seconds=left
            )

    def succeeded(self) -> None:
        """The service answered as it should, even if the answer was a refusal of the request."""
        with self._lock:
            self._failures = 0
            self._opened_at = None
            self._probing = False

    def failed(self, error: OpenAIError) -> None:
        """Count ``error`` if it is the service's own; any other proves that the service is alive."""
        if error.blame is not Blame.SERVICE:
            self.succeeded()
            return
        with self._lock:
            self._failures += 1
            if self._probing or self._failures >= self._threshold:
                self._opened_at = self._clock()
            self._probing = False

    def abandoned(self) -> None:
        """The request was given up without an outcome (the process is stopping)."""
        with self._lock:
            self._probing = False
