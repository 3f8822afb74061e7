"""A new API key is taken with a restart, or without one where the key is kept in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from autod.app import App
from autod.assembly.service import open_client
from autod.config import Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus
from tests.e2e.test_paid_life import SAID
from tests.openai.stub import KEY, Stub, serving
from tests.paper import INVOICE, pdf_of
from tests.settings import settings_in

NEW_KEY = "sk-stub-new-fedcba9876543210"


@pytest.fixture
def stub() -> Iterator[Stub]:
    with serving() as (stub, url):
        stub.url = url  # type: ignore[attr-defined]  # where the settings below find it
        stub.desk.answer = lambda body: SAID
        yield stub


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(f"{KEY}\n")
    return path


def settings_for(place: Path, sqlite_url: str, stub: Stub, **changes: object) -> Settings:
    return settings_in(place, sqlite_url, openai_base_url=stub.url, quiet_seconds=0, **changes)  # type: ignore[attr-defined]


def process(app: App, name: str) -> DocumentStatus:
    path = app.folders.inbox / name
    path.write_bytes(pdf_of((*INVOICE, name)))
    number = app.process(path).document_id
    assert number is not None
    return status_of(app, number)


def status_of(app: App, number: int) -> DocumentStatus:
    with app.manager.get_session(read_only=True) as session:
        return documents.require(session, number).status


def test_after_a_restart_with_the_new_key_the_waiting_documents_are_read(
    tmp_path: Path, sqlite_url: str, stub: Stub
) -> None:
    settings = settings_for(tmp_path, sqlite_url, stub, openai_api_key=SecretStr(KEY))
    with DatabaseManager(sqlite_url) as manager:
        with App(settings, manager) as app:
            assert process(app, "a.pdf") is DocumentStatus.COMPLETED
            stub.key = NEW_KEY
            assert process(app, "b.pdf") is DocumentStatus.WAITING
        changed = settings.model_copy(update={"openai_api_key": SecretStr(NEW_KEY)})
        with App(changed, manager) as app:
            with manager.get_session() as session:
                document = documents.require(session, 2)
                assert document.error_code == "openai_key_refused"
                document.retry_at = document.received_at
            app.duties.look()
            app.engine.result(document.sha256_hex)
            assert status_of(app, 2) is DocumentStatus.COMPLETED
    assert len(stub.billed) == 2


def test_a_new_key_in_the_file_is_taken_without_a_restart_and_paid_once(
    tmp_path: Path, sqlite_url: str, stub: Stub, key_file: Path
) -> None:
    settings = settings_for(tmp_path, sqlite_url, stub, openai_api_key_file=key_file)
    with DatabaseManager(sqlite_url) as manager, App(settings, manager) as app:
        assert process(app, "a.pdf") is DocumentStatus.COMPLETED
        key_file.write_text(f"{NEW_KEY}\n")
        assert process(app, "b.pdf") is DocumentStatus.COMPLETED  # the old key is still good
        stub.key = NEW_KEY
        assert process(app, "c.pdf") is DocumentStatus.COMPLETED
    assert len(stub.billed) == 3


def test_a_key_file_that_others_may_read_is_not_taken_anew(
    tmp_path: Path, sqlite_url: str, stub: Stub, key_file: Path
) -> None:
    settings = settings_for(tmp_path, sqlite_url, stub, openai_api_key_file=key_file)
    with DatabaseManager(sqlite_url) as manager, App(settings, manager) as app:
        key_file.write_text(NEW_KEY)
        key_file.chmod(0o644)
        stub.key = NEW_KEY
        assert process(app, "a.pdf") is DocumentStatus.WAITING
    assert stub.billed == []


def test_the_same_key_is_not_tried_twice(tmp_path: Path, sqlite_url: str, stub: Stub, key_file: Path) -> None:
    settings = settings_for(tmp_path, sqlite_url, stub, openai_api_key_file=key_file)
    stub.key = NEW_KEY
    client = open_client(settings)
    with pytest.raises(Exception, match="refused the key"):
        client.send("GET", "/models", retries=False)
    assert stub.connections == 1
    client.close()
