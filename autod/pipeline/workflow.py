"""One document's life, top to bottom.

    inbox ─▶ ready? ─▶ fingerprint ─▶ read ─▶ understand ─▶ verify ─▶ record ─▶ index ─▶ file

The first three happen in the inbox; ``understand`` includes ``verify`` and ``record`` includes ``index``,
because they belong together: one child process, one database transaction.
"""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy.orm import Session

from autod import logs
from autod.errors import AutodError, Retry
from autod.pipeline.engine import Durable, Json
from autod.pipeline.steps import Steps

log = structlog.get_logger("autod.pipeline")


def live(durable: Durable, steps: Steps, sha256: str) -> Json:
    """Take one claimed document from its bytes to its place in the archive.

    Returns ``{"outcome": "completed" | "failed" | "postponed", ...}``; never raises for a document's fault.
    """
    document = durable.transaction("begin", steps.begin, sha256)
    if "ended" in document:
        return {"outcome": document["ended"], "document_id": document["id"]}
    try:
        reading = durable.step("read", steps.read, sha256)
        extraction = durable.step("understand", steps.understand, sha256)
        durable.transaction("record", steps.record, document, reading, extraction)
        filed = durable.step("file", steps.file, document, extraction)
        durable.transaction("complete", _complete, steps, document, reading, extraction, filed)
    except AutodError as error:
        return _give_up(durable, steps, document, error)
    steps.release(document)
    return {"outcome": "completed", "document_id": document["id"]}


def _complete(
    session: Session, steps: Steps, document: Json, reading: Json, extraction: Json, filed: Json
) -> Json:
    """Row and log together: announced at the very end of the transaction, it is not announced by a replay."""
    done = steps.complete(session, document, filed)
    _announce(document, reading, extraction, filed, done)
    return done


def _give_up(durable: Durable, steps: Steps, document: Json, error: AutodError) -> Json:
    """A passing trouble waits and comes again; any other ends in failed/ with its reason."""
    reason = {"code": error.code, "message": error.message, "next_step": error.next_step}
    if error.retry is Retry.LATER and document["attempts"] < steps.max_attempts:
        due = durable.transaction("postpone", steps.postpone, document, reason)
        log.warning("Document postponed", error=error.code, retry_at=due["retry_at"], **_names(document))
        return {"outcome": "postponed", "document_id": document["id"], **reason}
    try:
        aside = durable.step("set_aside", steps.set_aside, document, reason)
    except AutodError as trouble:
        log.error("Cannot move the file to the failed folder", error=trouble.code, **_names(document))
        aside = {"path": None}
    durable.transaction("fail", steps.fail, document, reason, aside)
    if aside["path"] is not None:
        steps.release(document)
    log.error(
        "Document failed",
        error=error.code,
        detail=error.message,
        next_step=error.next_step,
        **_names(document),
    )
    return {"outcome": "failed", "document_id": document["id"], **reason}


def _announce(document: Json, reading: Json, extraction: Json, filed: Json, done: Json) -> None:
    usage = extraction["usage"]
    log.info(
        logs.PROCESSING_COMPLETE,
        **_names(document),
        doc_type=extraction["metadata"]["doc_type"],
        engine=extraction["engine"],
        pages=reading["pages"],
        ocr_pages=reading["ocr_pages"],
        filed_as=filed["path"],
        cost_usd=float(extraction["cost_usd"]),
        processing_time=done["seconds"],
        prompt_tokens=usage["prompt_tokens"],
        cached_tokens=usage["cached_tokens"] or 0,
    )


def _names(document: Json) -> dict[str, Any]:
    return {"document_id": document["id"], "sha256": document["sha256"], "file": document["name"]}
