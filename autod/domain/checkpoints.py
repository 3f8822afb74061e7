"""What travels between the steps of a document's life.

The results of steps are checkpoints: JSON that a later version may have to go on with. A key that is not
required is missing from, or only in, what an earlier version wrote down. Rows of a list come back as lists.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, final

from autod.domain.asked import Question
from autod.domain.extraction import ExtractionJson
from autod.domain.reading import ReadCounts


class Known(TypedDict):
    """How a document is called in the log."""

    id: int
    sha256: str
    name: str


@final
class Begun(Known):
    """What the steps need to know of a document whose life begins; see the row's columns.

    ``sends``: whether this life may ask anybody, or place anything in a store.
    """

    source: str
    attempts: int
    started_at: str
    waits: NotRequired[int]
    lane: NotRequired[str | None]
    earlier: NotRequired[int | None]
    file_sha256: NotRequired[str]
    sends: NotRequired[bool]


@final
class Over(TypedDict):
    """A document that has ended, and as what: nothing begins."""

    id: int
    ended: str


class Leaving(TypedDict):
    """May it leave this machine, and must it?

    ``withheld_for`` is the class because of which nothing may; ``states_all``: nothing is left to ask.
    """

    withheld_for: str | None
    states_all: bool


ReadingId = TypedDict("ReadingId", {"is": NotRequired[str]})
"""``is``: the SHA-256 of the reading, by which the one beside the claimed copy is known."""


class Read(ReadCounts, ReadingId):
    """What reading gave. In an earlier version the step decided what may leave, too."""

    keeps_here: NotRequired[str | None]
    states_all: NotRequired[bool]


def read(counts: ReadCounts, digest: str) -> Read:
    """What reading gave, in a file whose SHA-256 is ``digest``."""
    return {
        "pages": counts["pages"],
        "ocr_pages": counts["ocr_pages"],
        "notes": counts["notes"],
        "is": digest,
    }


class Understood(ExtractionJson):
    """What a document says, and of each page its number, text and source."""

    pages: NotRequired[list[tuple[int, str, str]]]


class AtOnce(TypedDict):
    """A document that was read and understood in one step, because nobody is asked in between."""

    reading: Read
    extraction: Understood


class Filed(TypedDict):
    """Where the file lies."""

    path: str
    left_in_inbox: NotRequired[bool]


class Completed(TypedDict):
    """How long it took, and the later version of the file, if there is one."""

    seconds: float
    later: NotRequired[int | None]


class Failed(TypedDict):
    """The later version of the file, if there is one."""

    later: NotRequired[int | None]


class DueAgain(TypedDict):
    """When a document that waits is tried again."""

    retry_at: str


class End(TypedDict):
    """How a life ended: ``completed``, ``failed``, ``postponed``, or as it had ended before, and why."""

    outcome: str
    document_id: int
    code: NotRequired[str]
    message: NotRequired[str]
    next_step: NotRequired[str]


class AskedAbout(TypedDict):
    """A document and what is asked about it."""

    document_id: int
    sha256: str
    questions: list[Question]


class Reserved(TypedDict):
    """Rows of the ledger for which money is set aside."""

    calls: list[int]
