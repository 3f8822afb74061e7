"""A file that changed after it was taken: what is kept, superseded, linked, and told."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from autod.app import App
from autod.assembly.archive import utc_now
from autod.config import Settings
from autod.db import documents, fields
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import UsageError
from autod.files import kept
from autod.files.writers import Writing, unknown
from autod.pipeline import superseding
from autod.pipeline.intake import Outcome
from autod.reconcile import compare, mend
from autod.search import fulltext
from tests.db.samples import recorded
from tests.listing import files_in
from tests.settings import settings_in
from tests.torture.paper import good, word_of

WHOLE = good(1).content
HALF = WHOLE[: len(WHOLE) // 2]
OTHER = good(2).content


@pytest.fixture
def settings(tmp_path: Path, manager: DatabaseManager) -> Settings:
    return settings_in(tmp_path, manager.url, patience_seconds=0.1, quiet_seconds=0)


@pytest.fixture
def app(settings: Settings, manager: DatabaseManager) -> Iterator[App]:
    with App(settings, manager, writes=unknown) as app:
        yield app


def drop(app: App, name: str, content: bytes) -> Path:
    path = app.folders.inbox / name
    path.write_bytes(content)
    return path


def kept_files(app: App) -> list[Path]:
    return sorted(path for path in app.folders.inbox.iterdir() if kept.kept_as(path.name))


def row(app: App, number: int) -> Document:
    with app.manager.get_session(read_only=True) as session:
        return documents.require(session, number)


def kinds(app: App, number: int) -> list[EventKind]:
    with app.manager.get_session(read_only=True) as session:
        return [event.kind for event in documents.history(session, number)]


def codes(app: App, *, later: float = 0.0) -> list[str]:
    now = utc_now() + timedelta(seconds=later)
    found = compare.compare(app.manager, app.folders, now, lambda *_: None, settled_before=now.timestamp())
    return [difference.code for difference in found.differences]


def go_on(app: App, content: bytes) -> Path:
    """Write on into the one kept file, as somebody who still has it open does."""
    [path] = kept_files(app)
    with path.open("r+b") as stream:
        stream.write(content)
        stream.truncate()
    os.utime(path, ns=(time.time_ns(), time.time_ns() + 1))
    return path


def test_a_kept_file_that_its_writer_finished_supersedes_what_was_taken(app: App) -> None:
    app.process(drop(app, "scan.pdf", HALF))
    former = Path(row(app, 1).filed_path or "")
    assert app.process(go_on(app, WHOLE)).document_id == 2
    first, second = row(app, 1), row(app, 2)
    assert (first.status, first.later_version, first.filed_path) == (DocumentStatus.SUPERSEDED, 2, None)
    assert (second.status, second.earlier_version) == (DocumentStatus.COMPLETED, 1)
    assert second.original_filename == "scan.pdf"
    assert not former.exists() and Path(second.filed_path or "").read_bytes() == WHOLE
    assert not former.with_name(former.name + ".reason.json").exists()
    assert kinds(app, 1)[-1] is EventKind.SUPERSEDED and EventKind.REPLACES in kinds(app, 2)
    with app.manager.get_session(read_only=True) as session:
        assert [hit.document_id for hit in fulltext.search(session, word_of(1))] == [2]
    assert codes(app) == []


def correct(app: App, number: int, **values: str) -> None:
    with app.manager.get_session() as session:
        for field, value in values.items():
            documents.correct(session, number, field, value, utc_now())


def said_by_a_person(app: App, number: int) -> dict[str, object]:
    with app.manager.get_session(read_only=True) as session:
        return {name: row.value for name, row in fields.latest(session, number).items() if row.locked}


SAID = {
    "issuer": "My Own GmbH",
    "total_amount": "84.20",
    "primary_date": "2026-01-31",
    "due_date": "",
    "tags": "one; two",
    "line_items": "",
}


def holds_what_was_said(app: App, number: int) -> bool:
    document = row(app, number)
    return (
        (document.issuer, document.total_amount, document.tags)
        == ("My Own GmbH", Decimal("84.20"), ["one", "two"])
        and document.primary_date == date(2026, 1, 31)
        and (document.due_date, document.line_items) == (None, [])
        and set(said_by_a_person(app, number)) == set(SAID)
    )


def test_a_persons_word_holds_for_the_version_that_stands_for_the_document(app: App) -> None:
    app.process(drop(app, "scan.pdf", WHOLE))
    correct(app, 1, **SAID)
    app.process(go_on(app, WHOLE + b"%one\n"))
    app.process(go_on(app, WHOLE + b"%one\n%two\n"))
    assert [row(app, number).status.value for number in (1, 2, 3)] == [
        "superseded",
        "superseded",
        "completed",
    ]
    assert holds_what_was_said(app, 2) and holds_what_was_said(app, 3)
    with app.manager.get_session(read_only=True) as session:
        assert [hit.document_id for hit in fulltext.search(session, '"My Own GmbH"')] == [3]
        told = [event for event in documents.history(session, 3) if event.kind is EventKind.CORRECTED]
        assert [event.detail["earlier"] for event in told] == [2]
    assert codes(app) == []
    with app.manager.get_session() as session:
        recorded(session, 3)
    assert holds_what_was_said(app, 3)


def test_of_two_words_of_a_person_the_one_said_last_holds(app: App) -> None:
    app.process(drop(app, "scan.pdf", WHOLE))
    correct(app, 1, issuer="First", title="Kept")
    app.process(go_on(app, WHOLE + b"%one\n"))
    correct(app, 2, issuer="Second")
    app.process(go_on(app, WHOLE + b"%one\n%two\n"))
    assert said_by_a_person(app, 3) == {"issuer": "Second", "title": "Kept"}
    assert (row(app, 3).issuer, row(app, 3).title) == ("Second", "Kept")


def test_a_word_said_while_the_next_version_is_in_work_holds_for_it(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.process(drop(app, "scan.pdf", WHOLE))
    compare = superseding.custody.is_beginning_of

    def meanwhile(first: Path, second: Path) -> bool:
        correct(app, 1, **SAID)
        return compare(first, second)

    monkeypatch.setattr(superseding.custody, "is_beginning_of", meanwhile)
    app.process(go_on(app, WHOLE + b"%one\n"))
    assert row(app, 1).status is DocumentStatus.SUPERSEDED
    assert holds_what_was_said(app, 2)


def test_a_superseded_document_is_corrected_in_the_one_that_stands_for_it(app: App) -> None:
    app.process(drop(app, "scan.pdf", WHOLE))
    app.process(go_on(app, WHOLE + b"%one\n"))
    with pytest.raises(UsageError, match="document 2 stands for it") as refused:
        correct(app, 1, issuer="My Own GmbH")
    assert refused.value.code == "document_superseded" and "autod correct 2" in refused.value.next_step


def test_versions_that_both_stay_keep_their_own_words(app: App) -> None:
    app.process(drop(app, "scan.pdf", OTHER))
    correct(app, 1, **SAID)
    app.process(go_on(app, WHOLE))
    assert row(app, 1).status is DocumentStatus.COMPLETED
    assert holds_what_was_said(app, 1) and said_by_a_person(app, 2) == {}


def test_two_papers_in_one_file_both_stay_and_know_of_each_other(app: App) -> None:
    app.process(drop(app, "scan.pdf", OTHER))
    app.process(go_on(app, WHOLE))
    assert [row(app, n).status for n in (1, 2)] == [DocumentStatus.COMPLETED] * 2
    assert (row(app, 1).later_version, row(app, 2).earlier_version) == (2, 1)
    assert [Path(row(app, n).filed_path or "").read_bytes() for n in (1, 2)] == [OTHER, WHOLE]


def test_a_version_whose_row_somebody_deleted_does_not_hold_up_the_next_one(app: App) -> None:
    for content in (OTHER, WHOLE):
        app.process(drop(app, "scan.pdf", content))
    with app.manager.get_session() as session:
        session.delete(documents.require(session, 2))
    result = app.process(drop(app, "scan.pdf", good(3).content))
    assert result.success and result.document_id is not None
    assert row(app, 1).later_version == result.document_id
    assert row(app, result.document_id).earlier_version == 1


def test_the_earlier_version_may_end_last(app: App) -> None:
    app.process(drop(app, "scan.pdf", HALF))
    sha256 = row(app, 1).sha256_hex
    app.folders.claim_of(sha256).write_bytes(HALF)
    with app.manager.get_session() as session:
        documents.require(session, 1).status = DocumentStatus.WAITING
    app.process(go_on(app, WHOLE))
    assert row(app, 1).status is DocumentStatus.WAITING
    app.engine.again(sha256)
    app.engine.result(sha256)
    assert (row(app, 1).status, row(app, 2).status) == (DocumentStatus.SUPERSEDED, DocumentStatus.COMPLETED)


def test_the_rest_that_comes_as_a_file_of_its_own_is_joined(app: App) -> None:
    app.process(drop(app, "scan.pdf", HALF))
    app.process(drop(app, "scan.pdf", WHOLE[len(HALF) :]))
    assert Path(row(app, 2).filed_path or "").read_bytes() == WHOLE
    assert row(app, 1).status is DocumentStatus.SUPERSEDED
    assert [path.name for path in app.folders.inbox.iterdir() if not path.name.startswith(".")] == []
    assert files_in(app.folders.claimed) == []


def test_the_rest_is_joined_to_the_file_of_its_own_name_alone(app: App) -> None:
    app.process(drop(app, "scan.pdf", HALF))
    result = app.process(drop(app, "other.pdf", WHOLE[len(HALF) :]))
    assert (result.error or "").startswith("not_a_pdf")


def test_the_same_bytes_dropped_again_while_the_first_file_is_kept_are_a_duplicate(app: App) -> None:
    for name in ("scan.pdf", "scan.pdf", "again.pdf"):
        app.process(drop(app, name, WHOLE))
    assert len(kept_files(app)) == 3
    assert kinds(app, 1).count(EventKind.DUPLICATE) == 2
    assert codes(app) == []
    for path in kept_files(app):
        assert app.intake.receive(path).outcome is Outcome.KEPT
    assert len(kept_files(app)) == 3


def test_a_kept_file_goes_when_its_time_is_over_also_after_a_restart(
    settings: Settings, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    with App(settings, manager, writes=unknown) as app:
        app.process(drop(app, "scan.pdf", WHOLE))
        assert app.settled_files() == [] and len(kept_files(app)) == 1
    monkeypatch.setattr(kept, "KEPT_SECONDS", 0.0)
    with App(settings, manager, writes=unknown) as app:
        assert app.settled_files() == []
        assert kept_files(app) == []


def test_a_kept_file_stays_while_it_is_the_last_copy(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "KEPT_SECONDS", 0.0)
    app.process(drop(app, "bad.pdf", b"no paper"))
    Path(row(app, 1).filed_path or "").unlink()
    assert app.intake.receive(kept_files(app)[0]).outcome is Outcome.KEPT
    assert len(kept_files(app)) == 1


def test_the_next_run_takes_what_was_written_after_the_last_one(
    settings: Settings, manager: DatabaseManager
) -> None:
    with App(settings, manager, writes=unknown) as app:
        app.process(drop(app, "scan.pdf", HALF))
        path = go_on(app, WHOLE)
    with App(settings, manager, writes=unknown) as app:
        assert app.settled_files() == [path]
        assert app.process(path).success
        assert row(app, 1).status is DocumentStatus.SUPERSEDED


def test_a_superseded_document_that_a_person_drops_again_stands_for_itself(app: App) -> None:
    app.process(drop(app, "scan.pdf", HALF))
    app.process(go_on(app, WHOLE))
    app.process(drop(app, "half.pdf", HALF))
    first = row(app, 1)
    assert first.status in (DocumentStatus.COMPLETED, DocumentStatus.FAILED)
    assert (first.later_version, row(app, 2).earlier_version) == (None, None)
    assert Path(first.filed_path or "").read_bytes() == HALF


def test_what_a_program_has_open_is_named_by_process_and_left(
    settings: Settings, manager: DatabaseManager
) -> None:
    with App(settings, manager, writes=lambda _: Writing.SOMEBODY) as app:
        path = drop(app, "scan.pdf", WHOLE)
        assert app.settled_files() == []
        assert app.held_open == [path]


def test_check_tells_of_kept_files_that_changed_or_that_nobody_looked_at(app: App) -> None:
    app.process(drop(app, "scan.pdf", HALF))
    assert codes(app) == []
    assert codes(app, later=kept.KEPT_SECONDS + 100) == ["kept_left_over"]
    go_on(app, WHOLE)
    assert codes(app) == ["kept_changed"]


def test_what_is_left_of_a_superseded_document_is_told_and_removed(
    settings: Settings, manager: DatabaseManager
) -> None:
    with App(settings, manager, writes=unknown) as app:
        app.process(drop(app, "scan.pdf", HALF))
        app.process(go_on(app, WHOLE))
        (app.folders.failed / "scan.pdf").write_bytes(HALF)
        folders = app.folders
    mended, left = mend.repair(manager, folders, utc_now(), lambda *_: None)
    assert [difference.code for difference in mended] == ["superseded_left_over"]
    assert left == []
    assert not (folders.failed / "scan.pdf").exists()


def test_the_rest_of_a_file_that_is_still_there_after_a_crash_is_joined_once(app: App) -> None:
    app.process(drop(app, "scan.pdf", HALF))
    app.process(drop(app, "scan.pdf", WHOLE[len(HALF) :]))
    app.process(drop(app, "scan.pdf", WHOLE[len(HALF) :]))
    with app.manager.get_session(read_only=True) as session:
        assert session.get(Document, 3) is None
    assert Path(row(app, 2).filed_path or "").read_bytes() == WHOLE
    assert row(app, 2).status is DocumentStatus.COMPLETED
    assert files_in(app.folders.claimed) == []
