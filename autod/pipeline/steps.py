"""The steps of a document's life: plain functions of the small values in ``checkpoints``.

Every step may be run again after a crash, so each one looks at what is already there before it acts.
Methods that take a ``Session`` run in a transaction that commits together with the engine's checkpoint.
"""

from __future__ import annotations

import contextlib
import functools
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import structlog
from sqlalchemy.orm import Session

from autod.child.calls import classify_reading, understand_reading
from autod.child.sandbox import Sandbox
from autod.codes import Code
from autod.db import documents
from autod.db.documents import PageText
from autod.domain.asked import AnswersJson
from autod.domain.backoff import Backoff
from autod.domain.checkpoints import (
    Begun,
    Completed,
    DueAgain,
    Failed,
    Filed,
    Leaving,
    Over,
    Read,
    Understood,
)
from autod.domain.events import EventDetail, reason_told
from autod.domain.extraction import Extraction, ExtractionJson
from autod.domain.filing import file_name, folder_for, name_as_it_came, safe_name
from autod.domain.status import IN_PLACE, EventKind
from autod.domain.storable import storable
from autod.durable.protocol import PIPELINE_VERSION
from autod.errors import AutodError, DatabaseError, FileTrouble, ReasonJson
from autod.files import custody
from autod.files.folders import Folders
from autod.files.writers import WhoWrites, who_writes
from autod.flushing import flush_folder, write
from autod.paying.asking import Asking
from autod.pipeline import vector_sync
from autod.pipeline.egress import WatchedEgress
from autod.pipeline.readings import Readings, claim_lost
from autod.read.limits import ReadLimits
from autod.vectors.uploading import UploadJson

log = structlog.get_logger("autod.pipeline")

Given = ParamSpec("Given")
Result = TypeVar("Result")

WAITS = Backoff(first=5.0, longest=3600.0, factor=4.0)
"""For which a document is postponed: what passes soon holds up little, a long outage is looked at hourly."""
NO_PDF = (Code.NOT_A_PDF, Code.FILE_EMPTY)
"""What fails so is of another kind than its bytes would say; people know it by the suffix it came with."""


class Ground(Protocol):
    """What work stands on, see ``autod.pipeline.footing``."""

    def require(self, *, look: bool = False) -> None:
        """Raises while work has to wait for a folder or for the database's file."""

    def require_database(self) -> None:
        """Parks the life of a document whose row is not in the archive's database any more."""


class Store(Protocol):
    """A vector store, as the pipeline uses it."""

    def upload(
        self,
        document_id: int,
        sha256: str,
        pdf: Path,
        extraction: ExtractionJson,
        pages: list[tuple[int, str, str]] | None,
    ) -> UploadJson:
        """Never raises for the store's trouble, nor for a lost file.

        ``pages`` are number, text and source of each; None when they are not at hand.
        """
        ...


def on_firm_ground(
    step: Callable[Concatenate[Steps, Given], Result],
) -> Callable[Concatenate[Steps, Given], Result]:
    """A step that needs the folders: trouble of a folder that has gone meanwhile is not the document's."""

    @functools.wraps(step)
    def careful(self: Steps, /, *given: Given.args, **named: Given.kwargs) -> Result:
        self.ground.require_database()
        self.ground.require()
        try:
            return step(self, *given, **named)
        except (AutodError, OSError):
            self.ground.require_database()
            self.ground.require(look=True)
            raise

    return careful


