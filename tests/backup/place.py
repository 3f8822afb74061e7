"""A small archive of documents to back up, made without reading a PDF: rows and their files."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autod.backup import taking
from autod.backup.taking import Taken
from autod.db import documents
from autod.db.documents import PageText
from autod.db.manager import DatabaseManager
from autod.domain.status import EventKind
from autod.files.folders import Folders
from autod.reconcile import compare
from tests.db.samples import extraction

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def quiet(what: str, done: int, total: int) -> None:
    assert what and done <= total


def folders_below(root: Path) -> Folders:
    folders = Folders(
        inbox=root / "inbox",
        claimed=root / "work" / "claimed",
        processed=root / "processed",
        failed=root / "failed",
    )
    for folder in (folders.inbox, folders.claimed, folders.processed, folders.failed):
        folder.mkdir(parents=True, exist_ok=True)
    return folders


@dataclass(frozen=True, slots=True)
class Place:
    """Folders and a database; every method that makes a document returns its number."""

    manager: DatabaseManager
    folders: Folders
    backups: Path

    def waiting(self, content: bytes, name: str = "scan.pdf") -> int:
        sha256 = hashlib.sha256(content).hexdigest()
        self.folders.claim_of(sha256).write_bytes(content)
        with self.manager.get_session() as session:
            number = documents.admit(
                session,
                sha256=sha256,
                original_filename=name,
                source_path=str(self.folders.inbox / name),
                size=len(content),
                now=NOW,
            ).document_id
            documents.add_event(
                session, EventKind.RECEIVED, document_id=number, sha256=sha256, detail={}, now=NOW
            )
        return number

    def completed(self, content: bytes, path: str = "2026/invoice/a.pdf", text: str = "golden needle") -> int:
        number = self.waiting(content)
        self.file(number, content, path)
        self.finish(number, path, text)
        return number

    def file(self, number: int, content: bytes, path: str) -> None:
        """Move the claimed copy to its place, as the pipeline does before the row says so."""
        target = self.folders.processed / path
        target.parent.mkdir(parents=True, exist_ok=True)
        self.folders.claim_of(hashlib.sha256(content).hexdigest()).rename(target)

    def finish(self, number: int, path: str, text: str = "golden needle") -> None:
        with self.manager.get_session() as session:
            pages = [PageText(1, text, "text_layer")]
            documents.record(
                session,
                number,
                extraction(),
                pages,
                pipeline_version="1",
                page_count=1,
                ocr_pages=0,
                now=NOW,
            )
            documents.complete(
                session, number, filed_path=str(self.folders.processed / path), processing_seconds=1, now=NOW
            )

    def failed(self, content: bytes, name: str = "bad.pdf") -> int:
        number = self.waiting(content, name)
        target = self.folders.failed / name
        self.folders.claim_of(hashlib.sha256(content).hexdigest()).rename(target)
        target.with_name(f"{name}.reason.json").write_text("{}")
        with self.manager.get_session() as session:
            documents.fail(
                session, number, code="not_a_pdf", message="m", next_step="n", filed_path=str(target), now=NOW
            )
        return number

    def backup(
        self, now: datetime = NOW, *, with_inbox: bool = False, keep_bytes: int | None = None
    ) -> Taken:
        return taking.take(
            self.manager,
            self.folders,
            self.backups,
            keep_days=30,
            keep_bytes=keep_bytes,
            with_inbox=with_inbox,
            now=now,
            progress=quiet,
        )

    def names(self) -> list[str]:
        """What lies in the backups' folder, without the lock."""
        return sorted(path.name for path in self.backups.iterdir() if path.suffix != ".lock")


def differences(url: str, folders: Folders) -> list[str]:
    """What `autod check` finds."""
    later = datetime.now(UTC) + timedelta(seconds=5)
    with closing(DatabaseManager(url)) as manager:
        found = compare.check(manager, folders, later, lambda done, total: None).differences
    return [difference.code for difference in found]
