"""Text from outside, made fit for every database, for JSON and for UTF-8. Used wherever text comes in."""

from __future__ import annotations

import re
from typing import Any

LONGEST_FACT = 500
"""Characters kept of a field that is one line on paper; also what a PostgreSQL index entry can hold."""

LONGEST_PROSE = 8000
"""Characters kept of a summary, a key point or another free text."""


_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""NUL, which PostgreSQL refuses, and controls, which mean nothing on paper; tabs and line ends stay."""


def storable(text: str, limit: int | None = None) -> str:
    """``text`` without controls and lone surrogates, which databases or UTF-8 refuse, cut at ``limit``."""
    clean = text
    if not text.isprintable():
        clean = _UNSTORABLE.sub("", text)
        if not clean.isascii():
            clean = clean.encode("utf-8", "replace").decode("utf-8")
    return clean if limit is None else clean[:limit]


def storable_json(value: Any, limit: int | None = None) -> Any:
    """The same for every string inside a JSON value."""
    if isinstance(value, str):
        return storable(value, limit)
    if isinstance(value, dict):
        return {storable(key, limit): storable_json(item, limit) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable_json(item, limit) for item in value]
    return value
