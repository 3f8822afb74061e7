"""Secrets that must not be written anywhere: those we were told, and what looks like one."""

from __future__ import annotations

import re

MASK = "[redacted]"
SHORTEST_HIDDEN = 6
"""A shorter secret would mask half of a log, and protects nothing."""

_LOOKS_SECRET = re.compile(
    r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_\-]{8,}|(?<=://)[^\s:/@]{1,256}:[^\s@/]{1,256}(?=@)|(?i:bearer\s+[A-Za-z0-9._\-]{8,})"
)
_hidden: set[str] = set()


def hide(*secrets: str) -> None:
    """Never let these through again, whatever they look like."""
    _hidden.update(secret for secret in secrets if len(secret) >= SHORTEST_HIDDEN)


def masked(text: str) -> str:
    """``text`` without hidden secrets and what looks like one."""
    for secret in sorted(_hidden, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _LOOKS_SECRET.sub(MASK, text)
