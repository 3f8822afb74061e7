"""One document's life, top to bottom.

    inbox ─▶ ready? ─▶ fingerprint ─▶ read ─▶ (may it leave? ─▶ ask) ─▶ understand ─▶ verify
        ─▶ record ─▶ index ─▶ (place in the store) ─▶ file

The first three happen in the inbox; ``understand`` includes ``verify`` and ``record`` includes ``index``,
because they belong together: one child process, one database transaction. Where nobody can be asked, ``read``
and ``understand`` are one checkpoint, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from autod import logs
from autod.domain.asked import AnswersJson
from autod.domain.checkpoints import AtOnce, Begun, Completed, End, Filed, Known, Leaving, Read, Understood
from autod.domain.status import IN_PLACE
from autod.durable.protocol import Durable
from autod.errors import AutodError, PrivacyError, Retry, reason_of
from autod.pipeline.steps import Steps
from autod.pipeline.superseding import supersede

log = structlog.get_logger("autod.pipeline")

MAX_ATTEMPTS = 5
"""At a document whose own trouble may pass, before it fails; the pauses between them are seven minutes. A
person can always ask for more with `autod retry`."""

FOLDER_TROUBLE = "folder_"
"""How the codes begin of a folder that is not the archive's just now; it is waited for."""

_NOBODY_TO_SEND_TO: Leaving = {"withheld_for": None, "states_all": False}


def live(durable: Durable, steps: Steps, sha256: str) -> End:
    """Take one claimed document from its bytes to its place in the archive.

    Where a paid reader may be asked, its steps lie between reading and understanding. Where nobody is, those
    two are one step: what a crash takes is cheap to repeat, for pages that were put through OCR are kept.
    Never raises for a document's fault.
    """
    document = durable.transaction("begin", steps.begin, sha256)
    if "ended" in document:
        return {"outcome": document["ended"], "document_id": document["id"]}
    filed: Filed | None = None
    try:
        if document.get("sends", True):
            reading = durable.step("read", steps.read, document)
            leaving = _may_it_leave(durable, steps, document, reading)
            answers = _ask(durable, steps, document, leaving)
            extraction = durable.step("understand", steps.understand, document, reading, answers)
        else:

            def at_once() -> AtOnce:
                reading = durable.part("read", steps.read, document)
                extraction = durable.part("understand", steps.understand, document, reading, None)
                return {"reading": reading, "extraction": extraction}

            here = durable.joined("understand", at_once)
            reading, extraction = here["reading"], here["extraction"]
            leaving, answers = _NOBODY_TO_SEND_TO, None
        durable.transaction("record", steps.record, document, reading, leaving, extraction, answers)
        if steps.store is not None and _may_be_sent(steps, document, leaving):
            upload = durable.step("upload", steps.upload, document, extraction)
            durable.transaction("link", steps.link, document, upload)
        filed = durable.step("file", steps.file, document, extraction)
        announcement = Announcement(document, reading, extraction, filed)
        done = durable.transaction("complete", _complete, steps, announcement)
    except AutodError as error:
        return _give_up(durable, steps, document, error, filed)
    steps.release(document)
    _settle_versions(durable, steps, document, done.get("later"))
    return {"outcome": "completed", "document_id": document["id"]}


def _settle_versions(durable: Durable, steps: Steps, document: Begun, later: int | None) -> None:
    """Only for a document that is one of several versions of a file: most have no such steps."""
    if document.get("earlier") or later:
        supersede(durable, steps, document["id"])


def _may_it_leave(durable: Durable, steps: Steps, document: Begun, reading: Read) -> Leaving:
    """Where there is nobody to send to, nobody looks."""
    if "keeps_here" in reading:  # an earlier version read it, and decided with it
        return {"withheld_for": reading["keeps_here"], "states_all": reading.get("states_all", False)}
    if not document.get("sends", steps.sends):
        return _NOBODY_TO_SEND_TO
    return durable.step("may_leave", steps.may_leave, document, reading)


