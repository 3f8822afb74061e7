"""An answer's limit fits its document; one that was cut is asked for once more, under the same caps."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from autod.app import App
from autod.config import Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.models import ApiCall, CallState, Document
from autod.domain.status import DocumentStatus
from autod.paying.batch_lane import BATCH_LANE
from tests.e2e.test_paid_life import SAID
from tests.openai.stub import Stub
from tests.openai.stub_responses import Outcome
from tests.paid import Open, apps, paid_service, paid_settings
from tests.paper import pdf_of

CUT = Outcome(status="incomplete", reason="max_output_tokens")


@pytest.fixture
def stub() -> Iterator[Stub]:
    with paid_service(SAID) as stub:
        yield stub


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str, stub: Stub) -> Settings:
    return paid_settings(tmp_path, DatabaseManager(sqlite_url), stub)


@pytest.fixture
def opened(settings: Settings, sqlite_url: str) -> Iterator[Open]:
    with apps(settings, DatabaseManager(sqlite_url)) as opened:
        yield opened


def drop(app: App) -> Path:
    path = app.folders.inbox / "a.pdf"
    path.write_bytes(pdf_of())
    return path


def calls(app: App) -> list[ApiCall]:
    with app.manager.get_session(read_only=True) as session:
        return list(session.scalars(sa.select(ApiCall).order_by(ApiCall.id)))


def row(app: App) -> Document:
    with app.manager.get_session(read_only=True) as session:
        return documents.require(session, 1)


def limits(stub: Stub) -> list[int]:
    return [body["max_output_tokens"] for body in stub.asked("POST", "/responses")]


def test_the_limit_fits_the_document_and_so_does_what_is_set_aside(opened: Open, stub: Stub) -> None:
    app = opened()
    assert app.process(drop(app)).success
    assert limits(stub)[0] < 2_000 < app.settings.openai_max_output_tokens
    (call,) = calls(app)
    assert call.cost_usd is not None and call.cost_usd <= call.reserved_usd < Decimal("0.002")


def test_an_answer_that_was_cut_is_asked_for_once_more_with_a_row_of_its_own(
    opened: Open, stub: Stub
) -> None:
    stub.desk.outcomes.append(CUT)
    app = opened()
    assert app.process(drop(app)).success
    first, second = calls(app)
    assert (first.state, first.error_code) == (CallState.SETTLED, "openai_answer_truncated")
    assert (second.state, second.error_code) == (CallState.SETTLED, None)
    assert limits(stub)[1] == app.settings.openai_max_output_tokens
    assert row(app).total_cost_usd == (first.cost_usd or 0) + (second.cost_usd or 0)
    assert (stub.desk.conversations, stub.desk.responses) == ({}, {})


def test_an_answer_that_is_cut_twice_is_given_up(opened: Open, stub: Stub) -> None:
    stub.desk.outcomes.extend([CUT] * 9)
    app = opened()
    assert (app.process(drop(app)).error or "").startswith("openai_answer_truncated")
    assert [call.state for call in calls(app)] == [CallState.SETTLED] * 2
    assert len(stub.billed) == 2


def test_the_larger_question_keeps_to_the_caps_and_the_smaller_is_not_paid_again(
    opened: Open, stub: Stub, settings: Settings
) -> None:
    stub.desk.outcomes.append(CUT)
    app = opened(cap_day_usd=Decimal("0.005"))
    result = app.process(drop(app))
    assert (result.error or "").startswith("cost_cap_reached")
    document = row(app)
    assert (document.status, document.attempts) == (DocumentStatus.WAITING, 0)
    assert len(stub.billed) == 1
    assert app.steps.asking is not None
    (question,) = app.steps.asking.remote.prepare(document.sha256_hex)["questions"]
    assert question["output_tokens"] == settings.openai_max_output_tokens


@pytest.mark.parametrize(
    "counted",
    [
        {"output_tokens": 10**8},
        {"input_tokens": 10**8},
        {"input_tokens": -5},
        {"output_tokens": 10**30},
        {"output_tokens": "many"},
        {"input_tokens": 1.5},
        {"output_tokens_details": {"reasoning_tokens": 10**8}},
    ],
)
def test_a_count_that_cannot_be_is_not_believed_and_the_most_is_entered(
    opened: Open, stub: Stub, counted: dict[str, Any]
) -> None:
    stub.desk.outcomes.append(Outcome(counted=counted))
    stub.violations = []
    app = opened()
    assert app.process(drop(app)).success
    (call,) = calls(app)
    assert (call.state, call.price_version) == (CallState.SETTLED, "reservation")
    assert call.cost_usd == call.reserved_usd == row(app).total_cost_usd
    assert call.error_code == "openai_usage_unbelievable"
    stub.violations.clear()


def test_a_cut_answer_of_a_batch_goes_into_another_one(opened: Open, stub: Stub) -> None:
    stub.desk.outcomes.append(CUT)
    app = opened()
    app.process(drop(app), lane=BATCH_LANE)
    for _ in range(12):
        list(app.collect())
    assert row(app).status is DocumentStatus.COMPLETED
    first, second = calls(app)
    assert (first.error_code, second.error_code) == ("openai_answer_truncated", None)
    assert row(app).total_cost_usd == (first.cost_usd or 0) + (second.cost_usd or 0)
    assert len(stub.billed) == 2
