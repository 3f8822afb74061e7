"""Which files belong into an archive, and putting them there.

The folders are listed first, then the database is copied, then files are read. What a row of the copy
promises was there when it was copied; if it was moved since, it is looked for at its new place, and stored
where the row says. Files that came after the listing belong to the next backup.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path, PurePosixPath

from autod.backup.archive import ArchiveWriter, Progress, is_harmless
from autod.backup.manifest import FileEntry, Missing
from autod.codes import Code
from autod.db.documents import UNFINISHED
from autod.db.inventory import InventoryRow, inventory_row
from autod.db.manager import DatabaseManager
from autod.domain.filing import suffix_of
from autod.domain.status import DocumentStatus
from autod.errors import BackupError
from autod.files import custody
from autod.files.folders import Folders
from autod.files.marks import MARK

WRITING = "Writing documents"
PATIENCE_SECONDS = 10.0
"""How long one backup waits in all for documents that are just being filed."""
LOOK_AGAIN_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Listed:
    """A file that was there before the database was copied; ``parts`` lead to it from its folder."""

    place: str
    root: Path
    parts: tuple[str, ...]
    size: int

    @property
    def path(self) -> Path:
        return self.root.joinpath(*self.parts)

    @property
    def name(self) -> str:
        """Its name in the archive."""
        return "/".join((self.place, *self.parts))


def roots(folders: Folders) -> dict[str, Path]:
    """The folder behind each place of an archive."""
    return {
        "claimed": folders.claimed,
        "processed": folders.processed,
        "failed": folders.failed,
        "inbox": folders.inbox,
    }


def list_files(folders: Folders, *, with_inbox: bool) -> list[Listed]:
    """Every file of ours and of people in the folders; links are not followed, half copies left out."""
    chosen = roots(folders)
    if not with_inbox:
        del chosen["inbox"]
    return [listed for place, root in chosen.items() for listed in _below(place, root)]


def _below(place: str, root: Path) -> Iterator[Listed]:
    closed: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=closed.append):
        folders.sort()
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        parts = Path(folder).relative_to(root).parts
        for name in sorted((*names, *links)):
            if not custody.is_scratch(name) and name != MARK:  # the place of the restore gets its own
                size = (Path(folder) / name).lstat().st_size if os.path.lexists(Path(folder) / name) else 0
                yield Listed(place, root, (*parts, name), size)
        if place == "inbox":  # the daemon does not look into its sub-folders either
            folders.clear()
    for error in closed:  # listed as well, so that it is told that nothing of it was taken along
        if (parts := Path(error.filename).relative_to(root).parts) and error.errno != errno.ENOENT:
            yield Listed(place, root, parts, 0)


def place_of(row: InventoryRow, folders: Folders) -> str:
    """The name in the archive under which a document's bytes are stored: what the row says, relative."""
    if row.status in UNFINISHED or row.filed_path is None:
        return f"claimed/{row.sha256}.pdf"
    path = Path(row.filed_path)
    for place in ("processed", "failed"):
        root = roots(folders)[place]
        if path.is_relative_to(root):
            name = "/".join((place, *path.relative_to(root).parts))
            if is_harmless(name):
                return name
    place = "failed" if row.status is DocumentStatus.FAILED else "processed"
    return f"{place}/restored/{row.sha256}{suffix_of(path.name)}"


