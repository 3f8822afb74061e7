"""What the vector store should hold and what it does: catching up, rebuilding, emptying.

The database says what belongs there. Each document is noted as soon as it is placed, so that work that was
interrupted goes on where it stopped, and doing it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db import disclosures, documents, fields
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.domain.events import EventDetail
from autod.domain.privacy import PrivacyPolicy, Purpose
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import AutodError, PrivacyError, ServiceError
from autod.vectors.attributes import attributes_of
from autod.vectors.base import Stored
from autod.vectors.uploading import Upload, UploadJson, UploadOutcome, Uploads

log = structlog.get_logger("autod.vectors")

TRY_AGAIN_AFTER = timedelta(minutes=10)
LEASE = timedelta(minutes=30)
"""A document that was handed out to be placed and was not noted as such (we died) is due again after this."""
MOST_AT_ONCE = 20
MOST_FAILURES = 5
"""So many failures in a row mean that the store is away."""

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Tally:
    """What a rebuild did: documents placed, there already, left out on purpose, failed; and entries removed.

    ``broken_off`` when the store failed so often that it was left alone.
    """

    placed: int = 0
    kept: int = 0
    skipped: int = 0
    failed: int = 0
    removed: int = 0
    broken_off: bool = False


@dataclass(frozen=True, slots=True)
class StoreStanding:
    """How the store stands to the database.

    Args:
        belong: documents that belong there.
        linked: those that the database knows to be there.
        waiting: those whose upload is tried again.
        held: entries in the store; None when it was not asked.
    """

    belong: int
    linked: int
    waiting: int
    held: int | None


def note_upload(session: Session, document_id: int, sha256: str, upload: UploadJson, now: datetime) -> None:
    """Write down where the store has a document, or why not; a postponed one is due again later."""
    file_id, retry_at = upload["file_id"], None
    if upload["outcome"] == UploadOutcome.POSTPONED:
        retry_at = now + TRY_AGAIN_AFTER
    if upload["reason"] == PrivacyError.code:
        # An earlier copy may be there from before the policy became stricter: it is taken out.
        file_id = documents.require(session, document_id).vector_store_file_id
        retry_at = now if file_id else None
    documents.link(session, document_id, vector_store_file_id=file_id, retry_at=retry_at)
    kind = EventKind.UPLOADED if upload["outcome"] == UploadOutcome.PLACED else EventKind.UPLOAD_FAILED
    detail: EventDetail = {"file_id": upload["file_id"], "reason": upload["reason"]}
    documents.add_event(session, kind, document_id=document_id, sha256=sha256, detail=detail, now=now)


@dataclass(frozen=True, slots=True)
class VectorSync:
    """Keeps the vector store in step with the archive.

    Args:
        policy: what may leave; None when the store is on this machine.
    """

    manager: DatabaseManager
    uploads: Uploads
    policy: PrivacyPolicy | None
    now: Callable[[], datetime]

    def catch_up(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Place what was postponed and is due; take out what failed or must stay here since it was placed.

        Never raises for the store's trouble: what fails is due again later.
        """
        try:
            for document in self._take_due():
                if stopping():
                    return
                if self._is_withheld(document):
                    self._take_out(document.vector_store_file_id)
                elif self._place(document).outcome is UploadOutcome.POSTPONED:
                    return
            for document in self._take_failed():
                self._take_out(document.vector_store_file_id)
        except ServiceError as error:
            log.warning("Cannot take a document out of the vector store", reason=error.code)

    def tend(self, stopping: Callable[[], bool]) -> None:
        """Catch up; passing trouble waits for the next time."""
        try:
            self.catch_up(stopping)
        except AutodError as error:
            log.warning("Cannot look after the vector store", reason=error.code)

    def rebuild(self, progress: Progress) -> Tally:
        """Make the store hold what belongs there and nothing else.

        Raises:
            ServiceError: the store cannot be asked what it holds.
        """
        tally = Tally()
        wanted = self._wanted()
        stored = self._sorted_out(wanted.keys(), tally)
        failures = 0
        for done, number in enumerate(wanted.values(), 1):
            with self.manager.get_session(read_only=True) as session:
                document = documents.require(session, number)
            if self._is_placed(document, stored.get(document.sha256_hex)):
                tally.kept += 1
            else:
                outcome = self._place(document).outcome
                tally.placed += outcome is UploadOutcome.PLACED
                tally.skipped += outcome is UploadOutcome.SKIPPED
                failed = outcome in (UploadOutcome.POSTPONED, UploadOutcome.FAILED)
                tally.failed += failed
                failures = failures + 1 if failed else 0
            progress(done, len(wanted))
            if failures >= MOST_FAILURES:
                tally.broken_off = True
                break
        return tally

    def purge(self) -> int:
        """Delete all that is ours at the service, also what an interrupted upload left; how many documents.

        Raises:
            ServiceError: it could not be done to the end; do it again.
        """
        removed = self.uploads.store.purge()
        with self.manager.get_session(read_only=True) as session:
            left = [
                row.kept_at
                for row in disclosures.list_all(session, still_kept=True)
                if row.purpose is Purpose.STORE
            ]
        for path in left:
            if path is not None and path.startswith("/files/"):
                self.uploads.store.remove(path.removeprefix("/files/"))
        with self.manager.get_session() as session:
            session.execute(update(Document).values(vector_store_file_id=None, store_retry_at=None))
        return removed

    def standing(self, *, ask: bool) -> StoreStanding:
        """How things stand; with ``ask`` the store is asked what it holds.

        Raises:
            ServiceError: it cannot be asked.
        """
        with self.manager.get_session(read_only=True) as session:
            count = select(func.count()).select_from(Document)
            return StoreStanding(
                belong=len(self._wanted()),
                linked=session.scalar(count.where(Document.vector_store_file_id.is_not(None))) or 0,
                waiting=session.scalar(count.where(Document.store_retry_at.is_not(None))) or 0,
                held=len(self.uploads.store.contents()) if ask else None,
            )

    def _is_withheld(self, document: Document) -> bool:
        with self.manager.get_session(read_only=True) as session:
            return self._withholds(session, document.sha256_hex)

    def _withholds(self, session: Session, sha256: str) -> bool:
        if self.policy is None or not self.policy.restricts:
            return False
        return self.policy.withheld_for(disclosures.classes_of(session, sha256)) is not None

    def _wanted(self) -> dict[str, int]:
        """The numbers of the documents that belong into the store, by their hashes, the oldest first."""
        with self.manager.get_session(read_only=True) as session:
            rows = session.execute(
                select(Document.id, Document.sha256_hex)
                .where(Document.status == DocumentStatus.COMPLETED)
                .order_by(Document.id)
            ).all()
            return {row.sha256_hex: row.id for row in rows if not self._withholds(session, row.sha256_hex)}

    def _sorted_out(self, hashes: Collection[str], tally: Tally) -> dict[str, Stored]:
        """What the store holds of these, by hash, each once; everything else is taken out."""
        kept: dict[str, Stored] = {}
        for entry in self.uploads.store.contents():
            if entry.sha256 in hashes and entry.sha256 not in kept and entry.ready:
                kept[entry.sha256] = entry
            else:
                self._take_out(entry.file_id)
                tally.removed += 1
        return kept

    def _is_placed(self, document: Document, stored: Stored | None) -> bool:
        """Whether the store has it as it is believed now, and the database knows."""
        if stored is None:
            return False
        believed = attributes_of(
            fields.metadata_of(document), sha256=document.sha256_hex, document_id=document.id
        )
        return stored.attributes == believed and document.vector_store_file_id == stored.file_id

    def _place(self, document: Document) -> Upload:
        with self.manager.get_session(read_only=True) as session:
            pages = [(page.text, page.source) for page in documents.page_texts(session, document.id)]
        pdf = Path(document.filed_path or "")
        try:
            done = self.uploads.place(
                document.id,
                document.sha256_hex,
                pdf,
                pages,
                fields.metadata_of(document),
                document.checks,
            )
        except OSError:
            done = Upload(UploadOutcome.FAILED, reason=Code.FILED_MISSING)
        with self.manager.get_session() as session:
            note_upload(session, document.id, document.sha256_hex, done.to_dict(), self.now())
        return done

    def _take_out(self, file_id: str | None) -> None:
        if file_id is None:
            return
        self.uploads.store.remove(file_id)
        with self.manager.get_session() as session:
            session.execute(
                update(Document)
                .where(Document.vector_store_file_id == file_id)
                .values(vector_store_file_id=None, store_retry_at=None)
            )

    def _take_due(self) -> list[Document]:
        """Documents whose upload is due, each handed to one caller."""
        now = self.now()
        with self.manager.get_session() as session:
            due = list(
                session.scalars(
                    select(Document)
                    .where(Document.status == DocumentStatus.COMPLETED, Document.store_retry_at <= now)
                    .order_by(Document.store_retry_at)
                    .limit(MOST_AT_ONCE)
                    .with_for_update(skip_locked=True)
                )
            )
            for document in due:
                document.store_retry_at = now + LEASE
        return due

    def _take_failed(self) -> list[Document]:
        """Documents that are in the store and failed, or were superseded, afterwards."""
        with self.manager.get_session(read_only=True) as session:
            query = select(Document).where(
                Document.status.in_((DocumentStatus.FAILED, DocumentStatus.SUPERSEDED)),
                Document.vector_store_file_id.is_not(None),
            )
            return list(session.scalars(query.limit(MOST_AT_ONCE)))
