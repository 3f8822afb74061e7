"""Each check says how the thing is and what to do; one that hangs does not hang the rest."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from autod.backup.record import LastBackup, archive_name, note
from autod.cli.health import _print as print_report
from autod.config import Settings
from autod.db import documents, workers
from autod.db.guard import single_process
from autod.db.integrity import Flaw, Integrity
from autod.db.manager import DatabaseManager
from autod.db.models import Worker
from autod.db.workers import Member
from autod.domain.status import EventKind
from autod.health import Examiner, Report, State, checks, examining, patience
from autod.health.daemon import DaemonReport, instance_of
from autod.health.spoken import STATE, write_state
from autod.inbox.untaken import untaken
from autod.pipeline import soundness
from tests.cli.test_costs_command import paid as paid_for
from tests.db.samples import NOW as RECEIVED
from tests.db.samples import admitted, extraction, recorded
from tests.settings import settings_in

NOW = RECEIVED + timedelta(minutes=1)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    made = settings_in(tmp_path, database_url, backup_dir=tmp_path / "backups")
    made.inbox_dir.mkdir()
    made.work_dir.mkdir()
    return made


@pytest.fixture
def opened(settings: Settings) -> Iterator[DatabaseManager]:
    with DatabaseManager(settings.paper_autopilot_db_url) as manager:
        yield manager


def said(settings: Settings, **changes: Any) -> DaemonReport:
    """A daemon that is well, unless ``changes`` say otherwise."""
    well = DaemonReport(
        instance=instance_of(settings),
        pid=4711,
        version="1",
        up_seconds=7200,
        loop_overdue=False,
        in_work=1,
        overdue_steps=[],
        circuit=None,
        stopping=False,
    )
    return replace(well, **changes)


def look(
    settings: Settings, manager: DatabaseManager, daemon: DaemonReport | None = None, now: datetime = NOW
) -> Report:
    return Examiner(settings, manager, daemon=lambda: daemon).examine(now)


def test_a_system_that_is_well_is_healthy(settings: Settings, opened: DatabaseManager) -> None:
    report = look(settings, opened, said(settings))
    assert report.healthy
    used = {check.name for check in report.checks if check.state is not State.OFF}
    assert used - {"Workers"} == {
        "Database", "Disk Space", "Log File", "Inbox", "Folders", "Daemon", "Backlog", "Review", "Clock",
    }  # fmt: skip
    assert report.check("Daemon").detail == "OK (process 4711, up 2 h, 1 in work)"


def test_what_all_work_waits_for_is_told_where_it_belongs(
    settings: Settings, opened: DatabaseManager
) -> None:
    for code, name in (("database_replaced", "Database"), ("folder_unmarked", "Folders")):
        waits = said(settings, waits_for=code, waiting=("it is not ours", "Put it back."))
        found = look(settings, opened, waits).check(name)
        assert (found.state, found.next_step) == (State.FAILED, "Put it back.")
        assert "it is not ours" in found.detail


def test_damage_that_the_daily_look_found_is_told(settings: Settings, opened: DatabaseManager) -> None:
    if opened.sqlite_path is None:
        pytest.skip("a server looks after its own files")
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    for flaws, state in (((), State.OK), ((Flaw("search_damaged", "the index is damaged"),), State.FAILED)):
        soundness.note(settings.work_dir, Integrity(flaws), NOW)
        assert look(settings, opened).check("Integrity").state is state


@pytest.mark.parametrize(
    ("changes", "state", "word"),
    [
        ({"loop_overdue": True}, State.FAILED, "does not come round"),
        ({"overdue_steps": ["read"]}, State.FAILED, "beyond its limit: read"),
        ({"stopping": True}, State.WARNING, "stopping"),
    ],
)
def test_a_daemon_that_is_not_well_says_why(
    settings: Settings, opened: DatabaseManager, changes: dict[str, Any], state: State, word: str
) -> None:
    check = look(settings, opened, said(settings, **changes)).check("Daemon")
    assert (check.state, word in check.detail, bool(check.next_step)) == (state, True, True)


def test_no_daemon_is_a_warning_until_documents_wait_for_it(
    settings: Settings, opened: DatabaseManager
) -> None:
    assert look(settings, opened).check("Daemon").state is State.WARNING
    with opened.get_session() as session:
        admitted(session)
    assert look(settings, opened).check("Daemon").state is State.WARNING
    report = look(settings, opened, now=NOW + timedelta(minutes=20))
    assert (report.check("Daemon").state, report.healthy) == (State.FAILED, False)
    assert report.check("Backlog").detail == ("OK (1 waiting, 0 begun, 0 postponed, the oldest for 21 min)")


def test_without_anybody_at_work_documents_are_begun_and_not_in_work(
    settings: Settings, opened: DatabaseManager
) -> None:
    with opened.get_session() as session:
        documents.mark_processing(session, documents.locked(session, admitted(session)))
    assert "0 waiting, 1 begun, " in look(settings, opened).check("Backlog").detail
    assert "0 waiting, 1 in work, " in look(settings, opened, said(settings)).check("Backlog").detail
    with single_process(settings.work_dir / "process"):
        assert "0 waiting, 1 in work, " in look(settings, opened).check("Backlog").detail


def test_a_process_without_a_port_is_seen_by_its_lock(settings: Settings, opened: DatabaseManager) -> None:
    with single_process(settings.work_dir / "process"):
        check = look(settings, opened).check("Daemon")
    assert (check.state, check.detail) == (State.OK, f"OK (pid {os.getpid()} has the work folder)")


def test_what_the_database_does_not_tell_is_unknown_and_not_nought(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with DatabaseManager("postgresql://nobody:hush@127.0.0.1:1/none") as away:
        report = look(settings, away)
    assert (report.check("Backup").state, report.completed_today) == (State.OFF, None)
    assert "unknown" in report.check("Backup").detail and report.to_dict()["docs_24h"] is None
    print_report(report)
    assert "Docs (24h): unknown without the database\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stalled": True}, "engine_stalled"),
        ({"waits_for": "folder_unmarked"}, "folder_unmarked"),
        ({"waits_for": "database_replaced"}, "database_replaced"),
        ({"loop_overdue": True}, "inbox_loop_overdue"),
        ({"overdue_steps": ["read"]}, "steps_overdue"),
    ],
)
def test_the_trouble_of_a_process_without_a_port_is_read_from_its_work_folder(
    settings: Settings, opened: DatabaseManager, changes: dict[str, Any], code: str
) -> None:
    secret = said(settings, waiting=("token hush", "hush"), **changes)
    write_state(settings.work_dir, secret, NOW)
    assert look(settings, opened).check("Daemon").state is State.WARNING, "nobody holds the folder"
    assert "hush" not in (settings.work_dir / STATE).read_text()
    with single_process(settings.work_dir / "process"):
        check = look(settings, opened, now=NOW + timedelta(seconds=59)).check("Daemon")
        assert check.state is State.FAILED and code in check.detail and check.next_step
        outdated = look(settings, opened, now=NOW + timedelta(seconds=61)).check("Daemon")
        assert outdated.state is State.OK
        text = (settings.work_dir / STATE).read_text()
        for unknown in (text.replace(str(os.getpid()), "1"), text[:-5], "[]", "{}"):
            (settings.work_dir / STATE).write_text(unknown)
            assert look(settings, opened).check("Daemon").state is State.OK
        write_state(settings.work_dir, said(settings), NOW)
        assert look(settings, opened).check("Daemon").state is State.OK


def test_an_old_backlog_and_failed_documents_are_warnings(
    settings: Settings, opened: DatabaseManager
) -> None:
    with opened.get_session() as session:
        admitted(session)
        failed = admitted(session, sha256="b" * 64)
        documents.fail(session, failed, code="x", message="x", next_step="x", filed_path=None, now=RECEIVED)
    report = look(settings, opened, said(settings), NOW + timedelta(hours=3))
    assert (report.check("Backlog").state, report.check("Review").state) == (State.WARNING,) * 2
    assert report.check("Review").detail == "WARNING (0 to review, 1 failed)"


@pytest.mark.parametrize("failed", [0, 2])
@pytest.mark.parametrize("unsure", [0, 2])
def test_review_names_the_list_of_what_there_is(
    settings: Settings, opened: DatabaseManager, unsure: int, failed: int
) -> None:
    with opened.get_session() as session:
        for letter in "abcd"[: unsure + failed]:
            number = admitted(session, sha256=letter * 64)
            if letter in "abcd"[:unsure]:
                recorded(session, number, extraction(needs_review=("issuer",)))
                documents.complete(session, number, filed_path="/p", processing_seconds=1, now=RECEIVED)
            else:
                documents.fail(
                    session, number, code="x", message="x", next_step="x", filed_path=None, now=RECEIVED
                )
    check = look(settings, opened, said(settings)).check("Review")
    assert check.state is (State.WARNING if failed else State.OK)
    assert ("`autod list --review`" in check.next_step) is bool(unsure)
    assert ("`autod list --status failed`" in check.next_step) is bool(failed)
    assert ("`autod retry`" in check.next_step) is bool(failed)


def test_documents_that_trouble_outside_of_them_holds_up_for_long_are_a_warning(
    settings: Settings, opened: DatabaseManager
) -> None:
    with opened.get_session() as session:
        held = admitted(session)
        documents.postpone(
            session, held, code="x", message="x", next_step="x", retry_at=NOW + timedelta(hours=4), waits=9
        )
    assert look(settings, opened, said(settings)).check("Backlog").state is State.OK
    check = look(settings, opened, said(settings), NOW + timedelta(hours=3)).check("Backlog")
    assert check.detail == "WARNING (0 waiting, 0 in work, 1 postponed, held up for 3 h)"


def test_an_inbox_that_went_away_fails_only_where_a_daemon_needs_it(
    settings: Settings, opened: DatabaseManager
) -> None:
    settings.inbox_dir.rmdir()
    assert look(settings, opened).check("Inbox").state is State.WARNING
    assert look(settings, opened, said(settings)).check("Inbox").state is State.FAILED


def test_what_lies_in_the_inbox_and_is_not_taken_is_named(
    settings: Settings, opened: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.inbox_dir / "letter.docx").write_bytes(b"PK")
    assert look(settings, opened).check("Inbox").state is State.OK
    monkeypatch.setattr(checks, "untaken", partial(untaken, settled_seconds=-1))
    check = look(settings, opened).check("Inbox")
    assert check.state is State.WARNING
    assert "letter.docx" in check.detail
    assert "convert it to PDF" in check.next_step


def test_files_that_their_writers_hold_open_are_told(settings: Settings, opened: DatabaseManager) -> None:
    found = look(settings, opened, said(settings, held_open=2)).check("Inbox")
    assert found is not None and found.state is State.WARNING
    assert "2 file(s)" in found.detail and "file_held_open" in found.detail and found.next_step


def test_an_open_circuit_is_told(settings: Settings, opened: DatabaseManager, tmp_path: Path) -> None:
    url = settings.paper_autopilot_db_url
    paid = settings_in(tmp_path, url, openai_server="ollama", openai_base_url="http://127.0.0.1:9/v1")
    assert look(paid, opened, said(settings, circuit="closed")).check("OpenAI API").state is State.OK
    assert look(paid, opened, said(settings, circuit="open")).check("OpenAI API").state is State.FAILED


def test_a_refused_account_is_told_until_an_answer_or_a_restart_ends_it(
    settings: Settings, opened: DatabaseManager, tmp_path: Path
) -> None:
    url = settings.paper_autopilot_db_url
    paid = settings_in(tmp_path, url, openai_server="ollama", openai_base_url="http://127.0.0.1:9/v1")
    reason = {"code": "openai_quota_exhausted", "message": "no budget left", "next_step": "Raise it."}

    def state(**changes: Any) -> State:
        return look(paid, opened, said(settings, **changes)).check("OpenAI API").state

    with opened.get_session() as session:
        documents.add_event(
            session,
            EventKind.POSTPONED,
            document_id=admitted(session),
            sha256="a" * 64,
            detail=reason,
            now=NOW - timedelta(minutes=5),
        )
    check = look(paid, opened, said(settings)).check("OpenAI API")
    assert (check.state, check.detail, check.next_step) == (
        State.FAILED,
        "FAILED (no budget left)",
        "Raise it.",
    )
    assert look(paid, opened).check("OpenAI API").state is State.FAILED
    assert state(up_seconds=60) is State.OK
    for at, then in ((NOW - timedelta(minutes=9), State.FAILED), (NOW, State.OK)):
        with opened.get_session() as session:
            paid_for(session, "0.1", None, at)
        assert state() is then


def test_little_space_is_a_warning_and_none_a_failure(
    settings: Settings, opened: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [1_500_000_000]
    monkeypatch.setattr(checks, "free_bytes", lambda _: free[0])
    assert (
        look(settings, opened)
        .check("Disk Space")
        .detail.startswith("WARNING (1.5GB free, 2GB wanted; backups ")
    )
    free[0] = 50_000_000
    assert look(settings, opened).check("Disk Space").state is State.FAILED


def test_a_clock_that_went_back_is_seen(settings: Settings, opened: DatabaseManager) -> None:
    with opened.get_session() as session:
        later = datetime.now(UTC) + timedelta(hours=2)
        session.execute(
            sa.text("INSERT INTO events (kind, detail, at) VALUES ('received', '{}', :at)"),
            {"at": later if opened.sqlite_path is None else later.replace(tzinfo=None).isoformat(" ")},
        )
    check = look(settings, opened, now=datetime.now(UTC)).check("Clock")
    assert (check.state, check.detail) == (State.FAILED, "FAILED (off by 1 h)")


def test_without_its_database_the_rest_is_still_looked_at(settings: Settings, tmp_path: Path) -> None:
    with DatabaseManager(f"sqlite:///{tmp_path}/none.db") as nowhere:
        report = look(settings, nowhere, said(settings))
    assert (report.healthy, report.check("Database").detail) == (
        False,
        "FAILED (the database schema is empty [schema_empty])",
    )
    assert {report.check(name).state for name in ("Backlog", "Review", "Clock")} == {State.OFF}
    assert report.check("Inbox").state is State.OK


def test_a_check_that_hangs_does_not_hang_the_rest_and_is_not_started_again(
    settings: Settings, opened: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, end = threading.Semaphore(0), threading.Event()

    def hang(_: object) -> checks.Check:
        started.release()
        end.wait(30)
        return checks.ok("Inbox")

    monkeypatch.setitem(examining.CHECKS, "Inbox", hang)
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.05)
    examiner = Examiner(settings, opened, daemon=lambda: None)
    try:
        for _ in range(2):
            report = examiner.examine(NOW)
            assert report.check("Inbox").detail == "FAILED (it does not answer)"
        assert started.acquire(blocking=False)
        assert not started.acquire(blocking=False)
    finally:
        end.set()


def test_a_backup_that_is_missing_or_old_is_told(settings: Settings, opened: DatabaseManager) -> None:
    assert look(settings, opened).check("Backup").state is State.OFF
    with opened.get_session() as session:
        number = admitted(session)
        documents.complete(session, number, filed_path="/x", processing_seconds=1, now=RECEIVED)
    assert look(settings, opened).check("Backup").detail == "WARNING (none)"
    settings.backup_dir.mkdir()
    note(settings.backup_dir, LastBackup(archive_name(NOW), NOW, size=1, documents=1, missing=0))
    fresh = look(settings, opened, now=NOW + timedelta(hours=5)).check("Backup")
    assert (fresh.state, fresh.detail) == (State.OK, "OK (5 h old, never tried out)")
    assert look(settings, opened, now=NOW + timedelta(days=3)).check("Backup").state is State.WARNING


def test_a_fleet_is_seen_and_its_silent_members_are_named(tmp_path: Path, postgres_url: str) -> None:
    settings = settings_in(tmp_path, postgres_url)
    with DatabaseManager(postgres_url) as manager:
        with manager.get_session() as session:
            for name in ("nas", "desk"):
                workers.join(session, Member(name, name, 7, "1", "q", "/inbox"), "x")
        report = look(settings, manager)
        assert report.check("Workers").detail == "OK (2 at work on desk, nas)"
        assert report.check("Daemon").detail == "OK (none here; 2 at work elsewhere)"
        with manager.get_session() as session:
            session.execute(
                sa.update(Worker)
                .where(Worker.host == "desk")
                .values(heartbeat_at=datetime.now(UTC) - timedelta(hours=1))
            )
        check = look(settings, manager).check("Workers")
    assert (check.state, check.detail) == (
        State.WARNING,
        "WARNING (1 at work on nas; silent: process 7 on desk)",
    )
