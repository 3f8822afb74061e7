"""Documents that a batch of the service reads: handed in, left alone, collected by whoever comes next."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from typer.testing import CliRunner

from autod import config
from autod.app import App
from autod.cli.main import cli
from autod.config import AtCap, OpenAIServer, Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.models import ApiCall, CallState, Document
from autod.db.schema import upgrade
from autod.domain.status import DocumentStatus
from autod.files.marks import MARK
from autod.inbox.watch import Watch
from autod.paying.batch_lane import BATCH_LANE
from tests.e2e.test_paid_life import SAID, drop
from tests.openai.stub import KEY, Stub
from tests.openai.stub_batches import Fate
from tests.paid import paid_service, paid_settings
from tests.paper import INVOICE, pdf_of


@pytest.fixture
def stub() -> Iterator[Stub]:
    with paid_service(SAID) as stub:
        yield stub


@pytest.fixture
def settings(
    tmp_path: Path, manager: DatabaseManager, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setattr("autod.paying.batch_clerk.POLL_SECONDS", 1.0)
    return paid_settings(tmp_path, manager, stub)


def row(app: App, number: int = 1) -> Document:
    with app.manager.get_session(read_only=True) as session:
        return documents.require(session, number)


def calls(app: App) -> list[ApiCall]:
    with app.manager.get_session(read_only=True) as session:
        return list(session.scalars(select(ApiCall).order_by(ApiCall.id)))


def collected(app: App) -> list[str]:
    """Names of the documents that end while the batches are looked after, at most ten times."""
    names: list[str] = []
    for _ in range(10):
        names += [name for name, _ in app.collect()]
        assert app.clerk is not None
        if not app.clerk.standing().open and not app.clerk.standing().batches:
            break
    return sorted(names)


def test_a_document_waits_for_its_batch_over_a_restart_and_is_read_for_half(
    settings: Settings, manager: DatabaseManager, stub: Stub
) -> None:
    with App(settings, manager) as app:
        result = app.process(drop(app), lane=BATCH_LANE)
        assert (result.error or "").startswith("openai_batch_waiting")
        waiting = row(app)
        assert (waiting.status, waiting.attempts, waiting.lane) == (DocumentStatus.WAITING, 0, "batch")
        assert app.clerk is not None
        assert app.clerk.round().sent == 1
    with App(settings, manager) as app:
        assert collected(app) == ["a.pdf"]
        document = row(app)
        assert document.status is DocumentStatus.COMPLETED
        assert (document.engine, document.issuer) == ("openai", "Northfield Supplies Ltd")
        (call,) = calls(app)
        assert (call.state, call.tier, call.cost_usd) == (CallState.SETTLED, "batch", document.total_cost_usd)
        assert [path.name for path in (*app.folders.inbox.iterdir(), *app.folders.claimed.iterdir())] == [
            MARK
        ] * 2
    assert len(stub.billed) == 1
    assert stub.asked("POST", "/responses") == []


def test_what_expires_goes_into_another_batch_and_nothing_is_kept_in_the_end(
    settings: Settings, manager: DatabaseManager, stub: Stub
) -> None:
    stub.hall.fates = [Fate(expired=(1,))]
    with App(settings, manager) as app:
        app.process(drop(app, "a.pdf"), lane=BATCH_LANE)
        app.process(drop(app, "b.pdf", pdf_of((*INVOICE, "b"))), lane=BATCH_LANE)
        assert collected(app) == ["a.pdf", "b.pdf"]
        states = sorted(call.state for call in calls(app))
        assert states == [CallState.RELEASED, CallState.SETTLED, CallState.SETTLED]
        assert app.clerk is not None and not app.clerk.round().anything
    assert len(stub.billed) == 2
    assert stub.kept_files.files == {}


def test_a_document_that_waited_is_not_read_again_unless_what_was_read_is_damaged(
    settings: Settings, sqlite_url: str, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autod.pipeline import readings

    read: list[Path] = []
    really = readings.read_pdf

    def counted(*arguments: Any) -> Any:
        read.append(arguments[2])
        return really(*arguments)

    monkeypatch.setattr(readings, "read_pdf", counted)
    with (
        DatabaseManager(sqlite_url) as database,
        App(settings.model_copy(update={"db_url": SecretStr(sqlite_url)}), database) as app,
    ):
        app.process(drop(app, "a.pdf"), lane=BATCH_LANE)
        app.process(drop(app, "b.pdf", pdf_of((*INVOICE, "b"))), lane=BATCH_LANE)
        app.folders.reading_of(row(app, 2).sha256_hex).write_text("")
        assert collected(app) == ["a.pdf", "b.pdf"]
        assert [path.stem for path in read] == [row(app, number).sha256_hex for number in (1, 2, 2)]
        assert {row(app, number).page_count for number in (1, 2)} == {1}
        assert [path.name for path in app.folders.claimed.iterdir()] == [MARK]


def told_by_part(body: Any) -> Any:
    """What each part of the long document says; the total stands on one page alone."""
    pages = [json.loads(part["text"]) for part in body["input"][-1]["content"]]
    first = pages[0]["page"]
    told: dict[str, Any] = {
        "issuer": {"value": "Northfield Supplies Ltd", "page": first, "quote": "Northfield Supplies Ltd"}
    }
    for page in pages:
        if "Total GBP" in page["text"]:
            told["total_amount"] = {"value": "240.00", "page": page["page"], "quote": "Total GBP 240.00"}
    return told


@pytest.mark.parametrize("lane", [None, BATCH_LANE])
def test_a_document_over_the_limits_is_read_in_parts_with_the_right_pages(
    settings: Settings, sqlite_url: str, stub: Stub, tmp_path: Path, lane: str | None
) -> None:
    filler = ["Northfield Supplies Ltd", *[f"Row {n}: " + "copper pipe of 15 mm, " * 3 for n in range(30)]]
    plain, total = pdf_of(filler, pages=70), pdf_of((*filler[:5], "Total GBP 240.00"))
    path = tmp_path / "long.pdf"
    with pikepdf.open(io.BytesIO(plain)) as long, pikepdf.open(io.BytesIO(total)) as last:
        long.pages.append(last.pages[0])
        for _ in range(2):
            long.pages.extend(long.pages[:70])
        long.save(path)
    stub.desk.answer = told_by_part
    with (
        DatabaseManager(sqlite_url) as database,
        App(settings.model_copy(update={"db_url": SecretStr(sqlite_url)}), database) as app,
    ):
        result = app.process(path, lane=lane)
        if lane:
            assert collected(app) == ["long.pdf"]
        else:
            assert result.success, result.error
        document = row(app)
        assert (document.page_count, document.issuer) == (211, "Northfield Supplies Ltd")
        assert len(calls(app)) == len(stub.billed) > 1
        assert document.total_cost_usd == sum(call.cost_usd or 0 for call in calls(app))
        with app.manager.get_session(read_only=True) as session:
            held = {value.field: value for value in documents.current_fields(session, 1)}
        assert (held["issuer"].evidence["page"], held["total_amount"].evidence["page"]) == (1, 71)


def test_what_a_batch_gave_up_on_is_read_alone_when_it_is_retried(
    settings: Settings, manager: DatabaseManager, stub: Stub
) -> None:
    stub.hall.fates = [Fate(expired=(1,))] * 3
    with App(settings, manager) as app:
        app.process(drop(app), lane=BATCH_LANE)
        collected(app)
        assert (row(app).status, row(app).error_code) == (DocumentStatus.FAILED, "openai_batch_gave_up")
        assert app.retry(1).success
        assert row(app).lane is None
    assert len(stub.billed) == 1


def test_at_a_cap_a_document_for_a_batch_waits_or_is_read_here(
    settings: Settings, manager: DatabaseManager, stub: Stub
) -> None:
    poor = settings.model_copy(update={"cap_day_usd": Decimal("0.000001")})
    with App(poor, manager) as app:
        assert (app.process(drop(app), lane=BATCH_LANE).error or "").startswith("cost_cap_reached")
        assert row(app).status is DocumentStatus.WAITING
    with App(poor.model_copy(update={"at_cap": AtCap.LOCAL}), manager) as app:
        assert app.process(drop(app, "b.pdf", pdf_of((*INVOICE, "b"))), lane=BATCH_LANE).success
    assert stub.requests == []


def test_the_daemon_collects_what_was_handed_in_before(
    settings: Settings, manager: DatabaseManager, stub: Stub
) -> None:
    with App(settings, manager) as app:
        app.process(drop(app), lane=BATCH_LANE)
    with App(settings, manager) as app, Watch(app.folders.inbox) as watch:
        daemon = app.daemon(watch)
        app.on_end(lambda sha256: daemon.stop())
        daemon.run()
        app.engine.result(row(app).sha256_hex)
        assert row(app).status is DocumentStatus.COMPLETED
    assert len(stub.billed) == 1


@pytest.fixture
def place(tmp_path: Path, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory with a database, a key, and two files to read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("autod.paying.batch_clerk.POLL_SECONDS", 1.0)
    for name, value in (
        ("OPENAI_API_KEY", KEY),
        ("OPENAI_BASE_URL", stub.url),  # type: ignore[attr-defined]  # set by the fixture
        ("PAPER_AUTOPILOT_OCR_ENGINE", "off"),
    ):
        monkeypatch.setenv(name, value)
    config.get_config.cache_clear()
    upgrade("sqlite:///paper_autopilot.db")
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "a.pdf").write_bytes(pdf_of())
    (tmp_path / "scans" / "b.pdf").write_bytes(pdf_of((*INVOICE, "b")))
    yield tmp_path
    config.get_config.cache_clear()


def said(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["process", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_person_hands_a_folder_in_and_comes_back_for_it(place: Path, stub: Stub) -> None:
    shown = said("--batch", "scans")
    assert shown.count("waits for a batch") == 2
    assert "2 question(s) are in 1 batch(es) at OpenAI" in shown
    stub.hall.looks_until_done = 0
    shown = said("--batch")
    assert shown.count("✓") == 2 and "Nothing waits for a batch." in shown
    assert sorted(path.name for path in (place / "scans").iterdir()) == ["a.pdf", "b.pdf"]


def test_a_person_is_told_what_waits_and_which_model_is_about_to_end(
    place: Path, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPER_AUTOPILOT_CAP_DAY_USD", "0")
    monkeypatch.setenv("PAPER_AUTOPILOT_OPENAI_MODEL", "gpt-5-mini")
    result = CliRunner().invoke(cli, ["process", "scans/a.pdf"])
    assert result.exit_code == 4
    assert "… a.pdf: waits: cost_cap_reached" in result.stdout
    assert "gpt-5-mini shuts down on 2026-12-11" in result.stderr and "gpt-5.6-terra" in result.stderr
    assert stub.billed == []


def test_who_wants_to_wait_gets_the_results_in_one_go(place: Path, stub: Stub) -> None:
    lines = [
        json.loads(line)
        for line in said("--batch", "--wait", "--json", "scans").splitlines()
        if line[0] == "{"
    ]
    assert [line["success"] for line in lines] == [False, False, True, True]
    assert len(stub.billed) == 2


def test_without_openai_there_is_nobody_who_takes_batches(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPER_AUTOPILOT_OPENAI_SERVER", OpenAIServer.OLLAMA.value)
    config.get_config.cache_clear()
    result = CliRunner().invoke(cli, ["process", "--batch", "scans"])
    assert result.exit_code != 0 and "nobody who takes batches" in str(result.exception)
    assert CliRunner().invoke(cli, ["process", "--wait", "scans"]).exit_code != 0
