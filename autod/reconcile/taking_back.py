"""Files of the archive that no row knows come back into it where they lie.

A file of processed/ is read once more, on this machine and for nothing: its life has the lane ``IN_PLACE``.
One of failed/ has its reason beside it and is written down as failed.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.domain.events import EventDetail, reason_told
from autod.domain.filing import name_as_it_came
from autod.domain.status import IN_PLACE, EventKind
from autod.errors import ReasonJson
from autod.files import custody
from autod.files.folders import Folders
from autod.flushing import make_folder

MOST_REASON_BYTES = 100_000


def take_back(manager: DatabaseManager, folders: Folders, path: Path, sha256: str, now: datetime) -> bool:
    """Give the file at ``path`` a row again; False when its bytes have one, or nobody knows why it failed.

    Repeating it is harmless. The file itself is not touched.

    Raises:
        OSError, FileTrouble: the file cannot be read, or the claimed store cannot take it.
        DatabaseError: the database cannot be written.
    """
    failed = path.is_relative_to(folders.failed)
    reason = _reason_of(path) if failed else None
    if failed and reason is None:
        return False
    if not failed and not _claim_in_place(path, sha256, folders):
        return False
    with manager.get_session() as session:
        admission = documents.admit(
            session,
            sha256=sha256,
            original_filename=name_as_it_came(path.name),
            source_path=custody.path_text(path),
            size=path.stat().st_size,
            now=now,
            lane=IN_PLACE,
        )
        if not admission.created:
            return False
        place = custody.path_text(path)
        events: list[tuple[EventKind, EventDetail]] = [
            (EventKind.RECEIVED, {"source": place}),
            (EventKind.TAKEN_BACK, {"path": place}),
        ]
        number = admission.document_id
        if reason is not None:
            documents.fail(session, number, **reason, filed_path=str(path), now=now)
            events.append((EventKind.FAILED, {**reason_told(reason), "path": place}))
        for kind, detail in events:
            documents.add_event(session, kind, document_id=number, sha256=sha256, detail=detail, now=now)
    return True


def _claim_in_place(path: Path, sha256: str, folders: Folders) -> bool:
    """Have a claimed copy that takes no room where the disk allows it."""
    claimed = folders.claim_of(sha256)
    if custody.holds(claimed, sha256):
        return True
    make_folder(folders.claimed)
    with suppress(OSError):
        claimed.unlink(missing_ok=True)  # it has other bytes than its name says
        os.link(path, claimed)
        return custody.holds(claimed, sha256)
    return custody.claim(path, folders.claimed).sha256 == sha256


def _reason_of(path: Path) -> ReasonJson | None:
    try:
        with custody.open_plain(path.with_name(path.name + custody.REASON)) as stream:
            reason = json.loads(stream.read(MOST_REASON_BYTES))
        return {
            "code": str(reason["code"]),
            "message": str(reason["message"]),
            "next_step": str(reason["next_step"]),
        }
    except (OSError, ValueError, KeyError, TypeError):
        return None
