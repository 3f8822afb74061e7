"""Where requests go: the service's address, checked, and paths below it."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from autod.errors import ConfigurationError


def path_of(*parts: str) -> str:
    """``/responses/resp_1`` of its parts, each made safe for a URL."""
    return "".join("/" + quote(part, safe="") for part in parts)


def checked_url(url: str) -> str:
    """``url`` without a slash at its end.

    Raises:
        ConfigurationError: not HTTP, with a password in it, or OpenAI's without encryption.
    """
    stripped = url.strip().rstrip("/")
    parts = urlsplit(stripped)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError("OPENAI_BASE_URL must be an http or https address")
    if parts.username or parts.password:
        raise ConfigurationError("OPENAI_BASE_URL must not contain a user name or password")
    if parts.scheme == "http" and not local and parts.hostname.endswith(".openai.com"):
        raise ConfigurationError("OPENAI_BASE_URL must use https for the OpenAI platform")
    return stripped