def _may_be_sent(steps: Steps, document: Begun, leaving: Leaving) -> bool:
    """What a life may do is settled when it begins: it goes on the same way under other settings."""
    sends = document.get("sends", steps.sends)
    return sends and document.get("lane") != IN_PLACE and not leaving["withheld_for"]


def _ask(durable: Durable, steps: Steps, document: Begun, leaving: Leaving) -> AnswersJson | None:
    """A paid reader's answers; none for a document that must stay here or that states everything itself."""
    if steps.asking is None or not _may_be_sent(steps, document, leaving) or leaving["states_all"]:
        return None
    try:
        return steps.asking.ask(durable, document)
    except AutodError as error:
        # The policy became stricter after the document was read.
        if error.code != PrivacyError.code:
            raise
        return None


@dataclass(slots=True)
class Announcement:
    """What the log is told of a completed document, once, also when its transaction has to be repeated."""

    document: Begun
    reading: Read
    extraction: Understood
    filed: Filed
    made: bool = False


def _complete(session: Session, steps: Steps, announcement: Announcement) -> Completed:
    """Row and log together: announced at the end of the transaction, it is not announced by a replay."""
    done = steps.complete(session, announcement.document, announcement.filed)
    if not announcement.made:
        announcement.made = True
        _announce(announcement, done["seconds"])
    return done


def _give_up(durable: Durable, steps: Steps, document: Begun, error: AutodError, filed: Filed | None) -> End:
    """A passing trouble waits and comes again; any other ends in failed/ with its reason.

    What no document causes is waited for however often, so is what has a known end. A file that was filed
    before stays where it is.
    """
    reason = reason_of(error)
    patient = error.outside or error.until is not None or document["attempts"] < MAX_ATTEMPTS
    if filed is None and error.retry is Retry.LATER and patient:
        return _postpone(durable, steps, document, error)
    try:
        path: str | None = (filed or durable.step("set_aside", steps.set_aside, document, reason))["path"]
    except AutodError as trouble:
        if trouble.code.startswith(FOLDER_TROUBLE):
            return _postpone(durable, steps, document, trouble)
        log.error("Cannot move the file to the failed folder", error=trouble.code, **_names(document))
        path = None
    done = durable.transaction("fail", steps.fail, document, reason, path)
    if path is not None:
        steps.release(document)
    log.error(
        logs.DOCUMENT_FAILED,
        error=error.code,
        detail=error.message,
        next_step=error.next_step,
        **_names(document),
    )
    _settle_versions(durable, steps, document, done.get("later"))
    return {"outcome": "failed", "document_id": document["id"], **reason}


def _postpone(durable: Durable, steps: Steps, document: Begun, error: AutodError) -> End:
    reason = reason_of(error)
    due = durable.transaction("postpone", steps.postpone, document, reason, error.until, error.outside)
    fields = {"error": error.code, "detail": error.message, "next_step": error.next_step}
    log.warning("Document postponed", **fields, retry_at=due["retry_at"], **_names(document))
    return {"outcome": "postponed", "document_id": document["id"], **reason}


def _announce(announcement: Announcement, seconds: float) -> None:
    reading, extraction = announcement.reading, announcement.extraction
    usage = extraction["usage"]
    log.info(
        logs.PROCESSING_COMPLETE,
        **_names(announcement.document),
        doc_type=extraction["metadata"]["doc_type"],
        engine=extraction["engine"],
        pages=reading["pages"],
        ocr_pages=reading["ocr_pages"],
        filed_as=announcement.filed["path"],
        cost_usd=float(extraction["cost_usd"]),
        processing_time=seconds,
        prompt_tokens=usage["prompt_tokens"],
        cached_tokens=usage["cached_tokens"] or 0,
    )


def _names(document: Known) -> dict[str, object]:
    return {"document_id": document["id"], "sha256": document["sha256"], "file": document["name"]}
