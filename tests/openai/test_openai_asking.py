"""Paying once: background with a checkpointed id, a claimed conversation, or a plain call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from openai.types.responses import ResponseError

from autod.domain.money import TokenUse
from autod.errors import Retry
from autod.extract.openai.answer import Answer, read_response
from autod.extract.openai.document_text import page_texts
from autod.extract.openai.failures import (
    OutcomeUnknown,
    ResponseBusy,
    ServiceFailing,
)
from autod.extract.openai.paying_once import Handle, PayingOnce, Way
from autod.extract.openai.question import question, text_content
from tests.openai.conftest import INVOICE_SHARE, Service
from tests.openai.stub import NO_FLEX, Trouble
from tests.openai.stub_responses import Outcome
from tests.openai.test_openai_question import manner
from tests.verify.drafts import reading


def asking(service: Service, way: Way, **options: Any) -> PayingOnce:
    return PayingOnce(service.client(), way, sleep=service.sleep, clock=service.clock, **options)


def asked(tmp_path: Path, way: Way, **options: Any) -> Path:
    body = question(
        manner(stored=way.stored, background=way.background, **options),
        text_content(page_texts(reading("Invoice"))),
        sha256="a" * 64,
        part="1/1",
    )
    path = tmp_path / "question.json"
    path.write_text(json.dumps(body))
    return path


def checkpointed(handle: Handle) -> Handle:
    """The handle as it comes back from a checkpoint."""
    return Handle.from_dict(json.loads(json.dumps(handle.to_dict())))


@pytest.mark.parametrize("way", list(Way))
def test_each_way_gets_the_answer_pays_once_and_leaves_nothing_behind(
    service: Service, tmp_path: Path, way: Way
) -> None:
    service.stub.desk.answer = lambda body: {"issuer": None}
    ask = asking(service, way)
    claimed = checkpointed(ask.claim())
    handle = checkpointed(ask.submit(asked(tmp_path, way), claimed, INVOICE_SHARE))
    answer = ask.collect(handle)
    assert json.loads(answer.text) == {"issuer": None}
    assert answer.use is not None
    assert answer.use.input > 0
    ask.forget(handle)
    assert service.stub.desk.responses == {}
    assert service.stub.desk.conversations == {}
    assert len(service.stub.billed) == 1


def test_direct_call_stores_nothing_at_the_service(service: Service, tmp_path: Path) -> None:
    ask = asking(service, Way.DIRECT)
    ask.submit(asked(tmp_path, Way.DIRECT), ask.claim(), INVOICE_SHARE)
    (body,) = service.stub.asked("POST", "/responses")
    assert body["store"] is False
    assert "background" not in body


def test_background_answer_is_polled_with_growing_pauses(service: Service, tmp_path: Path) -> None:
    service.stub.desk.polls_until_done = 4
    ask = asking(service, Way.BACKGROUND, poll_seconds=1.0)
    ask.collect(ask.submit(asked(tmp_path, Way.BACKGROUND), ask.claim(), INVOICE_SHARE))
    assert service.slept == [1.0, 1.5, 2.25]


def test_collecting_again_after_a_crash_pays_nothing(service: Service, tmp_path: Path) -> None:
    ask = asking(service, Way.BACKGROUND)
    handle = checkpointed(ask.submit(asked(tmp_path, Way.BACKGROUND), ask.claim(), INVOICE_SHARE))
    first, second = ask.collect(handle), asking(service, Way.BACKGROUND).collect(checkpointed(handle))
    assert first.text == second.text
    assert len(service.stub.billed) == 1


def test_answer_that_takes_too_long_leaves_the_handle_good(service: Service, tmp_path: Path) -> None:
    service.stub.desk.polls_until_done = 1000
    ask = asking(service, Way.BACKGROUND, patience_seconds=60)
    handle = ask.submit(asked(tmp_path, Way.BACKGROUND), ask.claim(), INVOICE_SHARE)
    with pytest.raises(ServiceFailing) as caught:
        ask.collect(handle)
    assert caught.value.code == "openai_answer_late"
    assert caught.value.retry is Retry.LATER
    service.stub.desk.responses["resp_1"]["left"] = 0
    assert ask.collect(handle).trouble is not None or ask.collect(handle).text
    assert len(service.stub.billed) == 1


def test_background_call_lost_on_the_way_back_has_an_unknown_outcome(
    service: Service, tmp_path: Path
) -> None:
    service.stub.meet(Trouble(drop="after"))
    ask = asking(service, Way.BACKGROUND)
    with pytest.raises(OutcomeUnknown):
        ask.submit(asked(tmp_path, Way.BACKGROUND), ask.claim(), INVOICE_SHARE)
    assert len(service.stub.billed) == 1


def test_claimed_conversation_is_looked_into_before_paying_again(service: Service, tmp_path: Path) -> None:
    service.stub.desk.answer = lambda body: {"title": None}
    claimed = checkpointed(asking(service, Way.CONVERSATION).claim())
    service.stub.meet(Trouble(drop="after"))
    ask = asking(service, Way.CONVERSATION, patience_seconds=0)
    with pytest.raises(OutcomeUnknown):
        ask.submit(asked(tmp_path, Way.CONVERSATION), claimed, INVOICE_SHARE)
    again = asking(service, Way.CONVERSATION)
    answer = again.collect(again.submit(asked(tmp_path, Way.CONVERSATION), claimed, INVOICE_SHARE))
    assert json.loads(answer.text) == {"title": None}
    assert answer.use is None
    assert len(service.stub.billed) == 1


def test_lost_answer_is_found_in_the_conversation_without_leaving_the_step(
    service: Service, tmp_path: Path
) -> None:
    service.stub.meet(Trouble(drop="after"))
    ask = asking(service, Way.CONVERSATION)
    handle = ask.submit(asked(tmp_path, Way.CONVERSATION), ask.claim(), INVOICE_SHARE)
    assert handle.answer is not None
    assert len(service.stub.billed) == 1


def test_call_that_never_arrived_is_made_after_looking(service: Service, tmp_path: Path) -> None:
    service.stub.meet(Trouble(drop="before"))
    ask = asking(service, Way.CONVERSATION)
    ask.submit(asked(tmp_path, Way.CONVERSATION), ask.claim(), INVOICE_SHARE)
    assert len(service.stub.billed) == 1


def test_locked_conversation_means_wait_and_not_pay(service: Service, tmp_path: Path) -> None:
    ask = asking(service, Way.CONVERSATION, patience_seconds=30)
    claimed = ask.claim()
    service.stub.desk.locked.add(claimed.conversation_id or "")
    with pytest.raises(ResponseBusy):
        ask.submit(asked(tmp_path, Way.CONVERSATION), claimed, INVOICE_SHARE)
    assert service.stub.billed == []


def test_forgetting_what_is_gone_is_no_error(service: Service) -> None:
    asking(service, Way.BACKGROUND).forget(Handle(Way.BACKGROUND, response_id="resp_9"))
    assert service.stub.asked("DELETE", "/responses/resp_9") == [None]


def test_missing_flex_capacity_falls_back_to_the_standard_tier(service: Service, tmp_path: Path) -> None:
    service.stub.meet(Trouble(**NO_FLEX))
    ask = asking(service, Way.DIRECT)
    handle = ask.submit(asked(tmp_path, Way.DIRECT, flex=True), ask.claim(), INVOICE_SHARE)
    tiers = [body["service_tier"] for body in service.stub.asked("POST", "/responses")]
    assert tiers == ["flex", "default"]
    assert ask.collect(handle).tier == "default"
    assert len(service.stub.billed) == 1


def test_tier_that_was_served_is_reported_and_not_the_one_asked_for(service: Service, tmp_path: Path) -> None:
    service.stub.desk.outcomes.append(Outcome(tier="default"))
    ask = asking(service, Way.BACKGROUND)
    answer = ask.collect(ask.submit(asked(tmp_path, Way.BACKGROUND, flex=True), ask.claim(), INVOICE_SHARE))
    assert answer.tier == "default"


SERVICES_OWN = ("server_error", "rate_limit_exceeded", "vector_store_timeout")
SDK_ALONE = "misalignment_policy_violation"
"""The SDK knows this code, the description does not yet."""
DOCUMENTS_FAULT = [
    code
    for code in get_args(ResponseError.model_fields["code"].annotation)
    if code not in (*SERVICES_OWN, SDK_ALONE)
]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome(refusal="I cannot"), "openai_answer_refused"),
        (Outcome("incomplete", reason="max_output_tokens"), "openai_answer_truncated"),
        (Outcome("incomplete", reason="content_filter"), "openai_answer_filtered"),
        *((Outcome("failed", error=said), "openai_answer_failed") for said in (*SERVICES_OWN, None)),
        *((Outcome("failed", error=said), "openai_document_refused") for said in DOCUMENTS_FAULT),
        (Outcome("cancelled"), "openai_answer_cancelled"),
        (Outcome(text="  "), "openai_answer_empty"),
    ],
)
def test_answer_without_use_says_why_and_still_has_its_bill(
    service: Service, tmp_path: Path, outcome: Outcome, code: str
) -> None:
    service.stub.desk.outcomes.append(outcome)
    ask = asking(service, Way.BACKGROUND)
    answer = ask.collect(ask.submit(asked(tmp_path, Way.BACKGROUND), ask.claim(), INVOICE_SHARE))
    assert answer.use is not None
    assert answer.trouble == code


@pytest.mark.parametrize("error", [{"code": "new_trouble"}, {"code": 5}, {}, None, "words", ["server_error"]])
def test_a_failure_that_nobody_knows_is_the_services(error: Any) -> None:
    response = {"id": "r", "model": "m", "status": "failed", "output": [], "error": error}
    assert read_response(response, None).trouble == "openai_answer_failed"


@pytest.mark.parametrize("count", [-1, 10**9, 10**30, 1.5, "many", True, [5]])
@pytest.mark.parametrize("name", ["input_tokens", "output_tokens"])
def test_usage_that_is_no_count_is_told_from_none(name: str, count: Any) -> None:
    usage = {"input_tokens": 7, "output_tokens": 3, name: count}
    answer = read_response({"id": "r", "output": [], "usage": usage}, None)
    assert (answer.use, answer.miscounted) == (None, True)
    assert Answer.from_dict(answer.to_dict()) == answer


@pytest.mark.parametrize(
    "usage", [None, {}, {"input_tokens": 7}, {"input_tokens": None, "output_tokens": None}]
)
def test_usage_that_is_missing_is_no_wrong_count(usage: Any) -> None:
    answer = read_response({"id": "r", "output": [], "usage": usage}, None)
    assert (answer.use, answer.miscounted) == (None, False)


def test_usage_that_a_server_leaves_out_is_unknown_and_not_zero() -> None:
    response = {"id": "r", "model": "m", "output": [], "usage": {"input_tokens": 7, "output_tokens": 3}}
    assert read_response(response, None).use == TokenUse(7, 3, None, None, None)
    assert read_response({"id": "r", "output": []}, None).use is None
    strange = {"id": "r", "output": "x", "usage": {"input_tokens": True, "output_tokens": -1}}
    assert read_response(strange, None).use is None


def test_answer_survives_the_way_through_a_file() -> None:
    answer = Answer("resp_1", "gpt-6-luna", "{}", TokenUse(1, 2, 3, 4, 5), "flex", "req_1", None)
    assert Answer.from_dict(json.loads(json.dumps(answer.to_dict()))) == answer
