"""The reading processes that settings describe: their limits, and how many this machine bears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autod.codes import Code
from autod.config import Settings
from autod.log_later import LogLater

if TYPE_CHECKING:
    from autod.child.sandbox import Sandbox, SandboxLimits
    from autod.read.limits import ReadLimits


log = LogLater("autod.assembly")

LITTLE_MEMORY = 4e9
"""Bytes: with less, one document is read at a time, for OCR may want a whole process's limit."""


MEMORY_SHARE = 0.75
"""Of all memory for one reading process; the daemon and the system need the rest."""


OTHER_STEP_SECONDS = 900.0
"""Enough for a database that waits for a lock or a large file that is copied between disks."""


READER_IDLE_SECONDS = 30.0
"""A scanner's next sheet comes sooner, and starting a process anew costs a second; later its memory is better
used by others: with OCR's models it is 0.7 GB."""


def read_limits(settings: Settings) -> ReadLimits:
    from autod.read.limits import ReadLimits

    return ReadLimits(
        max_file_mb=settings.max_file_mb,
        max_pages=settings.max_pages,
        ocr_engine=settings.ocr_engine.value,
        ocr_languages=settings.ocr_languages,
    )


def step_limits(settings: Settings) -> dict[str, float]:
    """Seconds that no step of a document's life can take, by its name; ``""`` is for all that are not named.

    Twice what the step's own limits add up to: whoever is beyond it hangs.
    """
    from autod.child.calls import SECONDS_PER_PAGE
    from autod.extract.openai.pacing import PATIENCE_SECONDS

    to_read = settings.read_timeout_seconds + settings.max_pages * SECONDS_PER_PAGE
    asking = settings.openai_timeout_seconds + PATIENCE_SECONDS
    limits = {
        "read": to_read,
        "may_leave": to_read + settings.read_timeout_seconds,
        "understand": to_read + settings.read_timeout_seconds,
        "prepare": settings.read_timeout_seconds,
        "submit": asking,
        "collect": asking,
        "upload": settings.openai_timeout_seconds * 4,
    }
    return {name: 2 * seconds for name, seconds in {"": OTHER_STEP_SECONDS, **limits}.items()}


def open_sandbox(settings: Settings) -> Sandbox:
    from autod.child.sandbox import Sandbox

    limits, readers = reading_room(settings)
    return Sandbox(limits, size=readers)


def reading_room(settings: Settings) -> tuple[SandboxLimits, int]:
    """What a reading process may use, and how many there may be: never more together than there is memory."""
    from autod.child.sandbox import SandboxLimits
    from autod.memory import usable_bytes

    memory = usable_bytes()
    limits = SandboxLimits(
        timeout_seconds=settings.read_timeout_seconds,
        memory_mb=min(settings.read_memory_mb, int(memory * MEMORY_SHARE) >> 20),
        idle_seconds=READER_IDLE_SECONDS,
    )
    return limits, 1 if memory < LITTLE_MEMORY else settings.workers


def tell_of_missing_walls() -> None:
    """Say in the log, once for each start, that this system cannot wall reading processes in."""
    from autod.child.confinement import lacking

    missing = {wall: why for wall, why in lacking().items() if why}
    if missing:
        log.warning(
            "Reading processes are not walled in",
            reason=Code.READER_UNCONFINED,
            missing=missing,
            next_step="`autod doctor` says what this means.",
        )
