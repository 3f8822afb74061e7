"""Secrets that must not be written anywhere: those we were told, and what looks like one.

One mask for all ways out. ``masked`` is for words to people: the log, tables, errors, tracebacks.
``unhidden`` is for data that programs read: it takes out only what we were told, because a value of a
document that merely looks like a secret is data. ``shown_url`` shows an address without its secret parts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, unquote

MASK = "[redacted]"
SHORTEST_HIDDEN = 6
"""A shorter secret would mask half of a log, and protects nothing."""
SHORTEST_PART = 9
"""A part of a secret address that is shorter is a word, such as ``services``."""
LONGEST_WORD = 15
"""Between the dots of a host's name; what is longer there is a token."""

_TELLING_NAMES = (
    r"(?:[a-z0-9_.\-]{0,64}(?:pass(?:word|wd|phrase)?|pwd|token|secret|(?<!ssl)key|signature|credentials?)"
    r"|sig|auth|authorization)"
)
_SECRET_NAME = re.compile(rf"(?i){_TELLING_NAMES}")
_IN_QUERY = re.compile(rf"(?i)([?&]{_TELLING_NAMES}=)[^\s&\"'<>]+")
_LOOKS_SECRET = re.compile(
    r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_\-]{8,}"
    r"|(?<=://)(?!USER:PASSWORD@)[^\s:/@\"'<>]{0,256}:[^\s\"'<>]{1,256}(?=@)"
    r"|(?i:bearer\s+[A-Za-z0-9._\-]{8,})"
)
_ASSIGNED = re.compile(
    r"(?i)((?:password|passwd|passphrase|pwd|secret|token|api[ _\-]?key)[\"']?\s{0,3}"
    r"(?:=\s{0,3}[\"']?|:\s{0,3}[\"']?(?=[^\s\"',;<>]{6})))[^\s\"',;<>]+"
)
"""A value that is named a secret; a short word after a colon is prose."""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")
_ENDS_PLACE = re.compile(r"[/?#]")
_WEB = ("http", "https")
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


def addresses_in(text: str) -> list[str]:
    """The addresses in a setting that may hold several, with spaces; one alone may have them in a secret."""
    found = text.split()
    return found if all(map(is_url, found)) else [text]


def secrets_in_url(url: str, *, whole: bool = False) -> set[str]:
    """What must not be seen of an address, as it is written and as it is meant.

    Args:
        whole: the address itself is the secret, as a webhook's is: its path and all of its query too, and
            what stands in place of a host where the address is of a service and not of the web.
    """
    address = _Address.of(url)
    found = set(address.user_secrets(whole=whole))
    queries = [*_query(address.query), *_query(url.partition("?")[2])]
    found |= {value for name, value in queries if _SECRET_NAME.fullmatch(name)}
    if whole:
        found |= {url, address.path, address.query}
        words = [*re.split(r"[/#]", address.path), *(value for _, value in queries)]
        found |= {word for word in words if len(word) >= SHORTEST_PART}
        found |= set(address.tokens_for_host())
    found |= {unquote(secret) for secret in found}
    return {form for secret in found if secret for form in _spellings(secret)}


def shown_url(url: str, *, whole: bool = False) -> str:
    """An address without its secret parts; ``whole`` as in ``secrets_in_url``."""
    address = _Address.of(url)
    if address.is_unclear:
        return f"{address.scheme}://{MASK}"
    place = address.place
    if address.user is not None:
        name, has_password, password = address.user.partition(":")
        if has_password and password:
            shown = f"{name}:{MASK}"
        else:
            shown = MASK if name and address.has_token(whole=whole) else address.user
        place = f"{shown}@{place}"
    if whole and address.scheme.lower() not in _WEB:
        return f"{address.scheme}://{MASK}"
    if whole:
        rest = f"/{MASK}" if address.path.strip("/") or address.query else ""
        return f"{address.scheme}://{place}{rest}"
    query = "&".join(
        f"{name}={MASK if _SECRET_NAME.fullmatch(name) else value}" for name, value in _query(address.query)
    )
    return f"{address.scheme}://{place}{address.path}" + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class _Address:
    """An address cut so that no part of a secret is taken for something else.

    SQLAlchemy takes a password with ``/``, ``?``, ``#`` or ``%`` as it stands, where ``urlsplit`` takes the
    rest of it for a path. So all up to the last ``@`` is of the user (None if nothing is).
    """

    scheme: str
    user: str | None
    place: str
    path: str
    query: str

    @classmethod
    def of(cls, url: str) -> _Address:
        scheme, _, rest = url.strip().partition("://")
        user, has_user, after = rest.rpartition("@")
        no_name = user.startswith("/") or (":" not in user and scheme.lower() not in _WEB)
        if not has_user or (no_name and _ENDS_PLACE.search(user)):
            user, has_user, after = "", "", rest
        ends = _ENDS_PLACE.search(after)
        at = ends.start() if ends else len(after)
        path, _, query = after[at:].partition("?")
        return cls(scheme, user if has_user else None, after[:at], path, query)

    @property
    def is_unclear(self) -> bool:
        """Whether the last ``@`` may stand in a secret of the query: then what follows it is secret too."""
        return self.user is not None and _IN_QUERY.search(self.user) is not None

    def has_token(self, *, whole: bool) -> bool:
        """Whether a user's name alone is a secret, as it is on the web."""
        return whole or self.scheme.lower() in _WEB

    def tokens_for_host(self) -> Iterator[str]:
        """What is no name of a host or user, as in ``tgram://TOKEN/CHAT``: names are short words."""
        if self.scheme.lower() in _WEB:
            return
        for part in f"{self.place}:{self.user or ''}".split(":"):
            words = part.split(".")
            longest = LONGEST_WORD if len(words) > 1 else SHORTEST_PART - 1
            tokens = [word for word in words if len(word) > longest and word.lower() != "localhost"]
            yield from ([part, *tokens] if tokens else [])

    def user_secrets(self, *, whole: bool) -> Iterator[str]:
        """The password before the host, and the parts that a program may tell that cuts it otherwise."""
        name, has_password, password = (self.user or "").partition(":")
        secret = password if has_password and password else name if self.has_token(whole=whole) else ""
        yield secret
        yield from (secret[: at.start()] for at in re.finditer("@", secret))
        parts = re.split(r"[@/?#:\[\]]", secret)
        yield from (part for part in parts if len(part) >= SHORTEST_HIDDEN)


def _spellings(secret: str) -> Iterator[str]:
    """A secret as it stands in an address, in JSON and in a repr."""
    yield from (secret, quote(secret, safe=""), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])


def _query(query: str) -> list[tuple[str, str]]:
    """Names and values as they are written; a value goes on where no further name is."""
    found: list[tuple[str, str]] = []
    for part in query.split("&"):
        name, has_value, value = part.partition("=")
        if has_value:
            found.append((name, value))
        elif part and found:
            found[-1] = (found[-1][0], f"{found[-1][1]}&{part}")
        elif part:
            found.append((part, ""))
    return found
