"""Documents that wait are taken up when their time has come, or when a person says so."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from autod.app import App
from autod.cli.calling import program
from autod.cli.main import cli
from autod.cli.process import process_all
from autod.config import Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import UsageError
from autod.paying.batch_lane import BATCH_LANE
from autod.requeue import RetryBeside, open_retrying
from tests.openai.stub import NO_QUOTA, Stub, Trouble
from tests.paid import Open, apps, paid_service, paid_settings
from tests.paper import INVOICE, pdf_of

SAID = {"doc_type": {"value": "invoice", "page": 1, "quote": "INVOICE"}}
WRONG_KEY = SecretStr("sk-wrong-0123456789")
NO_MODEL = {"status": 404, "code": "model_not_found", "kind": "invalid_request_error", "param": "model"}


@pytest.fixture(autouse=True)
def no_handler_on_a_captured_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's library would write to the stream that pytest closes after the test."""
    monkeypatch.setattr(logging.getLogger("dbos"), "handlers", [logging.NullHandler()])


@pytest.fixture
def stub() -> Iterator[Stub]:
    with paid_service(SAID) as stub:
        yield stub


@pytest.fixture
def settings(tmp_path: Path, manager: DatabaseManager, stub: Stub) -> Settings:
    return paid_settings(tmp_path, manager, stub)


@pytest.fixture
def opened(settings: Settings, manager: DatabaseManager) -> Iterator[Open]:
    with apps(settings, manager) as opened:
        yield opened


def drop(app: App, name: str = "a.pdf") -> Path:
    path = app.folders.inbox / name
    path.write_bytes(pdf_of((*INVOICE, name)))
    return path


def row(manager: DatabaseManager, number: int = 1) -> Document:
    with manager.get_session(read_only=True) as session:
        return documents.require(session, number)


