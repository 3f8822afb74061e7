"""Where a document stands."""

from __future__ import annotations

from enum import StrEnum


class DocumentStatus(StrEnum):
    """``waiting`` until a worker takes it; the last two are final until a person acts."""

    WAITING = "waiting"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


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
