"""Other servers: how to ask one that speaks only the chat part of the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from autod.codes import Code
from autod.domain.money import TokenUse
from autod.errors import ConfigurationError
from autod.extract.openai.answer import LONGEST_TEXT, Answer, count_of, is_miscounted
from autod.extract.openai.api_json import ApiJson
from autod.extract.openai.prompt import instructions
from autod.extract.openai.schema import NAME, answer_schema

LONGEST_SAID = 8_000
"""Characters of a useless answer that go back with the complaint: contexts are small."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a kind of server understands; ``extra`` is sent along as it is."""

    name: str
    structured: str
    split_tokens: int
    max_output_tokens: int
    picture_side: int
    picture_tokens: int
    extra: Mapping[str, object]


@lru_cache(maxsize=1)
def _data() -> ApiJson:
    import yaml

    text = resources.files(__package__).joinpath("profiles.yaml").read_text(encoding="utf-8")
    data: ApiJson = yaml.safe_load(text)["profiles"]
    return data


def find_profile(name: str) -> Profile:
    """The profile of a kind of server.

    Raises:
        ConfigurationError: unknown; names those that are known.
    """
    entry = _data().get(name)
    if entry is None:
        raise ConfigurationError(f"the server profile must be one of openai, {', '.join(_data())}")
    return Profile(
        name,
        entry["structured"],
        entry["split_tokens"],
        entry["max_output_tokens"],
        entry["picture_side"],
        entry["picture_tokens"],
        entry["extra"],
    )


def chat_question(profile: Profile, model: str, content: list[ApiJson]) -> ApiJson:
    """The body of ``POST /chat/completions``; ``content`` is text and pictures, the document last."""
    body: ApiJson = {"model": model, "max_tokens": profile.max_output_tokens, **profile.extra}
    if profile.structured == "response_format":
        schema = {"name": NAME, "strict": True, "schema": answer_schema()}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    body["messages"] = [
        {"role": "system", "content": instructions()},
        {"role": "user", "content": _user_content(content)},
    ]
    return body if "response_format" in body else without_format(body)


def without_format(body: ApiJson) -> ApiJson:
    """The same question with the schema in its instructions, for servers that do not take one beside them."""
    plain = {name: value for name, value in body.items() if name != "response_format"}
    system, *rest = body["messages"]
    told = f"{system['content']}\n\nAnswer with one JSON object of this schema and nothing else:\n"
    return {**plain, "messages": [{**system, "content": told + json.dumps(answer_schema())}, *rest]}


def repair_question(body: ApiJson, said: str, faults: list[str]) -> ApiJson:
    """The same question again, with the answer that was of no use and what is wrong with it."""
    complaint = f"This does not have the shape that was asked for: {'; '.join(faults)}. "
    complaint += "Answer again, with one JSON object of that shape and nothing else."
    again = [{"role": "assistant", "content": said[:LONGEST_SAID]}, {"role": "user", "content": complaint}]
    return {**body, "messages": [*body["messages"], *again]}


def _user_content(content: list[ApiJson]) -> str | list[ApiJson]:
    """Plain text where there are no pictures: some servers take nothing else."""
    if all("text" in part for part in content):
        return "\n".join(part["text"] for part in content)
    return [
        {"type": "text", "text": part["text"]}
        if "text" in part
        else {"type": "image_url", "image_url": {"url": part["image_url"]}}
        for part in content
    ]


def said_in(data: ApiJson) -> str:
    """The words of a chat server's answer as they came."""
    choices = data.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message = choice.get("message")
    text = message.get("content") if isinstance(message, dict) else None
    return text[:LONGEST_TEXT] if isinstance(text, str) else ""


def read_chat(data: ApiJson, model: str, request_id: str | None) -> Answer:
    """The answer of a chat server, its JSON freed from fences and thoughts around it."""
    choices = data.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    said = choice.get("message")
    message: ApiJson = said if isinstance(said, dict) else {}
    text = _bare_json(said_in(data))
    trouble = None
    if choice.get("finish_reason") == "length":
        trouble = Code.OPENAI_ANSWER_TRUNCATED
    elif message.get("refusal"):
        trouble = Code.OPENAI_ANSWER_REFUSED
    elif not text:
        trouble = Code.OPENAI_ANSWER_EMPTY
    usage = data.get("usage")
    miscounted = is_miscounted(usage, "prompt_tokens", "completion_tokens")
    return Answer(None, model, text, _use(usage), None, request_id, trouble, miscounted)


def _bare_json(text: str) -> str:
    """From the first brace to the last one, after any ``</think>``."""
    said = text.rpartition("</think>")[2]
    first, last = said.find("{"), said.rfind("}")
    return said[first : last + 1] if 0 <= first < last else ""


def _use(usage: Any) -> TokenUse | None:
    if not isinstance(usage, dict):
        return None
    incoming, outgoing = count_of(usage.get("prompt_tokens")), count_of(usage.get("completion_tokens"))
    if incoming is None or outgoing is None:
        return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return TokenUse(incoming, outgoing, cached=count_of(cached))
