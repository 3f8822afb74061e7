"""Documents that a paid service reads: paid once, within the caps, every cent in the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from structlog.testing import capture_logs

from autod.app import App
from autod.assembly.service import open_client
from autod.assembly.vector_store import open_vector_store
from autod.config import AtCap, OpenAIServer, Settings, VectorStoreChoice
from autod.db import documents, ledger
from autod.db.manager import DatabaseManager
from autod.db.models import ApiCall, CallState, Document
from autod.domain.money import TokenUse
from autod.domain.status import DocumentStatus
from autod.errors import ConfigurationError
from autod.extract.openai.client import ResponsesAPIClient
from autod.extract.openai.prices import Prices
from autod.extract.openai.remote import OpenAIRemote
from autod.extract.openai.retrying import RetryPolicy
from autod.files.marks import MARK
from tests.openai.stub import KEY, NO_FLEX, Stub, Trouble
from tests.paid import Open, apps, paid_service, paid_settings
from tests.paper import INVOICE, pdf_of

SAID = {
    "doc_type": {"value": "invoice", "page": 1, "quote": "INVOICE"},
    "issuer": {"value": "Northfield Supplies Ltd", "page": 1, "quote": "Northfield Supplies Ltd"},
    "total_amount": {"value": "240.00", "page": 1, "quote": "240.00"},
    "currency": {"value": "GBP", "page": 1, "quote": "Total GBP"},
    "reference_number": {"value": "INVENTED-1", "page": 1, "quote": "INVENTED-1"},
}


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


def drop(app: App, name: str = "a.pdf", content: bytes | None = None) -> Path:
    path = app.folders.inbox / name
    path.write_bytes(content or pdf_of())
    return path


def calls(app: App) -> list[ApiCall]:
    with app.manager.get_session(read_only=True) as session:
        return list(session.scalars(select(ApiCall).order_by(ApiCall.id)))


def row(app: App, number: int = 1) -> Document:
    with app.manager.get_session(read_only=True) as session:
        return documents.require(session, number)


def test_a_key_is_all_it_takes_and_every_cent_is_accounted_for(opened: Open, stub: Stub) -> None:
    app = opened()
    result = app.process(drop(app))
    assert result.success, result.error
    document = row(app)
    assert (document.engine, document.issuer) == ("openai", "Northfield Supplies Ltd")
    assert document.total_amount == Decimal("240.00")
    assert document.model == "gpt-6-luna"
    (call,) = calls(app)
    assert call.state is CallState.SETTLED
    assert call.cost_usd == document.total_cost_usd > 0
    assert result.cost_usd == pytest.approx(float(document.total_cost_usd))
    assert (call.input_tokens, call.output_tokens) == (document.prompt_tokens, document.output_tokens)
    assert len(stub.billed) == 1
    assert stub.desk.responses == {}


@pytest.mark.parametrize("content", [None, b"", b'{"model": "gpt', b"\0" * 900])
def test_a_question_that_was_damaged_before_it_left_is_written_again_and_paid_once(
    opened: Open, stub: Stub, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    app = opened()
    really = OpenAIRemote.submit

    def submit(self: OpenAIRemote, question: dict[str, Any], *more: Any, **named: Any) -> Any:
        path = Path(question["path"])
        path.unlink() if content is None else path.write_bytes(content)
        return really(self, question, *more, **named)

    monkeypatch.setattr(OpenAIRemote, "submit", submit)
    assert app.process(drop(app)).success
    assert [call.state for call in calls(app)] == [CallState.SETTLED]
    assert len(stub.billed) == 1


def test_what_is_not_on_the_page_is_not_believed_whoever_said_it(opened: Open) -> None:
    app = opened()
    app.process(drop(app))
    assert row(app).reference_number == "NF-2026-0117"  # the embedded engine's, which is printed
    assert "ungrounded:reference_number" in row(app).checks


def test_a_duplicate_is_filed_without_paying(opened: Open, stub: Stub) -> None:
    app = opened()
    app.process(drop(app, "a.pdf"))
    assert app.process(drop(app, "b.pdf")).duplicate_of == 1
    assert len(stub.billed) == 1


def test_at_a_cap_a_document_waits_and_never_fails(
    opened: Open, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 1)
    app = opened(cap_day_usd=Decimal("0.000001"))
    result = app.process(drop(app))
    assert (result.error or "").startswith("cost_cap_reached")
    assert row(app).status is DocumentStatus.WAITING and row(app).retry_at is not None
    assert stub.billed == []
    assert (app.folders.inbox / "a.pdf").exists()


def test_at_a_cap_the_embedded_engine_reads_when_that_is_wished(opened: Open, stub: Stub) -> None:
    app = opened(cap_day_usd=Decimal("0.000001"), at_cap=AtCap.LOCAL)
    assert app.process(drop(app)).success
    assert (row(app).engine, row(app).total_cost_usd) == ("local", 0)
    assert stub.billed == []


def test_a_failing_service_is_waited_out_and_paid_once(opened: Open, stub: Stub) -> None:
    app = opened()
    stub.meet(Trouble(status=503), Trouble(method="GET", status=500))
    assert app.process(drop(app)).success
    assert len(stub.billed) == 1


def test_an_answer_that_was_lost_on_the_way_stays_in_the_ledger_as_unknown(opened: Open, stub: Stub) -> None:
    app = opened(openai_paying_once="background")
    stub.meet(Trouble(drop="after"))
    assert (app.process(drop(app)).error or "").startswith("openai_outcome_unknown")
    assert row(app).status is DocumentStatus.WAITING
    app.engine.again(row(app).sha256_hex)
    app.engine.result(row(app).sha256_hex)
    assert row(app).status is DocumentStatus.COMPLETED
    assert [call.state for call in calls(app)] == [CallState.UNKNOWN, CallState.SETTLED]
    with app.manager.get_session(read_only=True) as session:
        assert len(ledger.unknown_calls(session)) == 1
        assert ledger.spent(session) == sum(c.cost_usd or c.reserved_usd for c in calls(app))


def test_an_outage_of_the_service_uses_up_no_attempts(
    settings: Settings, manager: DatabaseManager, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 1)
    changed = settings.model_copy(update={"openai_paying_once": "background"})
    client = ResponsesAPIClient(
        KEY,
        base_url=str(settings.openai_base_url),
        retry=RetryPolicy(attempts=1),
        circuit_threshold=2,
        circuit_seconds=0.0,
    )
    with client, App(changed, manager, client=client) as app:
        stub.meet(*[Trouble(status=503)] * 20)
        app.process(drop(app))
        sha256 = row(app).sha256_hex
        for _ in range(2):
            app.engine.again(sha256)
            assert app.engine.result(sha256)["outcome"] == "postponed"
        assert (row(app).status, row(app).attempts, row(app).waits) == (DocumentStatus.WAITING, 0, 3)
        stub.script.clear()
        app.engine.again(sha256)
        assert app.engine.result(sha256)["outcome"] == "completed"
        assert len(stub.billed) == 1


def test_what_may_have_been_paid_for_is_not_paid_for_without_end(
    opened: Open, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 2)
    app = opened(openai_paying_once="background")
    stub.meet(*[Trouble(drop="after")] * 9)
    app.process(drop(app))
    assert (row(app).status, row(app).attempts) == (DocumentStatus.WAITING, 1)
    app.engine.again(row(app).sha256_hex)
    assert app.engine.result(row(app).sha256_hex)["outcome"] == "failed"
    assert len(stub.billed) == 2


def test_an_answer_that_was_paid_for_and_cannot_be_had_counts_as_an_attempt(
    opened: Open, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autod.paying.asking.MOST_TRIES", 1)
    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 1)
    app = opened(openai_paying_once="background")
    stub.meet(*[Trouble(method="GET", status=500)] * 20)
    assert (app.process(drop(app)).error or "").startswith("openai_failing")
    assert row(app).status is DocumentStatus.FAILED


def test_a_model_that_is_about_to_end_is_told_at_the_start_with_its_successor(opened: Open) -> None:
    with capture_logs() as records:
        opened(openai_model="gpt-5-nano")
    (said,) = [record["detail"] for record in records if record["event"] == "About the model in use"]
    assert "2026-12-11" in said and "gpt-5.6-luna" in said


@pytest.mark.parametrize(
    ("model", "capped"), [("openai/gpt-6-luna", True), ("gpt-4.1", True), ("my-deployment", False)]
)
def test_any_model_that_the_service_takes_reads(opened: Open, stub: Stub, model: str, capped: bool) -> None:
    caps = {} if capped else {"cap_document_usd": None, "cap_day_usd": None, "cap_month_usd": None}
    app = opened(openai_model=model, **caps)
    result = app.process(drop(app))
    assert result.success, result.error
    (call,) = calls(app)
    assert (call.model, call.state, (call.cost_usd or 0) > 0) == (model, CallState.SETTLED, capped)


def test_a_refused_key_fails_nothing_and_is_explained(opened: Open, stub: Stub) -> None:
    app = opened(openai_api_key=SecretStr("sk-wrong-0123456789"))
    result = app.process(drop(app))
    assert not result.success
    assert (result.error or "").startswith("openai_key_refused")
    assert row(app).status is DocumentStatus.WAITING
    assert stub.billed == []
    assert [call.state for call in calls(app)] == [CallState.RELEASED]


def test_documents_are_put_into_the_vector_store_when_that_is_wished(opened: Open, stub: Stub) -> None:
    app = opened(vector_store=VectorStoreChoice.OPENAI)
    assert app.process(drop(app)).success
    assert row(app).vector_store_file_id
    assert [store["name"] for store in stub.kept_files.stores.values()] == ["paper-autopilot"]


def test_a_failed_upload_does_not_fail_the_document(opened: Open, stub: Stub, tmp_path: Path) -> None:
    app = opened(vector_store=VectorStoreChoice.OPENAI)
    stub.meet(*[Trouble(path="/files", status=400, kind="invalid_request_error")] * 3)
    assert app.process(drop(app)).success
    assert row(app).vector_store_file_id is None


def test_a_large_file_is_not_uploaded(opened: Open, stub: Stub) -> None:
    app = opened(vector_store=VectorStoreChoice.OPENAI, vector_store_max_mb=1)
    content = pdf_of((*INVOICE, "large")) + b"\n%" + b"x" * 1_100_000
    assert app.process(drop(app, "large.pdf", content)).success
    assert row(app).vector_store_file_id is None
    assert stub.asked("POST", "/files") == []


def test_without_a_key_nothing_is_sent_anywhere(opened: Open, stub: Stub) -> None:
    app = opened(openai_api_key=None)
    assert app.process(drop(app)).success
    assert row(app).engine == "local"
    sent: list[Any] = stub.requests
    assert sent == []


def chat_answer(content: str) -> dict[str, Any]:
    """What a chat server says, in the form that all of them share."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 900, "completion_tokens": 40}
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": usage}


