"""The pauses of the engine, short, for pipelines of this process: no test waits for a poll.

At rest the engine sleeps for an hour instead of seconds: what fails to wake it is seen by a test that waits.
"""

from __future__ import annotations

import pytest

from autod.durable import finished, resting, runner

POLL_SECONDS = 0.05


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Have the engine look for work, and for what has ended, more often than pays with a real archive."""
    patch.setattr(runner, "POLL_SECONDS", POLL_SECONDS)
    patch.setattr(runner, "ASK_POLL_SECONDS", POLL_SECONDS)
    patch.setattr(finished, "EVERY_SECONDS", POLL_SECONDS)
    for name in ("QUEUE_SECONDS", "OTHER_SECONDS"):
        patch.setattr(resting, name, 3600.0)
    patch.setattr(resting, "AWAKE_SECONDS", 0.4)
