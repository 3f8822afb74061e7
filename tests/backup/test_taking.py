"""A backup holds every byte that its database promises, and nothing half done bears an archive's name."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from autod.backup import collecting, postgres, snapshot, taking
from autod.backup.record import last_backup
from autod.db.guard import single_process
from autod.errors import BackupError, ConfigurationError
from tests.backup.place import NOW, Place

ROOT = Path(__file__).resolve().parents[2]


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def during_the_copy(monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]) -> None:
    """Have the daemon's work done right after the database was copied."""
    copy = snapshot.take

    def take(*arguments: object) -> snapshot.Snapshot:
        copied = copy(*arguments)  # type: ignore[arg-type]
        work()
        return copied

    monkeypatch.setattr(snapshot, "take", take)


def test_an_archive_holds_database_documents_reasons_duplicates_and_what_waits(place: Place) -> None:
    taken = place.backup()
    found = members(taken.path)
    assert found["processed/2026/invoice/a.pdf"] == b"first"
    assert found["processed/duplicates/again.pdf"] == b"first"
    assert found["failed/bad.pdf"] == b"broken"
    assert "failed/bad.pdf.reason.json" in found
    assert b"to come" in found.values()
    assert sum(name.startswith("database/") for name in found) == 1
    assert list(found)[-1] == "manifest.json"
    assert taken.manifest.complete and taken.manifest.documents == 4
    assert taken.manifest.database.counts["pages"] == 2


def test_archive_and_folder_are_for_their_owner_alone(place: Place) -> None:
    taken = place.backup()
    assert stat.S_IMODE(taken.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.backups.stat().st_mode) == 0o700
    assert stat.S_IMODE((place.backups / "last_backup.json").stat().st_mode) == 0o600


def test_the_last_backup_can_be_read_off(place: Place) -> None:
    assert last_backup(place.backups) is None
    taken = place.backup()
    last = last_backup(place.backups)
    assert last is not None
    assert (last.archive, last.taken_at, last.documents, last.missing) == (taken.path.name, NOW, 4, 0)
    assert last.size == taken.path.stat().st_size and last.verified_at is None


def test_a_document_that_is_filed_meanwhile_is_stored_where_its_row_has_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def file_it() -> None:
        place.file(4, b"to come", "2026/letter/c.pdf")
        place.finish(4, "2026/letter/c.pdf")

    during_the_copy(monkeypatch, file_it)
    taken = place.backup()
    entry = next(entry for entry in taken.manifest.files if entry.document_id == 4)
    assert entry.path == f"claimed/{entry.sha256}.pdf"
    assert members(taken.path)[entry.path] == b"to come"
    assert "processed/2026/letter/c.pdf" not in members(taken.path)


def test_a_document_that_is_just_being_filed_is_waited_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    during_the_copy(monkeypatch, lambda: place.file(4, b"to come", "2026/letter/c.pdf"))
    monkeypatch.setattr(collecting.time, "sleep", lambda _: place.finish(4, "2026/letter/c.pdf"))
    taken = place.backup()
    assert taken.manifest.complete
    assert b"to come" in members(taken.path).values()


def test_a_document_whose_daemon_died_while_filing_is_found_by_its_bytes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.file(4, b"to come", "2026/letter/c.pdf")
    monkeypatch.setattr(collecting.time, "sleep", lambda _: pytest.fail("waited"))
    taken = place.backup()
    entry = next(entry for entry in taken.manifest.files if entry.document_id == 4)
    assert entry.path.startswith("claimed/")
    assert list(members(taken.path).values()).count(b"to come") == 1


