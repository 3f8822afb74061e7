"""What was paid for when the copy was made is collected after the restore, and not paid again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from autod.app import App
from autod.backup.restoring import restore
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus
from tests.backup.place import Place, differences, folders_below, quiet
from tests.openai.stub import KEY, Stub, serving
from tests.paper import INVOICE, pdf_of
from tests.settings import settings_in
from tests.waiting import until

NEVER = 10**6


@pytest.fixture
def stub() -> Iterator[Stub]:
    with serving() as (stub, url):
        stub.url = url  # type: ignore[attr-defined]  # where the settings below find it
        yield stub


def polled(stub: Stub) -> bool:
    """Whether an answer is being waited for: the payment before it is written down."""
    return any(method == "GET" and path.startswith("/responses/") for method, path, _ in stub.requests)


def test_an_answer_under_way_is_collected_elsewhere_and_a_waiting_question_is_asked_once(
    manager: DatabaseManager,
    new_manager: DatabaseManager,
    stub: Stub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two documents: the question of one was paid for, that of the other waits for its place in the queue."""
    monkeypatch.setattr("autod.extract.openai.pacing.POLL_SECONDS", 0.1)
    choices = {
        "openai_api_key": SecretStr(KEY),
        "openai_base_url": stub.url,  # type: ignore[attr-defined]  # set by the fixture
        "openai_paying_once": "background",
        "openai_concurrency": 1,
        "quiet_seconds": 0,
        "stop_seconds": 1,
    }
    stub.desk.polls_until_done = NEVER
    old, new = tmp_path / "work", tmp_path / "restored"
    hashes = []
    with App(settings_in(old, manager.url, **choices), manager) as app:
        for number in range(2):
            (app.folders.inbox / f"{number}.pdf").write_bytes(pdf_of((*INVOICE, f"copy {number}")))
            hashes.append(app.intake.receive(app.folders.inbox / f"{number}.pdf").sha256)
        until(lambda: polled(stub) and len(questions(app.folders.claimed)) == 2)
        taken = Place(manager, app.folders, tmp_path / "backups").backup()
    shutil.rmtree(old)
    assert len(stub.billed) == 1

    stub.desk.polls_until_done = 0
    for kept in stub.desk.responses.values():
        kept["left"] = 0
    folders = folders_below(new)
    restore(taken.path, new_manager, folders, quiet)
    with App(settings_in(new, new_manager.url, **choices), new_manager) as app:
        assert [app.engine.result(sha256)["outcome"] for sha256 in hashes] == ["completed"] * 2
        with new_manager.get_session() as session:
            for sha256 in hashes:
                document = documents.by_sha(session, sha256)
                assert document is not None and document.status is DocumentStatus.COMPLETED
    assert len(stub.billed) == 2
    assert differences(new_manager.url, folders) == []


def questions(claimed: Path) -> list[Path]:
    return list(claimed.glob("*.question*"))
