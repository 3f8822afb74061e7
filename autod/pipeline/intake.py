"""A ready file becomes a claimed document, or is recognised as one we have.

The SHA-256 decides: unknown bytes start a life, bytes in work wait for their end, filed bytes are a
duplicate, and bytes that failed before are tried again because a person put them back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db import documents, forgotten, versions, waits
from autod.db.documents import Admission
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.domain.filing import name_as_it_came, safe_name
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import FileTrouble
from autod.files import custody
from autod.files.completeness import has_header, looks_complete
from autod.files.folders import Folders
from autod.files.kept import kept_as, name_before
from autod.files.writers import WhoWrites, who_writes
from autod.flushing import flush_files
from autod.pipeline.steps import Ground

log = structlog.get_logger("autod.intake")

DUPLICATES = "duplicates"

SAME_NAME = timedelta(minutes=10)
"""So long after a document was taken, or ended, what comes under its file's name is a version of it."""


class Outcome(StrEnum):
    STARTED = "started"
    IN_WORK = "in_work"
    DUPLICATE = "duplicate"
    RETRIED = "retried"
    KEPT = "kept"
    """The inbox's own file of a document that we have: it stays for a while, see ``autod.files.kept``."""
    LET_GO = "let_go"
    """That file is gone now."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What was found at ``source``.

    ``own`` is the hash of the file, ``sha256`` that of the document: another one when the file holds only the
    rest of it; the document is then claimed as a whole. ``former`` is what the file was taken as before.
    """

    source: Path
    own: str
    sha256: str
    claim: custody.Claim | None = None
    former: int | None = None


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
    writes: WhoWrites = who_writes

    def receive(self, source: Path, *, skip_duplicates: bool = True, lane: str | None = None) -> Receipt:
        """Claim ``source`` and see to it that its bytes are in the archive once.

        ``lane`` says how a paid service is to read it; None is the usual way.

        Raises:
            FileTrouble: the file cannot be read or copied; it is untouched.
            DatabaseError: the database is away; the file is untouched and the claim is harmless.
        """
        self.ground.require()
        with custody.explained("cannot read the file"):
            arrival = self._arrival(source)
        sha256 = arrival.sha256
        with self.manager.get_session(read_only=True) as session:
            document = documents.by_sha(session, sha256)
            known_as = self._kept_of(session, arrival) if self._is_kept(arrival) else None
        settled = self._settle(arrival, known_as) if known_as is not None else None
        if settled is not None:
            return settled
        if document is None or document.status in documents.UNFINISHED:
            if document is not None and custody.holds(self.folders.claim_of(sha256), sha256):
                (self.starter.again if self._is_due(sha256) else self.starter.submit)(sha256)
                return Receipt(sha256, document.id, Outcome.IN_WORK)
            sha256, admission = self._admit(arrival, lane)
            key = (sha256, admission.document_id)
            if admission.status in documents.UNFINISHED:
                # The engine may remember bytes whose row is gone; submitting them would then do nothing.
                (self.starter.again if admission.created else self.starter.submit)(sha256)
                return Receipt(*key, Outcome.STARTED if admission.created else Outcome.IN_WORK)
            custody.release(self.folders.claimed, sha256)  # it ended while we copied
            status = admission.status
        else:
            key, status = (sha256, document.id), document.status
        if status is not DocumentStatus.COMPLETED or not skip_duplicates:
            return self._again(arrival, *key, lane, anew=status is DocumentStatus.COMPLETED)
        self._file_duplicate(arrival, *key)
        return Receipt(*key, Outcome.DUPLICATE)

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
                    code=Code.CUSTODY_LOST,
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
        """Those of the documents whose bytes are here, if need be by taking them from the inbox once more.

        What a store that all share lacks has left it for its place, by a step whose end was not written down:
        whoever does that step again finds it there.
        """
        lacking = [sha256 for sha256 in hashes if not self.folders.claim_of(sha256).exists()]
        if not lacking:
            return set(hashes)
        with self.manager.get_session(read_only=True) as session:
            sources = documents.sources(session, lacking)  # one that has ended needs no bytes
        lost = {sha256 for sha256, source in sources.items() if not self._got(sha256, source)}
        return set(hashes) if self.folders.shared else set(hashes) - lost

    def _got(self, sha256: str, source_path: str) -> bool:
        return custody.claim_again(custody.path_from(source_path), sha256, self.folders.claimed)

    def _arrival(self, source: Path) -> Arrival:
        """What lies at ``source``.

        Raises:
            OSError: it cannot be read.
        """
        own = custody.sha256_of(source)
        arrival = Arrival(source, own, own)
        if source.parent != self.folders.inbox or self._is_kept(arrival):
            return arrival
        with self.manager.get_session(read_only=True) as session:
            formers = self._formers(session, source)
            has_row = documents.by_sha(session, own) is not None
        if formers and not has_header(source):
            joined = next((former for former in formers if former.source_sha256 == own), None)
            if joined is not None:  # a crash left the rest here after it had been joined
                return Arrival(source, own, joined.sha256_hex, self._joined_again(joined, formers, source))
            for former in formers:
                claim = self._joined(former, source)
                if claim is not None:
                    return Arrival(source, own, claim.sha256, claim, self._version_of(former, source))
        if has_row or not formers:
            return arrival
        return Arrival(source, own, own, former=self._version_of(formers[0], source))

    def _version_of(self, former: Document, source: Path) -> int | None:
        """The former's number; None when the file only had the same bytes as that of another name."""
        own_path = custody.path_text(source.with_name(name_before(source)))
        before = custody.path_from(former.source_path)
        return former.id if custody.path_text(before.with_name(name_before(before))) == own_path else None

    def _formers(self, session: Session, source: Path) -> list[Document]:
        """The documents that the file, or another one of its name, was taken as not long ago."""
        path = custody.path_text(source.with_name(name_before(source)))
        formers = versions.came_from(session, path, self.now() - SAME_NAME)
        kept = kept_as(source.name)
        former = versions.by_file(session, kept.sha256, path) if kept is not None else None
        return formers if former is None else [former, *(other for other in formers if other.id != former.id)]

    def _joined(self, former: Document, source: Path) -> custody.Claim | None:
        """Somebody closed the file, and went on with it after we had taken it: the two belong together."""
        place = Path(former.filed_path or self.folders.claim_of(former.sha256_hex))
        if not custody.holds(place, former.sha256_hex):
            return None
        return custody.claim_joined(place, source, self.folders.claimed, looks_complete)

    def _joined_again(
        self, document: Document, formers: list[Document], source: Path
    ) -> custody.Claim | None:
        """The claimed copy of a document that ``source`` holds the rest of; None when it needs none."""
        sha256 = document.sha256_hex
        if document.status not in documents.UNFINISHED or custody.holds(
            self.folders.claim_of(sha256), sha256
        ):
            return None
        claims = (self._joined(former, source) for former in formers if former.id != document.id)
        return next((claim for claim in claims if claim is not None and claim.sha256 == sha256), None)

    def _is_kept(self, arrival: Arrival) -> bool:
        kept = kept_as(arrival.source.name)
        return kept is not None and kept.sha256 == arrival.own and arrival.source.parent == self.folders.inbox

    def _kept_of(self, session: Session, arrival: Arrival) -> Document | None:
        source = arrival.source
        path = custody.path_text(source.with_name(name_before(source)))
        return versions.by_file(session, arrival.own, path)

    def _settle(self, arrival: Arrival, document: Document) -> Receipt | None:
        """Let a kept file go when its bytes have their place and its time has come.

        None when there is no other copy: then it is what any file in the inbox is.
        """
        sha256 = document.sha256_hex
        kept = Receipt(sha256, document.id, Outcome.KEPT)
        if document.status in documents.UNFINISHED:
            return kept
        superseded = document.status is DocumentStatus.SUPERSEDED
        if not superseded and not custody.holds(Path(document.filed_path or ""), sha256):
            return None if document.status is DocumentStatus.COMPLETED else kept
        with custody.explained("cannot remove the file from the inbox"):
            gone = custody.let_go(arrival.source, arrival.own, self.writes, self.now().timestamp())
        return Receipt(sha256, document.id, Outcome.LET_GO) if gone else kept

    def _claim(self, arrival: Arrival) -> custody.Claim:
        return arrival.claim or custody.claim(arrival.source, self.folders.claimed)

    def _admit(self, arrival: Arrival, lane: str | None) -> tuple[str, Admission]:
        """The row of the bytes that are in our hands: claimed first, so that no row promises what we lack."""
        source, claim = arrival.source, self._claim(arrival)
        with self.manager.get_session() as session:
            admission = documents.admit(
                session,
                sha256=claim.sha256,
                original_filename=name_as_it_came(name_before(source)),
                source_path=custody.path_text(source),
                size=claim.size,
                now=self.now(),
                lane=lane,
                source_sha256=arrival.own if arrival.claim else None,
            )
            if admission.created:
                forgotten.welcome(session, claim.sha256)
                number = admission.document_id
                self._event(session, EventKind.RECEIVED, claim.sha256, number, source)
                if arrival.former is not None:
                    same_file = kept_as(source.name) is not None
                    versions.link(session, arrival.former, number, same_file=same_file, now=self.now())
        return claim.sha256, admission

    def _again(
        self, arrival: Arrival, sha256: str, document_id: int, lane: str | None, *, anew: bool
    ) -> Receipt:
        self._claim(arrival)
        source = arrival.source
        with self.manager.get_session() as session:
            document = documents.require(session, document_id)
            failed = document.status is DocumentStatus.FAILED
            kept = Path(document.filed_path) if failed and document.filed_path else None
            documents.reopen(session, document_id, source_path=custody.path_text(source), lane=lane)
            versions.came_again(session, document_id, custody.path_text(source), self.now())
            self._event(session, EventKind.RETRIED, sha256, document_id, source)
        if kept is not None and kept.parent == self.folders.failed:
            custody.forget_failed(kept, sha256)
        self.starter.again(sha256, anew=anew)
        return Receipt(sha256, document_id, Outcome.RETRIED)

    def _file_duplicate(self, arrival: Arrival, sha256: str, document_id: int) -> None:
        """Same bytes as a filed document: nothing is read or paid, and no byte is dropped unseen.

        The one name that a document came by leaves no second copy; another name is kept in duplicates/.
        If somebody took the filed copy away, this one takes its place.
        """
        source = arrival.source
        with self.manager.get_session() as session:
            document = documents.require(session, document_id)
            filed, first_source = Path(document.filed_path or ""), document.source_path
        inside = source.parent == self.folders.inbox
        name = safe_name(name_before(source))
        came_before = custody.path_text(source.with_name(name_before(source))) == first_source
        if not custody.holds(filed, sha256):
            filed = custody.file_away(self._claim(arrival).path, sha256, filed.parent, filed.name)
            kind, target = EventKind.RESTORED, filed
        elif came_before or not inside:
            kind, target = EventKind.DUPLICATE, filed
            with custody.explained("cannot flush the filed document"):
                flush_files(filed)  # a person may have put it there just now
        else:
            folder = self.folders.processed / DUPLICATES
            target = custody.file_away(self._claim(arrival).path, sha256, folder, name)
            kind = EventKind.DUPLICATE
        with self.manager.get_session() as session:
            documents.add_event(
                session,
                kind,
                document_id=document_id,
                sha256=sha256,
                detail={"name": name, "path": str(target)},
                now=self.now(),
            )
            versions.came_again(session, document_id, custody.path_text(source), self.now())
            if kind is EventKind.RESTORED:
                documents.refile(session, document_id, filed_path=str(target))
        log.info("Duplicate filed", document_id=document_id, sha256=sha256, filed_as=str(target))
        if inside:
            self.ground.require(look=True)
            custody.leave_inbox(source, arrival.own, self.writes)
        if arrival.claim is not None:
            custody.release(self.folders.claimed, sha256)

    def _event(self, session: Session, kind: EventKind, sha256: str, document_id: int, source: Path) -> None:
        """``source`` is told by the name that people know."""
        documents.add_event(
            session,
            kind,
            document_id=document_id,
            sha256=sha256,
            detail={"source": custody.path_text(source.with_name(name_before(source)))},
            now=self.now(),
        )