def test_a_failed_document_that_is_retried_meanwhile_is_found(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def retry() -> None:
        claimed = place.folders.claim_of(hashlib.sha256(b"broken").hexdigest())
        (place.folders.failed / "bad.pdf").rename(claimed)
        (place.folders.failed / "bad.pdf.reason.json").unlink()

    during_the_copy(monkeypatch, retry)
    taken = place.backup()
    assert taken.manifest.complete
    assert members(taken.path)["failed/bad.pdf"] == b"broken"


def test_the_reason_of_a_document_that_is_just_failing_stays_away_with_its_file(place: Place) -> None:
    claimed = place.folders.claim_of(hashlib.sha256(b"to come").hexdigest())
    claimed.rename(place.folders.failed / "later.pdf")
    (place.folders.failed / "later.pdf.reason.json").write_text("{}")
    found = members(place.backup().path)
    assert list(found.values()).count(b"to come") == 1
    assert [name for name in found if name.endswith(".reason.json")] == ["failed/bad.pdf.reason.json"]


def test_what_arrives_after_the_listing_belongs_to_the_next_backup(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    during_the_copy(monkeypatch, lambda: add_one(place))
    taken = place.backup()
    assert taken.manifest.documents == 4
    assert b"late" not in members(taken.path).values()


def add_one(place: Place) -> None:
    place.completed(b"late", "2026/letter/late.pdf")


def test_a_document_that_a_person_moved_is_stored_at_its_place(place: Place) -> None:
    moved = place.folders.processed / "mine" / "renamed.pdf"
    moved.parent.mkdir()
    (place.folders.processed / "2026/invoice/a.pdf").rename(moved)
    (place.folders.processed / "duplicates/again.pdf").unlink()
    found = members(place.backup().path)
    assert found["processed/2026/invoice/a.pdf"] == b"first"
    assert "processed/mine/renamed.pdf" not in found


def test_a_lost_document_is_named_and_no_older_archive_is_dropped(place: Place) -> None:
    old = place.backup(NOW - timedelta(days=400))
    (place.folders.processed / "2026/letter/b.pdf").unlink()
    taken = place.backup()
    assert [missing.document_id for missing in taken.manifest.missing] == [2]
    assert not taken.dropped and old.path.exists()
    last = last_backup(place.backups)
    assert last is not None and last.missing == 1


def test_old_archives_go_and_everything_else_stays(place: Place) -> None:
    old, young = place.backup(NOW - timedelta(days=31)), place.backup(NOW - timedelta(days=29))
    (place.backups / "paper_autopilot_20200101.db.gz").write_bytes(b"mine")
    (place.backups / "paper_autopilot_20200101_000000.tar").symlink_to("/etc/passwd")
    taken = place.backup()
    assert taken.dropped == (old.path,)
    assert place.names() == [
        "last_backup.json",
        "paper_autopilot_20200101.db.gz",
        "paper_autopilot_20200101_000000.tar",
        young.path.name,
        taken.path.name,
    ]


@pytest.mark.parametrize(("room", "stay"), [(0.0, 1), (1.5, 1), (2.5, 2), (3.5, 3), (99, 4), (None, 4)])
def test_archives_are_kept_by_size_the_newest_whatever_its_own(
    place: Place, room: float | None, stay: int
) -> None:
    earlier = [place.backup(NOW - timedelta(days=days)) for days in (3, 2, 1)]
    limit = None if room is None else int(max(taken.size for taken in earlier) * room)
    last = place.backup(keep_bytes=limit)
    names = [taken.path.name for taken in [*earlier, last]]
    assert [name for name in place.names() if name.endswith(".tar")] == names[-stay:]
    assert last.dropped == tuple(taken.path for taken in earlier[: 4 - stay])


def test_neither_the_archive_just_made_nor_one_of_the_future_goes_for_the_size(place: Place) -> None:
    future = place.backup(NOW + timedelta(days=9))
    made = place.backup(keep_bytes=1)
    assert made.path.exists() and future.path.exists()


def test_a_backup_that_lacks_documents_drops_none_for_the_size(place: Place) -> None:
    old = place.backup(NOW - timedelta(days=1))
    (place.folders.processed / "2026/letter/b.pdf").unlink()
    assert place.backup(keep_bytes=1).dropped == () and old.path.exists()


def test_links_are_not_followed_and_are_told_of(place: Place, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-secret")
    (place.folders.processed / "key.pdf").symlink_to(tmp_path / ".env")
    (place.folders.processed / "all").symlink_to(tmp_path)
    os.mkfifo(place.folders.failed / "pipe.pdf")
    taken = place.backup()
    assert b"sk-secret" not in taken.path.read_bytes()
    assert len(taken.manifest.skipped) == 3
    assert taken.manifest.complete


def test_a_folder_that_becomes_a_link_meanwhile_leads_nowhere(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "again.pdf").write_bytes(b"a secret of somebody")

    def swap() -> None:
        shutil.rmtree(place.folders.processed / "duplicates")
        (place.folders.processed / "duplicates").symlink_to(elsewhere)

    during_the_copy(monkeypatch, swap)
    taken = place.backup()
    assert b"a secret of somebody" not in taken.path.read_bytes()
    assert len(taken.manifest.skipped) == 1


def test_a_folder_that_cannot_be_listed_is_told_of(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = os.walk

    def refuse(root: Path, onerror: Callable[[OSError], None]) -> object:
        if root == place.folders.processed:
            onerror(PermissionError(13, "Permission denied", str(root / "duplicates")))
        return walk(root)

    monkeypatch.setattr(collecting.os, "walk", refuse)
    taken = place.backup()
    assert len(taken.manifest.skipped) == 1 and "duplicates" in taken.manifest.skipped[0]


def test_the_inbox_comes_along_when_it_is_wished(place: Place) -> None:
    (place.folders.inbox / "line\nbreak\udcff.pdf").write_bytes(b"unread")
    assert b"unread" not in members(place.backup(NOW - timedelta(days=1)).path).values()
    assert members(place.backup(with_inbox=True).path)["inbox/line\nbreak\udcff.pdf"] == b"unread"


def test_two_backups_at_once_are_refused(place: Place) -> None:
    place.backups.mkdir()
    with single_process(place.backups / "backup"), pytest.raises(BackupError) as caught:
        place.backup()
    assert caught.value.code == "backup_running"
    assert place.names() == []


def test_too_little_space_is_told_before_anything_is_written(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr(taking.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(BackupError) as caught:
        place.backup()
    assert caught.value.code == "backup_no_space"
    assert place.names() == []


def test_a_disk_that_fills_up_meanwhile_leaves_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(taking.os, "fsync", full)
    with pytest.raises(BackupError) as caught:
        place.backup()
    assert caught.value.code == "backup_no_space"
    assert place.names() == []


def test_a_file_that_changes_while_it_is_read_ends_the_backup(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, again = collecting.hashlib.file_digest, place.folders.processed / "duplicates/again.pdf"

    def change(stream: object, algorithm: str) -> object:
        found = digest(stream, algorithm)  # type: ignore[arg-type]
        if os.fstat(stream.fileno()).st_ino == again.stat().st_ino:  # type: ignore[attr-defined]
            again.write_bytes(b"other and longer")
        return found

    monkeypatch.setattr(collecting.hashlib, "file_digest", change)
    with pytest.raises(BackupError) as caught:
        place.backup()
    assert caught.value.code == "backup_changed"
    assert place.names() == []


def test_a_backup_inside_what_it_holds_is_refused(place: Place) -> None:
    inside = Place(place.manager, place.folders, place.folders.processed / "backups")
    with pytest.raises(ConfigurationError):
        inside.backup()


def test_a_folder_that_cannot_be_written_is_a_clear_error(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupError) as caught:
        Place(place.manager, place.folders, tmp_path / "file" / "backups").backup()
    assert caught.value.code == "backup_unwritable"


KILLED = """
import sys
from pathlib import Path
from autod.backup import {module}
from autod.db.manager import DatabaseManager
from tests.backup.place import Place, folders_below
from tests.torture.faults import Fault
from tests.torture.hooks import Torturer, lay

lay(Torturer([Fault("{module}.{name}:before")], {{}}), {module}, "{name}")
Place(DatabaseManager(sys.argv[1]), folders_below(Path(sys.argv[2])), Path(sys.argv[3])).backup()
"""


@pytest.mark.parametrize(
    ("database_url", "module", "name"),
    [
        ("sqlite", "snapshot", "count_rows"),
        ("sqlite", "taking", "_rename"),
        ("postgres", "taking", "_add_database"),
    ],
    indirect=["database_url"],
)
def test_a_killed_backup_leaves_no_archive_and_the_next_one_clears_up(
    place: Place, tmp_path: Path, module: str, name: str
) -> None:
    code = KILLED.format(module=module, name=name)
    arguments = [place.manager.url, str(tmp_path / "old"), str(place.backups)]
    killed = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [name for name in place.names() if not name.startswith(".backup-")] == []
    taken = place.backup()
    assert place.names() == ["last_backup.json", taken.path.name]


def test_plain_tools_can_read_an_archive(place: Place, tmp_path: Path) -> None:
    taken = place.backup()
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(["tar", "xf", str(taken.path), "-C", str(out)], check=True)
    assert (out / "processed/2026/letter/b.pdf").read_bytes() == b"second"
    if place.manager.sqlite_path is not None:
        subprocess.run(["gunzip", str(out / "database/paper_autopilot.db.gz")], check=True)
        assert (out / "database/paper_autopilot.db").read_bytes().startswith(b"SQLite format 3")


def fake_program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "pg_dump").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_without_pg_dump_the_error_says_what_to_install(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError) as caught:
        postgres.require_tool("pg_dump", postgres_url)
    assert caught.value.code == "backup_tool_missing"


def test_a_pg_dump_that_is_older_than_the_server_is_refused(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_program(tmp_path / "bin", "echo 'pg_dump (PostgreSQL) 9.6'", monkeypatch)
    with pytest.raises(BackupError) as caught:
        postgres.require_tool("pg_dump", postgres_url)
    assert caught.value.code == "backup_tool_old"
    assert re.search(r"version 9.*version \d\d", caught.value.message)


def test_the_password_and_our_keys_are_not_in_what_others_can_see(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hush")
    seen = tmp_path / "seen"
    version = 'echo "pg_dump (PostgreSQL) 99.1"'
    script = f'case "$1" in --version) {version};; *) echo "$@" >{seen}; env >>{seen};; esac'
    fake_program(tmp_path / "bin", script, monkeypatch)
    url = postgres_url.replace("postgres@", "postgres:hunter2%2F%40@")
    postgres.dump(url, tmp_path / "dump", snapshot="1-1")
    command, *environment = seen.read_text().splitlines()
    assert "hunter2" not in command and "user=postgres" in command
    assert "PGPASSWORD=hunter2/@" in environment
    assert not any("sk-hush" in line for line in environment)
