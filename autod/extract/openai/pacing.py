"""Keeping to the service's limits, from what its headers say; shared by all threads of a client."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from autod.domain.rate_window import RateWindow

POLL_SECONDS = 1.0
"""First pause before an answer is looked for again: a small model needs two or three seconds."""

PATIENCE_SECONDS = 900.0
"""How long an answer that is being written is waited for at a stretch: longer than the service's slow tier
takes as a rule. Afterwards its document gives its place to others, and the answer is collected later."""

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_KINDS = ("requests", "tokens")
_LONGEST_HEADER = 64
_WINDOW_SECONDS = 60.3
"""A minute, and a little for requests that overtake one another on the way."""

_LONGEST_HOLD = 120.0
_MOST_TO_REMEMBER = 100_000


def duration_seconds(text: str | None) -> float | None:
    """Seconds of ``1h2m3.5s``, ``20ms`` or a plain number; None when it is none of them."""
    if not text or len(text) > _LONGEST_HEADER:
        return None
    stripped = text.strip()
    if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", stripped):
        return float(stripped)
    parts = _DURATION.findall(stripped)
    if not parts or "".join(number + unit for number, unit in parts) != stripped:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def wait_asked_for(headers: Mapping[str, str], wall: Callable[[], float]) -> float | None:
    """Seconds that ``retry-after-ms`` or ``Retry-After`` (seconds or an HTTP date) ask us to wait."""
    milliseconds = duration_seconds(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = duration_seconds(text)
    if seconds is not None or not text or len(text) > _LONGEST_HEADER:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - wall())
    except (ValueError, OverflowError):
        return None


class Pace:
    """When the next question may go out.

    Limits are those of a model: what asks none (a conversation that is made, an answer that is deleted) is
    neither counted nor held. Questions are spread by the limit that the service announces, so that many
    threads neither ask in vain nor all at once; when nothing is left, because others ask too, they wait for
    the announced reset.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._free_at = 0.0
        self._sent = RateWindow(_WINDOW_SECONDS)
        self._lock = threading.Lock()

    def pause(self) -> float:
        """Seconds to wait before a question, which takes its turn now."""
        with self._lock:
            now = self._clock()
            return self._sent.turn(now, not_before=self._free_at) - now

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take in an answer's ``x-ratelimit-*`` headers."""
        limit = headers.get("x-ratelimit-limit-requests", "")
        if limit.isascii() and limit.isdigit() and 0 < int(limit[:9]) < _MOST_TO_REMEMBER:
            self._sent.limit = int(limit[:9])
        for kind in _KINDS:
            remaining = headers.get(f"x-ratelimit-remaining-{kind}")
            reset = duration_seconds(headers.get(f"x-ratelimit-reset-{kind}"))
            if remaining is not None and remaining.strip() == "0" and reset is not None:
                self.hold(min(reset, _LONGEST_HOLD))

    def hold(self, seconds: float) -> None:
        """Let nobody ask for ``seconds``."""
        with self._lock:
            self._free_at = max(self._free_at, self._clock() + seconds)
