"""Other servers: Ollama, vLLM, llama.cpp and LM Studio, each answering in its own way."""

from __future__ import annotations

import base64
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from autod.domain.money import TokenUse
from autod.domain.reading import Reading
from autod.errors import ConfigurationError
from autod.extract.openai.drafting import AnswerExtractor, PartAnswer
from autod.extract.openai.paying_once import PayingOnce, Way
from autod.extract.openai.profiles import find_profile
from autod.verify.verification import verify
from tests.openai.conftest import INVOICE_SHARE, Service
from tests.openai.stub import Trouble
from tests.openai.test_openai_drafting import INVOICE, fact
from tests.openai.test_openai_question import prepared
from tests.verify.drafts import TODAY, reading

SAID = json.dumps({"issuer": fact("Northfield Supplies Ltd", "Northfield Supplies Ltd")})
SERVERS: dict[str, dict[str, Any]] = {
    "ollama": {"content": SAID, "usage": {"prompt_tokens": 900, "completion_tokens": 40}},
    "vllm": {
        "content": f"<think>An invoice {{maybe}}.</think>\n{SAID}",
        "usage": {"prompt_tokens": 900, "completion_tokens": 40, "prompt_tokens_details": None},
    },
    "llamacpp": {"content": SAID, "usage": {"prompt_tokens": 900, "completion_tokens": 40,
                 "prompt_tokens_details": {"cached_tokens": 512}}},
    "lmstudio": {"content": SAID, "usage": {}},
    "other": {"content": f"Here you are:\n```json\n{SAID}\n```\n", "usage": None},
}  # fmt: skip


def completion(content: Any, usage: Any, finish: str = "stop") -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    answer: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "qwen",
        "choices": [choice],
    }
    return answer if usage is None else {**answer, "usage": usage}


def asked(service: Service, folder: Path, profile: str) -> Any:
    made = prepared(folder, INVOICE, b"", model="qwen", profile=profile, form="file")
    ask = PayingOnce(service.client(), Way.DIRECT, free=True, sleep=service.sleep, clock=service.clock)
    return ask.collect(ask.submit(Path(made["questions"][0]["path"]), ask.claim(), INVOICE_SHARE))


@pytest.mark.parametrize("profile", list(SERVERS))
def test_answer_of_each_server_is_checked_again_and_believed_only_as_printed(
    service: Service, tmp_path: Path, profile: str
) -> None:
    service.stub.chat = completion(SERVERS[profile]["content"], SERVERS[profile]["usage"])
    answer = asked(service, tmp_path, profile)
    draft = AnswerExtractor([PartAnswer(answer.text)]).extract(INVOICE)
    assert verify(draft, INVOICE, 0.6, TODAY).metadata.issuer == "Northfield Supplies Ltd"


def test_usage_details_are_unknown_unless_a_server_gives_them(service: Service, tmp_path: Path) -> None:
    uses = {}
    for profile, server in SERVERS.items():
        service.stub.chat = completion(server["content"], server["usage"])
        uses[profile] = asked(service, tmp_path, profile).use
    assert uses["ollama"] == uses["vllm"] == TokenUse(900, 40)
    assert uses["llamacpp"] == TokenUse(900, 40, cached=512)
    assert uses["lmstudio"] is uses["other"] is None


@pytest.mark.parametrize("profile", list(SERVERS))
def test_no_server_gets_a_file_a_tier_or_a_thing_it_does_not_know(
    service: Service, tmp_path: Path, profile: str
) -> None:
    service.stub.chat = completion(SAID, None)
    asked(service, tmp_path, profile)
    (body,) = service.stub.asked("POST", "/chat/completions")
    assert not {"service_tier", "store", "background", "metadata", "prompt_cache_key", "tools"} & body.keys()
    assert all(isinstance(message["content"], str) for message in body["messages"])
    structured = find_profile(profile).structured == "response_format"
    assert ("response_format" in body) is structured
    assert ("additionalProperties" in body["messages"][0]["content"]) is not structured


def test_answer_of_another_shape_is_asked_for_once_more_and_both_are_counted(
    service: Service, tmp_path: Path
) -> None:
    usage = {"prompt_tokens": 900, "completion_tokens": 40}
    service.stub.chat = [completion('{"issuer": "Northfield Supplies Ltd"}', usage), completion(SAID, usage)]
    answer = asked(service, tmp_path, "ollama")
    assert (answer.text, answer.trouble) == (SAID, None)
    assert (answer.use.input, answer.use.output) == (1800, 80)
    first, second = service.stub.asked("POST", "/chat/completions")
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert "answer.issuer must be object" in second["messages"][-1]["content"]


