"""A ready file becomes a claimed document, or is recognised as one we have.

The SHA-256 decides: unknown bytes start a life, bytes in work wait for their end, filed bytes are a
duplicate, and bytes that failed before are tried again because a person put them back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from autod.db import documents, forgotten, waits
from autod.db.documents import Admission
from autod.db.manager import DatabaseManager
from autod.domain.filing import safe_name
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import FileTrouble
from autod.flushing import flush_files
from autod.pipeline import custody
from autod.pipeline.steps import Folders, Ground

log = structlog.get_logger("autod.intake")

DUPLICATES = "duplicates"


class Outcome(StrEnum):
    STARTED = "started"
    IN_WORK = "in_work"
    DUPLICATE = "duplicate"
    RETRIED = "retried"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a file that was handed in."""

    sha256: str
    document_id: int
    outcome: Outcome


class Starter(Protocol):
    """The part of the engine that begins a document's life."""

    def submit(self, sha256: str) -> None:
        """Begin it; harmless when it has begun."""

    def again(self, sha256: str, *, anew: bool = False) -> None:
        """Begin it once more after it has ended; ``anew`` asks a paid service again that has answered."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes files in; see ``receive``."""

    manager: DatabaseManager
    starter: Starter
    folders: Folders
    now: Callable[[], datetime]
    ground: Ground

    def receive(self, source: Path, *, skip_duplicates: bool = True, lane: str | None = None) -> Receipt:
        """Claim ``source`` and see to it that its bytes are in the archive once.

        ``lane`` says how a paid service is to read it; None is the usual way.

        Raises:
            FileTrouble: the file cannot be read or copied; it is untouched.
            DatabaseError: the database is away; the file is untouched and the claim is harmless.
        """
        self.ground.require()
        with custody.explained("cannot read the file"):
            sha256 = custody.sha256_of(source)
        with self.manager.get_session(read_only=True) as session:
            document = documents.by_sha(session, sha256)
        if document is None or document.status in documents.UNFINISHED:
            if document is not None and custody.holds(self.folders.claim_of(sha256), sha256):
                (self.starter.again if self._is_due(sha256) else self.starter.submit)(sha256)
                return Receipt(sha256, document.id, Outcome.IN_WORK)
            sha256, admission = self._admit(source, lane)
            known = (sha256, admission.document_id)
            if admission.status in documents.UNFINISHED:
                # The engine may remember bytes whose row is gone; submitting them would then do nothing.
                (self.starter.again if admission.created else self.starter.submit)(sha256)
                return Receipt(*known, Outcome.STARTED if admission.created else Outcome.IN_WORK)
            custody.release(self.folders.claimed, sha256)  # it ended while we copied
            status = admission.status
        else:
            known, status = (sha256, document.id), document.status
        if status is DocumentStatus.FAILED or not skip_duplicates:
            return self._again(source, *known, lane, anew=status is DocumentStatus.COMPLETED)
        self._file_duplicate(source, *known)
        return Receipt(*known, Outcome.DUPLICATE)

    def _is_due(self, sha256: str) -> bool:
        """Whether the document waits and its time has come; then it is ours to begin."""
        with self.manager.get_session() as session:
            return bool(documents.take_due(session, self.now(), among=lambda due: {sha256} & set(due)))

    def retry(self, document_id: int) -> Receipt:
        """Start a failed document again from the copy that was kept, or end the wait of one that waits.

        The place of a failed one in failed/ is cleared. One that is in work stays as it is.

        Raises:
            UsageError: code ``unknown_document`` or ``not_failed``.
            FileTrouble: code ``custody_lost``, no copy with its bytes is left; or the disk refuses.
        """
        self.ground.require()
        with self.manager.get_session(read_only=True) as session:
            document = documents.require_unfinished(session, document_id)
        if document.status in documents.UNFINISHED:
            return self._hasten(document.sha256_hex, document_id)
        sha256, kept = document.sha256_hex, Path(document.filed_path or "")
        place = kept
        if custody.holds(kept, sha256):
            custody.claim(kept, self.folders.claimed)
        else:
            kept = self.folders.claim_of(sha256)  # it stayed there if failed/ could not take it
            if not custody.holds(kept, sha256):
                raise FileTrouble(
                    "no copy with the bytes of the failed document is left",
                    code="custody_lost",
                    next_step="Restore the file from the backup and drop it into the inbox.",
                )
        with self.manager.get_session() as session:
            documents.reopen(session, document_id, source_path=document.source_path)
            self._event(session, EventKind.RETRIED, sha256, document_id, kept)
        if place.parent == self.folders.failed:
            custody.forget_failed(place, sha256)
        self.starter.again(sha256)
        return Receipt(sha256, document_id, Outcome.RETRIED)

    def _hasten(self, sha256: str, document_id: int) -> Receipt:
        """Have a document that waits asked about now; the lane it is in, and what was paid in it, stays."""
        here = bool(self.within_reach([sha256]))
        with self.manager.get_session() as session:
            waited = waits.end_wait(session, document_id, due=None if here else self.now())
            if waited:
                self._event(session, EventKind.RETRIED, sha256, document_id, self.folders.claim_of(sha256))
        if waited and here:
            self.starter.again(sha256)
        return Receipt(sha256, document_id, Outcome.RETRIED if waited else Outcome.IN_WORK)

    def within_reach(self, hashes: list[str]) -> set[str]:
        """Those of the documents whose bytes are here, if need be by taking them from the inbox once more."""
        lacking = [sha256 for sha256 in hashes if not self.folders.claim_of(sha256).exists()]
        if not lacking:
            return set(hashes)
        with self.manager.get_session(read_only=True) as session:
            sources = documents.sources(session, lacking)  # one that has ended needs no bytes
        return set(hashes) - {sha256 for sha256, source in sources.items() if not self._got(sha256, source)}

    def _got(self, sha256: str, source_path: str) -> bool:
        source = custody.path_from(source_path)
        if not custody.holds(source, sha256):
            return False
        custody.claim(source, self.folders.claimed)
        return True

    def _admit(self, source: Path, lane: str | None) -> tuple[str, Admission]:
        """The row of the bytes that are in our hands: claimed first, so that no row promises what we lack."""
        claim = custody.claim(source, self.folders.claimed)
        with self.manager.get_session() as session:
            admission = documents.admit(
                session,
                sha256=claim.sha256,
                original_filename=safe_name(source.name),
                source_path=custody.path_text(source),
                size=claim.size,
                now=self.now(),
                lane=lane,
            )
            if admission.created:
                forgotten.welcome(session, claim.sha256)
                self._event(session, EventKind.RECEIVED, claim.sha256, admission.document_id, source)
        return claim.sha256, admission

    def _again(self, source: Path, sha256: str, document_id: int, lane: str | None, *, anew: bool) -> Receipt:
        custody.claim(source, self.folders.claimed)
        with self.manager.get_session() as session:
            document = documents.require(session, document_id)
            failed = document.status is DocumentStatus.FAILED
            kept = Path(document.filed_path) if failed and document.filed_path else None
            documents.reopen(session, document_id, source_path=custody.path_text(source), lane=lane)
            self._event(session, EventKind.RETRIED, sha256, document_id, source)
        if kept is not None and kept.parent == self.folders.failed:
            custody.forget_failed(kept, sha256)
        self.starter.again(sha256, anew=anew)
        return Receipt(sha256, document_id, Outcome.RETRIED)

    def _file_duplicate(self, source: Path, sha256: str, document_id: int) -> None:
        """Same bytes as a filed document: nothing is read or paid, and no byte is dropped unseen.

        The one name that a document came by leaves no second copy; another name is kept in duplicates/.
        If somebody took the filed copy away, this one takes its place.
        """
        with self.manager.get_session() as session:
            document = documents.require(session, document_id)
            filed, first_source = Path(document.filed_path or ""), document.source_path
        inside = source.parent == self.folders.inbox
        if not custody.holds(filed, sha256):
            claimed = custody.claim(source, self.folders.claimed)
            filed = custody.file_away(claimed.path, sha256, filed.parent, filed.name)
            kind, target = EventKind.RESTORED, filed
        elif custody.path_text(source) == first_source or not inside:
            kind, target = EventKind.DUPLICATE, filed
            with custody.explained("cannot flush the filed document"):
                flush_files(filed)  # a person may have put it there just now
        else:
            claimed = custody.claim(source, self.folders.claimed)
            folder = self.folders.processed / DUPLICATES
            target = custody.file_away(claimed.path, sha256, folder, safe_name(source.name))
            kind = EventKind.DUPLICATE
        with self.manager.get_session() as session:
            documents.add_event(
                session,
                kind,
                document_id=document_id,
                sha256=sha256,
                detail={"name": safe_name(source.name), "path": str(target)},
                now=self.now(),
            )
            if kind is EventKind.RESTORED:
                documents.refile(session, document_id, filed_path=str(target))
        log.info("Duplicate filed", document_id=document_id, sha256=sha256, filed_as=str(target))
        if inside:
            self.ground.require(look=True)
            custody.leave_inbox(source, sha256)

    def _event(self, session: Session, kind: EventKind, sha256: str, document_id: int, source: Path) -> None:
        documents.add_event(
            session,
            kind,
            document_id=document_id,
            sha256=sha256,
            detail={"source": custody.path_text(source)},
            now=self.now(),
        )
