"""What came back: its words, its bill, and whether it can be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autod.codes import Code
from autod.domain.asked import AnswerJson, TokenUseJson
from autod.domain.money import TokenUse
from autod.domain.storable import storable
from autod.extract.openai.answer_json import answer_object

Json = dict[str, Any]

FINAL = frozenset({"completed", "incomplete", "failed", "cancelled"})
LONGEST_TEXT = 2_000_000
MOST_TOKENS = 10**9
_OF_THE_DOCUMENT = ("invalid", "unsupported", "image", "file", "policy", "data_residency", "context_length")
"""Occurs in the codes of failures that come again with the same document; all others are the service's."""

FINAL_PHASE = "final_answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer. ``use`` is None when the service did not count; ``tier`` is the one that served it.

    ``miscounted``: it did say something of its count, which is no number of tokens.
    ``trouble`` is a stable code when there is nothing to use: every such answer was paid for all the same.
    """

    response_id: str | None
    model: str
    text: str
    use: TokenUse | None
    tier: str | None = None
    request_id: str | None = None
    trouble: str | None = None
    miscounted: bool = False

    def to_dict(self) -> AnswerJson:
        return {
            "response_id": self.response_id,
            "model": self.model,
            "text": self.text,
            "use": _use_to_dict(self.use) if self.use is not None else None,
            "tier": self.tier,
            "request_id": self.request_id,
            "trouble": self.trouble,
            "miscounted": self.miscounted,
        }

    @staticmethod
    def from_dict(data: AnswerJson) -> Answer:
        return Answer(
            response_id=data["response_id"],
            model=data["model"],
            text=data["text"],
            use=TokenUse(**data["use"]) if data["use"] is not None else None,
            tier=data["tier"],
            request_id=data["request_id"],
            trouble=data["trouble"],
            miscounted=data.get("miscounted", False),
        )


def _use_to_dict(use: TokenUse) -> TokenUseJson:
    return {
        "input": use.input,
        "output": use.output,
        "cached": use.cached,
        "cache_write": use.cache_write,
        "reasoning": use.reasoning,
    }


def is_final(response: Json) -> bool:
    """Whether a response will not change any more."""
    status = response.get("status", "completed")
    return not isinstance(status, str) or status in FINAL


def read_response(response: Json, request_id: str | None) -> Answer:
    """The answer in a final response object."""
    text, refused = _words(response.get("output"))
    identifier = response.get("id")
    return Answer(
        response_id=identifier if isinstance(identifier, str) else None,
        model=storable(str(response.get("model", "")), 128),
        text=text,
        use=_use(response.get("usage")),
        tier=_tier(response.get("service_tier")),
        request_id=request_id,
        trouble=_trouble(response, text, refused),
        miscounted=is_miscounted(response.get("usage"), "input_tokens", "output_tokens"),
    )


def read_conversation(items: list[Any], model: str, request_id: str | None) -> Answer | None:
    """The answer that a conversation already holds, None when it holds none; its bill is not told."""
    said = [item for item in items if isinstance(item, dict) and item.get("role") == "assistant"]
    if not said:
        return None
    text, refused = _words(said)
    # The newest comes first. A message that was cut says so itself, though not why: the limit is what cuts.
    status = {"status": "incomplete"} if said[0].get("status") == "incomplete" else {}
    return Answer(None, model, text, None, request_id=request_id, trouble=_trouble(status, text, refused))


def _words(output: Any) -> tuple[str, bool]:
    """What the answer says, and whether it refuses to."""
    said: list[tuple[str, Any]] = []
    refused = False
    for item in output if isinstance(output, list) else ():
        content = item.get("content") if isinstance(item, dict) and item.get("type") == "message" else None
        parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
        texts = [str(part.get("text", "")) for part in parts if part.get("type") == "output_text"]
        refused = refused or any(part.get("type") == "refusal" for part in parts)
        said.append(("".join(texts)[:LONGEST_TEXT], item.get("phase") if parts else None))
    return _final(said), refused


def _final(said: list[tuple[str, Any]]) -> str:
    """The words that count among several messages: what is called final, else the last that is an answer."""
    final = [text for text, phase in said if phase == FINAL_PHASE and text.strip()]
    if final:
        return final[-1]
    if len(said) > 1:
        answers = [text for text, _ in said if answer_object(text) is not None]
        if answers:
            return answers[-1]
    return "".join(text for text, _ in said)[:LONGEST_TEXT]


def _trouble(response: Json, text: str, refused: bool) -> str | None:
    status = response.get("status", "completed")
    if status == "cancelled":
        return Code.OPENAI_ANSWER_CANCELLED
    if status == "failed":
        error = response.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        of_the_document = isinstance(code, str) and any(word in code for word in _OF_THE_DOCUMENT)
        return Code.OPENAI_DOCUMENT_REFUSED if of_the_document else Code.OPENAI_ANSWER_FAILED
    if status == "incomplete":
        details = response.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        return Code.OPENAI_ANSWER_FILTERED if reason == "content_filter" else Code.OPENAI_ANSWER_TRUNCATED
    if refused:
        return Code.OPENAI_ANSWER_REFUSED
    return None if text.strip() else Code.OPENAI_ANSWER_EMPTY


def _tier(told: Any) -> str | None:
    return storable(told, 32) if isinstance(told, str) else None


def _use(usage: Any) -> TokenUse | None:
    if not isinstance(usage, dict):
        return None
    incoming, outgoing = count_of(usage.get("input_tokens")), count_of(usage.get("output_tokens"))
    if incoming is None or outgoing is None:
        return None
    read, written = usage.get("input_tokens_details"), usage.get("output_tokens_details")
    read = read if isinstance(read, dict) else {}
    written = written if isinstance(written, dict) else {}
    return TokenUse(
        incoming,
        outgoing,
        cached=count_of(read.get("cached_tokens")),
        cache_write=count_of(read.get("cache_write_tokens")),
        reasoning=count_of(written.get("reasoning_tokens")),
    )


def is_miscounted(usage: Any, *names: str) -> bool:
    """Whether something was told of the use that is no number of tokens."""
    if not isinstance(usage, dict):
        return usage is not None
    told = [usage[name] for name in names if usage.get(name) is not None]
    return any(count_of(count) is None for count in told)


def count_of(value: Any) -> int | None:
    """A number of tokens; None for what is none, such as one that no column holds."""
    return (
        value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_TOKENS else None
    )
