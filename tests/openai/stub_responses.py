"""The stub's /responses, /conversations and token counting."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from autod.extract.openai.schema import asked_fields
from tests.openai.stub_caching import PromptCache, tokens_of

if TYPE_CHECKING:
    from tests.openai.stub import Stub

Json = dict[str, Any]
REASONING_TOKENS = 32
UNSUPPORTED = ("allOf", "not", "if", "minLength", "maxLength", "default", "patternProperties", "oneOf")


@dataclass
class Outcome:
    """How the next answer turns out: its status and, for a completed one, a refusal."""

    status: str = "completed"
    reason: str | None = None
    refusal: str | None = None
    error: str | None = None
    tier: str | None = None
    text: str | None = None
    usage: bool = True
    counted: Json | None = None
    """What the service says of the tokens instead of the truth."""


@dataclass
class ResponseDesk:
    """Takes questions, keeps the answers, writes the bills."""

    stub: Stub
    responses: dict[str, Json] = field(default_factory=dict)
    conversations: dict[str, list[Json]] = field(default_factory=dict)
    claimed: int = 0
    locked: set[str] = field(default_factory=set)
    busy_until: dict[str, float] = field(default_factory=dict)
    billed: list[Json] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    polls_until_done: int = 2
    cache: PromptCache = field(default_factory=PromptCache)
    answer: Any = None
    tokens_of_answer: Callable[[str], int] = tokens_of

    def route(self, method: str, parts: list[str], body: Any, params: dict[str, str]) -> Json:
        from tests.openai.stub import Refused

        match method, parts:
            case "POST", ["responses"]:
                return self._create(body)
            case "POST", ["responses", "input_tokens"]:
                total, _, _ = PromptCache().look_up(body, self.stub.now)
                return {"object": "response.input_tokens", "input_tokens": total}
            case "GET", ["responses", name] if name in self.responses:
                return self._poll(name)
            case "DELETE", ["responses", name] if name in self.responses:
                del self.responses[name]
                return {"id": name, "object": "response", "deleted": True}
            case "POST", ["conversations"]:
                self.claimed += 1
                name = f"conv_{self.claimed}"
                self.conversations[name] = []
                return {"id": name, "object": "conversation", "created_at": 1, "metadata": {}}
            case "GET", ["conversations", name, "items"] if name in self.conversations:
                items = [] if self.is_busy(name) else self.conversations[name]
                return {
                    "object": "list",
                    "data": items[::-1],
                    "has_more": False,
                    "first_id": None,
                    "last_id": None,
                }
            case "DELETE", ["conversations", name] if name in self.conversations:
                del self.conversations[name]
                return {"id": name, "object": "conversation.deleted", "deleted": True}
        raise Refused(404, "not_found")

    def _create(self, body: Json) -> Json:
        from tests.openai.stub import Refused

        if body["model"] in self.stub.ended_models:
            raise Refused(404, "model_not_found", "model")
        schema = body.get("text", {}).get("format", {}).get("schema")
        if schema is not None and not _strict(schema):
            raise Refused(400, "invalid_json_schema", "text.format.schema")
        conversation = body.get("conversation")
        if conversation is not None:
            if conversation not in self.conversations:
                raise Refused(404, "conversation_not_found", "conversation")
            if conversation in self.locked or self.is_busy(conversation):
                raise Refused(400, "conversation_locked", "conversation")
        outcome = self.outcomes.pop(0) if self.outcomes else Outcome()
        response = self._finished(body, outcome)
        self.billed.append(
            {"model": body["model"], "metadata": body.get("metadata"), "usage": response.get("usage")}
        )
        if conversation is not None:
            self.busy_until[conversation] = time.monotonic() + self.stub.work_seconds
            self.conversations[conversation] += [
                {"type": "message", "id": f"msg_q{len(self.billed)}", "role": "user", "status": "completed",
                 "content": [{"type": "input_text", "text": "…"}]},
                *response["output"],
            ]  # fmt: skip
        if body.get("background"):
            if body.get("store") is False:
                raise Refused(400, "background_requires_store", "store")
            final = dict(response)
            response |= {"status": "queued", "output": [], "error": None, "incomplete_details": None}
            response.pop("usage", None)
            self.responses[response["id"]] = {
                "shown": response,
                "final": final,
                "left": self.polls_until_done,
            }
        elif body.get("store") is not False:
            self.responses[response["id"]] = {"shown": response, "final": response, "left": 0}
        return response

    def is_busy(self, conversation: str) -> bool:
        """Whether an answer is being written to it, which shows when it is done."""
        return time.monotonic() < self.busy_until.get(conversation, 0.0)

    def _poll(self, name: str) -> Json:
        kept = self.responses[name]
        kept["left"] -= 1
        if kept["left"] <= 0:
            final: Json = kept["final"]
            return final
        shown: Json = kept["shown"]
        shown["status"] = "in_progress"
        return shown

    def _finished(self, body: Json, outcome: Outcome) -> Json:
        text = outcome.text
        if text is None:
            text = json.dumps(self.answer(body) if self.answer is not None else dict.fromkeys(asked_fields()))
        if self.tokens_of_answer(text) + REASONING_TOKENS > body.get("max_output_tokens", 10**9):
            outcome = replace(outcome, status="incomplete", reason="max_output_tokens")
        content: Json = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
        if outcome.reason == "max_output_tokens":
            content["text"] = text[: len(text) // 2]
        if outcome.refusal is not None:
            content = {"type": "refusal", "refusal": outcome.refusal}
        number = len(self.billed) + 1
        status = "completed" if outcome.status == "completed" else "incomplete"
        message = {"type": "message", "id": f"msg_{number}", "role": "assistant", "status": status,
                   "content": [content]}  # fmt: skip
        asked_tier = body.get("service_tier") or "default"
        response: Json = {
            "id": f"resp_{number}",
            "object": "response",
            "created_at": int(self.stub.now),
            "status": outcome.status,
            "error": {"code": outcome.error, "message": "…"} if outcome.error else None,
            "incomplete_details": {"reason": outcome.reason} if outcome.reason else None,
            "instructions": None,
            "metadata": body.get("metadata") or {},
            "model": body["model"],
            "output": [] if outcome.status == "failed" else [message],
            "parallel_tool_calls": True,
            "temperature": 1.0,
            "tool_choice": "auto",
            "tools": [],
            "top_p": 1.0,
            "background": bool(body.get("background")),
            "service_tier": outcome.tier or ("default" if asked_tier == "auto" else asked_tier),
        }
        if outcome.usage:
            response["usage"] = self._usage(body, text) | (outcome.counted or {})
        return response

    def _usage(self, body: Json, text: str) -> Json:
        total, cached, written = self.cache.look_up(body, self.stub.now)
        output = min(self.tokens_of_answer(text) + REASONING_TOKENS, body.get("max_output_tokens", 10**9))
        return {
            "input_tokens": total,
            "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
            "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": REASONING_TOKENS},
            "total_tokens": total + output,
        }


def _strict(schema: Any) -> bool:
    """Whether the service would take the schema with ``strict``."""
    if isinstance(schema, list):
        return all(_strict(item) for item in schema)
    if not isinstance(schema, dict):
        return True
    if any(word in schema for word in UNSUPPORTED):
        return False
    if "properties" in schema:
        names = set(schema["properties"])
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != names:
            return False
        return all(_strict(part) for part in schema["properties"].values())
    return all(_strict(value) for key, value in schema.items() if key != "enum")
