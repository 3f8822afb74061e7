"""Latencies of something that was done again and again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Latencies:
    """Seconds that each time took."""

    seconds: list[float] = field(default_factory=list)

    @contextmanager
    def timed(self) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds.append(time.perf_counter() - begun)

    def at(self, share: float) -> float:
        """The latency that this share (0..1) of all times does not exceed, in milliseconds."""
        ranked = sorted(self.seconds)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] * 1000

    def __str__(self) -> str:
        if not self.seconds:
            return "none"
        return " / ".join(f"{self.at(share):.3g}" for share in (0.5, 0.95, 0.99))
