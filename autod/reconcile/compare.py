"""Do folders, database and index agree? Looks only; ``autod.reconcile.mend`` mends.

While another process works, what changed in the last minute is left out, and counted: a file may lie in its
place a moment before its row says so.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from autod.codes import Code
from autod.db import documents, forgotten, integrity, workers
from autod.db.documents import UNFINISHED
from autod.db.guard import sole_worker
from autod.db.integrity import Integrity
from autod.db.inventory import InventoryRow, inventory_row, inventory_rows, is_found_by_what_it_says, strays
from autod.db.manager import DatabaseManager
from autod.db.versions import by_file
from autod.domain.filing import SUFFIX
from autod.domain.status import DocumentStatus
from autod.errors import DatabaseError
from autod.files import custody
from autod.files.folders import Folders
from autod.files.kept import KEPT, KEPT_SECONDS, kept_as
from autod.files.marks import CheckedFolder
from autod.pipeline import soundness
from autod.pipeline.fleet_member import SETTLED_SECONDS, SWEEP_SECONDS
from autod.pipeline.footing import examine
from autod.pipeline.intake import DUPLICATES
from autod.reconcile.difference import Difference

LONG = timedelta(hours=1)
GRACE_SECONDS = 60.0
SWEPT_WITHIN_SECONDS = SETTLED_SECONDS + SWEEP_SECONDS + GRACE_SECONDS
"""So old at most gets a claimed copy whose document another process has ended."""

Progress = Callable[[int, int], None]
"""Told how many files of how many have been looked at."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What does not agree; ``left_out`` files would not either, but may still be in work."""

    differences: list[Difference]
    left_out: list[Path]


def check(manager: DatabaseManager, folders: Folders, now: datetime, progress: Progress) -> Comparison:
    """Compare, also while another process works."""
    return compare(manager, folders, now, progress, settled_before=_settled_before(manager, folders, now))


def check_all(
    manager: DatabaseManager, folders: Folders, now: datetime, progress: Progress
) -> tuple[Comparison, str]:
    """Look at the database's integrity too, first: also returns what of that could not be checked."""
    state = integrity.examine(manager, folders.work)
    if not state.unchecked:
        with suppress(OSError):  # a folder that only can be read is looked at all the same
            soundness.keep(folders.work, state, now)
    damage = damage_of(state)
    try:
        compared = check(manager, folders, now, progress)
    except DatabaseError:
        if not damage:
            raise
        return Comparison(damage, []), state.unchecked
    return Comparison(damage + compared.differences, compared.left_out), state.unchecked


def damage_of(state: Integrity) -> list[Difference]:
    """Flaws of the database as differences."""
    return [Difference(flaw.code, flaw.what) for flaw in state.flaws]


def _settled_before(manager: DatabaseManager, folders: Folders, now: datetime) -> float:
    with manager.get_session(read_only=True) as session:
        busy = bool(workers.members(session))
    try:
        with sole_worker(folders.work, manager.sqlite_path):
            return now.timestamp() - GRACE_SECONDS * busy
    except DatabaseError:
        return now.timestamp() - GRACE_SECONDS


def compare(
    manager: DatabaseManager,
    folders: Folders,
    now: datetime,
    progress: Progress,
    *,
    settled_before: float,
) -> Comparison:
    """Everything that does not agree; files changed after ``settled_before`` (Unix time) are left out.

    While a folder is not the archive's, it alone is told: all of its documents would seem to be missing.
    """
    if wrong := [_of_folder(folder) for folder in examine(manager, folders) if folder.trouble]:
        return Comparison(wrong, [])
    with manager.get_session(read_only=True) as session:
        rows, alone = inventory_rows(session), strays(session)
    look = _Look(manager, folders, now, settled_before, {row.sha256: row for row in rows})
    look.hash_files(progress)
    differences = [difference for row in rows for difference in look.row(row)]
    differences += look.unreadable
    differences += [d for path, sha256 in look.hashes.items() for d in look.file(path, sha256)]
    differences += list(look.leftovers())
    differences += [
        Difference(Code.ROWS_LEFT_OVER, f"rows of {table} that belong to no document: {count}")
        for table, count in alone.items()
    ]
    return Comparison(differences, look.left_out)


