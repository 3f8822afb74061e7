"""What happened to a document, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from autod.cli.sent import as_sentence
from autod.domain.status import EventKind

if TYPE_CHECKING:
    from autod.db.models import Disclosure, Event
    from autod.domain.events import EventDetail

SENTENCES = {
    EventKind.RECEIVED: "came in from {source}",
    EventKind.CLAIMED: "copied into the work folder",
    EventKind.READ: "its pages were read",
    EventKind.UNDERSTOOD: "its fields were found",
    EventKind.RETRIED: "started again from {source}",
    EventKind.RECORDED: "read, verified and recorded",
    EventKind.KEPT_HERE: "read on this machine alone, because it may be of the class {class}",
    EventKind.NOT_ASKED: "not asked about: the file states everything itself",
    EventKind.UPLOADED: "put into the vector store as {file_id}",
    EventKind.UPLOAD_FAILED: "not put into the vector store: {reason}",
    EventKind.FILED: "filed as {path}",
    EventKind.COMPLETED: "done",
    EventKind.FAILED: "given up with {code}: {message}; the file is {path}",
    EventKind.DUPLICATE: "the same bytes came again as {name}; they are in {path}",
    EventKind.POSTPONED: "waits because of {code}: {message}",
    EventKind.REFUSED: "not taken: {code}",
    EventKind.RESTORED: "its missing copy was found or put back as {path}",
    EventKind.TAKEN_BACK: "taken into the archive from where it lay: {path}",
    EventKind.HISTORY_LOST: "what happened before is no longer known; the file is {path}",
    EventKind.CORRECTED: "a person set {field}",
    EventKind.CALL_SETTLED: "call {call} cost ${cost_usd}, a person said; before: {before}, ${before_usd}",
    EventKind.VERSION_OF: "a version of document {earlier}: the file changed, or its name was used again",
    EventKind.NEW_VERSION: "the file changed, or its name was used again: see document {later}",
    EventKind.SUPERSEDED: "superseded by document {later}, which came of the same file; it was {path}",
    EventKind.REPLACES: "stands for document {earlier}, too, which was taken before the file was finished",
}


CORRECTED_BEFORE = "a person had set {field} of document {earlier}, which this one stands for"


class _Known(dict[str, object]):
    """An event lacks a detail: that is no reason to show none of it."""

    def __missing__(self, key: str) -> str:
        return "(unknown)"


def told(event: Event) -> str:
    """The event as a sentence; what it quotes is not yet safe for a terminal."""
    sentence = SENTENCES[event.kind]
    if event.kind is EventKind.CORRECTED and "earlier" in event.detail:
        sentence = CORRECTED_BEFORE
    return sentence.format_map(_Known({name: value for name, value in event.detail.items() if value}))


def as_lines(events: Sequence[Event], disclosures: Sequence[Disclosure]) -> list[str]:
    """One line an event or a disclosure, the oldest first: local time, kind, what happened."""
    lines = [(event.at, event.kind.value, told(event)) for event in events]
    lines += [(row.at, "sent", as_sentence(row)) for row in disclosures]
    lines.sort(key=lambda line: line[0])
    return [f"{at.astimezone():%Y-%m-%d %H:%M:%S}  {kind:<13}  {what}" for at, kind, what in lines]


class EventJson(TypedDict):
    """An event for programs; ``what`` is the sentence that people read."""

    at: str
    kind: str
    what: str
    detail: EventDetail


def as_data(events: Sequence[Event]) -> list[EventJson]:
    """The events for programs; times have their offset from UTC."""
    return [
        {"at": event.at.isoformat(), "kind": event.kind.value, "what": told(event), "detail": event.detail}
        for event in events
    ]
