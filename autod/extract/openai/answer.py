"""What came back: its words, its bill, and whether it can be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from autod.domain.money import TokenUse

Json = dict[str, Any]

FINAL = frozenset({"completed", "incomplete", "failed", "cancelled"})
LONGEST_TEXT = 2_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer. ``use`` is None when the service did not count; ``tier`` is the one that served it.

    ``trouble`` is a stable code when there is nothing to use: every such answer was paid for all the same.
    """

    response_id: str | None
    model: str
    text: str
    use: TokenUse | None
    tier: str | None = None
    request_id: str | None = None
    trouble: str | None = None

    def to_dict(self) -> Json:
        return asdict(self)

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Answer:
        use = TokenUse(**data["use"]) if data["use"] is not None else None
        return Answer(**{**data, "use": use})


def is_final(response: Json) -> bool:
    """Whether a response will not change any more."""
    return response.get("status", "completed") in FINAL


def read_response(response: Json, request_id: str | None) -> Answer:
    """The answer in a final response object."""
    text, refused = _words(response.get("output"))
    identifier = response.get("id")
    return Answer(
        response_id=identifier if isinstance(identifier, str) else None,
        model=str(response.get("model", ""))[:128],
        text=text,
        use=_use(response.get("usage")),
        tier=response["service_tier"] if isinstance(response.get("service_tier"), str) else None,
        request_id=request_id,
        trouble=_trouble(response, text, refused),
    )


def read_conversation(items: list[Any], model: str, request_id: str | None) -> Answer | None:
    """The answer that a conversation already holds, None when it holds none; its bill is not told."""
    said = [item for item in items if isinstance(item, dict) and item.get("role") == "assistant"]
    if not said:
        return None
    text, refused = _words(said)
    return Answer(None, model, text, None, request_id=request_id, trouble=_trouble({}, text, refused))


def _words(output: Any) -> tuple[str, bool]:
    texts, refused = [], False
    for item in output if isinstance(output, list) else ():
        content = item.get("content") if isinstance(item, dict) and item.get("type") == "message" else None
        for part in content if isinstance(content, list) else ():
            if isinstance(part, dict) and part.get("type") == "output_text":
                texts.append(str(part.get("text", "")))
            refused = refused or (isinstance(part, dict) and part.get("type") == "refusal")
    return "".join(texts)[:LONGEST_TEXT], refused


def _trouble(response: Json, text: str, refused: bool) -> str | None:
    status = response.get("status", "completed")
    if status in ("failed", "cancelled"):
        return f"openai_answer_{status}"
    if status == "incomplete":
        details = response.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        return "openai_answer_filtered" if reason == "content_filter" else "openai_answer_truncated"
    if refused:
        return "openai_answer_refused"
    return None if text.strip() else "openai_answer_empty"


def _use(usage: Any) -> TokenUse | None:
    if not isinstance(usage, dict):
        return None
    incoming, outgoing = _count(usage.get("input_tokens")), _count(usage.get("output_tokens"))
    if incoming is None or outgoing is None:
        return None
    read, written = usage.get("input_tokens_details"), usage.get("output_tokens_details")
    read = read if isinstance(read, dict) else {}
    written = written if isinstance(written, dict) else {}
    return TokenUse(
        incoming,
        outgoing,
        cached=_count(read.get("cached_tokens")),
        cache_write=_count(read.get("cache_write_tokens")),
        reasoning=_count(written.get("reasoning_tokens")),
    )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None
