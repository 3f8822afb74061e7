"""Secrets that must not be written anywhere: those we were told, and what looks like one.

One mask for all ways out. ``masked`` is for words to people: the log, tables, errors, tracebacks.
``unhidden`` is for data that programs read: it takes out only what we were told, because a value of a
document that merely looks like a secret is data. ``shown_url`` shows an address without its secret parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit, urlunsplit

MASK = "[redacted]"
SHORTEST_HIDDEN = 6
"""A shorter secret would mask half of a log, and protects nothing."""
SHORTEST_PART = 9
"""A part of a secret address that is shorter is a word, such as ``services``."""

_TELLING_NAMES = (
    r"(?:[a-z0-9_.\-]{0,64}(?:pass(?:word|wd|phrase)?|pwd|token|secret|(?<!ssl)key|signature|credentials?)"
    r"|sig|auth|authorization)"
)
_SECRET_NAME = re.compile(rf"(?i){_TELLING_NAMES}")
_IN_QUERY = re.compile(rf"(?i)([?&]{_TELLING_NAMES}=)[^\s&\"'<>]+")
_LOOKS_SECRET = re.compile(
    r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_\-]{8,}|(?<=://)(?!USER:PASSWORD@)[^\s:/@]{1,256}:[^\s@/]{1,256}(?=@)"
    r"|(?i:bearer\s+[A-Za-z0-9._\-]{8,})"
)
_ASSIGNED = re.compile(
    r"(?i)((?:password|passwd|passphrase|pwd|secret|token|api[ _\-]?key)[\"']?\s{0,3}"
    r"(?:=\s{0,3}[\"']?|:\s{0,3}[\"']?(?=[^\s\"',;<>]{6})))[^\s\"',;<>]+"
)
"""A value that is named a secret; a short word after a colon is prose."""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")
_hidden: set[str] = set()


def hide(*secrets: str) -> None:
    """Never let these through again, whatever they look like."""
    _hidden.update(secret for secret in secrets if len(secret) >= SHORTEST_HIDDEN)


def masked(text: str) -> str:
    """``text`` without hidden secrets and what looks like one."""
    found = _LOOKS_SECRET.sub(MASK, unhidden(text))
    return _ASSIGNED.sub(rf"\1{MASK}", _IN_QUERY.sub(rf"\1{MASK}", found))


def unhidden(text: str) -> str:
    """``text`` without hidden secrets; all else stays as it is."""
    for secret in sorted(_hidden, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def unhidden_data(value: Any) -> Any:
    """Lists and dicts with ``unhidden`` words in them, names included; all else stays as it is."""
    if isinstance(value, str):
        return unhidden(value)
    if isinstance(value, dict):
        return {unhidden_data(key): unhidden_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [unhidden_data(item) for item in value]
    return value


def is_url(text: str) -> bool:
    return _URL.match(text) is not None


def secrets_in_url(url: str, *, whole: bool = False) -> set[str]:
    """What must not be seen of an address, as it is written and as it is meant.

    Args:
        whole: the address itself is the secret, as a webhook's is: its path and all of its query too.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return {url} if whole else set()
    found = set(_user_secrets(parts.netloc, web=parts.scheme in ("http", "https")))
    found |= {value for name, value in _query(parts.query) if _SECRET_NAME.fullmatch(name)}
    if whole and parts.scheme in ("http", "https"):
        found |= {url, parts.path, parts.query, parts.fragment}
        words = [*parts.path.split("/"), *(value for _, value in _query(parts.query))]
        found |= {word for word in words if len(word) >= SHORTEST_PART}
    found |= {unquote(secret) for secret in found}
    return {
        form for secret in found if secret for form in (secret, quote(secret, safe=""), quote_plus(secret))
    }


def shown_url(url: str, *, whole: bool = False) -> str:
    """An address without its secret parts; ``whole`` as in ``secrets_in_url``."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    netloc = parts.netloc
    for secret in _user_secrets(netloc, web=parts.scheme in ("http", "https")):
        user, _, place = netloc.rpartition("@")
        netloc = f"{user.replace(secret, MASK)}@{place}"
    if whole and parts.scheme in ("http", "https"):
        rest = f"/{MASK}" if parts.path.strip("/") or parts.query or parts.fragment else ""
        return f"{parts.scheme}://{netloc}{rest}"
    query = "&".join(
        f"{name}={MASK if whole or _SECRET_NAME.fullmatch(name) else value}"
        for name, value in _query(parts.query)
    )
    if url.startswith(f"{parts.scheme}:///"):  # an empty host is left out by urlunsplit
        return f"{parts.scheme}://{parts.path}" + (f"?{query}" if query else "")
    return urlunsplit((parts.scheme, netloc, parts.path, query, parts.fragment))


def _user_secrets(netloc: str, *, web: bool) -> Iterator[str]:
    """The password before the host; on the web a user's name alone is a token."""
    user, has_user, _ = netloc.rpartition("@")
    name, has_password, password = user.partition(":")
    if has_password and password:
        yield password
    elif has_user and web and name:
        yield name


def _query(query: str) -> list[tuple[str, str]]:
    """Names and values as they are written."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(name, value) for name, _, value in parts]
