"""What can disagree between folders, database and index, and what helps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from autod.codes import Code
from autod.files import custody

_MOUNT = "Mount its disk; work then goes on by itself."
_RESTORE = "Stop the daemon, move database and folders aside, and `autod restore ARCHIVE`, the newest backup."
_ADOPT = "`autod check --adopt` if it really is a new place."

REPAIRS: dict[str, str] = {
    Code.FILED_MISSING: "Restore it from the backup; `autod check --repair` does when a copy is found.",
    Code.FILED_DIFFERS: "Restore it from the backup; `autod check --repair` does when a copy is found.",
    Code.FILED_MOVED: "`autod check --repair` takes note of the new place.",
    Code.FAILED_MISSING: "Restore it from the backup; `autod check --repair` does when a copy is found.",
    Code.ROW_STUCK: "Drop the file into the inbox again; `autod check --repair` helps when a copy is found.",
    Code.SEARCH_MISSING: "`autod check --repair` indexes its recorded pages.",
    Code.SEARCH_DIFFERS: "`autod check --repair` indexes its recorded pages.",
    Code.RECORD_INCOMPLETE: "`autod check --repair` has it read again, which a remote engine may be paid "
    "for.",
    Code.HISTORY_MISSING: "`autod check --repair` begins a new one.",
    Code.ROWS_LEFT_OVER: "`autod check --repair` removes them, or their mention of the document.",
    Code.FILE_UNKNOWN: "`autod check --repair` takes it into the archive where it lies (one of failed/ with "
    "its reason beside it); `autod check --forget FILE` if it should stay out.",
    Code.FILE_UNREADABLE: "Give the service's user access to it, or check the disk.",
    Code.FILE_DOUBLED: "`autod check --repair` moves it to duplicates/.",
    Code.FAILED_LEFT_OVER: "`autod check --repair` removes it; the bytes are kept at the document's place.",
    Code.REASON_LEFT_OVER: "`autod check --repair` removes it.",
    Code.CLAIM_UNKNOWN: "Move it into the inbox if it should be in the archive.",
    Code.CLAIM_LEFT_OVER: "`autod check --repair` removes it; the bytes are kept at the document's place.",
    Code.SIDECAR_LEFT_OVER: "`autod check --repair` removes it.",
    Code.SCRATCH_LEFT_OVER: "`autod check --repair` removes it: a copy that was cut off.",
    Code.FOLDER_MISSING: f"{_MOUNT} {_ADOPT}",
    Code.FOLDER_UNMARKED: f"{_MOUNT} {_ADOPT}",
    Code.FOLDER_OF_ANOTHER_ARCHIVE: f"Correct its setting, or PAPER_AUTOPILOT_DB_URL. {_ADOPT}",
    Code.FOLDER_READ_ONLY: "Mount it writable, or give the service's user access.",
    Code.FOLDER_UNREACHABLE: "Check the disk or the network share and its permissions.",
    Code.SEARCH_DAMAGED: "`autod check --repair` builds it anew from the recorded pages.",
    Code.DATABASE_INDEX_DAMAGED: "`autod check --repair` writes it anew; on PostgreSQL: `REINDEX DATABASE`.",
    Code.TABLE_DAMAGED: f"{_RESTORE} What it holds cannot be made from anything else.",
    Code.ROWS_UNLINKED: f"Harmless for the documents themselves; if it comes again, report it. {_RESTORE}",
    Code.SUPERSEDED_LEFT_OVER: "`autod check --repair` removes it: a later one has its bytes.",
    Code.KEPT_CHANGED: "The daemon, or the next `autod process`, takes what was written since.",
    Code.KEPT_LEFT_OVER: "The daemon, the next `autod process` or `autod check --repair` removes it.",
    Code.LEAVING_LEFT_OVER: "`autod check --repair` gives it its name again; the inbox then takes it.",
}


class DifferenceJson(TypedDict):
    """See ``Difference``; ``repair`` is what `--repair` does about it."""

    code: str
    what: str
    repair: str
    document_id: int | None
    path: str | None
    found: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not agree. ``found`` is another file with the document's bytes."""

    code: str
    what: str
    document_id: int | None = None
    sha256: str | None = None
    path: Path | None = None
    found: Path | None = None

    @property
    def repair(self) -> str:
        return REPAIRS[self.code]

    def to_dict(self) -> DifferenceJson:
        return {
            "code": self.code,
            "what": self.what,
            "repair": self.repair,
            "document_id": self.document_id,
            "path": custody.path_text(self.path) if self.path else None,
            "found": custody.path_text(self.found) if self.found else None,
        }
