"""Leaving a file out of the archive because a person wants it so."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import structlog

from autod.codes import Code
from autod.db import documents, forgotten
from autod.db.manager import DatabaseManager
from autod.errors import UsageError
from autod.files import custody

log = structlog.get_logger("autod.forgetting")


def forget_file(manager: DatabaseManager, path: Path, *, by: str, now: datetime) -> str:
    """Note that nothing is to take the bytes of ``path`` back into the archive; returns their SHA-256.

    The file is not touched. Putting it into the inbox is a person's word as well, and ends it.

    Raises:
        FileTrouble: the file cannot be read.
        UsageError: code ``known_document``, a document has these bytes.
    """
    with custody.explained(f"cannot read {path.name}"):
        sha256 = custody.sha256_of(path)
    with manager.get_session() as session:
        document = documents.by_sha(session, sha256)
        if document is not None:
            raise UsageError(
                f"{path.name} is document {document.id}: only a file that no document has can be forgotten",
                code=Code.KNOWN_DOCUMENT,
                next_step=f"`autod show {document.id}` shows it.",
            )
        forgotten.forget(session, sha256, name=path.name, by=by, now=now)
    log.info("A file was forgotten by a person's wish", file=custody.path_text(path), sha256=sha256, by=by)
    return sha256
