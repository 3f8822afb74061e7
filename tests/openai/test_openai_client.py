"""The client: one retry layer, honest errors, a circuit, a pace, no leaks."""

from __future__ import annotations

import logging
import pickle
from pathlib import Path
from typing import Any

import pytest

from autod.errors import AutodError, ConfigurationError, Retry
from autod.extract.openai.addresses import path_of
from autod.extract.openai.circuit import CircuitState
from autod.extract.openai.client import ResponsesAPIClient
from autod.extract.openai.failures import (
    AccountRefused,
    Blame,
    CircuitOpen,
    FlexUnavailable,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
    Said,
    ServiceFailing,
    ServiceUnreachable,
    from_status,
)
from autod.extract.openai.key_file import read_key_file
from autod.extract.openai.pacing import Pace, duration_seconds, wait_asked_for
from autod.extract.openai.retrying import RetryPolicy
from tests.openai import description
from tests.openai.conftest import Service
from tests.openai.stub import KEY, NO_FLEX, NO_QUOTA, RATE_LIMITED, TOKENS_LIMITED, Trouble

QUESTION: dict[str, Any] = {
    "model": "gpt-6-luna",
    "input": [{"role": "user", "content": [{"type": "input_text", "text": "What is this?"}]}],
    "store": False,
}


def test_description_of_the_api_is_checked_where_it_is_present() -> None:
    if not description.present():
        pytest.skip("../shared/openai/spec.json.gz is not here: exchanges are not checked")
    broken = {"model": "gpt-6-luna", "input": [], "max_output_tokens": 3}
    found = description.violations("POST", "/responses", broken, "application/json", 400, {})
    assert any("max_output_tokens" in line for line in found)
    assert any("error" in line for line in found)


def test_answer_comes_back_with_its_request_id(service: Service) -> None:
    reply = service.client().send("POST", "/responses", body=QUESTION)
    assert reply.data["status"] == "completed"
    assert reply.request_id == "req_1"


def test_one_connection_serves_many_requests(service: Service) -> None:
    client = service.client()
    for _ in range(5):
        client.send("GET", "/models")
    assert service.stub.connections == 1


def test_sdk_does_not_retry_behind_our_back(service: Service) -> None:
    service.stub.meet(*(Trouble(status=503) for _ in range(9)))
    with pytest.raises(ServiceFailing):
        service.client(retry=RetryPolicy(attempts=1)).send("POST", "/responses", body=QUESTION)
    assert len(service.stub.requests) == 1


@pytest.mark.parametrize("status", [503, 529])
def test_passing_failure_is_tried_again_with_growing_waits(service: Service, status: int) -> None:
    service.stub.meet(Trouble(status=status), Trouble(status=status))
    assert service.client().send("POST", "/responses", body=QUESTION).data["status"] == "completed"
    first, second = service.slept
    assert 0.5 <= first <= 1.0 <= second <= 1.5


@pytest.mark.parametrize("kind", [RATE_LIMITED, TOKENS_LIMITED])
def test_rate_limit_waits_as_long_as_the_service_asks(service: Service, kind: dict[str, Any]) -> None:
    service.stub.meet(Trouble(**kind, headers={"retry-after": "7"}))
    service.client().send("POST", "/responses", body=QUESTION)
    assert service.slept == [7.0]


def test_wait_in_milliseconds_wins_over_the_one_in_seconds(service: Service) -> None:
    service.stub.meet(Trouble(**RATE_LIMITED, headers={"retry-after": "7", "retry-after-ms": "250"}))
    service.client().send("POST", "/responses", body=QUESTION)
    assert service.slept == [0.25]


def test_too_long_a_wait_is_left_to_the_document_not_to_a_thread(service: Service) -> None:
    service.stub.meet(Trouble(**RATE_LIMITED, headers={"retry-after": "900"}))
    with pytest.raises(RateLimited) as caught:
        service.client().send("POST", "/responses", body=QUESTION)
    assert caught.value.wait_seconds == 900
    assert caught.value.retry is Retry.LATER
    assert service.slept == []


def test_exhausted_quota_is_never_retried_although_it_is_a_429(service: Service) -> None:
    service.stub.meet(Trouble(**NO_QUOTA))
    with pytest.raises(AccountRefused) as caught:
        service.client().send("POST", "/responses", body=QUESTION)
    assert caught.value.code == "openai_quota_exhausted"
    assert len(service.stub.requests) == 1


def test_missing_flex_capacity_goes_up_at_once(service: Service) -> None:
    service.stub.meet(Trouble(**NO_FLEX))
    with pytest.raises(FlexUnavailable):
        service.client().send("POST", "/responses", body=QUESTION)
    assert service.slept == []
    assert service.stub.billed == []


def test_dropped_connection_after_the_work_is_an_unknown_outcome_and_not_sent_again(service: Service) -> None:
    service.stub.meet(Trouble(drop="after"))
    with pytest.raises(OutcomeUnknown):
        service.client().send("POST", "/responses", body=QUESTION)
    assert len(service.stub.billed) == 1
    assert len(service.stub.requests) == 1


