"""What can disagree between folders, database and index, and what helps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autod.pipeline import custody

_MOUNT = "Mount its disk; work then goes on by itself."
_RESTORE = "Stop the daemon, move database and folders aside, and `autod restore ARCHIVE`, the newest backup."
_ADOPT = "`autod check --adopt` if it really is a new place."

REPAIRS = {
    "filed_missing": "Restore it from the backup; `autod check --repair` does when a copy is found.",
    "filed_differs": "Restore it from the backup; `autod check --repair` does when a copy is found.",
    "filed_moved": "`autod check --repair` takes note of the new place.",
    "failed_missing": "Restore it from the backup; `autod check --repair` does when a copy is found.",
    "row_stuck": "Drop the file into the inbox again; `autod check --repair` helps when a copy is found.",
    "search_missing": "`autod check --repair` indexes its recorded pages.",
    "search_differs": "`autod check --repair` indexes its recorded pages.",
    "record_incomplete": "`autod check --repair` has it read again, which a remote engine may be paid for.",
    "history_missing": "`autod check --repair` begins a new one.",
    "rows_left_over": "`autod check --repair` removes them, or their mention of the document.",
    "file_unknown": "`autod check --repair` takes it into the archive where it lies (one of failed/ with its "
    "reason beside it); `autod check --forget FILE` if it should stay out.",
    "file_unreadable": "Give the service's user access to it, or check the disk.",
    "file_doubled": "`autod check --repair` moves it to duplicates/.",
    "failed_left_over": "`autod check --repair` removes it; the bytes are kept at the document's place.",
    "reason_left_over": "`autod check --repair` removes it.",
    "claim_unknown": "Move it into the inbox if it should be in the archive.",
    "claim_left_over": "`autod check --repair` removes it; the bytes are kept at the document's place.",
    "sidecar_left_over": "`autod check --repair` removes it.",
    "scratch_left_over": "`autod check --repair` removes it: a copy that was cut off.",
    "folder_missing": f"{_MOUNT} {_ADOPT}",
    "folder_unmarked": f"{_MOUNT} {_ADOPT}",
    "folder_of_another_archive": f"Correct its setting, or PAPER_AUTOPILOT_DB_URL. {_ADOPT}",
    "folder_read_only": "Mount it writable, or give the service's user access.",
    "folder_unreachable": "Check the disk or the network share and its permissions.",
    "search_damaged": "`autod check --repair` builds it anew from the recorded pages.",
    "database_index_damaged": "`autod check --repair` writes it anew; on PostgreSQL: `REINDEX DATABASE`.",
    "table_damaged": f"{_RESTORE} What it holds cannot be made from anything else.",
    "rows_unlinked": f"Harmless for the documents themselves; if it comes again, report it. {_RESTORE}",
    "superseded_left_over": "`autod check --repair` removes it: a later one has its bytes.",
    "kept_changed": "The daemon, or the next `autod process`, takes what was written since.",
    "kept_left_over": "The daemon, the next `autod process` or `autod check --repair` removes it.",
    "leaving_left_over": "`autod check --repair` gives it its name again; the inbox then takes it.",
}


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

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "what": self.what,
            "repair": self.repair,
            "document_id": self.document_id,
            "path": custody.path_text(self.path) if self.path else None,
            "found": custody.path_text(self.found) if self.found else None,
        }
