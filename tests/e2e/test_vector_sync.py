"""The vector store holds what the archive holds: caught up, rebuilt, emptied, and found in."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autod import config
from autod.assembly.service import open_client, open_egress
from autod.cli.main import cli
from autod.config import Settings, VectorStoreChoice
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.domain.kinds import DocType
from autod.domain.metadata import Metadata
from autod.periodic import Periodic
from autod.pipeline.vector_sync import MOST_FAILURES, VectorSync
from autod.vectors.openai import OpenAIVectorStore
from autod.vectors.uploading import Uploads
from tests.db.samples import extraction, recorded
from tests.openai.stub import KEY, Stub, Trouble
from tests.paid import paid_service, paid_settings
from tests.paper import INVOICE, pdf_of

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def stub() -> Iterator[Stub]:
    with paid_service() as stub:
        yield stub


@pytest.fixture
def settings(tmp_path: Path, manager: DatabaseManager, stub: Stub) -> Settings:
    return paid_settings(tmp_path, manager, stub, vector_store=VectorStoreChoice.OPENAI)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def in_step(settings: Settings, manager: DatabaseManager, clock: Clock, **changes: Any) -> VectorSync:
    settings = settings.model_copy(update=changes)
    client = open_client(settings, open_egress(settings, manager))
    store = OpenAIVectorStore(client, name="papers", sleep=lambda _: None)
    return VectorSync(manager, Uploads(store, 10), settings.privacy_policy, clock)


@pytest.fixture
def vector_sync(settings: Settings, manager: DatabaseManager, clock: Clock) -> VectorSync:
    return in_step(settings, manager, clock)


def archived(
    manager: DatabaseManager, folder: Path, number: int, kind: DocType = DocType.INVOICE, **fields: Any
) -> Document:
    """A completed document with its filed copy."""
    sha256 = f"{number:064x}"
    path = folder / f"{number}.pdf"
    path.write_bytes(pdf_of((*INVOICE, f"copy {number}")))
    with manager.get_session() as session:
        admission = documents.admit(
            session, sha256=sha256, original_filename="a.pdf", source_path="/a", size=1, now=NOW
        )
        found = extraction(Metadata(doc_type=kind, **fields))
        recorded(session, admission.document_id, found, pages=("copper pipe",))
        documents.complete(
            session, admission.document_id, filed_path=str(path), processing_seconds=1, now=NOW
        )
    return row(manager, admission.document_id)


def row(manager: DatabaseManager, number: int) -> Document:
    with manager.get_session(read_only=True) as session:
        return documents.require(session, number)


def silent(done: int, total: int) -> None:
    """No progress is shown."""


def held(stub: Stub) -> set[str]:
    """The hashes of what is in the stores."""
    return {
        entry["shown"]["attributes"]["sha256"]
        for store in stub.kept_files.attached.values()
        for entry in store.values()
    }


def test_rebuild_fills_an_empty_store_and_says_how_far_it_is(
    vector_sync: VectorSync, manager: DatabaseManager, stub: Stub, tmp_path: Path
) -> None:
    made = [archived(manager, tmp_path, number) for number in range(3)]
    seen: list[tuple[int, int]] = []
    tally = vector_sync.rebuild(lambda done, total: seen.append((done, total)))
    assert (tally.placed, tally.kept, tally.failed) == (3, 0, 0)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert held(stub) == {document.sha256_hex for document in made}
    assert all(row(manager, document.id).vector_store_file_id for document in made)


def test_rebuild_again_sends_nothing(
    vector_sync: VectorSync, manager: DatabaseManager, stub: Stub, tmp_path: Path
) -> None:
    archived(manager, tmp_path, 1)
    vector_sync.rebuild(silent)
    sent = len(stub.asked("POST", "/files"))
    assert vector_sync.rebuild(silent).kept == 1
    assert len(stub.asked("POST", "/files")) == sent


def test_rebuild_that_was_broken_off_goes_on(
    vector_sync: VectorSync, manager: DatabaseManager, stub: Stub, tmp_path: Path
) -> None:
    for number in range(3):
        archived(manager, tmp_path, number)

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vector_sync.rebuild(stop)
    assert (vector_sync.rebuild(silent).kept, len(held(stub))) == (2, 3)
    assert len(stub.kept_files.files) == 3


def test_rebuild_knows_again_what_a_restored_database_forgot(
    vector_sync: VectorSync, manager: DatabaseManager, stub: Stub, tmp_path: Path
) -> None:
    document = archived(manager, tmp_path, 1)
    vector_sync.rebuild(silent)
    with manager.get_session() as session:
        documents.link(session, document.id, vector_store_file_id=None)
    vector_sync.rebuild(silent)
    assert row(manager, document.id).vector_store_file_id
    assert len(stub.kept_files.files) == 1


def test_rebuild_brings_up_to_date_what_a_person_corrected(
    vector_sync: VectorSync, manager: DatabaseManager, stub: Stub, tmp_path: Path
) -> None:
    document = archived(manager, tmp_path, 1, issuer="Old Ltd")
    vector_sync.rebuild(silent)
    with manager.get_session() as session:
        documents.correct(session, document.id, "issuer", "New Ltd", NOW)
    vector_sync.rebuild(silent)
    (entry,) = next(iter(stub.kept_files.attached.values())).values()
    assert entry["shown"]["attributes"]["issuer"] == "New Ltd"
    assert len(stub.asked("POST", "/files")) == 1


def test_rebuild_takes_out_what_left_the_archive_what_is_doubled_and_what_failed(
    vector_sync: VectorSync, manager: DatabaseManager, stub: Stub, tmp_path: Path
) -> None:
    gone, stays = archived(manager, tmp_path, 1), archived(manager, tmp_path, 2)
    vector_sync.rebuild(silent)
    (store,) = stub.kept_files.attached
    file = stub.kept_files.keep("again", "user_data", f"{stays.sha256_hex}.pdf")
    stub.kept_files._attach(store, {"file_id": file, "attributes": {"sha256": stays.sha256_hex}})
    with manager.get_session() as session:
        session.delete(documents.require(session, gone.id))
    tally = vector_sync.rebuild(silent)
    assert tally.removed == 2
    assert held(stub) == {stays.sha256_hex}
    assert len(stub.kept_files.files) == 1


def test_rebuild_takes_out_what_a_new_policy_keeps_here(
    settings: Settings, manager: DatabaseManager, clock: Clock, stub: Stub, tmp_path: Path
) -> None:
    medical = archived(manager, tmp_path, 1, DocType.MEDICAL)
    everyday = archived(manager, tmp_path, 2)
    in_step(settings, manager, clock).rebuild(silent)
    assert len(held(stub)) == 2
    strict = in_step(settings, manager, clock, privacy="medical: local, unknown: anywhere")
    assert strict.rebuild(silent).removed == 1
    assert held(stub) == {everyday.sha256_hex}
    assert row(manager, medical.id).vector_store_file_id is None


def test_rebuild_stops_when_the_store_is_away_and_what_failed_is_due_again(
    vector_sync: VectorSync, manager: DatabaseManager, stub: Stub, clock: Clock, tmp_path: Path
) -> None:
    made = [archived(manager, tmp_path, number) for number in range(MOST_FAILURES + 3)]
    vector_sync.uploads.store.get_or_create()
    stub.meet(*[Trouble(path="/files", status=503)] * 100)
    tally = vector_sync.rebuild(silent)
    assert (tally.broken_off, tally.failed) == (True, MOST_FAILURES)
    stub.script.clear()
    vector_sync.catch_up()
    assert held(stub) == set()
    clock.now = NOW + timedelta(minutes=11)
    vector_sync.catch_up()
    assert held(stub) == {document.sha256_hex for document in made[:MOST_FAILURES]}


def test_a_file_that_is_gone_is_a_failure_and_holds_up_no_other(
    vector_sync: VectorSync, manager: DatabaseManager, stub: Stub, tmp_path: Path
) -> None:
    gone, there = archived(manager, tmp_path, 1), archived(manager, tmp_path, 2)
    Path(gone.filed_path or "").unlink()
    tally = vector_sync.rebuild(silent)
    assert (tally.failed, tally.placed) == (1, 1)
    assert held(stub) == {there.sha256_hex}


def test_what_failed_after_it_was_placed_is_taken_out(
    vector_sync: VectorSync, manager: DatabaseManager, stub: Stub, tmp_path: Path
) -> None:
    document = archived(manager, tmp_path, 1)
    vector_sync.rebuild(silent)
    with manager.get_session() as session:
        documents.fail(
            session, document.id, code="disk_full", message="m", next_step="n", filed_path=None, now=NOW
        )
    vector_sync.catch_up()
    assert held(stub) == set() and stub.kept_files.files == {}
    assert row(manager, document.id).vector_store_file_id is None


def test_a_correction_reaches_the_store_by_itself(
    settings: Settings, manager: DatabaseManager, clock: Clock, stub: Stub, tmp_path: Path
) -> None:
    document = archived(manager, tmp_path, 1, issuer="Old Ltd")
    vector_sync = in_step(settings, manager, clock, privacy="medical: local, unknown: anywhere")
    vector_sync.rebuild(silent)
    with manager.get_session() as session:
        documents.correct(session, document.id, "issuer", "New Ltd", NOW)
    vector_sync.catch_up()
    (entry,) = next(iter(stub.kept_files.attached.values())).values()
    assert entry["shown"]["attributes"]["issuer"] == "New Ltd"
    with manager.get_session() as session:
        documents.correct(session, document.id, "doc_type", "medical", NOW)
    vector_sync.catch_up()
    assert held(stub) == set()


def test_what_is_read_again_under_a_stricter_policy_is_taken_out(
    settings: Settings, manager: DatabaseManager, clock: Clock, stub: Stub, tmp_path: Path
) -> None:
    document = archived(manager, tmp_path, 1, DocType.MEDICAL)
    in_step(settings, manager, clock).rebuild(silent)
    assert held(stub) == {document.sha256_hex}
    strict = settings.model_copy(update={"privacy": "medical: local"})
    assert open_egress(strict, manager).learn(document.sha256_hex, ["medical"]) == "medical"
    clock.now = datetime.now(UTC)
    in_step(strict, manager, clock).catch_up()
    assert held(stub) == set()
    after = row(manager, document.id)
    assert (after.vector_store_file_id, after.store_retry_at) == (None, None)


def test_a_postponed_upload_is_handed_to_one_caller(
    vector_sync: VectorSync, manager: DatabaseManager, clock: Clock, tmp_path: Path
) -> None:
    document = archived(manager, tmp_path, 1)
    with manager.get_session() as session:
        documents.link(session, document.id, vector_store_file_id=None, retry_at=NOW)
    assert [one.id for one in vector_sync._take_due()] == [document.id]
    assert vector_sync._take_due() == []
    clock.now = NOW + timedelta(hours=1)
    assert [one.id for one in vector_sync._take_due()] == [document.id]


def test_purge_leaves_nothing_not_even_what_an_interrupted_upload_left(
    vector_sync: VectorSync, manager: DatabaseManager, stub: Stub, tmp_path: Path
) -> None:
    documents_made = [archived(manager, tmp_path, number) for number in range(2)]
    vector_sync.rebuild(silent)
    archived(manager, tmp_path, 7)
    stub.meet(*[Trouble(path="/vector_stores/vs_1/files", status=403, code="forbidden")] * 9)
    vector_sync.rebuild(silent)
    stub.script.clear()
    assert len(stub.kept_files.files) == 3
    assert vector_sync.purge() == 2
    assert (stub.kept_files.files, stub.kept_files.stores) == ({}, {})
    assert all(row(manager, document.id).vector_store_file_id is None for document in documents_made)
    assert vector_sync.purge() == 0
    assert stub.kept_files.stores == {}


def test_a_store_that_somebody_deleted_is_made_anew(
    vector_sync: VectorSync, manager: DatabaseManager, stub: Stub, tmp_path: Path
) -> None:
    archived(manager, tmp_path, 1)
    vector_sync.uploads.store.get_or_create()
    stub.kept_files.stores.clear()
    stub.kept_files.attached.clear()
    archived(manager, tmp_path, 2)
    assert vector_sync.rebuild(silent).placed == 2
    assert len(stub.kept_files.stores) == 1


def test_the_daemon_catches_up_by_itself_and_stops_when_told(
    vector_sync: VectorSync, manager: DatabaseManager, stub: Stub, tmp_path: Path
) -> None:
    document = archived(manager, tmp_path, 1)
    with manager.get_session() as session:
        documents.link(session, document.id, vector_store_file_id=None, retry_at=NOW)
    caught_up = threading.Event()

    class Watched(VectorSync):
        def catch_up(self, stopping: Callable[[], bool] = lambda: False) -> None:
            super().catch_up(stopping)
            caught_up.set()

    watched = Watched(manager, vector_sync.uploads, vector_sync.policy, vector_sync.now)
    tending = Periodic("vector-sync", lambda: watched.tend(tending.stopping), 0.01)
    tending.start()
    assert caught_up.wait(30)
    tending.stop(30)
    assert held(stub) == {document.sha256_hex}


def test_standing_tells_archive_and_store_apart(
    vector_sync: VectorSync, manager: DatabaseManager, tmp_path: Path
) -> None:
    archived(manager, tmp_path, 1)
    before = vector_sync.standing(ask=True)
    assert (before.belong, before.linked, before.held) == (1, 0, 0)
    vector_sync.rebuild(silent)
    after = vector_sync.standing(ask=True)
    assert (after.belong, after.linked, after.held) == (1, 1, 1)


@pytest.fixture
def program(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """The command line with these settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAPER_AUTOPILOT_DB_URL", settings.paper_autopilot_db_url)
    monkeypatch.setenv("PAPER_AUTOPILOT_VECTOR_STORE", "openai")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", settings.openai_base_url)
    config.get_config.cache_clear()
    yield lambda *arguments: CliRunner().invoke(cli, arguments)
    config.get_config.cache_clear()


def test_commands_fill_find_and_empty(
    program: Any, manager: DatabaseManager, stub: Stub, tmp_path: Path
) -> None:
    stub.kept_files.polls_until_done = 0
    document = archived(manager, tmp_path, 1, issuer="Northfield Supplies Ltd")
    assert "none yet" in program("vectors", "status").output
    assert json.loads(program("vectors", "rebuild", "--json").stdout)["placed"] == 1
    stub.kept_files.contents = dict.fromkeys(stub.kept_files.contents, "copper pipe from Bristol")
    (found,) = program(
        "search", "--meaning", "copper", "--issuer", "northfield", "--json"
    ).stdout.splitlines()
    assert json.loads(found)["id"] == document.id
    assert "Nothing found" in program("search", "--meaning", "copper", "--issuer", "Acme").output
    assert "Nothing found" in program("search", "--meaning", "copper", "--type", "lease").output
    assert program("vectors", "purge").exit_code == 1
    assert stub.kept_files.files
    assert json.loads(program("vectors", "purge", "--yes", "--json").stdout) == {"removed": 1}
    assert stub.kept_files.files == {}
