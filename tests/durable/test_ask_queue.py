"""A paid service is asked from a queue of its own: nobody waits in anybody's way, and an answer is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from tenacity import nap

from autod.app import App
from autod.assembly.archive import utc_now
from autod.config import AtCap, Settings
from autod.db import documents, ledger
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.domain.backoff import Backoff
from autod.domain.money import Caps, Order
from autod.domain.status import DocumentStatus
from autod.errors import DatabaseError
from autod.extract.openai import warming
from autod.paying import asking
from autod.pipeline import steps
from tests.openai.stub import KEY, Stub, Trouble, serving
from tests.paper import INVOICE, pdf_of
from tests.settings import settings_in
from tests.torture.faults import Do, Fault
from tests.torture.hooks import Torturer, around_steps
from tests.waiting import until

Open = Callable[..., App]

SAID = {"issuer": {"value": "Northfield Supplies Ltd", "page": 1, "quote": "Northfield Supplies Ltd"}}
NEVER = 10**6


@pytest.fixture(autouse=True)
def nobody_goes_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first question is held back here, and the others are not to wait for its answer."""
    monkeypatch.setattr(warming, "LONGEST_HOLD", 0.0)


@pytest.fixture
def service() -> Iterator[tuple[Stub, str]]:
    with serving() as (stub, url):
        stub.desk.answer = lambda body: SAID
        yield stub, url
        assert stub.violations == []


@pytest.fixture
def stub(service: tuple[Stub, str]) -> Stub:
    return service[0]


