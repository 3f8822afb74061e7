"""The daily look at the database's integrity, and the note of it that health reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from autod import flushing
from autod.codes import Code
from autod.db import integrity
from autod.db.integrity import Flaw, Integrity
from autod.db.manager import DatabaseManager
from autod.errors import AutodError
from autod.log_later import LogLater

log = LogLater("autod.soundness")

NOTE = "integrity.json"
EVERY = timedelta(days=1)
PATIENCE = timedelta(hours=6)
"""So much later it is done while there is work, too."""


@dataclass(frozen=True, slots=True)
class LastLook:
    """When the database was last looked at, and what was found."""

    at: datetime
    found: Integrity


@dataclass(frozen=True, slots=True)
class Soundness:
    """Looks when it is time.

    Args:
        work: the process's own folder, where the copy and the note lie.
        is_quiet: whether no document is in work just now.
    """

    manager: DatabaseManager
    work: Path
    now: Callable[[], datetime]
    is_quiet: Callable[[], bool]

    def tend(self) -> None:
        """Look once a day, when nothing else is to be done; what is damaged is told to the log."""
        last = last_look(self.work)
        late = None if last is None else self.now() - last.at - EVERY
        if late is not None and late < timedelta(0):
            return
        if not self.is_quiet() and (late is None or late < PATIENCE):
            return
        try:
            note(self.work, integrity.examine(self.manager, self.work), self.now())
        except (AutodError, OSError) as error:
            log.warning("The database's integrity could not be looked at", reason=type(error).__name__)


def note(work: Path, state: Integrity, now: datetime) -> None:
    """Write down what was found, and tell the log of damage.

    Raises:
        OSError: the note cannot be written.
    """
    for flaw in state.flaws:
        log.error(
            "The database is damaged", error=flaw.code, detail=flaw.what, next_step="Run `autod check`."
        )
    keep(work, state, now)


def keep(work: Path, state: Integrity, now: datetime) -> None:
    """Write down what was found at ``now``.

    Raises:
        OSError: the note cannot be written.
    """
    flushing.write(work / NOTE, json.dumps({"at": now.isoformat(), **asdict(state)}))


def met_damage(work: Path, now: datetime) -> None:
    """A statement met damage: health names it from now on, until the next look, due at once, tells more."""
    last = last_look(work)
    if last is not None and last.found.flaws:
        return
    flaw = Flaw(Code.DATABASE_DAMAGED, "a command met damage in the database file")
    with suppress(OSError):  # whoever met it is told, whether it can be noted or not
        keep(work, Integrity((flaw,)), now - EVERY - PATIENCE)


def last_look(work: Path) -> LastLook | None:
    """The note, if there is one that can be understood."""
    try:
        written = json.loads((work / NOTE).read_text(encoding="utf-8"))
        flaws = tuple(Flaw(**flaw) for flaw in written["flaws"])
        return LastLook(datetime.fromisoformat(written["at"]), Integrity(flaws, written["unchecked"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