@pytest.mark.parametrize("status", [408, 500, 502, 504, 520, 524])
def test_gateway_that_gave_up_is_an_unknown_outcome_for_a_paid_request(service: Service, status: int) -> None:
    service.stub.meet(Trouble(status=status))
    with pytest.raises(OutcomeUnknown):
        service.client().send("POST", "/responses", body=QUESTION)
    assert len(service.stub.requests) == 1


def test_dropped_connection_is_tried_again_where_repeating_does_no_harm(service: Service) -> None:
    service.stub.meet(Trouble(method="GET", path="/models", drop="after"))
    assert service.client().send("GET", "/models").data["object"] == "list"
    assert len(service.stub.requests) == 2


def test_nobody_listening_means_nothing_was_bought(service: Service) -> None:
    client = service.client(base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ServiceUnreachable) as caught:
        client.send("POST", "/responses", body=QUESTION)
    assert caught.value.retry is Retry.LATER
    assert len(service.slept) == 3


def test_refused_request_carries_the_services_code_and_not_its_words(service: Service) -> None:
    service.stub.meet(Trouble(status=400, code="invalid_image", kind="invalid_request_error", param="input"))
    with pytest.raises(RequestRefused) as caught:
        service.client().send("POST", "/responses", body=QUESTION)
    assert "invalid_image" in caught.value.message
    assert "taste" not in str(caught.value)
    assert caught.value.request_id == "req_1"
    assert caught.value.param == "input"


def test_document_over_the_models_limit_has_its_own_code(service: Service) -> None:
    service.stub.meet(Trouble(status=400, code="context_length_exceeded", kind="invalid_request_error"))
    with pytest.raises(RequestRefused) as caught:
        service.client().send("POST", "/responses", body=QUESTION)
    assert caught.value.code == "openai_document_too_large"


def test_ended_model_is_the_accounts_matter(service: Service) -> None:
    service.stub.ended_models.add("gpt-6-luna")
    with pytest.raises(AccountRefused) as caught:
        service.client().send("POST", "/responses", body=QUESTION)
    assert caught.value.code == "openai_model_unavailable"


def test_codes_of_the_account_are_those_that_its_refusals_have() -> None:
    refusals: list[AutodError] = [
        from_status(401),
        from_status(404, Said("model_not_found")),
        from_status(404, Said(foreign=True)),
        from_status(403, Said(unverified=True)),
        from_status(400, Said("unsupported_value", param="reasoning.effort")),
        from_status(429, Said("insufficient_quota")),
        AccountRefused("x"),
    ]
    assert all(isinstance(error, AccountRefused) for error in refusals)
    assert {error.code for error in refusals} == {
        "openai_account_refused",
        "openai_base_url_wrong",
        "openai_key_refused",
        "openai_model_unavailable",
        "openai_organization_unverified",
        "openai_quota_exhausted",
        "openai_settings_refused",
    }


def test_wrong_key_is_refused_and_never_shown(service: Service) -> None:
    client = service.client("sk-wrong-secret-key-000")
    with pytest.raises(AccountRefused) as caught:
        client.send("GET", "/models")
    assert caught.value.code == "openai_key_refused"
    assert "sk-wrong" not in repr(client) + str(caught.value) + caught.value.next_step


def test_answer_that_is_not_json_is_the_services_failure(service: Service) -> None:
    service.stub.meet(*(Trouble(method="GET", path="/models", raw=b"<html>") for _ in range(4)))
    with pytest.raises(ServiceFailing) as caught:
        service.client().send("GET", "/models")
    assert caught.value.code == "openai_answer_not_json"


def test_redirect_is_not_followed(service: Service) -> None:
    service.stub.meet(
        Trouble(
            method="GET", path="/models", status=302, raw=b"", headers={"location": "http://127.0.0.1:9/"}
        )
    )
    with pytest.raises(AccountRefused) as caught:
        service.client().send("GET", "/models")
    assert caught.value.code == "openai_base_url_wrong"


def test_circuit_opens_on_the_services_failures_and_closes_after_a_good_answer(service: Service) -> None:
    client = service.client(retry=RetryPolicy(attempts=1), circuit_threshold=3, circuit_seconds=60)
    service.stub.meet(*(Trouble(status=503) for _ in range(3)))
    for _ in range(3):
        with pytest.raises(ServiceFailing):
            client.send("POST", "/responses", body=QUESTION)
    assert client.circuit is CircuitState.OPEN
    with pytest.raises(CircuitOpen) as caught:
        client.send("POST", "/responses", body=QUESTION)
    assert caught.value.wait_seconds == 60
    assert len(service.stub.requests) == 3
    service.moment += 61
    assert client.circuit is CircuitState.HALF_OPEN
    client.send("POST", "/responses", body=QUESTION)
    assert client.circuit is CircuitState.CLOSED