@dataclass(slots=True)
class Collector:
    """Writes the files of one backup; ``entries``, ``missing`` and ``skipped`` then tell what became."""

    manager: DatabaseManager
    folders: Folders
    rows: list[InventoryRow]
    listed: list[Listed]
    writer: ArchiveWriter
    progress: Progress
    entries: list[FileEntry] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    _done: int = 0
    _total: int = 0
    _patience: float = PATIENCE_SECONDS
    _used: set[Path] = field(default_factory=set)
    _stored: set[str] = field(default_factory=set)
    _by_hash: dict[str, Path] | None = None

    def collect(self) -> None:
        """Write what rows promise, then the other files that were listed.

        Raises:
            BackupError: code ``backup_changed``, a file changed while it was read.
            OSError: the archive cannot be written.
        """
        self._total = sum(listed.size for listed in self.listed)
        for row in self.rows:
            self._row(row)
        rows = {row.sha256: row for row in self.rows}
        for listed in self.listed:
            if listed.name not in self._stored and listed.path not in self._used:
                self._other(listed, rows)

    def _row(self, row: InventoryRow) -> None:
        name = place_of(row, self.folders)
        for path in self._candidates(row):
            with contextlib.ExitStack() as stack:
                try:
                    stream = stack.enter_context(custody.open_plain(path))
                    found = hashlib.file_digest(stream, "sha256").hexdigest()
                except OSError:
                    continue
                if found == row.sha256:
                    self._used.add(path)
                    self._store(name, stream, row.sha256, row.document_id)
                    return
        self.missing.append(Missing(row.document_id, row.sha256, row.filed_path or name))

    def _candidates(self, row: InventoryRow) -> Iterator[Path]:
        """Where the bytes may be: as the copied row says, as the row says by now, and anywhere."""
        claimed = self.folders.claim_of(row.sha256)
        yield from (Path(row.filed_path), claimed) if row.filed_path else (claimed,)
        while True:
            with self.manager.get_session(read_only=True) as session:
                current = inventory_row(session, row.document_id)
            if current is not None and current.filed_path:
                yield Path(current.filed_path)
            yield claimed
            if row.sha256 in (known := self._hashes()):
                yield known[row.sha256]
            if current is None or current.status not in UNFINISHED or self._patience <= 0:
                return
            # It has left the claimed store, and its row is about to say where it lies.
            self._patience -= LOOK_AGAIN_SECONDS
            time.sleep(LOOK_AGAIN_SECONDS)

    def _hashes(self) -> dict[str, Path]:
        """The listed files that no row names, by their hash: a person may have moved a document."""
        if self._by_hash is None:
            named = {row.filed_path for row in self.rows}
            self._by_hash = {}
            for listed in self.listed:
                if listed.place != "inbox" and str(listed.path) not in named:
                    with contextlib.suppress(OSError):
                        self._by_hash.setdefault(custody.sha256_of(listed.path), listed.path)
        return self._by_hash

    def _other(self, listed: Listed, rows: dict[str, InventoryRow]) -> None:
        """A file that no row of the copy names: a duplicate, a reason, something of a person's."""
        if listed.place == "claimed" and not _is_needed(listed, rows):
            return
        if listed.place == "failed" and self._lacks_its_document(listed):
            return
        with contextlib.ExitStack() as stack:
            try:
                stream = stack.enter_context(open_below(listed.root, listed.parts))
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            except FileNotFoundError:
                return
            except OSError as error:
                self.skipped.append(f"{custody.path_text(listed.path)}: {os.strerror(error.errno or 0)}")
                return
            row = rows.get(digest)
            # Filed, but its row did not say so yet: the copied row has it at its claimed place.
            if listed.place in ("claimed", "inbox") or row is None or row.status not in UNFINISHED:
                self._store(listed.name, stream, digest, None)

    def _lacks_its_document(self, listed: Listed) -> bool:
        """Whether this is the reason of a document that was just failing: it will fail again and get one."""
        document = listed.name.removesuffix(custody.REASON)
        return document != listed.name and document not in self._stored

    def _store(self, name: str, stream: BufferedReader, sha256: str, document_id: int | None) -> None:
        stream.seek(0)
        status = os.fstat(stream.fileno())
        stored = self.writer.add(name, stream, status.st_size, status.st_mtime)
        if stored != sha256 or stream.read(1):
            raise BackupError(
                f"a file changed while it was read: {name}",
                code=Code.BACKUP_CHANGED,
                next_step="Run `autod backup` again.",
            )
        self._stored.add(name)
        self.entries.append(FileEntry(name, sha256, status.st_size, document_id))
        self._done += status.st_size
        self.progress(WRITING, min(self._done, self._total), self._total)


def _is_needed(listed: Listed, rows: dict[str, InventoryRow]) -> bool:
    """Whether a file of the claimed store belongs to work that is not finished, or to nobody we know."""
    sha256 = custody.claimed_as(listed.parts[-1])
    if sha256 is None or len(listed.parts) > 1:
        return False
    row = rows.get(sha256)
    return row.status in UNFINISHED if row is not None else listed.parts[-1].endswith(".pdf")


def open_below(root: Path, parts: tuple[str, ...]) -> BufferedReader:
    """Open a regular file below ``root`` without following a link on the way from there.

    Raises:
        OSError: also for a link (``ELOOP`` or ``ENOTDIR``) or anything that is no regular file.
    """
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = inner
        return custody.open_plain(Path(parts[-1]), folder)
    finally:
        os.close(folder)


def relative(name: str) -> PurePosixPath:
    """A name of the archive without its place."""
    return PurePosixPath(*PurePosixPath(name).parts[1:])
