"""What goes wrong, when and for how long: values that travel to the daemon's process as JSON.

A point is a place in the product that is reached again and again, named ``what:when``. ``hooks`` lays the
points around the product's own functions; nothing in the product knows of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

VARIABLE = "AUTOD_TORTURE"
"""The environment variable with the plan."""

BLIND = f"{VARIABLE}_BLIND"
"""The environment variable that takes away what tells the daemon who writes."""

MOMENTS = ("before", "inside", "after")
"""Before anything of it happened; done but neither checkpointed nor committed; checkpointed or committed."""


class Do(StrEnum):
    """What happens at a point."""

    KILL = "kill"
    """SIGKILL for the whole process."""
    NO_SPACE = "no_space"
    DISK_ERROR = "disk_error"
    DATABASE_ERROR = "database_error"
    STALL = "stall"
    """Nothing for ``amount`` seconds."""
    KILL_READER = "kill_reader"
    """SIGKILL for the reading process, ``amount`` seconds later."""
    JUMP = "jump"
    """The wall clock moves by ``amount`` seconds."""
    REPLACE = "replace"
    """Somebody renames other bytes over the file the point is about."""


@dataclass(frozen=True, slots=True)
class Fault:
    """At the ``nth`` time ``point`` is reached, and for ``seconds`` after that at every further time."""

    point: str
    do: Do = Do.KILL
    nth: int = 1
    amount: float = 0.0
    seconds: float = 0.0


def to_json(faults: Iterable[Fault]) -> str:
    return json.dumps([asdict(fault) for fault in faults])


def from_json(text: str) -> list[Fault]:
    return [Fault(**{**item, "do": Do(item["do"])}) for item in json.loads(text)]