def test_failed_probe_opens_the_circuit_again(service: Service) -> None:
    client = service.client(retry=RetryPolicy(attempts=1), circuit_threshold=1, circuit_seconds=60)
    service.stub.meet(Trouble(status=503), Trouble(status=503))
    for _ in range(2):
        with pytest.raises(ServiceFailing):
            client.send("POST", "/responses", body=QUESTION)
        assert client.circuit is CircuitState.OPEN
        service.moment += 61


def test_documents_own_refusals_never_open_the_circuit(service: Service) -> None:
    client = service.client(circuit_threshold=2)
    service.stub.meet(*(Trouble(status=400, code="invalid_image") for _ in range(5)))
    for _ in range(5):
        with pytest.raises(RequestRefused) as caught:
            client.send("POST", "/responses", body=QUESTION)
        assert caught.value.blame is Blame.REQUEST
    assert client.circuit is CircuitState.CLOSED


def test_spent_allowance_holds_the_next_question_until_the_reset(service: Service) -> None:
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2s"}
    service.stub.meet(Trouble(path="/responses", headers=headers))
    client = service.client()
    client.send("POST", "/responses", body=QUESTION)
    assert service.slept == []
    client.send("POST", "/responses", body=QUESTION)
    assert service.slept == [62.0]


def test_what_asks_no_model_is_neither_counted_against_its_limit_nor_held(service: Service) -> None:
    service.stub.requests_per_minute = 3
    client = service.client()
    for _ in range(3):
        made = client.send("POST", "/conversations", body={}).data["id"]
        client.send("POST", "/responses", body={**QUESTION, "conversation": made})
        client.delete(f"/conversations/{made}")
    client.send("POST", "/conversations", body={})
    assert service.slept == []


def test_many_threads_are_spread_by_the_announced_limit_before_anything_is_refused() -> None:
    moment = 0.0
    pace = Pace(lambda: moment)
    pace.learn({"x-ratelimit-limit-requests": "10"})
    waits = [pace.pause() for _ in range(25)]
    assert waits[:10] == [0.0] * 10
    assert all(60 <= wait < 61 for wait in waits[10:20])
    assert all(120 <= wait < 122 for wait in waits[20:])
    moment = 500.0
    assert pace.pause() == 0.0


@pytest.mark.parametrize("limit", ["0", "-1", "many", "", "9" * 30])
def test_senseless_limit_is_not_learned(limit: str) -> None:
    pace = Pace(lambda: 0.0)
    pace.learn({"x-ratelimit-limit-requests": limit})
    assert [pace.pause() for _ in range(3)] == [0.0] * 3


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("6m0s", 360.0), ("20ms", 0.02), ("1h2m3.5s", 3723.5), ("12", 12.0), ("soon", None), ("", None),
     ("1s!", None), ("9" * 100, None)],
)  # fmt: skip
def test_durations_are_read_as_the_service_writes_them(text: str, seconds: float | None) -> None:
    assert duration_seconds(text) == seconds


def test_retry_after_may_be_a_date() -> None:
    headers = {"retry-after": "Tue, 24 Nov 2026 12:00:30 GMT"}
    assert wait_asked_for(headers, lambda: 1795521600.0) == 30.0
    assert wait_asked_for({"retry-after": "whenever"}, lambda: 0.0) is None


def test_client_without_a_key_says_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="API key"):
        ResponsesAPIClient("  ")


@pytest.mark.parametrize(
    "url", ["ftp://api.openai.com", "api.openai.com", "https://me:pw@host/v1", "http://api.openai.com/v1"]
)
def test_unusable_address_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ResponsesAPIClient(KEY, base_url=url)
    assert "pw" not in caught.value.message


def test_azure_is_recognised_by_its_address() -> None:
    assert ResponsesAPIClient(KEY, base_url="https://me.openai.azure.com/openai/v1/").is_azure
    assert not ResponsesAPIClient(KEY).is_azure


def test_nothing_is_printed_and_no_document_reaches_the_log(
    service: Service, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.client().send("POST", "/responses", body=QUESTION)
    assert capsys.readouterr() == ("", "")
    assert "What is this?" not in caplog.text
    assert KEY not in caplog.text


def test_ids_from_outside_cannot_change_the_path() -> None:
    assert path_of("responses", "../files?x=1") == "/responses/..%2Ffiles%3Fx%3D1"


def test_errors_survive_the_way_through_a_process_boundary() -> None:
    error = RateLimited("slow down", wait_seconds=3)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own object
    assert isinstance(copy, RateLimited)
    assert isinstance(copy, AutodError)
    assert copy.code == error.code


def test_key_file_must_be_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY + "\n")
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="other users"):
        read_key_file(path)
    path.chmod(0o600)
    assert read_key_file(path) == KEY


@pytest.mark.parametrize("content", ["", "   \n", "a\nb", "k" * 2000])
def test_key_file_without_one_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError):
        read_key_file(path)