@dataclass(frozen=True, slots=True)
class Steps:
    """The resources that the steps work with."""

    folders: Folders
    ground: Ground
    sandbox: Sandbox
    limits: ReadLimits
    review_below: float
    now: Callable[[], datetime]
    asking: Asking | None = None
    store: Store | None = None
    egress: WatchedEgress | None = None
    writes: WhoWrites = who_writes

    @property
    def sends(self) -> bool:
        """Whether there is anybody here whom documents could be sent to."""
        return self.egress is not None

    def begin(self, session: Session, sha256: str) -> Begun | Over:
        """Count the attempt; returns what the later steps need to know about the document.

        A document that has ended stays so, however often it is started.
        """
        document = documents.locked_by_sha(session, sha256)
        if document is None:
            raise DatabaseError(
                "the document's row is gone",
                code=Code.ROW_MISSING,
                next_step="Run `autod check`, then drop the file in again.",
            )
        if document.status not in documents.UNFINISHED:
            return {"id": document.id, "ended": document.status.value}
        now = self.now()
        documents.mark_processing(session, document)
        return {
            "id": document.id,
            "sha256": sha256,
            "name": document.original_filename,
            "source": document.source_path,
            "attempts": document.attempts,
            "waits": document.waits,
            "lane": document.lane,
            "earlier": document.earlier_version,
            "file_sha256": document.source_sha256 or sha256,
            "started_at": now.isoformat(),
            "sends": self.sends,
        }

    @on_firm_ground
    def read(self, document: Begun) -> Read:
        """Text, words and boxes of every page, into a file beside the claimed copy.

        A checkpoint relies on it where somebody may be asked in between.
        """
        sha256 = document["sha256"]
        claimed = self.folders.claim_of(sha256)
        if not custody.holds(claimed, sha256) and not self._claim_again(document):
            raise claim_lost(claimed)
        return self._readings.have(sha256, relied_on=document.get("sends", True))

    @property
    def _readings(self) -> Readings:
        return Readings(self.folders, self.sandbox, self.limits)

    def _claim_again(self, document: Begun) -> bool:
        """Take the bytes from where they came from once more, if they are still there."""
        source = custody.path_from(document["source"])
        return custody.claim_again(source, document["sha256"], self.folders.claimed)

    @on_firm_ground
    def may_leave(self, document: Begun, reading: Read) -> Leaving:
        """Decide by what the document may be whether any of it may be sent, before anything is.

        The classes are looked at without a policy, too: one that is made later can then tell the document
        from others.
        """
        if self.egress is None:
            return {"withheld_for": None, "states_all": False}
        sha256 = document["sha256"]
        self._readings.see_to(sha256, reading.get("is"))
        looked = classify_reading(
            self.sandbox, str(self.folders.reading_of(sha256)), self.folders.claim_of(sha256)
        )
        because = None if self.egress.service_is_local else self.egress.learn(sha256, looked["kinds"])
        return {"withheld_for": because, "states_all": looked["states_all"]}

    @on_firm_ground
    def understand(self, document: Begun, reading: Read, answers: AnswersJson | None) -> Understood:
        """What the document says, each value verified on the page; without ``answers`` it is read here."""
        sha256 = document["sha256"]
        self._readings.see_to(sha256, reading.get("is"))
        result = understand_reading(
            self.sandbox,
            str(self.folders.reading_of(sha256)),
            review_below=self.review_below,
            today=self.now().date(),
            answers=answers,
        )
        pages = [(number, storable(text), source) for number, text, source in result["pages"]]
        return {**result["extraction"], "pages": pages}

    @on_firm_ground
    def record(
        self,
        session: Session,
        document: Begun,
        reading: Read,
        leaving: Leaving,
        extraction: Understood,
        answers: AnswersJson | None,
    ) -> None:
        """Row, pages, field values, search index and custody: all or nothing."""
        if "pages" not in extraction:
            raise FileTrouble(
                "an earlier version understood the document, and kept its pages elsewhere",
                code=Code.UNDERSTOOD_EARLIER,
                outside=True,
                next_step="Nothing to do: it is understood again.",
            )
        texts = extraction["pages"]
        documents.record(
            session,
            document["id"],
            Extraction.from_dict(extraction),
            [PageText(number, text, source) for number, text, source in texts],
            pipeline_version=PIPELINE_VERSION,
            page_count=reading["pages"],
            ocr_pages=reading["ocr_pages"],
            now=self.now(),
            model=answers["model"] if answers else None,
            prompt_version=answers["prompt_version"] if answers else None,
        )
        self._event(session, EventKind.RECORDED, document, {"notes": reading["notes"]})
        if leaving["withheld_for"]:
            self._event(session, EventKind.KEPT_HERE, document, {"class": leaving["withheld_for"]})
        elif self.asking is not None and leaving["states_all"]:
            self._event(session, EventKind.NOT_ASKED, document, {})

    @on_firm_ground
    def file(self, document: Begun, extraction: Understood) -> Filed:
        """Move the claimed copy to its place, then let the inbox's one go.

        The folder is looked at before and after: on a mount point whose disk has just gone, the copy would be
        out of sight, and the inbox must still have the file.
        """
        self.ground.require(look=True)
        metadata = Extraction.from_dict(extraction).metadata
        place = self._present_place(document)
        folder, name = place or (
            self.folders.processed / folder_for(metadata),
            file_name(metadata, document["name"]),
        )
        target = self._file_away(document, folder, name)
        self.ground.require(look=True)
        self._clear(document["sha256"])
        return {"path": str(target), "left_in_inbox": not self._empty_inbox(document)}

    def complete(self, session: Session, document: Begun, filed: Filed) -> Completed:
        """The last word: from here on the document is in the archive."""
        now = self.now()
        seconds = round((now - datetime.fromisoformat(document["started_at"])).total_seconds(), 3)
        later = documents.complete(
            session, document["id"], filed_path=filed["path"], processing_seconds=seconds, now=now
        )
        self._event(session, EventKind.FILED, document, {"path": filed["path"]})
        return {"seconds": seconds, "later": later}

    def upload(self, document: Begun, extraction: Understood) -> UploadJson:
        """Put the document into the vector store; the store's trouble never fails the document."""
        assert self.store is not None  # noqa: S101 - the workflow asks first
        return self.store.upload(
            document["id"],
            document["sha256"],
            self.folders.claim_of(document["sha256"]),
            extraction,
            extraction.get("pages"),
        )

    def link(self, session: Session, document: Begun, upload: UploadJson) -> None:
        """Write down where the vector store has it, or why not."""
        vector_sync.note_upload(session, document["id"], document["sha256"], upload, self.now())

    def postpone(
        self,
        session: Session,
        document: Begun,
        reason: ReasonJson,
        until: datetime | None = None,
        outside: bool = False,
    ) -> DueAgain:
        """Let it wait: until a given time, or longer each time.

        Neither the former nor a wait for trouble ``outside`` of the document is an attempt. The jitter keeps
        many from coming back at once.
        """
        waits = document.get("waits", 0) + 1 if outside else 0
        wait = timedelta(seconds=WAITS.pause(waits or document["attempts"]))
        due = self.now() + wait * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, keeps no secret
        if until is not None:
            due = max(until, self.now())
        is_attempt = until is None and not outside
        documents.postpone(
            session, document["id"], **reason, retry_at=due, counts_as_attempt=is_attempt, waits=waits
        )
        self._event(session, EventKind.POSTPONED, document, reason_told(reason))
        return {"retry_at": due.isoformat()}

    @on_firm_ground
    def set_aside(self, document: Begun, reason: ReasonJson) -> Filed:
        """Move the claimed copy to failed/ with its reason beside it; looks as ``file`` does."""
        self.ground.require(look=True)
        if place := self._present_place(document):
            target = self._file_away(document, *place)
            self._clear(document["sha256"])
            return {"path": str(target)}
        name = (name_as_it_came if reason["code"] in NO_PDF else safe_name)(document["name"])
        target = self._file_away(document, self.folders.failed, name)
        note = {"file": document["name"], "sha256": document["sha256"], **reason}
        with custody.explained("cannot write the reason"):
            write(
                target.with_name(target.name + custody.REASON),
                json.dumps(note, ensure_ascii=False, indent=2) + "\n",
            )
        self.ground.require(look=True)
        self._clear(document["sha256"])
        self._empty_inbox(document)
        # Were it there again after a power cut, it would be taken for one that a person put back.
        with custody.explained("cannot remove the file from the inbox"):
            flush_folder(self.folders.inbox)
        return {"path": str(target)}

    def _file_away(self, document: Begun, folder: Path, name: str) -> Path:
        """See ``custody.file_away``; a damaged claimed copy is made good from the inbox, if it can be."""
        sha256 = document["sha256"]
        claimed = self.folders.claim_of(sha256)
        try:
            return custody.file_away(claimed, sha256, folder, name)
        except AutodError as error:
            if error.code != custody.LOST or not self._claim_again(document):
                raise
        return custody.file_away(claimed, sha256, folder, name)

    def fail(self, session: Session, document: Begun, reason: ReasonJson, path: str | None) -> Failed:
        """The last word of a document that failed; ``path`` is where its file lies, if it could be moved."""
        later = documents.fail(session, document["id"], **reason, filed_path=path, now=self.now())
        self._event(session, EventKind.FAILED, document, {**reason_told(reason), "path": path})
        return {"later": later}

    def release(self, document: Begun) -> None:
        """Let go of a document that has ended; a twin in the inbox may have made us claim it once more."""
        custody.release(self.folders.claimed, document["sha256"])

    def _present_place(self, document: Begun) -> tuple[Path, str] | None:
        """Folder and name of a document that lies in the archive already."""
        if document.get("lane") != IN_PLACE:
            return None
        source = custody.path_from(document["source"])
        return source.parent, source.name

    def _empty_inbox(self, document: Begun) -> bool:
        """Remove the original if it lies in the inbox; True when nothing of it is left there."""
        source = custody.path_from(document["source"])
        if source.parent != self.folders.inbox:
            return True
        self.ground.require_database()
        try:
            custody.leave_inbox(source, document.get("file_sha256") or document["sha256"], self.writes)
        except FileTrouble as trouble:
            log.warning(
                "The file stays in the inbox",
                reason=trouble.code,
                next_step=trouble.next_step,
                file=document["name"],
                document_id=document["id"],
            )
            return False
        return True

    def _clear(self, sha256: str) -> None:
        """Remove what reading left beside the claimed copy."""
        for path in (self.folders.reading_of(sha256), self.folders.summary_of(sha256)):
            with contextlib.suppress(OSError):
                path.unlink()

    def _event(self, session: Session, kind: EventKind, document: Begun, detail: EventDetail) -> None:
        documents.add_event(
            session,
            kind,
            document_id=document["id"],
            sha256=document["sha256"],
            detail=detail,
            now=self.now(),
        )
