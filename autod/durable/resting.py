"""The engine's polls sleep while there is nothing for them to find.

DBOS looks by the clock, at its queues four times a second. Here a look that begins after a while without
news is held back, at the moment when it asks for a connection, until this process has written something down
or some seconds have passed. Work that is handed in here is so found at once, work of others within those
seconds. Only DBOS's own threads are held, and only where they begin to look, both known by their names: were
they named otherwise one day, they would look as often as they used to.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable

AWAKE_SECONDS = 2.0
"""After news looks go by the clock: one is more than a question, with pauses between them."""
QUEUE_SECONDS = 2.0
"""For which a look at a queue is held at most where other processes hand work in, who tell us no news."""
OTHER_SECONDS = 15.0
"""The same where this process is the only one, and everywhere for what this pipeline hardly uses: delayed
work, limits on time, schedules, DBOS's own queue, and new queues."""
STOPS = "no look begins any more: the engine stops"

_QUEUE, _QUEUE_OF_DBOS = "queue-worker-", "queue-worker-_dbos_"
_OTHERS = (_QUEUE_OF_DBOS, "dbos-background-jobs")
_UNNAMED_OTHERS = ("(queue_thread)", "(dynamic_scheduler_loop)")
_LOOKS = {"start_queued_workflows", "list_queues", "list_schedules"}
_DEEPEST = 16
"""Calls between the beginning of a look and the request for a connection are fewer."""


class Rest:
    """Who polls waits here before each look.

    Args:
        alone: nobody else hands work in on this database.
    """

    def __init__(self, *, alone: bool, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._alone = alone
        # On PostgreSQL the jobs begin by taking a lock, and none may be kept while one is held here.
        self._looks = _LOOKS | {"transition_delayed_workflows" if alone else "background_job_lock"}
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._news_at = monotonic()
        self._ended = False
        self._thread = threading.local()

    def news(self) -> None:
        """Something was written down: whoever looks after work looks now."""
        with self._changed:
            self._news_at = self._monotonic()
            self._changed.notify_all()

    def end(self) -> None:
        """The engine stops: who is held, or would begin a look, is refused it."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def hold(self) -> None:
        """Before each use of the engine's tables, by any thread; returns at once for all but the polls.

        Raises:
            RuntimeError: ``STOPS``; work that were taken up now would be in nobody's hands.
        """
        seconds = self._most_seconds(threading.current_thread().name)
        if not seconds or not self._begins_a_look():
            return
        now = self._monotonic()
        last = getattr(self._thread, "last", None)
        if last is not None:
            with self._changed:
                # However late a thread comes or wakes, it knows of news since its last look.
                heard = min(last, now - AWAKE_SECONDS)
                self._changed.wait_for(
                    lambda: self._ended or self._news_at > heard,
                    timeout=last + seconds - now,
                )
                if self._ended:
                    raise RuntimeError(STOPS)
        self._thread.last = self._monotonic()

    def _begins_a_look(self) -> bool:
        """Not in the middle of one: what was claimed would wait, in nobody's hands."""
        frame = inspect.currentframe()
        for _ in range(_DEEPEST):
            if frame is None:
                return False
            if frame.f_code.co_name in self._looks:
                return True
            frame = frame.f_back
        return False

    def _most_seconds(self, thread: str) -> float:
        """For which a thread's look may be held; zero for whoever does not poll."""
        if thread.startswith(_OTHERS) or thread.endswith(_UNNAMED_OTHERS):
            return OTHER_SECONDS
        if thread.startswith(_QUEUE):
            return OTHER_SECONDS if self._alone else QUEUE_SECONDS
        return 0.0
