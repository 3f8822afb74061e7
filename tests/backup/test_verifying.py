"""`autod verify-backup` restores to scratch, looks, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from autod.backup import verifying
from autod.backup.record import last_backup
from autod.backup.verifying import verify
from autod.db.manager import DatabaseManager
from autod.db.models import SearchText
from autod.errors import BackupError, DatabaseError
from tests import postgres
from tests.backup.place import NOW, Place, folders_below, quiet
from tests.typed import typed

Autod = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def own_scratch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is everybody's: rehearsals here give their databases names that no other process gives."""
    monkeypatch.setattr(verifying, "DATABASE", f"autod_verify_{os.getpid()}_")


def scratch_databases(place: Place) -> list[str]:
    if place.manager.sqlite_path is not None:
        return []
    with place.manager.get_session() as session:
        query = sa.text("SELECT datname FROM pg_database WHERE starts_with(datname, :ours)")
        return list(session.scalars(query, {"ours": verifying.DATABASE}))


def test_a_good_archive_is_restored_searched_and_noted(place: Place) -> None:
    taken = place.backup()
    before = place.names()
    verified = verify(taken.path, place.manager.url, place.backups, NOW, quiet)
    assert (verified.manifest.documents, verified.files, verified.searched) == (4, 6, 2)
    assert place.names() == before
    last = last_backup(place.backups)
    assert last is not None and last.verified_at == NOW


def test_a_damaged_archive_is_found_out(place: Place) -> None:
    taken = place.backup()
    content = bytearray(taken.path.read_bytes())
    content[content.index(b"second")] ^= 1
    taken.path.write_bytes(content)
    with pytest.raises(BackupError) as caught:
        verify(taken.path, place.manager.url, place.backups, NOW, quiet)
    assert caught.value.code == "backup_damaged"
    last = last_backup(place.backups)
    assert last is not None and last.verified_at is None
    assert scratch_databases(place) == []


def test_a_database_that_cannot_find_its_documents_is_found_out(place: Place) -> None:
    with place.manager.get_session() as session:
        values = {"body": "other words entirely", "title": "", "vector": None}
        session.execute(sa.update(SearchText).where(SearchText.document_id == 2).values(**values))
        if place.manager.sqlite_path is not None:
            session.execute(sa.text("DELETE FROM search_fts"))
    taken = place.backup()
    with pytest.raises(BackupError) as caught:
        verify(taken.path, place.manager.url, place.backups, NOW, quiet)
    assert "not found by its own words" in caught.value.message


def test_a_document_that_was_lost_before_is_no_fault_of_the_archive(place: Place) -> None:
    (place.folders.processed / "2026/letter/b.pdf").unlink()
    taken = place.backup()
    assert verify(taken.path, place.manager.url, place.backups, NOW, quiet).manifest.documents == 4


def test_what_a_killed_rehearsal_left_is_removed_by_the_next(place: Place) -> None:
    taken = place.backup()
    left = place.backups / ".verify-left"
    left.mkdir()
    (left / "file").write_bytes(b"x")
    if place.manager.sqlite_path is None:
        with psycopg.connect(place.manager.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {verifying.DATABASE}1700000000_0123abcd")
    verify(taken.path, place.manager.url, place.backups, NOW, quiet)
    assert not left.exists()
    assert scratch_databases(place) == []


def test_a_folder_without_room_for_scratch_is_a_clear_error(place: Place, tmp_path: Path) -> None:
    taken = place.backup()
    with pytest.raises(BackupError) as caught:
        verify(taken.path, place.manager.url, tmp_path / "nowhere", NOW, quiet)
    assert caught.value.code == "restore_unwritable" and "--scratch" in caught.value.next_step


@pytest.fixture
def plain_role(postgres_url: str) -> Iterator[str]:
    """The URL of a role that may connect, and create databases once it is told so."""
    with (
        postgres.locked(postgres.folder() / "roles.lock"),
        psycopg.connect(postgres_url, autocommit=True) as owner,
    ):
        owner.execute("CREATE USER autod_verify PASSWORD 'secure_password'")
        yield (
            sa.make_url(postgres_url)
            .set(username="autod_verify", password="secure_password")
            .render_as_string(hide_password=False)
        )
        owner.execute("DROP OWNED BY autod_verify; DROP USER autod_verify")


def test_the_role_that_verifies_needs_nothing_but_to_create_databases(
    postgres_url: str, plain_role: str, tmp_path: Path
) -> None:
    with DatabaseManager(postgres_url) as manager:
        place = Place(manager, folders_below(tmp_path / "old"), tmp_path / "backups")
        place.completed(b"first")
        taken = place.backup()
    with pytest.raises(DatabaseError) as caught:
        verify(taken.path, plain_role, place.backups, NOW, quiet)
    assert caught.value.code == "verify_refused"
    assert "CREATEDB" in caught.value.next_step
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        owner.execute("ALTER ROLE autod_verify CREATEDB")
    assert verify(taken.path, plain_role, place.backups, NOW, quiet).searched == 1


@pytest.fixture
def autod(place: Place, tmp_path: Path) -> Autod:
    def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        root = place.folders.inbox.parent
        settings = {
            "PAPER_AUTOPILOT_DB_URL": place.manager.url,
            "PAPER_AUTOPILOT_WORK_DIR": str(root / "work"),
            **{f"PAPER_AUTOPILOT_{n.upper()}_DIR": str(root / n) for n in ("inbox", "processed", "failed")},
            **changes,
        }
        return typed(tmp_path, settings, *arguments)

    return run


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # test_page does it on SQLite
def test_the_commands_back_up_verify_and_restore(
    autod: Autod, place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made = autod("backup", "--json")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert (told["documents"], told["complete"]) == (4, True)
    assert Path(told["archive"]).parent == tmp_path / "backups"
    checked = autod("verify-backup", "--json")
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)["good"] is True

    again = autod("restore", told["archive"])
    assert again.returncode == 6 and "restore_not_empty" in again.stderr

    new = tmp_path / "new"
    new.mkdir()
    url = f"sqlite:///{new / 'x.db'}"
    if place.manager.sqlite_path is None:
        url = str(request.getfixturevalue("new_postgres")("template1"))
    changes = {
        f"PAPER_AUTOPILOT_{n.upper()}_DIR": str(new / n) for n in ("inbox", "processed", "failed", "work")
    }
    changes["PAPER_AUTOPILOT_DB_URL"] = url
    restored = autod("restore", told["archive"], **changes)
    assert restored.returncode == 0, restored.stderr
    assert "Restored 4 documents" in restored.stdout and "autod check" in restored.stdout
    assert ("GRANT" in restored.stdout) is (place.manager.sqlite_path is None)
    agrees = autod("check", **changes)
    assert agrees.returncode == 0, agrees.stdout
    found = [path for path in new.rglob("*") if path.name != "work"]
    assert [path for path in found if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_without_a_document_s_file_exits_six_and_names_it(autod: Autod, place: Place) -> None:
    (place.folders.processed / "2026/letter/b.pdf").unlink()
    made = autod("backup")
    assert made.returncode == 6
    assert "document 2: its file is gone" in made.stdout


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_an_archive_verifying_exits_six(autod: Autod) -> None:
    checked = autod("verify-backup")
    assert checked.returncode == 6 and "backup_missing" in checked.stderr
