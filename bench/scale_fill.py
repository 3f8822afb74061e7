"""Fills an archive: one document in five by the product's own functions, the others as copies of these.

A copy has another hash and another number on its page; its other rows are the same, index entries included.
Written one by one, all of them would take five times as long and measure nothing more.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.models import Base, Document, Event, FieldValue, Page, SearchText
from autod.domain.status import EventKind
from bench.scale_paper import MARK, Sheet, sheet

TIMES = 5
CHUNK = 250
SHOWN_EVERY = 5.0
LETTERS = "bcdf"
"""What a copy's mark has after it, so that its number is on no other document; hexadecimal."""


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
        for copy, letter in enumerate(LETTERS, 1):
            for start in range(0, written, CHUNK):
                end = min(start + CHUNK, written)
                with manager.get_session() as session:
                    _copy(session, start + 1, end, copy * written, letter)
                progress(copy * written + end)
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
    documents.mark_processing(session, document_id, now)
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
    for kind, detail in (
        (EventKind.RECEIVED, {"source": source}),
        (EventKind.RECORDED, {"notes": []}),
        (EventKind.FILED, {"path": filed}),
    ):
        documents.add_event(
            session, kind, document_id=document_id, sha256=paper.sha256, detail=detail, now=now
        )


def _copy(session: Session, first: int, last: int, shift: int, letter: str) -> None:
    """Copy the documents of some numbers to numbers higher by ``shift``."""
    postgres = session.get_bind().dialect.name == "postgresql"
    changed = {
        "sha256_hex": f"substr(sha256_hex, 2) || '{letter}'",
        **{name: f"replace({name}, '{MARK}', '{MARK}{letter}')" for name in ("numbers", "names", "body")},
        "vector": f"CAST(replace(CAST(vector AS text), '{MARK}', '{MARK}{letter}') AS tsvector)",
    }
    if not postgres:
        del changed["vector"]
    for model, key in (
        (Document, "id"),
        (Page, "document_id"),
        (FieldValue, "document_id"),
        (Event, "document_id"),
        (SearchText, "document_id"),
    ):
        _copy_rows(session, model, key, {key: f"{key} + {shift}", **changed}, (first, last))


def _copy_rows(
    session: Session, model: type[Base], key: str, changed: dict[str, str], numbers: tuple[int, int]
) -> None:
    columns = [column.name for column in model.__table__.columns]
    names = [name for name in columns if name != "id" or key == "id"]
    given = ", ".join(changed.get(name, name) for name in names)
    table = model.__tablename__
    session.execute(
        sa.text(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {given} FROM {table}"  # noqa: S608 - constants
            f" WHERE {key} BETWEEN :first AND :last ORDER BY {key}"
        ),
        {"first": numbers[0], "last": numbers[1]},
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
