"""Damage in a SQLite file is found page by page, told by what it hits, and mended where other rows allow."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from autod.db import documents, integrity
from autod.db.documents import PageText
from autod.db.integrity import INDEX_DAMAGED, SEARCH_DAMAGED, TABLE_DAMAGED
from autod.db.manager import DatabaseManager
from autod.search import fulltext
from tests.db.samples import NOW, extraction

DOCUMENTS = 40


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A file with enough in it that every table has pages of its own."""
    path = tmp_path_factory.mktemp("filled") / "filled.db"
    shutil.copyfile(sqlite_template, path)
    with closing(DatabaseManager(f"sqlite:///{path}")) as manager:
        for number in range(DOCUMENTS):
            with manager.get_session() as session:
                made = documents.admit(
                    session, sha256=f"{number:064x}", original_filename=f"{number}.pdf",
                    source_path=f"/in/{number}.pdf", size=1, now=NOW,
                )  # fmt: skip
                words = " ".join(f"word{number}x{count}" for count in range(400))
                pages = [PageText(1, f"common {words}", "layer")]
                documents.record(
                    session, made.document_id, extraction(), pages,
                    pipeline_version="1", page_count=1, ocr_pages=0, now=NOW,
                )  # fmt: skip
                documents.complete(
                    session, made.document_id, filed_path=f"/p/{number}.pdf", processing_seconds=1, now=NOW
                )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def manager(filled: Path, tmp_path: Path) -> Iterator[DatabaseManager]:
    path = tmp_path / "paper_autopilot.db"
    shutil.copyfile(filled, path)
    with DatabaseManager(f"sqlite:///{path}") as opened:
        yield opened


def pages_of(path: Path, name: str) -> tuple[int, list[int]]:
    """The page size, and the numbers of the pages of a table or index."""
    with closing(sqlite3.connect(path)) as connection:
        size = int(connection.execute("PRAGMA page_size").fetchone()[0])
        query = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno"
        try:
            found = [number for (number,) in connection.execute(query, (name,))]
        except sqlite3.OperationalError:
            query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
            found = [number for (number,) in connection.execute(query, (name,))]
    return size, found


def damage(manager: DatabaseManager, name: str, content: Callable[[int], bytes]) -> None:
    """Overwrite a page in the middle of a table or index."""
    manager.close()
    assert manager.sqlite_path is not None
    size, pages = pages_of(manager.sqlite_path, name)
    with manager.sqlite_path.open("r+b") as stream:
        stream.seek((pages[len(pages) // 2] - 1) * size)
        stream.write(content(size))


def found(manager: DatabaseManager, query: str) -> int:
    with manager.get_session(read_only=True) as session:
        return len(fulltext.search(session, query, limit=100))


DERIVED = {
    "search_fts_data": SEARCH_DAMAGED,
    "search_fts_idx": SEARCH_DAMAGED,
    "search_fts_docsize": SEARCH_DAMAGED,
    "search_texts": SEARCH_DAMAGED,
    "ix_documents_issuer": INDEX_DAMAGED,
    "ix_events_kind": INDEX_DAMAGED,
}
PROPER = ("documents", "pages", "field_values", "workflow_status")
CONTENTS: dict[str, Callable[[int], bytes]] = {
    "zeroes": lambda size: b"\0" * size,
    "noise": lambda size: bytes((7 * place * place + 13) % 256 for place in range(size)),
}


def test_a_sound_file_has_no_flaw_and_leaves_nothing_behind(manager: DatabaseManager, tmp_path: Path) -> None:
    assert integrity.examine(manager, tmp_path) == integrity.Integrity(())
    assert not list(tmp_path.glob(".integrity-*"))


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("name", DERIVED)
def test_what_other_rows_hold_is_told_and_built_anew(
    manager: DatabaseManager, tmp_path: Path, name: str, content: str
) -> None:
    damage(manager, name, CONTENTS[content])
    seen = integrity.examine(manager, tmp_path)
    assert {flaw.code for flaw in seen.flaws} == {DERIVED[name]}
    assert integrity.rebuild(manager, seen.flaws)
    assert integrity.examine(manager, tmp_path).flaws == ()
    assert (found(manager, "common"), found(manager, "word7x3")) == (DOCUMENTS, 1)


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("name", PROPER)
def test_what_nothing_else_holds_is_told_and_never_touched(
    manager: DatabaseManager, tmp_path: Path, name: str, content: str
) -> None:
    if name == "workflow_status":
        with manager.get_session() as session:
            session.execute(
                sa.text(
                    "INSERT INTO workflow_status (workflow_uuid, created_at, updated_at) VALUES ('a', 0, 0)"
                )
            )
    damage(manager, name, CONTENTS[content])
    assert manager.sqlite_path is not None
    before = manager.sqlite_path.read_bytes()
    seen = integrity.examine(manager, tmp_path)
    assert TABLE_DAMAGED in {flaw.code for flaw in seen.flaws}
    assert not integrity.rebuild(manager, seen.flaws)
    assert manager.sqlite_path.read_bytes() == before


def test_an_index_that_is_sound_but_lacks_words_is_told(manager: DatabaseManager, tmp_path: Path) -> None:
    with manager.get_session() as session:
        session.execute(sa.text("DELETE FROM search_fts_docsize WHERE id = 3"))
        session.execute(sa.text("DELETE FROM search_fts_data WHERE id > 100"))
    seen = integrity.examine(manager, tmp_path)
    assert [flaw.code for flaw in seen.flaws] == [SEARCH_DAMAGED]
    assert integrity.rebuild(manager, seen.flaws)
    assert found(manager, "common") == DOCUMENTS


def test_looking_holds_no_writer_up(manager: DatabaseManager, tmp_path: Path) -> None:
    """Somebody writes while we look, and we look while somebody is in the middle of writing."""
    seen: list[integrity.Integrity] = []
    with manager.get_session() as session:
        session.execute(sa.text("UPDATE documents SET title = 'x' WHERE id = 1"))
        looking = threading.Thread(target=lambda: seen.append(integrity.examine(manager, tmp_path)))
        looking.start()
        looking.join(60)
        assert seen == [integrity.Integrity(())]


def test_without_room_for_a_copy_it_says_that_it_did_not_look(
    manager: DatabaseManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "ROOM", 10**12)
    assert "no room" in integrity.examine(manager, tmp_path).unchecked


def test_postgresql_is_looked_at_with_amcheck_or_not_at_all(postgres_url: str, tmp_path: Path) -> None:
    with DatabaseManager(postgres_url) as manager:
        assert "amcheck" in integrity.examine(manager, tmp_path).unchecked
        with manager.get_session() as session:
            there = "SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'"
            if session.scalar(sa.text(there)) is None:
                pytest.skip("this server has no amcheck")
            session.execute(sa.text("CREATE EXTENSION amcheck"))
        assert integrity.examine(manager, tmp_path) == integrity.Integrity(())