def _of_folder(folder: CheckedFolder) -> Difference:
    assert folder.trouble is not None  # noqa: S101 - asked for by the caller
    return Difference(folder.trouble.code, folder.trouble.message, path=folder.folder)


@dataclass(slots=True)
class _Look:
    """One comparison: what was seen on the disk, beside the rows."""

    manager: DatabaseManager
    folders: Folders
    now: datetime
    settled_before: float
    rows: dict[str, InventoryRow]
    hashes: dict[Path, str] = field(default_factory=dict)
    unreadable: list[Difference] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    copies: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    moved: set[Path] = field(default_factory=set)
    named: frozenset[str] = frozenset()
    left_out: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.named = frozenset(row.filed_path for row in self.rows.values() if row.filed_path)

    def hash_files(self, progress: Progress) -> None:
        """Hash every PDF in processed/, whatever may have failed in failed/, and note the other files."""
        paths = dict.fromkeys((*_files(self.folders.processed), *_files(self.folders.failed)))
        for done, path in enumerate(paths, 1):
            if not self._may_be_a_document(path):
                self.others.append(path)
            elif sha256 := self._hash(path):
                self.hashes[path] = sha256
                self.copies[sha256].append(path)
            progress(done, len(paths))

    def _may_be_a_document(self, path: Path) -> bool:
        """Only PDFs are filed; what failed has any kind, and people may have renamed it."""
        if path.suffix.lower() == SUFFIX:
            return True
        inside = path.is_relative_to(self.folders.failed)
        return inside and not path.name.startswith(".") and not path.name.endswith(custody.REASON)

    def _hash(self, path: Path) -> str | None:
        try:
            return custody.sha256_of(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            self.unreadable.append(Difference(Code.FILE_UNREADABLE, f"{reason}: {path}", path=path))
            return None

    def row(self, row: InventoryRow) -> Iterator[Difference]:
        """What the document's row promises and is not there."""
        if self._is_elsewhere(row):
            return
        if row.status in UNFINISHED:
            yield from self._unfinished(row)
            return
        if row.status is DocumentStatus.SUPERSEDED:
            return
        if not self._at_its_place(row) and self._stands(row):
            yield self._misplaced(row)
        if row.status is DocumentStatus.COMPLETED:
            yield from self._known(row)
        if not row.has_history and self._stands(row):
            yield Difference(Code.HISTORY_MISSING, "nothing tells what happened to its file", *_of(row))

    def _known(self, row: InventoryRow) -> Iterator[Difference]:
        """What the database no longer knows of a document that is in the archive."""
        if row.lacks:
            what = f"recorded of it and gone: {', '.join(row.lacks)}"
            yield Difference(Code.RECORD_INCOMPLETE, what, *_of(row))
        elif not row.indexed:
            yield Difference(Code.SEARCH_MISSING, "search does not know the document", *_of(row))
        elif not self._is_found_by_what_it_says(row) and self._stands(row):
            what = "search does not have the words of its fields and pages"
            yield Difference(Code.SEARCH_DIFFERS, what, *_of(row))

    def _is_found_by_what_it_says(self, row: InventoryRow) -> bool:
        with self.manager.get_session(read_only=True) as session:
            return is_found_by_what_it_says(session, row.document_id)

    def _is_elsewhere(self, row: InventoryRow) -> bool:
        """Whether another machine keeps the document: in a folder that is none of ours and not here."""
        if self.manager.sqlite_path is not None:
            return False
        place = Path(row.filed_path) if row.filed_path else custody.path_from(row.source_path)
        ours = (self.folders.inbox, self.folders.processed, self.folders.failed)
        return not any(place.is_relative_to(folder) for folder in ours) and not place.parent.exists()

    def _unfinished(self, row: InventoryRow) -> Iterator[Difference]:
        old = self.now - row.received_at > LONG
        if old and not self.folders.claim_of(row.sha256).exists() and self._stands(row):
            what = f"{row.status.value} since {row.received_at:%Y-%m-%d %H:%M} UTC without its claimed copy"
            yield Difference(Code.ROW_STUCK, what, *_of(row), found=self._copy_of(row))

    def _misplaced(self, row: InventoryRow) -> Difference:
        place = Path(row.filed_path) if row.filed_path else None
        copy = self._copy_of(row)
        if row.status is DocumentStatus.FAILED:
            if copy is not None and copy.parent == self.folders.failed:
                self.moved.add(copy)
            what = f"its file is not in failed/: {place or row.original_filename}"
            return Difference(Code.FAILED_MISSING, what, *_of(row), path=place, found=copy)
        if place is not None and os.path.lexists(place):
            what = f"the filed file has other bytes, or cannot be read: {place}"
            return Difference(Code.FILED_DIFFERS, what, *_of(row), path=place, found=copy)
        if copy is not None and self._is_filed(copy):
            self.moved.add(copy)
            what = f"filed as {place}, but it lies in {copy}"
            return Difference(Code.FILED_MOVED, what, *_of(row), path=place, found=copy)
        return Difference(
            Code.FILED_MISSING, f"the filed file is gone: {place}", *_of(row), path=place, found=copy
        )

    def _at_its_place(self, row: InventoryRow) -> bool:
        if row.filed_path and self._has(Path(row.filed_path), row.sha256):
            return True
        inbox = self.folders.inbox  # a person puts a failed file back there, and it is about to be taken
        return row.status is DocumentStatus.FAILED and custody.holds(
            inbox / row.original_filename, row.sha256
        )

    def _has(self, path: Path, sha256: str) -> bool:
        there = self.hashes.get(path)
        return there == sha256 if there else custody.holds(path, sha256)

    def _copy_of(self, row: InventoryRow) -> Path | None:
        """Another file with the document's bytes: filed ones first, then the claimed one, then duplicates."""
        claimed = self.folders.claim_of(row.sha256)
        copies = sorted(self.copies.get(row.sha256, ()), key=self._is_filed, reverse=True)
        if copies and self._is_filed(copies[0]):
            return copies[0]
        if custody.holds(claimed, row.sha256):
            return claimed
        source = custody.path_from(row.source_path)
        return copies[0] if copies else source if custody.holds(source, row.sha256) else None

    def _is_filed(self, path: Path) -> bool:
        return path.is_relative_to(self.folders.processed) and not self._is_duplicate(path)

    def _is_duplicate(self, path: Path) -> bool:
        return path.is_relative_to(self.folders.processed / DUPLICATES)

    def _stands(self, row: InventoryRow) -> bool:
        """Whether the row still says what it said; work goes on while we look."""
        with self.manager.get_session(read_only=True) as session:
            return inventory_row(session, row.document_id) == row

    def file(self, path: Path, sha256: str) -> Iterator[Difference]:
        """A file of processed/ or failed/ that no row accounts for."""
        row = self.rows.get(sha256)
        if path in self.moved or self._is_named(path):
            return
        if row is None:
            # A person's note in failed/ is no document: only what has its reason beside it failed here.
            if path.suffix.lower() == SUFFIX or os.path.lexists(path.with_name(path.name + custody.REASON)):
                yield from self._unknown(path, sha256)
            return
        if row.status is DocumentStatus.SUPERSEDED and not self._is_duplicate(path):
            if self._is_settled(path):
                what = f"a later version stands for it: {path}"
                yield Difference(Code.SUPERSEDED_LEFT_OVER, what, *_of(row), path=path)
            return
        kept = row.filed_path if row.status not in UNFINISHED else self._taken_back(row)
        if kept is None or kept == str(path) or self._is_duplicate(path) or not self._has(Path(kept), sha256):
            return
        if self._is_settled(path):
            code = Code.FAILED_LEFT_OVER if path.is_relative_to(self.folders.failed) else Code.FILE_DOUBLED
            yield Difference(code, f"kept at {kept} too: {path}", *_of(row), path=path)

    def _unknown(self, path: Path, sha256: str) -> Iterator[Difference]:
        """A row comes before its file is anywhere but in the inbox: who has none now never had one."""
        with self.manager.get_session(read_only=True) as session:
            if documents.by_sha(session, sha256) is not None or forgotten.is_forgotten(session, sha256):
                return
        yield Difference(Code.FILE_UNKNOWN, f"no document has these bytes: {path}", sha256=sha256, path=path)

    def _taken_back(self, row: InventoryRow) -> str | None:
        """Where the document in work lies in the archive already, and is only read; None for others."""
        source = custody.path_from(row.source_path)
        return str(source) if source.is_relative_to(self.folders.processed) else None

    def _is_named(self, path: Path) -> bool:
        """Whether a row says that its file is there; whatever is wrong with it is told with the row."""
        return str(path) in self.named

    def leftovers(self) -> Iterator[Difference]:
        """Files of ours that nobody needs any more."""
        for path in (*self.others, *_files(self.folders.claimed)):
            for difference in self._leftover(path):
                if self._is_settled(path):
                    yield difference
        for path in sorted(self.folders.inbox.glob(f".*{custody.LEAVING}")):
            if self._is_settled(path):
                yield Difference(Code.LEAVING_LEFT_OVER, f"was about to leave the inbox: {path}", path=path)
        for path in sorted(self.folders.inbox.glob(f".*{KEPT}")):
            yield from self._kept(path)

    def _kept(self, path: Path) -> Iterator[Difference]:
        """A file that stays in the inbox for a while after its document has ended, in case it changes."""
        kept = kept_as(path.name)
        if kept is None or not self._is_settled(path):
            return
        number, sha256 = self._document_of(kept.sha256, path.with_name(kept.name))
        if number is None or not custody.holds(path, kept.sha256):
            what = f"was written to after it was taken: {path}"
            yield Difference(Code.KEPT_CHANGED, what, number, path=path)
        elif self.now.timestamp() - custody.changed_at(path) > KEPT_SECONDS + GRACE_SECONDS:
            yield Difference(
                Code.KEPT_LEFT_OVER, f"nobody looked at it again: {path}", number, sha256, path=path
            )

    def _document_of(self, sha256: str, source: Path) -> tuple[int | None, str | None]:
        """Number and hash of the document that a file of the inbox with these bytes became."""
        if sha256 in self.rows:
            return _of(self.rows[sha256])
        with self.manager.get_session(read_only=True) as session:
            document = by_file(session, sha256, custody.path_text(source))
            return (document.id, document.sha256_hex) if document is not None else (None, None)

    def _leftover(self, path: Path) -> Iterator[Difference]:
        if custody.is_scratch(path.name):
            yield Difference(Code.SCRATCH_LEFT_OVER, f"a copy that was cut off: {path}", path=path)
        elif path.is_relative_to(self.folders.claimed):
            yield from self._claimed(path)
        elif path.name.endswith(custody.REASON) and path.parent == self.folders.failed:
            file = path.with_name(path.name.removesuffix(custody.REASON))
            if not os.path.lexists(file) and not self._is_named(file):
                yield Difference(Code.REASON_LEFT_OVER, f"a reason without its file: {path}", path=path)

    def _claimed(self, path: Path) -> Iterator[Difference]:
        sha256 = custody.claimed_as(path.name)
        if sha256 is None:
            return
        row = self.rows.get(sha256)
        is_copy = path == self.folders.claim_of(sha256)
        if row is not None and row.status in UNFINISHED:
            return
        if row is not None and self._is_swept_soon(path):
            self.left_out.append(path)
        elif row is None and is_copy:
            yield Difference(Code.CLAIM_UNKNOWN, f"no document has these bytes: {path}", path=path)
        elif not is_copy:
            number = row.document_id if row else None
            yield Difference(Code.SIDECAR_LEFT_OVER, f"nobody works with it: {path}", number, path=path)
        elif row is not None and self._at_its_place(row):
            yield Difference(
                Code.CLAIM_LEFT_OVER, f"kept at {row.filed_path} too: {path}", *_of(row), path=path
            )

    def _is_swept_soon(self, path: Path) -> bool:
        """Whether processes are at work that remove such a copy by themselves, in their time."""
        at_work = self.settled_before < self.now.timestamp()
        return at_work and self.now.timestamp() - custody.changed_at(path) <= SWEPT_WITHIN_SECONDS

    def _is_settled(self, path: Path) -> bool:
        """Whether nobody can be at work on a file that does not agree; the others are noted."""
        try:
            settled = path.lstat().st_ctime <= self.settled_before
        except OSError:
            return False
        if not settled:
            self.left_out.append(path)
        return settled


def _of(row: InventoryRow) -> tuple[int, str]:
    """The ``document_id`` and ``sha256`` of a difference."""
    return row.document_id, row.sha256


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(place) / name for name in sorted(names))
