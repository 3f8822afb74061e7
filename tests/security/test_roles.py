"""On PostgreSQL every command does its work with the rights that the documents print, and no more."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from autod.app import App
from autod.assembly.archive import utc_now
from autod.backup.restoring import restore
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.models import Base
from autod.domain.status import DocumentStatus
from autod.errors import BackupError, DatabaseError
from autod.health import examine
from tests import postgres
from tests.backup.place import Place, folders_below, quiet
from tests.db.test_privileges import granted_url
from tests.paper import pdf_of
from tests.settings import settings_in

__all__ = ["granted_url"]

ROOT = Path(__file__).resolve().parents[2]
SQL = re.findall(
    r"^```sql\n(.*?)^```", (ROOT / "docs" / "BACKUP.md").read_text(), flags=re.MULTILINE | re.DOTALL
)


@pytest.fixture(autouse=True)
def client_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{postgres.client_programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def readonly_url(granted_url: str) -> Iterator[str]:
    yield granted_url.replace("autod_app", "autod_readonly")


def test_the_daemon_works_as_the_application_role(granted_url: str, tmp_path: Path) -> None:
    with (
        DatabaseManager(granted_url) as manager,
        App(settings_in(tmp_path, granted_url, quiet_seconds=0), manager) as app,
    ):
        app.duties.look()
        for name, content in (("a.pdf", pdf_of()), ("bad.pdf", b"no paper")):
            (app.folders.inbox / name).write_bytes(content)
            app.process(app.folders.inbox / name)
        with manager.get_session(read_only=True) as session:
            assert documents.require(session, 1).status is DocumentStatus.COMPLETED
            assert documents.require(session, 2).status is DocumentStatus.FAILED
        assert not app.retry(2).success


def test_the_application_role_backs_up_once_it_may_read_sequences(
    granted_url: str, postgres_url: str, tmp_path: Path
) -> None:
    with DatabaseManager(granted_url) as manager:
        place = Place(manager, folders_below(tmp_path / "old"), tmp_path / "backups")
        place.completed(b"first")
        with pytest.raises(BackupError) as caught:
            place.backup()
        assert caught.value.code == "backup_dump_failed"
        assert "sequence" in caught.value.message and "BACKUP.md" in caught.value.next_step
        with psycopg.connect(postgres_url, autocommit=True) as owner:
            owner.execute(SQL[0])
        assert place.backup().manifest.complete


def test_the_application_role_cannot_restore_over_anything(
    granted_url: str, postgres_url: str, tmp_path: Path
) -> None:
    with DatabaseManager(postgres_url) as manager:
        place = Place(manager, folders_below(tmp_path / "old"), tmp_path / "backups")
        taken = place.backup()
    with DatabaseManager(granted_url) as manager, pytest.raises(BackupError) as caught:
        restore(taken.path, manager, folders_below(tmp_path / "new"), quiet)
    assert caught.value.code == "restore_not_empty"


def test_the_reporting_role_can_look_at_health(readonly_url: str, tmp_path: Path) -> None:
    report = examine(settings_in(tmp_path, readonly_url), utc_now())
    database = next(check for check in report.checks if check.name == "Database")
    assert database.state == "ok"


def test_the_reporting_role_reads_every_table_and_writes_none(readonly_url: str) -> None:
    with DatabaseManager(readonly_url) as manager:
        for table in Base.metadata.sorted_tables:
            with manager.get_session(read_only=True) as session:
                session.execute(sa.select(sa.func.count()).select_from(table))
            for statement in (sa.delete(table), sa.text(f"TRUNCATE {table.name}")):
                with pytest.raises(DatabaseError) as caught, manager.get_session() as session:
                    session.execute(statement)
                assert caught.value.code == "database_refused"


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE documents",
        "CREATE TABLE mine (id INT)",
        "TRUNCATE documents",
        "ALTER TABLE events ADD COLUMN x INT",
        "CREATE ROLE another",
        "COPY documents TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_the_application_role_can_do_nothing_beyond_its_tables(granted_url: str, statement: str) -> None:
    with (
        DatabaseManager(granted_url) as manager,
        pytest.raises(DatabaseError) as caught,
        manager.get_session() as session,
    ):
        session.execute(sa.text(statement))
    assert caught.value.code == "database_refused"


def test_the_application_role_writes_every_table(granted_url: str) -> None:
    with DatabaseManager(granted_url) as manager, manager.get_session() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(sa.delete(table))
