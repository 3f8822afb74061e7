"""`autod check` finds where folders, database and index differ, and mends what can be mended safely."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from autod.app import App
from autod.assembly.archive import folders_of
from autod.config import Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.models import Base, Document, Event, FieldValue, PageRow, SearchText
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import DatabaseError
from autod.files.folders import Folders
from autod.reconcile import compare, mend
from autod.reconcile.difference import REPAIRS, Difference
from autod.search import fulltext
from tests.e2e.test_retry_and_history import Autod, autod, settings, variables
from tests.listing import files_in
from tests.paper import pdf_of
from tests.waiting import until

__all__ = ["autod", "settings", "variables"]


class Archive:
    """One completed document (number 1) and one that failed (number 2), with nobody at work."""

    def __init__(self, manager: DatabaseManager, folders: Folders, later: timedelta) -> None:
        self.manager = manager
        self.folders = folders
        self.later = later

    def check(self) -> list[Difference]:
        return compare.check(self.manager, self.folders, datetime.now(UTC) + self.later, _quiet).differences

    def codes(self) -> list[str]:
        return [difference.code for difference in self.check()]

    def repair(self) -> tuple[list[str], list[str]]:
        mended, left = mend.repair(self.manager, self.folders, datetime.now(UTC) + self.later, _quiet)
        return [difference.code for difference in mended], [difference.code for difference in left]

    def row(self, number: int) -> Document:
        with self.manager.get_session() as session:
            return documents.require(session, number)

    def filed(self, number: int) -> Path:
        return Path(self.row(number).filed_path or "")

    def found(self, query: str) -> list[int]:
        with self.manager.get_session() as session:
            return [hit.document_id for hit in fulltext.search(session, query)]

    def change(self, number: int, **values: object) -> None:
        with self.manager.get_session() as session:
            session.execute(sa.update(Document).where(Document.id == number).values(**values))


def _quiet(done: int, total: int) -> None:
    assert done <= total


@pytest.fixture
def archive(settings: Settings, manager: DatabaseManager) -> Archive:
    with App(settings, manager) as app:
        for name, content in (("a.pdf", pdf_of()), ("bad.pdf", b"no pdf")):
            (app.folders.inbox / name).write_bytes(content)
            app.process(app.folders.inbox / name)
    return Archive(manager, folders_of(settings), timedelta(seconds=1))


def keep_duplicate(archive: Archive) -> None:
    folder = archive.folders.processed / "duplicates"
    folder.mkdir()
    (folder / "again.pdf").write_bytes(pdf_of())


def test_a_sound_archive_agrees_also_with_a_duplicate(archive: Archive) -> None:
    keep_duplicate(archive)
    assert archive.codes() == []
    assert archive.repair() == ([], [])


def test_a_missing_filed_file_is_restored_from_a_duplicate_which_stays(archive: Archive) -> None:
    keep_duplicate(archive)
    place = archive.filed(1)
    place.unlink()
    assert archive.codes() == ["filed_missing"]
    assert archive.repair() == (["filed_missing"], [])
    assert place.read_bytes() == pdf_of()
    assert (archive.folders.processed / "duplicates" / "again.pdf").read_bytes() == pdf_of()


def test_a_missing_filed_file_is_restored_from_the_claimed_store(archive: Archive) -> None:
    place = archive.filed(1)
    place.rename(archive.folders.claim_of(archive.row(1).sha256_hex))
    assert archive.repair() == (["filed_missing"], [])
    assert place.read_bytes() == pdf_of()
    assert files_in(archive.folders.claimed) == []


def test_a_missing_file_without_any_copy_stays_a_difference(archive: Archive) -> None:
    archive.filed(1).unlink()
    assert archive.repair() == ([], ["filed_missing"])


def test_changed_bytes_are_found_kept_and_replaced_by_the_right_ones(archive: Archive) -> None:
    keep_duplicate(archive)
    place = archive.filed(1)
    place.write_bytes(b"%PDF changed")
    assert archive.codes() == ["filed_differs"]
    assert archive.repair() == (["filed_differs", "file_unknown"], [])
    assert place.read_bytes() == b"%PDF changed"
    assert archive.filed(1).read_bytes() == pdf_of()


def test_a_file_that_a_person_moved_within_processed_keeps_its_new_place(archive: Archive) -> None:
    moved = archive.folders.processed / "mine" / "paper.pdf"
    moved.parent.mkdir()
    archive.filed(1).rename(moved)
    assert archive.codes() == ["filed_moved"]
    assert archive.repair() == (["filed_moved"], [])
    assert archive.filed(1) == moved and moved.read_bytes() == pdf_of()


def test_a_missing_failed_file_is_told_and_found_again_under_another_name(archive: Archive) -> None:
    place = archive.filed(2)
    content = place.read_bytes()
    place.rename(place.with_name("renamed.pdf"))
    assert archive.codes() == ["failed_missing"]
    assert archive.repair() == (["failed_missing", "reason_left_over"], [])
    assert archive.filed(2).name == "renamed.pdf"
    archive.filed(2).unlink()
    assert "failed_missing" in archive.codes()
    archive.folders.claim_of(archive.row(2).sha256_hex).write_bytes(content)
    archive.repair()
    assert archive.filed(2).read_bytes() == content
    assert archive.codes() == []


def test_a_failed_file_that_was_put_back_into_the_inbox_is_no_difference(archive: Archive) -> None:
    archive.filed(2).rename(archive.folders.inbox / "bad.pdf")
    assert archive.codes() == []


def test_a_file_of_failed_without_a_reason_is_told_and_never_touched(archive: Archive) -> None:
    path = archive.folders.failed / "x.pdf"
    path.write_bytes(b"%PDF of somebody else")
    assert archive.repair() == ([], ["file_unknown"])
    assert path.read_bytes() == b"%PDF of somebody else"


def test_a_second_copy_beside_the_filed_one_moves_to_the_duplicates(archive: Archive) -> None:
    second = archive.filed(1).with_name("second.pdf")
    second.write_bytes(pdf_of())
    assert archive.repair() == (["file_doubled"], [])
    assert not second.exists() and archive.filed(1).read_bytes() == pdf_of()
    assert (archive.folders.processed / "duplicates" / "second.pdf").read_bytes() == pdf_of()


def test_a_failed_copy_of_a_filed_document_is_removed_with_its_reason(archive: Archive) -> None:
    left = archive.folders.failed / "a.pdf"
    left.write_bytes(pdf_of())
    left.with_name("a.pdf.reason.json").write_text("{}")
    assert archive.repair() == (["failed_left_over"], [])
    assert files_in(archive.folders.failed) == ["bad.pdf", "bad.pdf.reason.json"]
    assert archive.filed(1).read_bytes() == pdf_of()


def test_what_nobody_works_with_in_the_claimed_store_is_removed_and_unknown_bytes_stay(
    archive: Archive,
) -> None:
    sha256, unknown = archive.row(1).sha256_hex, archive.folders.claim_of("0" * 64)
    archive.folders.claim_of(sha256).write_bytes(pdf_of())
    archive.folders.reading_of(sha256).write_text("{}")
    unknown.write_bytes(b"the only copy")
    mended, left = archive.repair()
    assert (sorted(mended), left) == (["claim_left_over", "sidecar_left_over"], ["claim_unknown"])
    assert files_in(archive.folders.claimed) == [unknown.name]


def test_what_the_processes_at_work_remove_themselves_is_left_out_until_they_had_their_time(
    archive: Archive,
) -> None:
    copy = archive.folders.claim_of(archive.row(1).sha256_hex)
    copy.write_bytes(pdf_of())

    def look(seconds_on: float) -> compare.Comparison:
        now = datetime.now(UTC) + timedelta(seconds=seconds_on)
        before = now.timestamp() - compare.GRACE_SECONDS
        return compare.compare(archive.manager, archive.folders, now, _quiet, settled_before=before)

    soon, late = look(120), look(compare.SWEPT_WITHIN_SECONDS + 60)
    assert ([d.code for d in soon.differences], soon.left_out) == ([], [copy])
    assert ([d.code for d in late.differences], late.left_out) == (["claim_left_over"], [])


def test_a_claimed_copy_stays_while_the_filed_one_is_not_what_it_should_be(archive: Archive) -> None:
    claim = archive.folders.claim_of(archive.row(1).sha256_hex)
    claim.write_bytes(b"not the bytes of its name")
    archive.filed(1).unlink()
    assert archive.repair() == ([], ["filed_missing"])
    assert claim.exists()


def test_half_copies_go_and_a_file_that_was_leaving_the_inbox_gets_its_name_again(archive: Archive) -> None:
    (archive.folders.processed / f".{'a' * 16}.{'b' * 16}.part").write_bytes(b"half")
    (archive.folders.claimed / f".{'c' * 16}.part").write_bytes(b"half")
    other = archive.folders.processed / "download.part"
    other.write_bytes(b"somebody else's")
    (archive.folders.inbox / ".new.pdf.leaving").write_bytes(pdf_of())
    mended, left = archive.repair()
    assert sorted(mended) == ["leaving_left_over", "scratch_left_over", "scratch_left_over"]
    assert left == []
    assert (archive.folders.inbox / "new.pdf").read_bytes() == pdf_of()
    assert other.exists() and files_in(archive.folders.claimed) == []


def test_a_row_that_waits_for_long_without_bytes_gets_them_back_from_a_copy(archive: Archive) -> None:
    archive.change(2, status=DocumentStatus.WAITING)
    assert archive.codes() == []
    archive.later = timedelta(hours=2)
    assert archive.codes() == ["row_stuck"]
    assert archive.repair() == (["row_stuck"], [])
    assert archive.folders.claim_of(archive.row(2).sha256_hex).read_bytes() == b"no pdf"


def test_a_document_that_search_does_not_know_is_indexed_from_its_pages(archive: Archive) -> None:
    with archive.manager.get_session() as session:
        session.execute(sa.delete(SearchText))
    assert archive.codes() == ["search_missing"]
    assert archive.repair() == (["search_missing"], [])
    assert archive.found("copper pipe") == [1]


def test_what_the_index_itself_has_lost_is_found_by_words_again(archive: Archive) -> None:
    lose = "UPDATE search_texts SET vector = NULL"
    if archive.manager.sqlite_path is not None:
        columns = "title, issuer, numbers, names, body"
        lose = (
            f"INSERT INTO search_fts (search_fts, rowid, {columns})"  # noqa: S608 - constants
            f" SELECT 'delete', document_id, {columns} FROM search_texts"
        )
    with archive.manager.get_session() as session:
        session.execute(sa.text(lose))
    assert archive.repair() == (["search_missing"], [])
    assert archive.found("copper pipe") == [1]


def test_words_that_are_not_the_document_s_own_are_replaced_in_the_index(archive: Archive) -> None:
    with archive.manager.get_session() as session:
        session.execute(sa.update(SearchText).values(body="quite something else"))
    assert archive.repair() == (["search_differs"], [])
    assert archive.found("copper pipe") == [1] and archive.found("something else") == []


@pytest.mark.parametrize(("table", "gone"), [(PageRow, "pages"), (FieldValue, "field values")])
def test_a_document_whose_rows_are_gone_is_read_again_from_its_filed_file(
    archive: Archive, settings: Settings, table: type[Base], gone: str
) -> None:
    place = archive.filed(1)
    with archive.manager.get_session() as session:
        session.execute(sa.delete(table))
    assert [(found.code, found.what) for found in archive.check()] == [
        ("record_incomplete", f"recorded of it and gone: {gone}")
    ]
    assert archive.repair() == (["record_incomplete"], [])
    with App(settings, archive.manager) as app:
        until(lambda: archive.row(1).status is DocumentStatus.COMPLETED)
        app.engine.finish(5)
    assert archive.codes() == []
    assert archive.filed(1) == place and place.read_bytes() == pdf_of()
    with archive.manager.get_session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(table))


def test_a_document_without_a_history_begins_a_new_one(archive: Archive) -> None:
    with archive.manager.get_session() as session:
        session.execute(sa.delete(Event))
    assert archive.repair() == (["history_missing", "history_missing"], [])
    with archive.manager.get_session() as session:
        assert [event.kind for event in documents.history(session, 1)] == [EventKind.HISTORY_LOST]


def test_rows_that_a_deleted_document_left_behind_are_told_and_settled(archive: Archive) -> None:
    if archive.manager.sqlite_path is None:
        pytest.skip("PostgreSQL leaves none")
    content = archive.filed(1).read_bytes()
    archive.filed(1).rename(archive.folders.inbox / "a.pdf")
    with contextlib.closing(sqlite3.connect(archive.manager.sqlite_path)) as careless:
        careless.execute("DELETE FROM documents WHERE id = 1")
        careless.commit()
    tables = ("events", "field_values", "pages", "search_texts")
    assert sorted(found.what.split()[2] for found in archive.check()) == list(tables)
    assert archive.repair() == (["rows_left_over"] * 4, [])
    assert archive.found("copper pipe") == []
    assert (archive.folders.inbox / "a.pdf").read_bytes() == content


def test_a_file_whose_row_is_gone_is_processed_again_at_once_when_it_is_put_back(
    archive: Archive, settings: Settings
) -> None:
    archive.filed(1).rename(archive.folders.inbox / "a.pdf")
    with archive.manager.get_session() as session:
        session.execute(sa.delete(Document).where(Document.id == 1))
    with App(settings, archive.manager) as app:
        result = app.process(app.folders.inbox / "a.pdf")
    assert result.success
    assert archive.codes() == []


def test_while_another_process_works_what_is_in_work_is_left_out_and_what_is_unknown_is_told(
    settings: Settings, archive: Archive
) -> None:
    unknown, doubled = archive.folders.failed / "new.pdf", archive.filed(1).with_name("doubled.pdf")
    unknown.write_bytes(b"%PDF just came")
    doubled.write_bytes(pdf_of())
    with App(settings, archive.manager):
        now = datetime.now(UTC)
        found = compare.check(archive.manager, archive.folders, now, _quiet)
        assert [difference.code for difference in found.differences] == ["file_unknown"]
        assert found.left_out == [doubled]
        with pytest.raises(DatabaseError) as caught:
            archive.repair()
    assert caught.value.code == "database_in_use"
    assert sorted(archive.codes()) == ["file_doubled", "file_unknown"]


def test_the_command_tells_each_difference_and_its_exit_code(archive: Archive, autod: Autod) -> None:
    sound = autod("check")
    assert (sound.returncode, sound.stdout) == (0, "Folders, database and search index agree.\n")
    keep_duplicate(archive)
    archive.filed(1).unlink()
    told = autod("check")
    assert told.returncode == 4
    assert told.stdout.startswith("✗ filed_missing: document 1:") and "→" in told.stdout
    body = json.loads(autod("check", "--json").stdout)
    assert body["agrees"] is False and body["mended"] == []
    assert body["differences"][0]["document_id"] == 1
    assert body["differences"][0]["repair"] == REPAIRS["filed_missing"]
    mended = autod("check", "--repair")
    assert mended.returncode == 0 and "mended filed_missing" in mended.stdout


@pytest.mark.parametrize("part", ["search_fts_data", "search_fts_idx", "search_texts"])
def test_a_zeroed_page_of_the_search_index_is_told_and_built_anew(
    archive: Archive, autod: Autod, part: str
) -> None:
    file = archive.manager.sqlite_path
    if file is None:
        pytest.skip("a server looks after its own files")
    archive.manager.close()
    zero_page(file, part)
    told = autod("check")
    assert told.returncode == 4 and "✗ search_damaged:" in told.stdout
    assert integrity_in_health(autod) == "failed"
    mended = autod("check", "--repair")
    assert mended.returncode == 0 and "mended search_damaged" in mended.stdout, mended.stdout
    assert archive.found("copper pipe") == [1]
    assert integrity_in_health(autod) == "ok"


def integrity_in_health(autod: Autod) -> str:
    return str(json.loads(autod("health", "--json").stdout)["checks"]["Integrity"]["state"])


@pytest.mark.parametrize("command", ["search", "process"])
def test_whoever_meets_damage_names_it_sends_to_check_first_and_health_names_it_too(
    archive: Archive, autod: Autod, command: str, tmp_path: Path
) -> None:
    file = archive.manager.sqlite_path
    if file is None:
        pytest.skip("a server looks after its own files")
    archive.manager.close()
    zero_page(file, "search_fts_data")
    new = tmp_path / "new.pdf"
    new.write_bytes(pdf_of(["Another paper"]))
    assert integrity_in_health(autod) == "off"
    told = autod(command, "copper" if command == "search" else str(new))
    words = told.stdout + told.stderr
    assert told.returncode and "database_damaged" in words and "life_broken_off" not in words, words
    assert "autod check`" in words and "--repair" in words, words
    assert integrity_in_health(autod) == "failed"
    assert autod("check", "--repair").returncode == 0
    assert integrity_in_health(autod) == "ok"
    if command == "process":
        assert autod("process", str(new)).returncode == 0


def test_a_damaged_table_is_told_with_the_way_back_and_nothing_is_mended(
    archive: Archive, autod: Autod
) -> None:
    file = archive.manager.sqlite_path
    if file is None:
        pytest.skip("a server looks after its own files")
    archive.manager.close()
    zero_page(file, "pages")
    (archive.folders.processed / "unknown.pdf").write_bytes(b"%PDF")
    told = autod("check", "--repair")
    assert told.returncode == 4 and "✗ table_damaged:" in told.stdout and "autod restore" in told.stdout
    assert "mended" not in told.stdout
    assert json.loads(autod("health", "--json").stdout)["checks"]["Integrity"]["state"] == "failed"


def zero_page(file: Path, name: str) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        [(root,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,))
    with file.open("r+b") as stream:
        stream.seek((root - 1) * size)
        stream.write(bytes(size))


def test_every_difference_is_in_the_troubleshooting_guide() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "TROUBLESHOOTING.md").read_text(encoding="utf-8")
    assert [code for code in REPAIRS if f"`{code}`" not in guide] == []


def test_what_another_machine_of_a_fleet_keeps_in_its_own_folders_is_left_to_it(archive: Archive) -> None:
    archive.filed(1).unlink()
    archive.change(1, filed_path="/another machine/processed/a.pdf")
    alone = archive.manager.sqlite_path is not None
    assert archive.codes() == (["filed_missing"] if alone else [])
