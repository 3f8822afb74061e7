"""Whole lives of documents on real files and real databases, through the same App as the daemon."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from autod.app import App
from autod.config import Settings
from autod.db import documents, figures
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import Retry, UnreadableDocument
from autod.pipeline import readings, steps
from autod.pipeline.processing import ProcessResult
from autod.pipeline.steps import Steps
from autod.search import fulltext
from autod.services import utc_now
from tests.listing import files_in
from tests.paper import INVOICE, encrypted_pdf, pdf_of
from tests.settings import settings_in

OpenApp = Callable[..., App]


@pytest.fixture
def settings(tmp_path: Path, manager: DatabaseManager) -> Settings:
    return settings_in(tmp_path, manager.url, patience_seconds=0.1, quiet_seconds=0)


@pytest.fixture
def app(settings: Settings, manager: DatabaseManager) -> Iterator[App]:
    with App(settings, manager) as app:
        yield app


def drop(app: App, name: str, content: bytes) -> Path:
    path = app.folders.inbox / name
    path.write_bytes(content)
    return path


def events(app: App, document_id: int) -> list[EventKind]:
    with app.manager.get_session() as session:
        return [event.kind for event in documents.history(session, document_id)]


def test_an_invoice_is_read_recorded_filed_and_found(app: App) -> None:
    content = pdf_of()
    result = app.process(drop(app, "scan0001.pdf", content))
    assert result == ProcessResult(True, 1, processing_time_seconds=result.processing_time_seconds)
    with app.manager.get_session() as session:
        document = documents.require(session, 1)
        assert document.status is DocumentStatus.COMPLETED
        assert document.processed_at is not None
        assert (document.doc_type, str(document.total_amount), document.currency) == (
            "invoice",
            "240.00",
            "GBP",
        )
        assert str(document.primary_date) == "2026-03-03"
        filed = Path(document.filed_path or "")
        fields = {field.field: field for field in documents.current_fields(session, 1)}
        assert "240.00" in fields["total_amount"].evidence["quote"]
        assert fields["total_amount"].evidence["page"] == 1
        assert [hit.document_id for hit in fulltext.search(session, "copper pipe")] == [1]
    assert filed.read_bytes() == content
    assert filed.is_relative_to(app.folders.processed)
    assert files_in(app.folders.inbox) == []
    assert files_in(app.folders.claimed) == []
    assert events(app, 1) == [EventKind.RECEIVED, EventKind.RECORDED, EventKind.FILED]


def test_the_same_bytes_under_another_name_are_filed_as_a_duplicate_without_reading(app: App) -> None:
    app.process(drop(app, "a.pdf", pdf_of()))
    app.sandbox.close()
    result = app.process(drop(app, "b.pdf", pdf_of()))
    assert (result.success, result.duplicate_of) == (True, 1)
    assert files_in(app.folders.inbox) == []
    assert (app.folders.processed / "duplicates" / "b.pdf").read_bytes() == pdf_of()
    assert EventKind.DUPLICATE in events(app, 1)


def test_the_same_file_dropped_again_under_its_own_name_leaves_no_second_copy(app: App) -> None:
    app.process(drop(app, "a.pdf", pdf_of()))
    before = files_in(app.folders.processed)
    assert app.process(drop(app, "a.pdf", pdf_of())).duplicate_of == 1
    assert files_in(app.folders.processed) == before
    assert files_in(app.folders.inbox) == []


def test_twins_that_are_handed_in_together_leave_the_inbox_together(app: App) -> None:
    content = pdf_of()
    paths = [drop(app, "first.pdf", content), drop(app, "second.pdf", content)]
    results = [result for _, result in app.process_many(paths)]
    assert sorted(result.duplicate_of or 0 for result in results) == [0, 1]
    assert all(result.success and result.document_id == 1 for result in results)
    assert files_in(app.folders.inbox) == []


def test_twins_from_outside_the_inbox_are_told_and_counted_as_duplicates(app: App, tmp_path: Path) -> None:
    paths = []
    for number in range(6):
        paths.append(tmp_path / f"{number}.pdf")
        paths[-1].write_bytes(pdf_of([f"Page {number % 2}"]))
    results = [result for _, result in app.process_many(paths)]
    assert [result.success for result in results] == [True] * 6
    assert sum(result.duplicate_of is not None for result in results) == 4
    with app.manager.get_session() as session:
        seen = figures.window(session, utc_now() - timedelta(hours=1))
    assert (seen.received, seen.duplicates, seen.completed) == (2, 4, 2)
    assert seen.duplicate_ratio == pytest.approx(4 / 6)
    assert all(path.exists() for path in paths)


def test_a_file_that_is_handed_in_again_while_it_is_in_work_is_no_duplicate(app: App, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf_of())
    results = [result for _, result in app.process_many([path, path])]
    assert [result.success for result in results] == [True, True]
    assert EventKind.FILED in events(app, 1)


def test_bad_twins_that_are_handed_in_together_leave_the_inbox_together(app: App) -> None:
    content = encrypted_pdf()
    paths = [drop(app, "first.pdf", content), drop(app, "second.pdf", content)]
    results = [result for _, result in app.process_many(paths)]
    assert [(result.success, result.document_id) for result in results] == [(False, 1), (False, 1)]
    assert files_in(app.folders.inbox) == []


def test_each_of_many_files_is_told_its_own_time(app: App) -> None:
    paths = [drop(app, f"{number}.pdf", pdf_of([f"Page {number}"])) for number in range(3)]
    told = {r.document_id: r.processing_time_seconds for _, r in app.process_many(paths)}
    with app.manager.get_session() as session:
        spent = {number: documents.require(session, number).processing_seconds for number in told}
    assert told == spent
    assert all(spent.values())


def test_a_duplicate_takes_the_place_of_a_filed_copy_that_somebody_removed(app: App) -> None:
    app.process(drop(app, "a.pdf", pdf_of()))
    with app.manager.get_session() as session:
        filed = Path(documents.require(session, 1).filed_path or "")
    filed.unlink()
    app.process(drop(app, "b.pdf", pdf_of()))
    assert filed.read_bytes() == pdf_of()
    assert EventKind.RESTORED in events(app, 1)


def test_two_documents_that_want_the_same_name_both_keep_their_bytes(app: App) -> None:
    first, second = pdf_of(), pdf_of((*INVOICE, "a second page of words"))
    assert app.process(drop(app, "a.pdf", first)).success
    assert app.process(drop(app, "a.pdf", second)).success
    with app.manager.get_session() as session:
        paths = [Path(documents.require(session, number).filed_path or "") for number in (1, 2)]
    assert [path.read_bytes() for path in paths] == [first, second]
    assert paths[0] != paths[1]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"<html>hello</html>", "not_a_pdf"),
        (b"%PDF-1.4\n1 0 obj\n<<", "pdf_damaged"),
        (encrypted_pdf(), "pdf_encrypted"),
    ],
    ids=["empty", "not a pdf", "truncated", "encrypted"],
)
def test_a_file_that_cannot_be_read_ends_in_failed_with_its_reason(
    app: App, content: bytes, code: str
) -> None:
    result = app.process(drop(app, "bad.pdf", content))
    assert not result.success
    assert (result.error or "").startswith(code)
    assert (app.folders.failed / "bad.pdf").read_bytes() == content
    reason = json.loads((app.folders.failed / "bad.pdf.reason.json").read_text())
    assert reason["code"] == code and reason["next_step"]
    assert files_in(app.folders.inbox) == []
    with app.manager.get_session() as session:
        document = documents.require(session, result.document_id or 0)
        assert (document.status, document.error_code) == (DocumentStatus.FAILED, code)
        assert document.processed_at is None


@pytest.mark.parametrize("moved", [False, True], ids=["copied from failed", "moved from failed"])
def test_a_failed_document_that_succeeds_later_leaves_nothing_in_failed(
    app: App, monkeypatch: pytest.MonkeyPatch, moved: bool
) -> None:
    def broken(*_: object, **__: object) -> NoReturn:
        raise UnreadableDocument("broken for now")

    with monkeypatch.context() as patched:
        patched.setattr(readings, "read_pdf", broken)
        assert not app.process(drop(app, "a.pdf", pdf_of())).success
    assert files_in(app.folders.failed) == ["a.pdf", "a.pdf.reason.json"]
    kept = app.folders.failed / "a.pdf"
    again = drop(app, "again.pdf", kept.read_bytes())
    if moved:
        kept.unlink()
    assert app.process(again).success
    assert files_in(app.folders.failed) == []
    assert files_in(app.folders.inbox) == []


def test_a_failed_file_that_is_put_back_is_tried_again(app: App) -> None:
    first = app.process(drop(app, "bad.pdf", b"<html>"))
    again = app.process(drop(app, "bad.pdf", b"<html>"))
    assert again.document_id == first.document_id
    assert not again.success
    assert files_in(app.folders.failed) == ["bad.pdf", "bad.pdf.reason.json"]
    assert EventKind.RETRIED in events(app, 1)
    assert events(app, 1).count(EventKind.FAILED) == 2


def test_a_file_outside_the_inbox_stays_and_a_copy_is_filed(app: App, tmp_path: Path) -> None:
    path = tmp_path / "mine.pdf"
    path.write_bytes(pdf_of())
    assert app.process(path).success
    assert path.read_bytes() == pdf_of()
    assert len(files_in(app.folders.processed)) == 1


def test_a_file_that_vanished_is_a_coded_error(app: App) -> None:
    result = app.process(app.folders.inbox / "gone.pdf")
    assert not result.success
    assert (result.error or "").startswith("file_vanished")


def test_strange_names_are_filed_safely(app: App) -> None:
    names = ["new\nline.pdf", "x" * 251 + ".pdf", "..\\..\\evil.pdf", "caf\udce9.pdf"]
    for number, name in enumerate(names):
        path = app.folders.inbox / name
        path.write_bytes(pdf_of((*INVOICE, str(number))))
        assert app.process(path).success, name
    for name in files_in(app.folders.processed):
        assert all(c.isprintable() for c in name)
    assert files_in(app.folders.inbox) == []


def test_an_inbox_that_cannot_be_written_keeps_the_file_and_the_document_is_filed_once(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(app, "a.pdf", pdf_of())

    def refuse(self: Path, target: Path) -> Path:
        if self == path:
            raise PermissionError(13, "read-only")
        return original(self, target)

    original = Path.rename
    monkeypatch.setattr(Path, "rename", refuse)
    assert app.process(path).success
    assert path.exists()
    assert len(files_in(app.folders.processed)) == 1
    again = app.process(path)
    assert (again.success, (again.error or "").split(":")[0]) == (False, "permission_denied")
    assert len(files_in(app.folders.processed)) == 1


def test_a_file_that_may_not_be_read_stays_and_is_explained(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(app, "a.pdf", pdf_of())
    original = os.open

    def refuse(target: Path | str, *arguments: int, **options: int) -> int:
        if Path(target) == path:
            raise PermissionError(13, "permission denied")
        return original(target, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    result = app.process(path)
    assert (result.success, (result.error or "").split(":")[0]) == (False, "permission_denied")
    monkeypatch.undo()
    assert path.read_bytes() == pdf_of()
    assert app.process(path).success


def test_a_disk_that_is_full_while_filing_postpones_and_later_completes(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    path = drop(app, "a.pdf", pdf_of())
    monkeypatch.setattr(os, "link", full)
    result = app.process(path)
    assert (result.success, (result.error or "").split(":")[0]) == (False, "disk_full")
    assert path.exists() and files_in(app.folders.processed) == []
    with app.manager.get_session() as session:
        document = documents.require(session, 1)
        assert document.status is DocumentStatus.WAITING and document.retry_at is not None
        document.retry_at = document.received_at
        sha256 = document.sha256_hex
    monkeypatch.undo()
    app.start_due()
    assert app.engine.result(sha256)["outcome"] == "completed"
    assert len(files_in(app.folders.processed)) == 1 and files_in(app.folders.inbox) == []


def test_trouble_of_its_own_ends_in_failed_after_the_last_attempt(
    settings: Settings, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> NoReturn:
        raise UnreadableDocument("the reader was killed", code="reader_crashed", retry=Retry.LATER)

    monkeypatch.setattr(Steps, "read", killed)
    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 2)
    with App(settings, manager) as app:
        result = app.process(drop(app, "a.pdf", pdf_of()))
        assert (result.success, (result.error or "").split(":")[0]) == (False, "reader_crashed")
        with app.manager.get_session() as session:
            document = documents.require(session, 1)
            assert (document.status, document.attempts) == (DocumentStatus.WAITING, 1)
        app.engine.again(document.sha256_hex)
        assert app.engine.result(document.sha256_hex)["outcome"] == "failed"
        assert (app.folders.failed / "a.pdf").read_bytes() == pdf_of()


def test_trouble_that_no_document_causes_is_no_attempt_however_long_it_lasts(
    settings: Settings, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 1)
    with App(settings, manager) as app:
        with monkeypatch.context() as patch:
            patch.setattr(os, "link", full)
            app.process(drop(app, "a.pdf", pdf_of()))
            with app.manager.get_session() as session:
                sha256 = documents.require(session, 1).sha256_hex
            for _ in range(3):
                app.engine.again(sha256)
                assert app.engine.result(sha256)["outcome"] == "postponed"
        with app.manager.get_session() as session:
            document = documents.require(session, 1)
            assert (document.status, document.attempts, document.waits) == (DocumentStatus.WAITING, 0, 4)
            assert document.retry_at is not None
            assert document.retry_at > utc_now() + timedelta(seconds=0.7 * steps.WAITS.pause(4))
        app.engine.again(sha256)
        assert app.engine.result(sha256)["outcome"] == "completed"


def test_a_person_s_correction_wins_and_stays_when_the_document_is_read_again(app: App) -> None:
    app.process(drop(app, "a.pdf", pdf_of()))
    with app.manager.get_session() as session:
        documents.correct(session, 1, "issuer", "Somebody Else & Co", utc_now())
    app.process(drop(app, "a.pdf", pdf_of()), skip_duplicates=False)
    with app.manager.get_session() as session:
        assert documents.require(session, 1).issuer == "Somebody Else & Co"
        assert [hit.document_id for hit in fulltext.search(session, "somebody")] == [1]


def test_work_that_a_dead_process_left_is_finished_at_the_next_start(
    settings: Settings, manager: DatabaseManager
) -> None:
    with App(settings, manager) as app:
        app.engine.finish(1)
        path = drop(app, "a.pdf", pdf_of())
        receipt = app.intake.receive(path)
    with App(settings, manager) as app:
        assert app.engine.result(receipt.sha256)["outcome"] == "completed"
        assert len(files_in(app.folders.processed)) == 1


def test_a_second_process_on_the_same_work_folder_is_refused(app: App, settings: Settings) -> None:
    from autod.errors import DatabaseError

    with pytest.raises(DatabaseError) as caught, App(settings):
        pass
    assert caught.value.code == "database_in_use"