@pytest.mark.parametrize(
    "bad", ['{"issuer": "Northfield"}', '{"line_items": 3}', "[1, 2]", "no JSON at all {"]
)
def test_second_answer_of_another_shape_is_the_last(service: Service, tmp_path: Path, bad: str) -> None:
    service.stub.chat = completion(bad, None)
    assert asked(service, tmp_path, "vllm").trouble in ("openai_answer_invalid", "openai_answer_empty")
    assert len(service.stub.asked("POST", "/chat/completions")) == 2


def test_truncated_answer_is_not_asked_for_again(service: Service, tmp_path: Path) -> None:
    service.stub.chat = completion(SAID[:20], None, "length")
    assert asked(service, tmp_path, "llamacpp").trouble == "openai_answer_truncated"
    assert len(service.stub.asked("POST", "/chat/completions")) == 1


def test_server_that_takes_no_schema_gets_it_in_its_instructions(service: Service, tmp_path: Path) -> None:
    service.stub.chat = completion(SAID, None)
    service.stub.takes_no_schema = True
    assert asked(service, tmp_path, "lmstudio").trouble is None
    refused, taken = service.stub.asked("POST", "/chat/completions")
    assert "response_format" in refused and "response_format" not in taken
    assert "additionalProperties" in taken["messages"][0]["content"]


@pytest.mark.parametrize("profile", list(SERVERS))
def test_model_that_sees_gets_pictures_beside_the_text(
    service: Service, tmp_path: Path, profile: str
) -> None:
    picture = tmp_path / "page.jpg"
    picture.write_bytes(b"\xff\xd8 a picture")
    service.stub.chat = completion(SAID, None)
    made = prepared(
        tmp_path, INVOICE, b"", model="qwen", profile=profile, pictures={"1": picture.read_bytes()}
    )
    assert (made["questions"][0]["form"], made["questions"][0]["pages"]) == ("images", 1)
    ask = PayingOnce(service.client(), Way.DIRECT, free=True, sleep=service.sleep, clock=service.clock)
    ask.submit(Path(made["questions"][0]["path"]), ask.claim(), INVOICE_SHARE)
    (body,) = service.stub.asked("POST", "/chat/completions")
    text, image = body["messages"][-1]["content"]
    assert (text["type"], "Northfield" in text["text"]) == ("text", True)
    assert image == {
        "type": "image_url",
        "image_url": {"url": "data:image/jpeg;base64," + base64.b64encode(picture.read_bytes()).decode()},
    }


def test_document_with_many_pictures_is_asked_about_in_parts(tmp_path: Path) -> None:
    picture = tmp_path / "page.jpg"
    picture.write_bytes(b"\xff\xd8 a picture")
    page = reading("Invoice").pages[0]
    pages = Reading(tuple(dataclasses.replace(page, number=number) for number in range(1, 9)))
    made = prepared(
        tmp_path,
        pages,
        b"",
        model="qwen",
        profile="ollama",
        pictures={str(n): picture.read_bytes() for n in range(1, 7)},
    )
    forms = [question["form"] for question in made["questions"]]
    assert len(forms) > 1 and forms[0] == "images"
    most = find_profile("ollama").split_tokens
    assert all(question["input_tokens"] <= most for question in made["questions"])


def test_static_part_comes_first_and_the_document_last(service: Service, tmp_path: Path) -> None:
    service.stub.chat = completion(SAID, None)
    asked(service, tmp_path, "ollama")
    (body,) = service.stub.asked("POST", "/chat/completions")
    assert "Northfield" not in body["messages"][0]["content"]
    assert "Northfield" in body["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (completion(SAID[:20], None, "length"), "openai_answer_truncated"),
        (completion("I would rather not.", None), "openai_answer_empty"),
        (completion(None, None), "openai_answer_empty"),
        ({"choices": []}, "openai_answer_empty"),
        ({"choices": "none", "usage": 3}, "openai_answer_empty"),
    ],
)
def test_server_that_does_not_honour_the_schema_is_not_believed(
    service: Service, tmp_path: Path, answer: dict[str, Any], code: str
) -> None:
    service.stub.chat = answer
    assert asked(service, tmp_path, "vllm").trouble == code


def test_call_that_costs_nothing_is_repeated_after_a_lost_answer(service: Service, tmp_path: Path) -> None:
    service.stub.chat = completion(SAID, None)
    service.stub.meet(Trouble(path="/chat/completions", drop="after"))
    assert asked(service, tmp_path, "ollama").text == SAID
    assert len(service.stub.asked("POST", "/chat/completions")) == 2


def test_unknown_profile_is_refused_with_what_is_known() -> None:
    with pytest.raises(ConfigurationError, match="ollama"):
        find_profile("abacus")
