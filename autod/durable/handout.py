"""Noticing work that waits while the engine hands nothing out.

Whatever the reason, a dead thread or a database that never finds anything due: without a word, whoever waits
for a document would wait for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import structlog

from autod.codes import Code
from autod.periodic import Periodic

log = structlog.get_logger("autod.engine")

LOOK_SECONDS = 4.0
PATIENT_LOOKS = 5
"""So many looks that find the same are a standstill: 20 seconds. Looks are counted, not time, because a
machine that slept was not at a standstill."""

CODE = Code.ENGINE_STALLED
MESSAGE = "work waits, and the engine hands nothing out"
NEXT_STEP = (
    "Nothing is lost: restart the daemon, or run the same command again. If it stays so, report it "
    "with the end of the log."
)


@dataclass(slots=True)
class WatchedQueue:
    """One queue, as this process sees it.

    Args:
        first: the name of the workflow that waits longest in it, None when nothing waits.
        room: whether more of them could be in work now.
        begun: how many of them have begun here so far.
        more_looks: patience beyond the usual, where a limit on the rate may hold work back.
    """

    first: Callable[[], str | None]
    room: Callable[[], bool]
    begun: Callable[[], int]
    more_looks: int = 0
    _seen: tuple[str, int] | None = field(default=None, init=False)
    _looks: int = field(default=0, init=False)

    def stalled(self) -> bool:
        """Look once more."""
        first = self.first() if self.room() else None
        progress = None if first is None else (first, self.begun())
        self._looks = self._looks + 1 if progress is not None and progress == self._seen else 0
        self._seen = progress
        return self._looks >= PATIENT_LOOKS + self.more_looks


class Handout:
    """Looks at the queues again and again.

    Args:
        tell_waiting: told the queues at a standstill, at each look while there are any.
    """

    def __init__(
        self, lines: dict[str, WatchedQueue], tell_waiting: Callable[[Collection[str]], None]
    ) -> None:
        self._lines = lines
        self._tell_waiting = tell_waiting
        self._stalled: frozenset[str] = frozenset()
        self._looking = Periodic("engine-handout", self.look, LOOK_SECONDS)

    def start(self) -> None:
        self._looking.start()

    def stop(self) -> None:
        self._looking.stop()

    @property
    def stalled(self) -> bool:
        return bool(self._stalled)

    def look(self) -> None:
        """Look once."""
        try:
            stalled = frozenset([name for name, line in self._lines.items() if line.stalled()])
        except Exception as error:  # noqa: BLE001 - the database's trouble is told by those who need it
            log.debug("Cannot see what waits", reason=type(error).__name__)
            return
        if stalled - self._stalled:
            log.error(
                "Work waits, and the engine hands nothing out",
                error=CODE,
                queues=sorted(stalled),
                next_step=NEXT_STEP,
            )
        elif self._stalled and not stalled:
            log.info("The engine hands work out again")
        self._stalled = stalled
        if stalled:
            self._tell_waiting(stalled)
