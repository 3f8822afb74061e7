"""Where a document stands."""

from __future__ import annotations

from enum import StrEnum


class DocumentStatus(StrEnum):
    """``waiting`` until a worker takes it; the last three are final until a person acts.

    ``superseded``: its file was not finished when it was taken; a later document has its bytes and more.
    """

    WAITING = "waiting"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    SUPERSEDED = "superseded"


IN_PLACE = "in_place"
"""The lane of a document that lies in the archive already: it is read here, and neither moved nor sent."""


class EventKind(StrEnum):
    """What happened to a file, for the custody record."""

    RECEIVED = "received"
    CLAIMED = "claimed"
    READ = "read"
    UNDERSTOOD = "understood"
    RECORDED = "recorded"
    KEPT_HERE = "kept_here"
    NOT_ASKED = "not_asked"
    UPLOADED = "uploaded"
    UPLOAD_FAILED = "upload_failed"
    FILED = "filed"
    COMPLETED = "completed"
    FAILED = "failed"
    DUPLICATE = "duplicate"
    POSTPONED = "postponed"
    RETRIED = "retried"
    REFUSED = "refused"
    RESTORED = "restored"
    TAKEN_BACK = "taken_back"
    HISTORY_LOST = "history_lost"
    CORRECTED = "corrected"
    CALL_SETTLED = "call_settled"
    VERSION_OF = "version_of"
    NEW_VERSION = "new_version"
    SUPERSEDED = "superseded"
    REPLACES = "replaces"
