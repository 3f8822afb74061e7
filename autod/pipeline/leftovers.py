"""What a service still keeps of documents that are done with: deleted as soon as it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from autod.db import disclosures
from autod.db.manager import DatabaseManager
from autod.errors import AutodError

log = structlog.get_logger("autod.privacy")

LEFT_AFTER = timedelta(hours=1)
"""Whoever asked deletes it long before."""

MOST_AT_ONCE = 50


class Keeper(Protocol):
    """A service that can be told to delete."""

    @property
    def host(self) -> str: ...

    def delete(self, path: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Conversations, answers and files that could not be deleted when their question had ended."""

    manager: DatabaseManager
    keeper: Keeper
    now: Callable[[], datetime]

    def clear(self) -> None:
        """Have the service delete some of them; what it refuses is tried again later."""
        with self.manager.get_session(read_only=True) as session:
            host, before = self.keeper.host, self.now() - LEFT_AFTER
            paths = disclosures.left_behind(session, host, before, MOST_AT_ONCE)
        for path in paths:
            try:
                self.keeper.delete(path)
            except AutodError as error:
                log.warning("The service keeps a copy for now", reason=error.code)
                return
