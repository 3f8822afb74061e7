"""Archives and plain dumps of every release come back to life in this version. ``release.py`` makes them."""

from __future__ import annotations

import gzip
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from autod.app import App
from autod.assembly.archive import require_known_schema
from autod.backup import collecting
from autod.backup.restoring import restore
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.schema import REVISIONS, upgrade
from autod.domain.status import DocumentStatus
from autod.search.fulltext import search
from tests.backup.place import Place, differences, folders_below, quiet
from tests.backup.release import ARCHIVES, WAITING
from tests.settings import settings_in

RELEASES = sorted(path.name.removesuffix("-sqlite.tar") for path in ARCHIVES.glob("*-sqlite.tar"))


def found(manager: DatabaseManager) -> None:
    """What every release's sample holds."""
    with manager.get_session() as session:
        assert [hit.document_id for hit in search(session, "Northfield NF-2026-0117")] == [1]
        assert [hit.document_id for hit in search(session, "moorings")] == [2]
        assert documents.require(session, 3).status is DocumentStatus.FAILED
        assert documents.require(session, 4).status in documents.UNFINISHED


def test_there_is_an_archive_of_each_kind_for_every_release() -> None:
    assert RELEASES
    for release in RELEASES:
        for kind in ("sqlite.tar", "sqlite.db.gz", "postgresql.tar", "postgresql.sql.gz"):
            assert (ARCHIVES / f"{release}-{kind}").exists()


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_archive_of_a_release_is_restored_and_its_work_goes_on(
    release: str, kind: str, tmp_path: Path, new_postgres: Callable[[str], str]
) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}" if kind == "sqlite" else new_postgres("template1")
    folders = folders_below(tmp_path)
    with DatabaseManager(url) as manager:
        restore(ARCHIVES / f"{release}-{kind}.tar", manager, folders, quiet)
        found(manager)
        assert differences(url, folders) == []
        with App(settings_in(tmp_path, url, quiet_seconds=0), manager) as app:
            (app.folders.inbox / "late again.pdf").write_bytes(WAITING)
            receipt = app.intake.receive(app.folders.inbox / "late again.pdf")
            assert receipt.document_id == 4
            assert app.engine.result(receipt.sha256)["outcome"] == "completed"
        assert differences(url, folders) == []


@pytest.mark.parametrize("release", RELEASES)
def test_a_plain_copy_of_a_release_is_restored_and_upgraded(release: str, tmp_path: Path) -> None:
    plain = tmp_path / "paper_autopilot.db"
    plain.write_bytes(gzip.decompress((ARCHIVES / f"{release}-sqlite.db.gz").read_bytes()))
    upgrade(f"sqlite:///{plain}")
    with DatabaseManager(f"sqlite:///{plain}") as manager:
        assert manager.health_check()
        found(manager)


@pytest.mark.parametrize("release", RELEASES)
def test_a_database_of_a_release_is_backed_up_before_it_is_upgraded(
    release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its documents' files are not there, and nobody is about to put them there.
    monkeypatch.setattr(collecting.time, "sleep", lambda _: None)
    old = tmp_path / "old.db"
    old.write_bytes(gzip.decompress((ARCHIVES / f"{release}-sqlite.db.gz").read_bytes()))
    with DatabaseManager(f"sqlite:///{old}") as manager:
        require_known_schema(manager, settings_in(tmp_path / "old", manager.url))
        taken = Place(manager, folders_below(tmp_path / "old"), tmp_path / "backups").backup()
    assert taken.manifest.database.revision in REVISIONS
    with DatabaseManager(f"sqlite:///{tmp_path / 'new.db'}") as manager:
        restore(taken.path, manager, folders_below(tmp_path / "new"), quiet)
        assert manager.health_check()
        found(manager)


@pytest.mark.parametrize("release", RELEASES)
def test_a_plain_dump_of_a_release_is_restored_and_upgraded(
    release: str, new_postgres: Callable[[str], str]
) -> None:
    url = new_postgres("template1")
    dumped = gzip.decompress((ARCHIVES / f"{release}-postgresql.sql.gz").read_bytes())
    subprocess.run(
        ["psql", "-q", "-v", "ON_ERROR_STOP=1", url], input=dumped, check=True, capture_output=True
    )
    upgrade(url)
    with DatabaseManager(url) as manager:
        assert manager.health_check()
        found(manager)


PLAIN_SQLITE = """
sqlite3 "$DB_FILE" ".backup '$BACKUP_DIR/paper_autopilot_1.db'"
gzip "$BACKUP_DIR/paper_autopilot_1.db"
gunzip -c "$BACKUP_DIR/paper_autopilot_1.db.gz" > "$RESTORED"
"""
PLAIN_POSTGRES = """
pg_dump "$DB_FILE" | gzip > "$BACKUP_DIR/paper_autopilot_1.sql.gz"
gunzip -c "$BACKUP_DIR/paper_autopilot_1.sql.gz" | psql -q -v ON_ERROR_STOP=1 "$RESTORED"
"""


def test_the_plain_commands_of_the_runbook_back_up_a_live_database_and_restore_it(
    place: Place, new_url: str, tmp_path: Path
) -> None:
    on_sqlite = place.manager.sqlite_path is not None
    environment = {
        "DB_FILE": str(place.manager.sqlite_path or place.manager.url),
        "RESTORED": new_url.removeprefix("sqlite:///"),
        "BACKUP_DIR": str(tmp_path),
    }
    if on_sqlite and subprocess.run(["which", "sqlite3"], capture_output=True, check=False).returncode:
        pytest.skip("sqlite3 is not installed")
    with place.manager.get_session() as session:  # somebody is writing
        documents.require(session, 1).title = "not yet committed"
        session.flush()
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", PLAIN_SQLITE if on_sqlite else PLAIN_POSTGRES],
            env={**environment, "PATH": os.environ["PATH"]},
            check=True,
            timeout=60,
        )
    assert differences(new_url, place.folders) == []
    with DatabaseManager(new_url) as manager, manager.get_session() as session:
        assert [hit.document_id for hit in search(session, "haystack")] == [2]