def their_time_comes(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(sa.update(Document).where(Document.retry_at.is_not(None)).values(retry_at=past))


def have_one_wait(settings: Settings, manager: DatabaseManager, *, outside: Path | None = None) -> None:
    """A document that the service would not read: its key was refused."""
    with App(settings.model_copy(update={"openai_api_key": WRONG_KEY}), manager) as app:
        path = drop(app)
        if outside is not None:
            path = path.rename(outside)
        assert (app.process(path).error or "").startswith("openai_key_refused")
    assert row(manager).status is DocumentStatus.WAITING and row(manager).retry_at is not None


@pytest.mark.parametrize("at", ["in the inbox", "elsewhere"])
def test_processing_the_inbox_takes_up_what_waits_when_its_time_has_come(
    at: str, settings: Settings, manager: DatabaseManager, opened: Open, stub: Stub, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    have_one_wait(settings, manager, outside=tmp_path / "a.pdf" if at == "elsewhere" else None)
    their_time_comes(manager)
    app = opened()
    assert process_all(app, app.settled_files(), as_json=False, inbox=True) == 0
    assert row(manager).status is DocumentStatus.COMPLETED
    assert len(stub.billed) == 1
    assert capsys.readouterr().out.count("✓ a.pdf") == 1


def test_a_named_file_whose_document_waits_is_taken_up_when_its_time_has_come(
    settings: Settings, manager: DatabaseManager, opened: Open, tmp_path: Path
) -> None:
    have_one_wait(settings, manager, outside=tmp_path / "a.pdf")
    app = opened()
    assert (app.process(tmp_path / "a.pdf").error or "").startswith("openai_key_refused")
    their_time_comes(manager)
    assert app.process(tmp_path / "a.pdf").success


def test_what_was_left_in_work_by_a_process_that_ended_is_finished_before_the_next_one_ends(
    settings: Settings, manager: DatabaseManager, opened: Open, tmp_path: Path
) -> None:
    if manager.sqlite_path is None:
        return  # in a fleet it may be another machine's
    have_one_wait(settings, manager, outside=tmp_path / "a.pdf")
    with manager.get_session() as session:
        session.execute(sa.update(Document).values(retry_at=None))
    app = opened()
    assert process_all(app, app.settled_files(), as_json=False, inbox=True) == 0
    assert row(manager).status is DocumentStatus.COMPLETED


@pytest.mark.parametrize(
    "trouble", [{"status": 401}, NO_QUOTA, NO_MODEL], ids=["refused key", "no quota", "missing model"]
)
def test_a_waiting_document_is_asked_about_at_once_when_a_person_says_so(
    trouble: dict[str, object],
    opened: Open,
    manager: DatabaseManager,
    stub: Stub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 1)
    app = opened()
    stub.meet(*[Trouble(**trouble)] * 3, Trouble(path="/conversations", **trouble))  # type: ignore[arg-type]  # its fields
    assert not app.process(drop(app)).success
    assert row(manager).status is DocumentStatus.WAITING
    stub.script.clear()
    result = app.retry(1)
    assert result.success, result.error
    assert len(stub.billed) == 1
    with manager.get_session(read_only=True) as session:
        kinds = [event.kind for event in documents.history(session, 1)]
    assert EventKind.RETRIED in kinds


def test_a_document_that_waits_for_its_batch_stays_in_its_batch(
    opened: Open, manager: DatabaseManager, stub: Stub
) -> None:
    app = opened()
    app.process(drop(app), lane=BATCH_LANE)
    result = app.retry(1)
    assert (result.error or "").startswith("openai_batch_waiting")
    assert row(manager).lane == BATCH_LANE
    assert stub.asked("POST", "/responses") == []


def test_a_completed_document_is_not_retried_and_the_message_names_what_can_be(
    opened: Open, manager: DatabaseManager
) -> None:
    app = opened()
    app.process(drop(app))
    with pytest.raises(UsageError) as refused:
        app.retry(1)
    assert refused.value.code == "not_failed"
    assert "--status waiting" in refused.value.next_step


def test_the_summary_tells_how_many_wait_until_when_why_and_what_helps(
    settings: Settings, manager: DatabaseManager, opened: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    app = opened(openai_api_key=WRONG_KEY)
    files = [drop(app, f"{number}.pdf") for number in range(3)]
    assert process_all(app, files, as_json=False, inbox=False) == 3
    said = capsys.readouterr()
    due = min(row(manager, number).retry_at for number in (1, 2, 3))  # type: ignore[type-var]  # they wait
    assert f"3 documents wait until {due:%Y-%m-%d %H:%M} UTC" in said.err
    assert "because the service refused the key" in said.err
    assert f"`{program()} retry --all-waiting`" in said.err
    assert f"`{program()} retry 2`" in said.out

    their_time_comes(manager)
    assert process_all(app, [], as_json=False, inbox=False) == 0
    assert f"`{program()} process` takes" in capsys.readouterr().err


def test_in_json_each_line_says_until_when_its_document_waits(
    opened: Open, manager: DatabaseManager, capsys: pytest.CaptureFixture[str]
) -> None:
    app = opened(openai_api_key=WRONG_KEY)
    process_all(app, [drop(app)], as_json=True, inbox=False)
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("{"))
    said = json.loads(line)
    assert datetime.fromisoformat(said["waits_until"]) == row(manager).retry_at


@pytest.fixture
def run_autod(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command line in this process, with the test's settings; gives the exit code."""
    monkeypatch.setattr("autod.config.get_config", lambda: settings)
    monkeypatch.setattr("autod.assembly.logging.start_logging", lambda *_: None)

    def run(*arguments: str) -> int:
        with pytest.raises(SystemExit) as ended:
            cli(list(arguments))
        return int(ended.value.code or 0)

    return run


def test_all_that_wait_can_be_retried_with_one_command(
    settings: Settings, manager: DatabaseManager,
    run_autod: Callable[..., int], capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    have_one_wait(settings, manager)
    assert run_autod("retry", "--all-waiting") == 0
    assert "✓ a.pdf" in capsys.readouterr().out
    assert run_autod("retry", "--all-waiting") == 0
    assert "No document waits" in capsys.readouterr().err


def test_while_a_daemon_runs_it_is_the_daemon_that_asks_at_once(
    settings: Settings, manager: DatabaseManager, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_one_wait(settings, manager)
    monkeypatch.setattr("autod.duties.REVIVAL_SECONDS", 0.0)
    app, ended = opened(), threading.Event()

    def work_as_the_daemon() -> None:
        while not ended.wait(0.05):
            app.duties.look()

    with ThreadPoolExecutor(1) as pool:
        daemon = pool.submit(work_as_the_daemon)
        try:
            with open_retrying(settings) as beside:
                assert isinstance(beside, RetryBeside)
                ((_, result),) = beside.retry_many([1])
        finally:
            ended.set()
        daemon.result()
    assert result.success, result.error