def test_a_server_of_our_own_reads_for_nothing_and_past_every_cap(opened: Open, stub: Stub) -> None:
    stub.chat = chat_answer(json.dumps(SAID))
    app = opened(openai_server=OpenAIServer.OLLAMA, openai_model="qwen3:8b", cap_day_usd=Decimal(0))
    result = app.process(drop(app))
    assert result.success, result.error
    document = row(app)
    assert (document.engine, document.issuer) == ("openai", "Northfield Supplies Ltd")
    assert (document.model, document.total_cost_usd, document.prompt_tokens) == ("qwen3:8b", 0, 900)
    (call,) = calls(app)
    assert (call.state, call.provider, call.cost_usd) == (CallState.SETTLED, "ollama", 0)
    assert {path for _, path, _ in stub.requests} == {"/chat/completions"}


def test_a_server_of_our_own_whose_model_sees_gets_pictures_too(opened: Open, stub: Stub) -> None:
    stub.chat = chat_answer(json.dumps(SAID))
    app = opened(openai_server=OpenAIServer.OLLAMA, openai_model="qwen3-vl", openai_form="images")
    result = app.process(drop(app))
    assert result.success, result.error
    (asked,) = stub.asked("POST", "/chat/completions")
    text, picture = asked["messages"][-1]["content"]
    assert "Northfield" in text["text"]
    assert picture["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert [path.name for path in app.folders.claimed.iterdir()] == [MARK]


def test_a_server_of_our_own_is_asked_again_when_its_answer_is_lost(opened: Open, stub: Stub) -> None:
    stub.chat = chat_answer(json.dumps(SAID))
    stub.meet(Trouble(path="/chat/completions", drop="after"))
    app = opened(openai_server=OpenAIServer.OLLAMA, openai_model="qwen3:8b")
    assert app.process(drop(app)).success
    assert [call.state for call in calls(app)] == [CallState.SETTLED]


def test_a_server_of_our_own_needs_an_address_and_no_key(settings: Settings) -> None:
    own = settings.model_copy(update={"openai_server": OpenAIServer.OLLAMA, "openai_api_key": None})
    assert own.uses_openai
    open_client(own).close()
    with pytest.raises(ConfigurationError, match="OPENAI_BASE_URL"):
        open_client(own.model_copy(update={"openai_base_url": "https://api.openai.com/v1/"}))


def test_a_vector_store_is_never_looked_for_on_a_server_of_our_own(
    settings: Settings, manager: DatabaseManager
) -> None:
    own = {"openai_server": OpenAIServer.VLLM, "vector_store": VectorStoreChoice.OPENAI}
    with pytest.raises(ConfigurationError, match="vector store"):
        open_vector_store(settings.model_copy(update=own), manager)


def test_a_file_is_sent_whole_and_looked_at_closely_when_that_is_wished(opened: Open, stub: Stub) -> None:
    app = opened(openai_form="file")
    assert app.process(drop(app)).success
    (body,) = stub.asked("POST", "/responses")
    sent = body["input"][-1]["content"][-1]
    assert (sent["type"], sent["detail"]) == ("input_file", "high")


@pytest.mark.parametrize(("room", "served"), [(True, "flex"), (False, "default")])
def test_a_document_in_the_flex_lane_costs_what_was_served(
    opened: Open, stub: Stub, room: bool, served: str
) -> None:
    if not room:
        stub.meet(Trouble(**NO_FLEX))  # type: ignore[arg-type]  # its fields
    app = opened(openai_flex=True)
    assert app.process(drop(app)).success
    (call,) = calls(app)
    use = TokenUse(
        call.input_tokens or 0, call.output_tokens or 0, call.cached_tokens, call.cache_write_tokens
    )
    assert call.tier == served
    assert call.cost_usd == Prices().cost(use, call.model, served, call.created_at).usd
    assert len(stub.billed) == 1


def test_what_the_service_cannot_serve_is_read_here_when_its_next_step_is_typed(
    settings: Settings, manager: DatabaseManager, stub: Stub
) -> None:
    stub.meet(*[Trouble(status=400, code="bad", kind="invalid_request_error")] * 9)
    with apps(settings, manager) as opened:
        app = opened()
        result = app.process(drop(app))
    assert (result.error or "").startswith("openai_request_refused: ")
    assert "`PAPER_AUTOPILOT_ENGINE=local autod retry ID`" in (result.error or "")
    asked = len(stub.requests)
    with apps(settings, manager) as opened:
        assert opened(engine="local").retry(result.document_id or 0).success
    assert len(stub.requests) == asked
