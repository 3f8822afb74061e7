"""A place with a document of each kind, and PostgreSQL's programs on PATH."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from autod.db.manager import DatabaseManager
from tests import postgres
from tests.backup.place import Place, folders_below


@pytest.fixture(autouse=True)
def client_programs(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The programs that belong to the tests' server come first on PATH."""
    programs = postgres.client_programs()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return programs


@pytest.fixture
def place(manager: DatabaseManager, tmp_path: Path) -> Place:
    """Two filed documents, one that failed, one that waits, and a duplicate."""
    place = Place(manager, folders_below(tmp_path / "old"), tmp_path / "backups")
    place.completed(b"first")
    place.completed(b"second", "2026/letter/b.pdf", "silver haystack")
    place.failed(b"broken")
    place.waiting(b"to come", "later.pdf")
    duplicates = place.folders.processed / "duplicates"
    duplicates.mkdir()
    (duplicates / "again.pdf").write_bytes(b"first")
    return place


@pytest.fixture
def new_url(manager: DatabaseManager, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without tables, of the kind of ``manager``."""
    if manager.sqlite_path is not None:
        folder = tmp_path / "new"
        folder.mkdir()
        yield sa.URL.create("sqlite", database=str(folder / "paper_autopilot.db")).render_as_string()
    else:
        yield str(request.getfixturevalue("new_postgres")("template1"))


@pytest.fixture
def new_manager(new_url: str) -> Iterator[DatabaseManager]:
    with DatabaseManager(new_url) as opened:
        yield opened
