"""Work waits, and loses nothing, while the database's file or one of the folders is not the archive's."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autod.app import App
from autod.config import Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus
from autod.errors import AutodError
from autod.files import custody
from tests.disks import Disk
from tests.paper import INVOICE, pdf_of
from tests.settings import settings_in
from tests.waiting import until

DISKS = ("processed", "failed", "work")


@pytest.fixture
def settings(tmp_path: Path, manager: DatabaseManager) -> Settings:
    return settings_in(tmp_path, manager.url, patience_seconds=0.1, quiet_seconds=0)


@pytest.fixture
def disk_of(tmp_path: Path) -> Iterator[Callable[[str], Disk]]:
    made: list[Disk] = []

    def make(name: str) -> Disk:
        made.append(Disk(tmp_path / name, tmp_path / "disks" / name))
        return made[-1]

    yield make
    for disk in made:
        disk.remove()


def paper(number: int) -> bytes:
    return pdf_of((*INVOICE, f"Copy {number}"))


def drop(app: App, name: str, content: bytes) -> Path:
    path = app.folders.inbox / name
    path.write_bytes(content)
    return path


def process(app: App, path: Path) -> str:
    """Its outcome as text: the error of a waiting or failed one, empty when it is filed."""
    try:
        return app.process(path).error or ""
    except AutodError as error:
        return f"{error.code}: {error.message}"


def pdfs(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.pdf"))


def status_of(app: App, content: bytes) -> DocumentStatus | None:
    import hashlib

    with app.manager.get_session(read_only=True) as session:
        document = documents.by_sha(session, hashlib.sha256(content).hexdigest())
    return document.status if document else None


def told_by(app: App) -> list[str | None]:
    """The codes of what a listener hears from now on; None when work goes on."""
    told: list[str | None] = []
    app.footing.on_change(lambda trouble: told.append(trouble.code if trouble else None))
    return told


@pytest.mark.parametrize("place", ["processed", "failed"])
def test_work_waits_for_a_disk_that_went_away_and_goes_on_when_it_is_back(
    place: str, settings: Settings, manager: DatabaseManager, disk_of: Callable[[str], Disk]
) -> None:
    disk = disk_of(place)
    with App(settings, manager) as app:
        told = told_by(app)
        assert process(app, drop(app, "a.pdf", paper(1))) == ""
        assert process(app, drop(app, "bad.pdf", b"no pdf")) != ""
        disk.detach()
        app.footing.look()
        app.footing.look()
        assert told == ["folder_unmarked"]
        waiting = drop(app, "b.pdf", paper(2))
        assert process(app, waiting).startswith("folder_unmarked: ")
        assert str(disk.place) in process(app, waiting)
        assert waiting.read_bytes() == paper(2)
        assert list(disk.place.iterdir()) == [], "something was put onto the bare mount point"
        assert status_of(app, paper(2)) in (None, DocumentStatus.WAITING)
        disk.attach()
        app.footing.look()
        assert told == ["folder_unmarked", None]
        assert process(app, waiting) == ""
        assert len(pdfs(app.folders.processed)) == 2


@pytest.mark.parametrize("content", [paper(3), b"no pdf"], ids=["good", "bad"])
def test_a_disk_that_goes_away_while_a_document_is_read_fails_no_document(
    content: bytes,
    settings: Settings,
    manager: DatabaseManager,
    disk_of: Callable[[str], Disk],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disks = [disk_of(name) for name in ("processed", "failed")]
    with App(settings, manager) as app:
        process(app, drop(app, "a.pdf", paper(1)))
        process(app, drop(app, "worse.pdf", b"no pdf either"))
        look = app.steps.sandbox.call

        def detach_then_read(*arguments: Any, **named: Any) -> Any:
            for disk in disks:
                disk.detach()
            app.footing.look()
            return look(*arguments, **named)

        monkeypatch.setattr(type(app.steps.sandbox), "call", lambda _, *a, **n: detach_then_read(*a, **n))
        said = process(app, drop(app, "b.pdf", content))
        monkeypatch.undo()
        assert said.startswith("folder_unmarked: ")
        assert status_of(app, content) is DocumentStatus.WAITING
        assert [list(disk.place.iterdir()) for disk in disks] == [[], []]
        for disk in disks:
            disk.attach()
        app.footing.look()
        with manager.get_session() as session:
            for row in session.query(documents.Document).filter_by(status=DocumentStatus.WAITING):
                row.retry_at = row.received_at
        app.duties.look()
        until(lambda: status_of(app, content) in (DocumentStatus.COMPLETED, DocumentStatus.FAILED))
        app.engine.finish(10)
    names = pdfs(settings.processed_dir) + pdfs(settings.failed_dir)
    assert len(names) == 3 and pdfs(settings.inbox_dir) == []


def test_the_claimed_store_is_waited_for_while_work_is_in_it(
    settings: Settings, manager: DatabaseManager, disk_of: Callable[[str], Disk]
) -> None:
    disk = disk_of("work/claimed")
    with App(settings, manager) as app:
        process(app, drop(app, "a.pdf", paper(1)))
        disk.detach()
        app.footing.look()
        waiting = drop(app, "b.pdf", paper(2))
        assert process(app, waiting).startswith("folder_unmarked: ")
        assert list(disk.place.iterdir()) == []
        disk.attach()
        app.footing.look()
        assert process(app, waiting) == ""


def test_a_start_without_the_disk_waits_too_and_marks_nothing(
    settings: Settings, manager: DatabaseManager, disk_of: Callable[[str], Disk]
) -> None:
    disk = disk_of("processed")
    with App(settings, manager) as app:
        process(app, drop(app, "a.pdf", paper(1)))
    disk.detach()
    with App(settings, manager) as app:
        assert told_by(app) == ["folder_unmarked"]
        assert process(app, drop(app, "b.pdf", paper(2))).startswith("folder_unmarked: ")
    disk.place.rmdir()  # a desktop removes the mount point, too
    with App(settings, manager) as app:
        assert process(app, drop(app, "b.pdf", paper(2))).startswith("folder_missing: ")
    assert not disk.place.exists()
    disk.place.mkdir()
    disk.attach()
    with App(settings, manager) as app:
        assert process(app, app.folders.inbox / "b.pdf") == ""


def test_a_read_only_folder_is_named_before_anything_is_tried(
    settings: Settings, manager: DatabaseManager, disk_of: Callable[[str], Disk]
) -> None:
    disk = disk_of("processed")
    if not disk.make_read_only():
        pytest.skip("mounting is not permitted here")
    disk.make_read_only(False)
    with App(settings, manager) as app:
        process(app, drop(app, "a.pdf", paper(1)))
        disk.make_read_only()
        app.footing.look()
        waiting = drop(app, "b.pdf", paper(2))
        assert process(app, waiting).startswith("folder_read_only: ")
        assert status_of(app, paper(2)) is None
        disk.make_read_only(False)
        app.footing.look()
        assert process(app, waiting) == ""


def test_folders_are_made_on_demand_as_long_as_nothing_is_missing_from_them(
    settings: Settings, manager: DatabaseManager
) -> None:
    with App(settings, manager) as app:
        assert process(app, drop(app, "a.pdf", paper(1))) == ""
    shutil.rmtree(settings.inbox_dir)
    shutil.rmtree(settings.failed_dir)
    shutil.rmtree(settings.work_dir)
    with App(settings, manager) as app:
        assert process(app, drop(app, "b.pdf", paper(2))) == ""
        shutil.rmtree(settings.inbox_dir)
        settings.inbox_dir.mkdir()
        app.footing.look()
        assert process(app, drop(app, "c.pdf", paper(3))) == ""
    assert len(pdfs(settings.processed_dir)) == 3


def test_a_folder_of_another_archive_is_refused_and_named(
    settings: Settings, manager: DatabaseManager
) -> None:
    with App(settings, manager) as app:
        process(app, drop(app, "a.pdf", paper(1)))
        mark = app.folders.processed / ".autod-archive"
        mark.write_text("0" * 32)
        app.footing.look()
        said = process(app, drop(app, "b.pdf", paper(2)))
        assert said.startswith("folder_of_another_archive: ") and str(app.folders.processed) in said


def test_an_archive_without_marks_gets_them_where_its_documents_lie(
    settings: Settings, manager: DatabaseManager
) -> None:
    with App(settings, manager) as app:
        process(app, drop(app, "a.pdf", paper(1)))
        process(app, drop(app, "bad.pdf", b"no pdf"))
        folders = app.folders
    marks = [folder / ".autod-archive" for folder in (folders.inbox, folders.claimed, folders.processed)]
    for mark in (*marks, folders.failed / ".autod-archive"):
        mark.unlink(missing_ok=True)
    with App(settings, manager) as app:
        assert app.footing.trouble() is None
    assert all(mark.is_file() for mark in marks)


def test_folders_that_were_moved_by_a_setting_are_new_places(
    settings: Settings, manager: DatabaseManager
) -> None:
    with App(settings, manager) as app:
        process(app, drop(app, "a.pdf", paper(1)))
    place = settings.inbox_dir.parent
    moved = settings_in(place / "new", manager.url, patience_seconds=0.1, quiet_seconds=0)
    with App(moved, manager) as app:
        assert process(app, drop(app, "b.pdf", paper(2))) == ""


# ---- the database's own file


def replace(path: Path) -> None:
    other = path.with_name("other.db")
    with sqlite3.connect(other) as fresh, sqlite3.connect(path) as live:
        live.backup(fresh)
    other.replace(path)


def lose_log(path: Path) -> None:
    path.with_name(path.name + "-wal").unlink()


def overwrite(path: Path) -> None:
    """As ``cp other.db paper_autopilot.db`` does."""
    os.truncate(path, 0)


TAKEN_AWAY: dict[str, Callable[[Path], object]] = {
    "deleted": lambda path: path.unlink(),
    "replaced": replace,
    "emptied": overwrite,
    "log deleted": lose_log,
}


@pytest.fixture
def file(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.fixture
def local(tmp_path: Path, sqlite_url: str) -> Settings:
    return settings_in(tmp_path, sqlite_url, patience_seconds=0.1, quiet_seconds=0)


@pytest.mark.parametrize("way", TAKEN_AWAY)
def test_nothing_is_taken_while_the_database_file_is_another_one(
    way: str, local: Settings, file: Path
) -> None:
    with App(local) as app:
        process(app, drop(app, "a.pdf", paper(1)))
        told = told_by(app)
        TAKEN_AWAY[way](file)
        waiting = drop(app, "b.pdf", paper(2))
        assert process(app, waiting).startswith("database_replaced: ")
        app.footing.look()
        assert told == ["database_replaced"]
        assert waiting.read_bytes() == paper(2)


@pytest.mark.parametrize("way", TAKEN_AWAY)
def test_what_is_just_being_filed_when_the_file_goes_stays_in_the_inbox(
    way: str, local: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_away = custody.file_away

    def take_the_file(*arguments: Any) -> Path:
        TAKEN_AWAY[way](file)
        return file_away(*arguments)

    with App(local) as app:
        monkeypatch.setattr(custody, "file_away", take_the_file)
        waiting = drop(app, "b.pdf", paper(2))
        assert process(app, waiting).startswith("database_replaced: ")
        assert waiting.read_bytes() == paper(2)


def test_the_next_start_works_with_the_database_that_is_there(local: Settings, file: Path) -> None:
    from autod.db.schema import upgrade

    with App(local) as app:
        process(app, drop(app, "a.pdf", paper(1)))
        file.unlink()
        waiting = drop(app, "b.pdf", paper(2))
        process(app, waiting)
    for name in ("-wal", "-shm"):
        file.with_name(file.name + name).unlink(missing_ok=True)
    upgrade(local.paper_autopilot_db_url)
    with App(local) as app:
        assert app.footing.trouble() is None, "an empty database takes over the folders that it finds"
        assert process(app, waiting) == ""


def test_the_log_of_the_file_that_is_gone_is_not_played_into_the_one_that_took_its_place(
    local: Settings, file: Path, tmp_path: Path
) -> None:
    """As it would be after a kill -9, which leaves the log beside the file."""
    kept = tmp_path / "kept"
    kept.mkdir()
    shutil.copyfile(file, kept / file.name)
    with App(local) as app:
        process(app, drop(app, "a.pdf", paper(1)))
        shutil.copyfile(kept / file.name, kept / "older.db")
        (kept / "older.db").replace(file)
        assert process(app, drop(app, "b.pdf", paper(2))).startswith("database_replaced: ")
        assert not file.with_name(f"{file.name}-wal").exists()
        for name in (file.name, f"{file.name}-wal"):
            if file.with_name(name).exists():
                shutil.copyfile(file.with_name(name), kept / name)
    with sqlite3.connect(kept / file.name) as found:
        assert found.execute("SELECT count(*) FROM documents").fetchone() == (0,)
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_that_was_moved_away_and_comes_back_is_the_same_one(local: Settings, file: Path) -> None:
    with App(local) as app:
        process(app, drop(app, "a.pdf", paper(1)))
        file.rename(file.with_name("away.db"))
        waiting = drop(app, "b.pdf", paper(2))
        assert process(app, waiting).startswith("database_replaced: ")
        file.with_name("away.db").rename(file)
        assert process(app, waiting) == ""


def test_another_archive_copied_over_the_open_file_is_noticed(
    local: Settings, file: Path, tmp_path: Path
) -> None:
    from autod.db.schema import upgrade

    other = tmp_path / "other.db"
    upgrade(f"sqlite:///{other}")
    with App(local) as app:
        process(app, drop(app, "a.pdf", paper(1)))
        with sqlite3.connect(file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with file.open("r+b") as stream:
            stream.write(other.read_bytes())
        app.footing.look()
        assert process(app, drop(app, "b.pdf", paper(2))).startswith("database_replaced: ")
