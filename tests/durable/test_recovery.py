"""What a crash, a full disk or a busy scanner leaves behind is taken up again, and nothing runs twice."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from autod.app import App
from autod.assembly.archive import utc_now
from autod.config import Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus, EventKind
from autod.durable.runner import Engine
from autod.errors import DatabaseError
from autod.files import custody
from autod.files.marks import MARK
from autod.pipeline import steps, workflow
from tests.paper import INVOICE, pdf_of
from tests.settings import settings_in

OTHER = pdf_of((*INVOICE, "other bytes"))


@pytest.fixture
def settings(tmp_path: Path, manager: DatabaseManager) -> Settings:
    return settings_in(tmp_path, manager.url, quiet_seconds=0)


@pytest.fixture
def app(settings: Settings, manager: DatabaseManager) -> Iterator[App]:
    with App(settings, manager) as app:
        yield app


def drop(app: App, name: str, content: bytes) -> Path:
    path = app.folders.inbox / name
    path.write_bytes(content)
    return path


def status_of(app: App, number: int) -> DocumentStatus:
    with app.manager.get_session() as session:
        return documents.require(session, number).status


def kinds(app: App, number: int) -> list[EventKind]:
    with app.manager.get_session() as session:
        return [event.kind for event in documents.history(session, number)]


def files(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.name != MARK)


def full(*_: object) -> None:
    raise sa.exc.OperationalError("INSERT", {}, sa.exc.SQLAlchemyError("disk is full"))


def test_a_database_that_fails_in_the_middle_is_told_of_and_the_same_command_goes_on(
    settings: Settings, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, App(settings, manager) as app:
        patch.setattr(steps.Steps, "record", full)
        path = drop(app, "invoice.pdf", pdf_of(INVOICE))
        broken = app.process(path)
    assert (broken.success, str(broken.error).split(":")[0]) == (False, "life_broken_off")
    with App(settings, manager) as app:
        again = app.process(path)
    assert (again.success, again.document_id) == (True, broken.document_id)


def test_a_completed_document_that_is_started_once_more_stays_as_it_is(app: App) -> None:
    app.process(drop(app, "a.pdf", pdf_of()))
    before = kinds(app, 1)
    with app.manager.get_session() as session:
        sha256 = documents.require(session, 1).sha256_hex
    app.engine.again(sha256)
    assert app.engine.result(sha256)["outcome"] == "completed"
    assert status_of(app, 1) is DocumentStatus.COMPLETED
    assert kinds(app, 1) == before


def test_the_wait_before_the_fiftieth_attempt_is_the_longest_one(app: App) -> None:
    app.process(drop(app, "a.pdf", pdf_of()))
    document: dict[str, Any] = {"id": 1, "sha256": "0" * 64, "attempts": 50}
    reason = {"code": "c", "message": "m", "next_step": "n"}
    with app.manager.get_session() as session:
        app.steps.postpone(session, document, reason)
    with app.manager.get_session() as session:
        due = documents.require(session, 1).retry_at
    assert due is not None
    assert due < utc_now() + timedelta(seconds=steps.WAITS.longest * 1.3)


def test_a_reopened_document_whose_old_workflow_was_still_to_be_replayed_is_processed(app: App) -> None:
    app.process(drop(app, "bad.pdf", b"<html>"))
    with app.manager.get_session() as session:
        documents.reopen(session, 1, source_path=str(app.folders.inbox / "bad.pdf"))
        sha256 = documents.require(session, 1).sha256_hex
    custody.claim(drop(app, "bad.pdf", b"<html>"), app.folders.claimed)
    app.engine.upkeep.revive([sha256])
    app.engine.result(sha256)
    assert status_of(app, 1) is DocumentStatus.FAILED
    assert kinds(app, 1).count(EventKind.FAILED) == 2


def test_a_workflow_that_the_database_broke_off_goes_on_with_the_step_that_broke(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = steps.Steps.complete

    monkeypatch.setattr(steps.Steps, "complete", full)
    path = drop(app, "a.pdf", pdf_of())
    receipt = app.intake.receive(path)
    with pytest.raises(DatabaseError, match="failed while the document was in work"):
        app.engine.result(receipt.sha256)
    assert status_of(app, 1) is DocumentStatus.PROCESSING
    monkeypatch.setattr(steps.Steps, "complete", complete)
    app.engine.upkeep.revive([receipt.sha256])
    assert app.engine.result(receipt.sha256)["outcome"] == "completed"
    assert kinds(app, 1) == [EventKind.RECEIVED, EventKind.RECORDED, EventKind.FILED]


def test_a_transaction_that_fails_by_a_mistake_of_ours_writes_nothing_and_the_document_fails(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = steps.Steps.record

    def broken(*arguments: Any) -> None:
        record(*arguments)
        raise ZeroDivisionError

    monkeypatch.setattr(steps.Steps, "record", broken)
    result = app.process(drop(app, "a.pdf", pdf_of()))
    assert (result.error or "").startswith("internal_error")
    assert kinds(app, 1) == [EventKind.RECEIVED, EventKind.FAILED]
    assert files(app.folders.failed) == ["a.pdf", "a.pdf.reason.json"]


def test_a_file_that_changes_between_the_look_and_the_copy_is_taken_as_what_was_copied(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(app, "a.pdf", pdf_of())
    look = custody.sha256_of

    def look_and_replace(source: Path) -> str:
        digest = look(source)
        if source == path and path.read_bytes() != OTHER:
            path.write_bytes(OTHER)
        return digest

    monkeypatch.setattr(custody, "sha256_of", look_and_replace)
    assert app.process(path).success
    with app.manager.get_session() as session:
        filed = Path(documents.require(session, 1).filed_path or "")
    assert filed.read_bytes() == OTHER
    assert documents_in(app) == 1
    assert files(app.folders.claimed) == []


def documents_in(app: App) -> int:
    with app.manager.get_session() as session:
        return session.scalar(sa.text("SELECT count(*) FROM documents")) or 0


def test_a_file_renamed_over_the_inbox_file_before_its_removal_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, newer = tmp_path / "scan.pdf", tmp_path / "newer"
    source.write_bytes(pdf_of())
    newer.write_bytes(OTHER)
    look = custody.sha256_of
    digest = look(source)

    def look_and_replace(path: Path) -> str:
        found = look(path)
        if newer.exists():
            newer.rename(source)
        return found

    monkeypatch.setattr(custody, "sha256_of", look_and_replace)
    assert custody.leave_inbox(source, digest) is False
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"scan.pdf": OTHER}


def test_a_file_that_cannot_be_removed_from_the_inbox_keeps_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "scan.pdf"
    source.write_bytes(pdf_of())
    unlink = os.unlink

    def refuse(path: Path, **_: object) -> None:
        if not refused:
            refused.append(path)
            raise OSError(5, "disk error")
        unlink(path)

    refused: list[Path] = []
    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(custody.FileTrouble):
        custody.leave_inbox(source, custody.sha256_of(source))
    assert files(tmp_path) == ["scan.pdf"]


def test_a_removal_that_was_cut_off_is_undone_at_the_start_and_never_over_a_new_file(tmp_path: Path) -> None:
    (tmp_path / ".scan.pdf.leaving").write_bytes(b"old")
    (tmp_path / "scan.pdf").write_bytes(b"new")
    custody.put_back(tmp_path)
    contents = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert contents == {"scan.pdf": b"new", "scan (2).pdf": b"old"}


def test_half_copies_of_a_killed_process_are_gone_after_the_next_start(
    settings: Settings, manager: DatabaseManager
) -> None:
    with App(settings, manager) as app:
        (app.folders.claimed / f".{'0a' * 8}.part").write_bytes(b"half")
    with App(settings, manager) as app:
        assert files(app.folders.claimed) == []


def test_a_file_that_a_killed_process_was_removing_from_the_inbox_is_seen_again_whenever_it_died(
    settings: Settings, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that starts at once cannot tell it from one that another process is removing just now."""
    settings.inbox_dir.mkdir(parents=True)
    (settings.inbox_dir / ".a.pdf.leaving").write_bytes(pdf_of())
    with App(settings, manager) as app:
        monkeypatch.setattr(custody, "LEAVING_SECONDS", 0.0)
        app.fleet_member.sweep()
        assert files(app.folders.inbox) == ["a.pdf"]


