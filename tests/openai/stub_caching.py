"""How the service caches prompts: explicit breakpoints from GPT-5.6 on, common prefixes before."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

EXPLICIT_SECONDS = 30 * 60
PREFIX_SECONDS = 10 * 60
SMALLEST = 1024
STEP = 128


def tokens_of(text: str) -> int:
    return max(1, len(text) // 4)


def _explicit(model: str) -> bool:
    return model.startswith(("gpt-5.6", "gpt-6"))


def _blocks(body: dict[str, Any]) -> list[tuple[str, bool]]:
    """The prompt as the model sees it: rendered settings and content parts, and where a breakpoint is set."""
    settings = [body.get("tools"), body.get("text"), body.get("reasoning")]
    blocks = [(json.dumps(settings, sort_keys=True), False)]
    for item in body["input"]:
        content = item["content"]
        parts = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
        for part in parts:
            bare = {key: value for key, value in part.items() if key != "prompt_cache_breakpoint"}
            text = json.dumps([item["role"], bare], sort_keys=True)
            blocks.append((text, "prompt_cache_breakpoint" in part))
    return blocks


@dataclass
class PromptCache:
    """What the service remembers; ``now`` is passed in.

    ``delay`` is how many seconds after a question its prefix can be found: while it is worked on it cannot.
    """

    delay: float = 0.0
    explicit: dict[str, float] = field(default_factory=dict)
    prefixes: dict[str, list[tuple[str, float]]] = field(default_factory=dict)

    def look_up(self, body: dict[str, Any], now: float) -> tuple[int, int, int]:
        """Input tokens, cached tokens and tokens written to the cache."""
        blocks = _blocks(body)
        whole = "\n".join(text for text, _ in blocks)
        total = tokens_of(whole)
        if _explicit(body["model"]):
            return (total, *self._explicit_regime(body, blocks, now))
        return (total, self._prefix_regime(body, whole, now), 0)

    def _explicit_regime(
        self, body: dict[str, Any], blocks: list[tuple[str, bool]], now: float
    ) -> tuple[int, int]:
        ends = [index for index, (_, marked) in enumerate(blocks) if marked]
        if body.get("prompt_cache_options", {}).get("mode", "implicit") == "implicit":
            ends.append(len(blocks) - 1)
        cached = 0
        longest = 0
        for end in ends:
            prefix = body["model"] + "\n".join(text for text, _ in blocks[: end + 1])
            size = tokens_of(prefix)
            if size < SMALLEST:
                continue
            longest = max(longest, size)
            age = now - self.explicit.get(prefix, -EXPLICIT_SECONDS)
            if 0 <= age < EXPLICIT_SECONDS:
                cached = max(cached, size)
            if not age < 0:  # one that is being written stays so
                self.explicit[prefix] = now if cached == size else now + self.delay
        return cached, longest - cached

    def _prefix_regime(self, body: dict[str, Any], whole: str, now: float) -> int:
        key = body["model"] + str(body.get("prompt_cache_key", ""))
        known = self.prefixes.setdefault(key, [])
        best = 0
        for text, at in known:
            if now - at < PREFIX_SECONDS:
                common = next(
                    (i for i, (a, b) in enumerate(zip(text, whole, strict=False)) if a != b),
                    min(len(text), len(whole)),
                )
                best = max(best, common)
        known.append((whole, now))
        cached = tokens_of(whole[:best]) // STEP * STEP
        return cached if cached >= SMALLEST else 0
