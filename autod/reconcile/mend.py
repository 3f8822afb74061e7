"""Mending what ``autod.reconcile.compare`` found, where that is safe.

No bytes are removed unless the same bytes were just seen at the place where their document has them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db import documents, integrity
from autod.db.guard import sole_worker
from autod.db.inventory import index_again, settle_strays
from autod.db.manager import DatabaseManager
from autod.domain.events import EventDetail
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import DocumentError
from autod.files import custody
from autod.files.folders import Folders
from autod.files.kept import kept_as
from autod.files.writers import who_writes
from autod.pipeline.intake import DUPLICATES
from autod.pipeline.soundness import note
from autod.reconcile.compare import Progress, compare, damage_of
from autod.reconcile.difference import Difference
from autod.reconcile.taking_back import take_back

MOST_ROUNDS = 3
"""Mending one thing can leave another to mend: the reason of a failed file that was found elsewhere."""

log = structlog.get_logger("autod.reconcile.mend")


def repair(
    manager: DatabaseManager, folders: Folders, now: datetime, progress: Progress
) -> tuple[list[Difference], list[Difference]]:
    """Compare and mend until nothing more can be mended; returns what was mended and what still differs.

    Raises:
        DatabaseError: code ``database_in_use``, a daemon works; or the database's trouble.
    """
    with sole_worker(folders.work, manager.sqlite_path):
        differences = compare(manager, folders, now, progress, settled_before=now.timestamp()).differences
        mender = _Mender(manager, folders, now)
        mended: list[Difference] = []
        for _ in range(MOST_ROUNDS):
            done = [difference for difference in differences if mender.mend(difference)]
            if not done:
                break
            mended += done
            differences = compare(manager, folders, now, progress, settled_before=time.time()).differences
        return mended, differences


def repair_all(
    manager: DatabaseManager, folders: Folders, now: datetime, progress: Progress
) -> tuple[list[Difference], list[Difference], str]:
    """Mend the database's integrity first, then as ``repair``; also returns what could not be checked.

    A damaged table is told and nothing else is touched: what would be mended by it cannot be trusted.

    Raises:
        DatabaseError: as ``repair``.
    """
    with sole_worker(folders.work, manager.sqlite_path):
        state = integrity.examine(manager, folders.work)
        rebuilt = damage_of(state) if integrity.rebuild(manager, state.flaws) else []
        if rebuilt:
            state = integrity.examine(manager, folders.work)
        note(folders.work, state, now)
    for difference in rebuilt:
        log.info("Difference mended", code=difference.code)
    damage = damage_of(state)
    if any(difference.code == integrity.TABLE_DAMAGED for difference in damage):
        return rebuilt, damage, state.unchecked
    mended, differences = repair(manager, folders, now, progress)
    return rebuilt + mended, damage + differences, state.unchecked


@dataclass(frozen=True, slots=True)
class _Mender:
    manager: DatabaseManager
    folders: Folders
    now: datetime

    def mend(self, difference: Difference) -> bool:
        """Mend it if that is safe and works; True when something was done."""
        ways: dict[str, Callable[[Difference], bool]] = {
            Code.FILED_MISSING: self._restore,
            Code.FILED_DIFFERS: self._restore,
            Code.FILED_MOVED: self._note_place,
            Code.FAILED_MISSING: self._restore,
            Code.ROW_STUCK: self._claim_again,
            Code.SEARCH_MISSING: self._index,
            Code.SEARCH_DIFFERS: self._index,
            Code.RECORD_INCOMPLETE: self._read_again,
            Code.HISTORY_MISSING: self._begin_history,
            Code.ROWS_LEFT_OVER: self._settle_rows,
            Code.FILE_UNKNOWN: self._take_back,
            Code.FILE_DOUBLED: self._to_duplicates,
            Code.FAILED_LEFT_OVER: self._remove_kept,
            Code.CLAIM_LEFT_OVER: self._remove_kept,
            Code.REASON_LEFT_OVER: _remove,
            Code.SIDECAR_LEFT_OVER: _remove,
            Code.SCRATCH_LEFT_OVER: _remove,
            Code.LEAVING_LEFT_OVER: self._put_back,
            Code.KEPT_LEFT_OVER: self._remove_from_inbox,
            Code.SUPERSEDED_LEFT_OVER: self._remove_superseded,
        }
        way = ways.get(difference.code)
        try:
            done = way is not None and way(difference)
        except (OSError, DocumentError) as error:
            log.warning("Cannot mend a difference", code=difference.code, error=type(error).__name__)
            return False
        if done:
            log.info("Difference mended", code=difference.code, document_id=difference.document_id)
        return done

    def _restore(self, difference: Difference) -> bool:
        """Put a copy where the document's row says; the copy it is made from stays, unless it is claimed."""
        number, sha256, copy = difference.document_id, difference.sha256, difference.found
        if number is None or sha256 is None or copy is None:
            return False
        with self.manager.get_session(read_only=True) as session:
            document = documents.require(session, number)
        ended_well = document.status is DocumentStatus.COMPLETED
        inside = self.folders.processed if ended_well else self.folders.failed
        if self._is_at_home(copy, inside):
            return self._note_place(difference)
        place = Path(document.filed_path or inside / document.original_filename)
        claimed = custody.claim(copy, self.folders.claimed)
        if claimed.sha256 != sha256:
            return False
        return self._note(number, sha256, custody.file_away(claimed.path, sha256, place.parent, place.name))

    def _is_at_home(self, copy: Path, inside: Path) -> bool:
        return copy.is_relative_to(inside) and not copy.is_relative_to(self.folders.processed / DUPLICATES)

    def _note_place(self, difference: Difference) -> bool:
        number, sha256, copy = difference.document_id, difference.sha256, difference.found
        if number is None or sha256 is None or copy is None or not custody.holds(copy, sha256):
            return False
        return self._note(number, sha256, copy)

    def _note(self, document_id: int, sha256: str, place: Path) -> bool:
        with self.manager.get_session() as session:
            documents.refile(session, document_id, filed_path=str(place))
            self._tell(session, EventKind.RESTORED, document_id, sha256, {"path": str(place)})
        return True

    def _tell(
        self, session: Session, kind: EventKind, document_id: int, sha256: str, detail: EventDetail
    ) -> None:
        documents.add_event(
            session, kind, document_id=document_id, sha256=sha256, detail=detail, now=self.now
        )

    def _claim_again(self, difference: Difference) -> bool:
        """The next start goes on with the document, from a fresh claimed copy."""
        if difference.found is None:
            return False
        return custody.claim(difference.found, self.folders.claimed).sha256 == difference.sha256

    def _index(self, difference: Difference) -> bool:
        if difference.document_id is None:
            return False
        with self.manager.get_session() as session:
            index_again(session, difference.document_id)
        return True

    def _read_again(self, difference: Difference) -> bool:
        """The next start takes the document through its life once more, from its filed file."""
        number, sha256 = difference.document_id, difference.sha256
        if number is None or sha256 is None:
            return False
        with self.manager.get_session(read_only=True) as session:
            document = documents.require(session, number)
        filed = Path(document.filed_path or "")
        if not custody.holds(filed, sha256):
            return False
        custody.claim(filed, self.folders.claimed)
        with self.manager.get_session() as session:
            documents.reopen(session, number, source_path=document.source_path)
            self._tell(session, EventKind.RETRIED, number, sha256, {"source": custody.path_text(filed)})
        return True

    def _begin_history(self, difference: Difference) -> bool:
        number, sha256 = difference.document_id, difference.sha256
        if number is None or sha256 is None:
            return False
        with self.manager.get_session() as session:
            place = documents.require(session, number).filed_path
            self._tell(session, EventKind.HISTORY_LOST, number, sha256, {"path": place})
        return True

    def _settle_rows(self, _difference: Difference) -> bool:
        with self.manager.get_session() as session:
            settle_strays(session)
        return True

    def _take_back(self, difference: Difference) -> bool:
        """The next start reads it where it lies; of several with the same bytes one is taken."""
        path, sha256 = difference.path, difference.sha256
        if path is None or sha256 is None:
            return False
        return take_back(self.manager, self.folders, path, sha256, self.now)

    def _to_duplicates(self, difference: Difference) -> bool:
        path, sha256 = difference.path, difference.sha256
        if path is None or sha256 is None or not self._is_kept(difference):
            return False
        claimed = custody.claim(path, self.folders.claimed)
        custody.file_away(claimed.path, sha256, self.folders.processed / DUPLICATES, path.name)
        return self._remove_kept(difference)

    def _remove_kept(self, difference: Difference) -> bool:
        """Remove a copy; what it is a copy of was seen at its place just now."""
        if difference.path is None or not self._is_kept(difference):
            return False
        difference.path.unlink()
        if difference.path.parent == self.folders.failed:
            with suppress(FileNotFoundError):
                difference.path.with_name(difference.path.name + custody.REASON).unlink()
        return True

    def _is_kept(self, difference: Difference) -> bool:
        """Whether the document's own file is there, is another one, and both have its bytes."""
        if difference.document_id is None or difference.sha256 is None or difference.path is None:
            return False
        with self.manager.get_session(read_only=True) as session:
            filed = documents.require(session, difference.document_id).filed_path
        if not filed or not custody.holds(Path(filed), difference.sha256):
            return False
        same_name = difference.path.resolve() == Path(filed).resolve()
        return not same_name and custody.holds(difference.path, difference.sha256)

    def _remove_from_inbox(self, difference: Difference) -> bool:
        """Remove a file that was kept in the inbox; its document was seen at its place just now."""
        if difference.path is None or difference.document_id is None or difference.sha256 is None:
            return False
        with self.manager.get_session(read_only=True) as session:
            document = documents.require(session, difference.document_id)
        superseded = document.status is DocumentStatus.SUPERSEDED
        if not superseded and not custody.holds(Path(document.filed_path or ""), difference.sha256):
            return False
        kept = kept_as(difference.path.name)
        if kept is None:
            return False
        return custody.let_go(difference.path, kept.sha256, who_writes, self.now.timestamp())

    def _remove_superseded(self, difference: Difference) -> bool:
        """Remove what a later version stands for, if that is there and begins with the same bytes."""
        if difference.path is None or difference.document_id is None:
            return False
        with self.manager.get_session(read_only=True) as session:
            later = documents.require(session, difference.document_id).later_version
            document = documents.by_id(session, later) if later is not None else None
        place = Path(document.filed_path or "") if document is not None else Path()
        if document is None or not custody.holds(place, document.sha256_hex):
            return False
        if not custody.is_beginning_of(difference.path, place):
            return False
        custody.forget_failed(difference.path, difference.sha256 or "")
        return not difference.path.exists()

    def _put_back(self, difference: Difference) -> bool:
        custody.put_back(self.folders.inbox)
        return difference.path is not None and not os.path.lexists(difference.path)


def _remove(difference: Difference) -> bool:
    """Remove what holds no document's bytes."""
    if difference.path is None:
        return False
    difference.path.unlink()
    return True
