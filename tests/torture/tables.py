"""What the auditor reads from the database, by plain SQL on SQLite or PostgreSQL."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import psycopg

_ROWS = "SELECT id, sha256_hex, status, filed_path, error_code, later_version FROM documents"
PENDING = ("PENDING", "ENQUEUED", "DELAYED")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of ``documents``."""

    id: int
    sha256: str
    status: str
    filed_path: str | None
    error: str | None
    later: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A line of ``events``, with the file name that it mentions."""

    sha256: str | None
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Tables:
    """One look at everything that is audited."""

    rows: list[Row]
    events: list[Event]
    searchable: set[int]
    paged: set[int]
    found: dict[str, list[int]]
    calls: list[tuple[str, str]]
    repeated_values: list[tuple[int, str, int]]
    workflows: dict[str, str]
    damage: list[str]


class Connection:
    """A read-only look at either database; ``?`` stands for a parameter."""

    def __init__(self, url: str) -> None:
        self.postgres = url.startswith("postgres")
        self._raw: Any
        if self.postgres:
            self._raw = psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True, connect_timeout=5)
        else:
            path = url.removeprefix("sqlite:///")
            self._raw = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return list(self._raw.execute(sql.replace("?", "%s") if self.postgres else sql, values or None or ()))

    def close(self) -> None:
        self._raw.close()


@contextlib.contextmanager
def connected(url: str) -> Iterator[Connection]:
    connection = Connection(url)
    try:
        yield connection
    finally:
        connection.close()


def open_work(url: str) -> int | None:
    """How many rows and workflows are not final; None when the database does not answer."""
    try:
        with connected(url) as db:
            [(rows,)] = db.ask("SELECT count(*) FROM documents WHERE status IN ('waiting', 'processing')")
            [(workflows,)] = db.ask(
                "SELECT count(*) FROM workflow_status WHERE status IN (?, ?, ?)", *PENDING
            )
    except (sqlite3.Error, psycopg.Error):
        return None
    return int(rows) + int(workflows)


def known_hashes(url: str) -> set[str]:
    """The bytes that have a row; empty when the database does not answer."""
    try:
        with connected(url) as db:
            return {sha for (sha,) in db.ask("SELECT sha256_hex FROM documents")}
    except (sqlite3.Error, psycopg.Error):
        return set()


def ended_hashes(url: str) -> set[str]:
    """The bytes whose document has ended; empty when the database does not answer."""
    try:
        with connected(url) as db:
            sql = "SELECT sha256_hex FROM documents WHERE status NOT IN ('waiting', 'processing')"
            return {sha for (sha,) in db.ask(sql)}
    except (sqlite3.Error, psycopg.Error):
        return set()


def read_tables(url: str, words: Iterable[str]) -> Tables:
    """Everything at once; ``words`` are searched for."""
    with connected(url) as db:
        return Tables(
            rows=[Row(*r) for r in db.ask(_ROWS)],
            events=[_event(*r) for r in db.ask("SELECT sha256_hex, kind, detail FROM events ORDER BY id")],
            searchable={n for (n,) in db.ask("SELECT document_id FROM search_texts")},
            paged={n for (n,) in db.ask("SELECT DISTINCT document_id FROM pages")},
            found={word: _find(db, word) for word in words},
            calls=[(sha, state) for sha, state in db.ask("SELECT sha256_hex, state FROM api_calls")],
            repeated_values=[
                (number, name, times)
                for number, name, times in db.ask(
                    "SELECT document_id, field, count(*) FROM field_values"
                    " GROUP BY document_id, field, CAST(value AS TEXT), source HAVING count(*) > 1"
                )
            ],
            workflows={row[0]: row[1] for row in db.ask("SELECT workflow_uuid, status FROM workflow_status")},
            damage=_damage(db),
        )


def _event(sha256: str | None, kind: str, detail: Any) -> Event:
    known = json.loads(detail) if isinstance(detail, str) else detail
    return Event(sha256, kind, PurePath(known.get("source") or known.get("name") or "").name)


def _find(db: Connection, word: str) -> list[int]:
    if db.postgres:
        sql = "SELECT document_id FROM search_texts WHERE vector @@ CAST(? AS tsquery)"
    else:
        sql = "SELECT rowid FROM search_fts WHERE search_fts MATCH ?"
    try:
        return sorted(number for (number,) in db.ask(sql, word))
    except sqlite3.DatabaseError:
        return []  # the damage itself is told by ``_damage``


def _damage(db: Connection) -> list[str]:
    """What SQLite says of its own file; a server looks after its own."""
    if db.postgres:
        return []
    try:
        said = [line for (line,) in db.ask("PRAGMA integrity_check(5)")]
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [] if said == ["ok"] else said