@pytest.fixture
def settings(
    tmp_path: Path, manager: DatabaseManager, service: tuple[Stub, str], monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setattr("autod.extract.openai.pacing.POLL_SECONDS", 0.1)
    return settings_in(
        tmp_path,
        manager.url,
        openai_api_key=SecretStr(KEY),
        openai_base_url=service[1],
        openai_paying_once="background",
        quiet_seconds=0,
    )


@pytest.fixture
def opened(settings: Settings, manager: DatabaseManager) -> Iterator[Open]:
    with ExitStack() as stack:
        yield lambda **changes: stack.enter_context(App(settings.model_copy(update=changes), manager))


def receive(app: App, number: int = 0) -> str:
    path = app.folders.inbox / f"{number}.pdf"
    path.write_bytes(pdf_of((*INVOICE, f"copy {number}")))
    return app.intake.receive(path).sha256


def answer_all(stub: Stub) -> None:
    with stub.lock:
        stub.desk.polls_until_done = 0
        for kept in stub.desk.responses.values():
            kept["left"] = 0


def row(app: App, number: int = 1) -> Document:
    with app.manager.get_session(read_only=True) as session:
        return documents.require(session, number)


def asks(manager: DatabaseManager) -> list[str]:
    with manager.get_session(read_only=True) as session:
        found = session.execute(
            sa.text("SELECT status FROM workflow_status WHERE workflow_uuid LIKE 'ask:%' ORDER BY created_at")
        )
        return [status for (status,) in found]


def test_documents_that_wait_for_an_answer_keep_no_other_from_being_read(opened: Open, stub: Stub) -> None:
    stub.desk.polls_until_done = NEVER
    app = opened(workers=1)
    hashes = [receive(app, number) for number in range(5)]
    until(lambda: len(stub.billed) == 5)
    answer_all(stub)
    assert [app.engine.result(sha256)["outcome"] for sha256 in hashes] == ["completed"] * 5
    assert len(stub.billed) == 5


def test_no_more_documents_are_asked_about_at_a_time_than_the_setting_says(
    opened: Open, stub: Stub, manager: DatabaseManager
) -> None:
    stub.desk.polls_until_done = NEVER
    app = opened(openai_concurrency=2)
    hashes = [receive(app, number) for number in range(4)]
    until(lambda: len(stub.billed) == 2 and len(asks(manager)) == 4)
    assert sorted(asks(manager)) == ["ENQUEUED", "ENQUEUED", "PENDING", "PENDING"]
    answer_all(stub)
    assert {app.engine.result(sha256)["outcome"] for sha256 in hashes} == {"completed"}


def test_no_more_documents_are_asked_about_in_a_minute_than_the_setting_says(
    opened: Open, stub: Stub, manager: DatabaseManager
) -> None:
    stub.desk.polls_until_done = 0
    app = opened(openai_documents_per_minute=2)
    for number in range(3):
        receive(app, number)
    until(lambda: sorted(asks(manager)) == ["ENQUEUED", "SUCCESS", "SUCCESS"])
    assert len(stub.billed) == 2


def test_an_answer_outlives_the_failure_of_its_document_and_a_retry_pays_nothing(
    opened: Open, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    app = opened()
    with monkeypatch.context() as patch:
        patch.setattr(steps.Steps, "understand", broken)
        app.engine.result(receive(app))
    assert row(app).status is DocumentStatus.FAILED
    assert app.retry(1).success
    assert row(app).engine == "openai"
    assert len(stub.billed) == 1


def test_a_document_that_is_postponed_after_its_answer_finds_it_again(
    opened: Open, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autod.errors import FileTrouble

    def full(*_: object) -> None:
        raise FileTrouble("the disk is full", code="disk_full")

    app = opened()
    with monkeypatch.context() as patch:
        patch.setattr(steps.Steps, "file", full)
        sha256 = receive(app)
        assert app.engine.result(sha256)["outcome"] == "postponed"
    app.engine.again(sha256)
    assert app.engine.result(sha256)["outcome"] == "completed"
    assert len(stub.billed) == 1


def test_a_question_that_failed_for_a_passing_reason_is_asked_again(
    opened: Open, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PAUSES", Backoff(first=0.05, longest=0.1))
    monkeypatch.setattr(nap, "time", SimpleNamespace(sleep=lambda _: None))
    app = opened()
    stub.meet(*[Trouble(status=503)] * 20)
    sha256 = receive(app)
    assert app.engine.result(sha256)["outcome"] == "postponed"
    stub.script.clear()
    app.engine.again(sha256)
    assert app.engine.result(sha256)["outcome"] == "completed"
    assert len(stub.billed) == 1


def test_a_completed_document_that_is_processed_once_more_is_asked_about_anew(
    opened: Open, stub: Stub
) -> None:
    app = opened()
    app.engine.result(receive(app))
    path = app.folders.inbox / "again.pdf"
    path.write_bytes(pdf_of((*INVOICE, "copy 0")))
    assert app.process(path, skip_duplicates=False).success
    assert len(stub.billed) == 2


def test_a_stop_parks_a_document_that_waits_and_the_next_start_pays_nothing(
    settings: Settings, manager: DatabaseManager, stub: Stub
) -> None:
    stub.desk.polls_until_done = NEVER
    with App(settings.model_copy(update={"stop_seconds": 0.5}), manager) as app:
        sha256 = receive(app)
        until(lambda: len(stub.billed) == 1)
    assert row(app).status is DocumentStatus.PROCESSING
    answer_all(stub)
    with App(settings, manager) as app:
        assert app.engine.result(sha256)["outcome"] == "completed"
    assert len(stub.billed) == 1


def test_a_question_whose_workflow_the_database_broke_off_goes_on_where_it_broke(
    opened: Open, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    torturer = Torturer([Fault("step:settle:inside", Do.DATABASE_ERROR)], {})
    around_steps(torturer, monkeypatch.setattr)
    sha256 = receive(app)
    with pytest.raises(DatabaseError) as caught:
        app.engine.result(sha256)
    assert caught.value.code == "life_broken_off"
    app.engine.upkeep.revive([sha256])
    assert app.engine.result(sha256)["outcome"] == "completed"
    assert len(stub.billed) == 1


def test_a_question_whose_thread_is_gone_is_taken_up_at_the_second_look(
    opened: Open, stub: Stub, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    sha256 = receive(app)
    app.engine.result(sha256)
    with manager.get_session() as session:
        session.execute(sa.text("UPDATE workflow_status SET status = 'PENDING' WHERE name = 'ask'"))
    resumed: list[Any] = []
    from dbos import DBOS

    monkeypatch.setattr(DBOS, "resume_workflows", lambda names, **where: resumed.append((names, where)))
    app.engine.upkeep.revive([sha256])
    app.engine.upkeep.revive([sha256])
    queue = "llm" + app.engine.queue.removeprefix("documents")
    assert resumed == [([f"ask:{sha256}"], {"queue_name": queue})]
    with manager.get_session() as session:
        session.execute(sa.text("UPDATE workflow_status SET status = 'SUCCESS'"))


@pytest.mark.parametrize("cap", ["cap_document_usd", "cap_day_usd", "cap_month_usd"])
def test_waiting_for_a_cap_is_no_attempt_and_goes_on_for_ever(
    opened: Open, stub: Stub, cap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 2)
    app = opened(**{cap: Decimal("0.000001")})
    sha256 = receive(app)
    for _ in range(4):
        assert app.engine.result(sha256)["code"] == "cost_cap_reached"
        assert (row(app).status, row(app).attempts) == (DocumentStatus.WAITING, 0)
        app.engine.again(sha256)
    assert row(app).retry_at is not None
    assert stub.billed == []


def test_at_a_cap_the_embedded_engine_reads_and_the_next_document_is_asked_about_when_there_is_money(
    opened: Open, stub: Stub
) -> None:
    app = opened(at_cap=AtCap.LOCAL, cap_month_usd=Decimal(1))
    later = utc_now() + timedelta(days=1)  # a month that begins meanwhile changes nothing
    everything = Order("f" * 64, None, "openai", "gpt-6-luna", "default", Decimal(1))
    with app.manager.get_session() as session:
        reserved = ledger.reserve(session, everything, Caps(month=Decimal(1)), later)
    assert isinstance(reserved, ledger.Reservation)
    app.engine.result(receive(app))
    with app.manager.get_session() as session:
        ledger.release(session, reserved.call_id, "not_sent", later)
    app.engine.result(receive(app, 1))
    assert [row(app, number).engine for number in (1, 2)] == ["local", "openai"]


def test_a_question_whose_files_are_gone_is_prepared_once_more(
    opened: Open, stub: Stub, manager: DatabaseManager
) -> None:
    stub.desk.polls_until_done = NEVER
    app = opened(openai_concurrency=1)
    hashes = [receive(app, number) for number in range(2)]
    until(lambda: len(stub.billed) == 1 and sorted(asks(manager)) == ["ENQUEUED", "PENDING"])
    for path in app.folders.claimed.glob("*.json"):
        path.unlink()
    answer_all(stub)
    assert {app.engine.result(sha256)["outcome"] for sha256 in hashes} == {"completed"}
    assert len(stub.billed) == 2
