"""One document's life, top to bottom.

    inbox ─▶ ready? ─▶ fingerprint ─▶ read ─▶ understand ─▶ verify ─▶ record ─▶ index ─▶ file

The first three happen in the inbox; ``understand`` includes ``verify`` and ``record`` includes ``index``,
because they belong together: one child process, one database transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.orm import Session

from autod import logs
from autod.domain.status import IN_PLACE
from autod.durable.protocol import Durable, Json
from autod.errors import AutodError, PrivacyError, Retry
from autod.pipeline.steps import Steps
from autod.pipeline.superseding import supersede

log = structlog.get_logger("autod.pipeline")

MAX_ATTEMPTS = 5
"""At a document whose own trouble may pass, before it fails; the pauses between them are seven minutes. A
person can always ask for more with `autod retry`."""

FOLDER_TROUBLE = "folder_"
"""How the codes begin of a folder that is not the archive's just now; it is waited for."""


def live(durable: Durable, steps: Steps, sha256: str) -> Json:
    """Take one claimed document from its bytes to its place in the archive.

    Returns ``{"outcome": "completed" | "failed" | "postponed", ...}``; never raises for a document's fault.
    """
    document = durable.transaction("begin", steps.begin, sha256)
    if "ended" in document:
        return {"outcome": document["ended"], "document_id": document["id"]}
    filed: Json | None = None
    try:
        reading = durable.step("read", steps.read, document)
        answers = _ask(durable, steps, document, reading)
        extraction = durable.step("understand", steps.understand, document, reading, answers)
        durable.transaction("record", steps.record, document, reading, extraction, answers)
        if steps.store and not reading.get("keeps_here") and document.get("lane") != IN_PLACE:
            durable.transaction(
                "link", steps.link, document, durable.step("upload", steps.upload, document, extraction)
            )
        filed = durable.step("file", steps.file, document, extraction)
        announcement = Announcement(document, reading, extraction, filed)
        done = durable.transaction("complete", _complete, steps, announcement)
    except AutodError as error:
        return _give_up(durable, steps, document, error, filed)
    steps.release(document)
    _settle_versions(durable, steps, document, done)
    return {"outcome": "completed", "document_id": document["id"]}


def _settle_versions(durable: Durable, steps: Steps, document: Json, done: Json) -> None:
    """Only for a document that is one of several versions of a file: most have no such steps."""
    if document.get("earlier") or done.get("later"):
        supersede(durable, steps, document["id"])


def _ask(durable: Durable, steps: Steps, document: Json, reading: Json) -> Json:
    """A paid reader's answers; none for a document that must stay here or that states everything itself."""
    if (
        steps.asking is None
        or document.get("lane") == IN_PLACE
        or reading.get("keeps_here")
        or reading.get("states_all")
    ):
        return {}
    try:
        return steps.asking.ask(durable, document)
    except AutodError as error:
        # The policy became stricter after the document was read.
        if error.code != PrivacyError.code:
            raise
        return {}


@dataclass(slots=True)
class Announcement:
    """What the log is told of a completed document, once, also when its transaction has to be repeated."""

    document: Json
    reading: Json
    extraction: Json
    filed: Json
    made: bool = False


def _complete(session: Session, steps: Steps, announcement: Announcement) -> Json:
    """Row and log together: announced at the end of the transaction, it is not announced by a replay."""
    done = steps.complete(session, announcement.document, announcement.filed)
    if not announcement.made:
        announcement.made = True
        _announce(announcement, done["seconds"])
    return done


def _give_up(durable: Durable, steps: Steps, document: Json, error: AutodError, filed: Json | None) -> Json:
    """A passing trouble waits and comes again; any other ends in failed/ with its reason.

    What no document causes is waited for however often, so is what has a known end. A file that was filed
    before stays where it is.
    """
    reason = {"code": error.code, "message": error.message, "next_step": error.next_step}
    patient = error.outside or error.until is not None or document["attempts"] < MAX_ATTEMPTS
    if filed is None and error.retry is Retry.LATER and patient:
        return _postpone(durable, steps, document, error)
    try:
        aside = filed or durable.step("set_aside", steps.set_aside, document, reason)
    except AutodError as trouble:
        if trouble.code.startswith(FOLDER_TROUBLE):
            return _postpone(durable, steps, document, trouble)
        log.error("Cannot move the file to the failed folder", error=trouble.code, **_names(document))
        aside = {"path": None}
    done = durable.transaction("fail", steps.fail, document, reason, aside)
    if aside["path"] is not None:
        steps.release(document)
    log.error(
        logs.DOCUMENT_FAILED,
        error=error.code,
        detail=error.message,
        next_step=error.next_step,
        **_names(document),
    )
    _settle_versions(durable, steps, document, done)
    return {"outcome": "failed", "document_id": document["id"], **reason}


def _postpone(durable: Durable, steps: Steps, document: Json, error: AutodError) -> Json:
    reason = {"code": error.code, "message": error.message, "next_step": error.next_step}
    until = error.until.isoformat() if error.until else None
    due = durable.transaction("postpone", steps.postpone, document, reason, until, error.outside)
    told = {"error": error.code, "detail": error.message, "next_step": error.next_step}
    log.warning("Document postponed", **told, retry_at=due["retry_at"], **_names(document))
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


def _names(document: Json) -> dict[str, Any]:
    return {"document_id": document["id"], "sha256": document["sha256"], "file": document["name"]}