def test_filing_across_file_systems_again_removes_the_half_copy_of_the_first_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    source = tmp_path / "a.pdf"
    source.write_bytes(pdf_of())
    claimed = custody.claim(source, tmp_path / "store")
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / f".{claimed.sha256[:16]}.0123.part").write_bytes(b"half")
    custody.file_away(claimed.path, claimed.sha256, archive, "a.pdf")
    assert files(archive) == ["a.pdf"]


def test_a_workflow_whose_thread_is_gone_is_started_at_the_second_look(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.process(drop(app, "a.pdf", pdf_of()))
    with app.manager.get_session() as session:
        document = documents.require(session, 1)
        document.status = DocumentStatus.PROCESSING
        sha256 = document.sha256_hex
        session.execute(sa.text("UPDATE workflow_status SET status = 'PENDING', queue_name = NULL"))
    started: list[Any] = []
    from dbos import DBOS

    monkeypatch.setattr(DBOS, "resume_workflows", lambda names, **_: started.append(names))
    app.engine.upkeep.revive([sha256])
    assert started == []
    app.engine.upkeep.revive([sha256])
    assert started == [[f"doc:{sha256}"]]
    with app.manager.get_session() as session:
        session.execute(sa.text("UPDATE workflow_status SET status = 'SUCCESS'"))


def test_documents_waiting_for_their_time_are_not_revived_before_it(app: App) -> None:
    app.process(drop(app, "bad.pdf", b"<html>"))
    with app.manager.get_session() as session:
        documents.postpone(
            session, 1, code="c", message="m", next_step="n", retry_at=utc_now() + timedelta(minutes=5)
        )
    app.duties.look()
    assert status_of(app, 1) is DocumentStatus.WAITING
    assert kinds(app, 1).count(EventKind.FAILED) == 1


def test_the_engine_s_last_moments_are_not_waited_for_when_it_stops(app: App) -> None:
    app.process(drop(app, "a.pdf", pdf_of()))
    with app.manager.get_session() as session:
        sha256 = documents.require(session, 1).sha256_hex
        session.execute(sa.text("UPDATE workflow_status SET status = 'PENDING', queue_name = NULL"))
    app.engine.finish(0)
    app.engine.again(sha256)
    with app.manager.get_session() as session:
        status = session.scalar(sa.text("SELECT status FROM workflow_status"))
        session.execute(sa.text("UPDATE workflow_status SET status = 'SUCCESS'"))
    assert status == "PENDING"
    assert isinstance(app.engine, Engine)


def test_a_completion_that_has_to_be_repeated_is_announced_once(app: App) -> None:
    from structlog.testing import capture_logs

    app.process(drop(app, "a.pdf", pdf_of()))
    names = {"id": 1, "sha256": "0" * 64, "name": "a.pdf", "started_at": utc_now().isoformat()}
    usage = {"prompt_tokens": 0, "cached_tokens": None}
    extraction = {"usage": usage, "metadata": {"doc_type": "other"}, "engine": "local", "cost_usd": "0"}
    announcement = workflow.Announcement(names, {"pages": 1, "ocr_pages": 0}, extraction, {"path": "x"})
    with capture_logs() as records:
        for _ in range(2):
            with app.manager.get_session() as session:
                workflow._complete(session, app.steps, announcement)
    assert [record["event"] for record in records] == ["Processing complete"]


def test_trouble_after_filing_leaves_the_file_where_it_was_filed(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(steps.Steps, "complete", broken)
    result = app.process(drop(app, "a.pdf", pdf_of()))
    assert not result.success
    with app.manager.get_session() as session:
        document = documents.require(session, 1)
        assert document.status is DocumentStatus.FAILED
        assert Path(document.filed_path or "").read_bytes() == pdf_of()
    assert files(app.folders.failed) == []


def test_a_document_whose_reading_hangs_keeps_no_other_from_being_filed(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, hanging, released = steps.Steps.read, threading.Event(), threading.Event()
    poison = custody.sha256_of(drop(app, "poison.pdf", OTHER))

    def read_or_hang(self: steps.Steps, document: Any) -> Any:
        if document["sha256"] == poison:
            hanging.set()
            released.wait(60)
        return read(self, document)

    monkeypatch.setattr(steps.Steps, "read", read_or_hang)
    app.intake.receive(app.folders.inbox / "poison.pdf")
    assert hanging.wait(60)
    assert app.process(drop(app, "good.pdf", pdf_of())).success
    assert status_of(app, 1) is DocumentStatus.PROCESSING
    released.set()
    assert app.engine.result(poison)["outcome"] == "completed"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_document_that_another_process_has_in_its_queue_is_no_trouble_to_tell_of(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    app.process(drop(app, "a.pdf", pdf_of()))
    with app.manager.get_session() as session:
        sha256 = documents.require(session, 1).sha256_hex
        session.execute(sa.text("UPDATE workflow_status SET queue_name = 'documents@another'"))
    library = logging.getLogger("dbos")
    library.propagate = True
    caplog.clear()
    app.engine.submit(sha256)
    library.warning("something else")
    assert {record.getMessage() for record in caplog.records if record.name == "dbos"} == {"something else"}
