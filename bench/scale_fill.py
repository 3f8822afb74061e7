"""Fills an archive: one document in ``TIMES`` by the product's own functions, the others as copies of these.

A copy has another hash and another number to be found by; its other rows are the same, index entries
included. Copying takes a twentieth of the time, and a word is on the same share of all documents.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.models import Base, Document, Event, FieldValue, PageRow, SearchText
from autod.domain.events import EventDetail
from autod.domain.status import EventKind
from bench.scale_paper import MARK, Sheet, sheet

TIMES = 25
CHUNK = 250
SHOWN_EVERY = 5.0


def fill(kind: str, url: str, rows: int) -> None:
    """Write ``rows`` documents, numbered from 1 in the database."""
    begun = shown = time.monotonic()
    written = rows // TIMES

    def progress(done: int) -> None:
        nonlocal shown
        if time.monotonic() - shown > SHOWN_EVERY:
            shown = time.monotonic()
            print(f"  {kind}: {done:,} of {rows:,} rows, {shown - begun:.0f} s", flush=True)

    with DatabaseManager(url) as manager:
        for start in range(0, written, CHUNK):
            end = min(start + CHUNK, written)
            with manager.get_session() as session:
                for number in range(start, end):
                    _write(session, sheet(number))
            progress(end)
        for copy in range(1, TIMES):
            with manager.get_session() as session:
                _copy(session, copy, written)
            progress((copy + 1) * written)
        if manager.sqlite_path is None:
            _settle_postgres(manager)


def _write(session: Session, paper: Sheet) -> None:
    """One document's life in the database, from its arrival to its end."""
    now = datetime.now(UTC)
    source = f"/srv/inbox/{paper.name}"
    document_id = documents.admit(
        session,
        sha256=paper.sha256,
        original_filename=paper.name,
        source_path=source,
        size=len(paper.content),
        now=now,
    ).document_id
    documents.mark_processing(session, documents.locked(session, document_id))
    documents.record(
        session,
        document_id,
        paper.extraction,
        paper.pages,
        pipeline_version="1",
        page_count=len(paper.pages),
        ocr_pages=0,
        now=now,
    )
    filed = f"/srv/processed/{paper.extraction.metadata.primary_date}/{paper.name}"
    documents.complete(session, document_id, filed_path=filed, processing_seconds=0.4, now=now)
    told: list[tuple[EventKind, EventDetail]] = [
        (EventKind.RECEIVED, {"source": source}),
        (EventKind.RECORDED, {"notes": []}),
        (EventKind.FILED, {"path": filed}),
    ]
    for kind, detail in told:
        documents.add_event(
            session, kind, document_id=document_id, sha256=paper.sha256, detail=detail, now=now
        )


def _copy(session: Session, copy: int, written: int) -> None:
    """Write the ``copy``-th copy of all that was written, with numbers after those of the one before."""
    mark = f"{copy:02x}"  # hexadecimal, as the hashes are
    changed = {
        "sha256_hex": f"substr(sha256_hex, 3) || '{mark}'",
        **{name: f"replace({name}, '{MARK}', '{MARK}{mark}')" for name in ("numbers", "names", "body")},
        "vector": f"CAST(replace(CAST(vector AS text), '{MARK}', '{MARK}{mark}') AS tsvector)",
    }
    if session.get_bind().dialect.name == "sqlite":
        del changed["vector"]
    for model, key in (
        (Document, "id"),
        (PageRow, "document_id"),
        (FieldValue, "document_id"),
        (Event, "document_id"),
        (SearchText, "document_id"),
    ):
        _copy_rows(session, model, key, {key: f"{key} + {copy * written}", **changed}, written)


def _copy_rows(session: Session, model: type[Base], key: str, changed: dict[str, str], last: int) -> None:
    columns = [column.name for column in model.__table__.columns]
    names = [name for name in columns if name != "id" or key == "id"]
    given = ", ".join(changed.get(name, name) for name in names)
    table = model.__tablename__
    session.execute(
        sa.text(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {given} FROM {table}"  # noqa: S608 - constants
            f" WHERE {key} <= :last ORDER BY {key}"
        ),
        {"last": last},
    )


def _settle_postgres(manager: DatabaseManager) -> None:
    """Let the next document get the next number, and do what autovacuum does in time."""
    with manager.get_session() as session:
        session.execute(
            sa.text(
                "SELECT setval(pg_get_serial_sequence('documents', 'id'), (SELECT max(id) FROM documents))"
            )
        )
    with manager.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
