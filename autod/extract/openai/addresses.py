"""Where requests go: the service's address, checked, and paths below it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from autod.errors import ConfigurationError


def path_of(*parts: str) -> str:
    """``/responses/resp_1`` of its parts, each made safe for a URL."""
    return "".join("/" + quote(part, safe="") for part in parts)


def is_loopback(url: str) -> bool:
    """Whether ``url`` is answered on this machine."""
    host = urlsplit(url.strip()).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def checked_url(url: str) -> str:
    """``url`` without a slash at its end.

    Raises:
        ConfigurationError: not HTTP, with a password in it, or OpenAI's without encryption.
    """
    stripped = url.strip().rstrip("/")
    parts = urlsplit(stripped)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError("OPENAI_BASE_URL must be an http or https address")
    cut = "@" in f"{parts.path}{parts.query}{parts.fragment}"  # the host was taken from a password
    if parts.username or parts.password or cut:
        raise ConfigurationError("OPENAI_BASE_URL must not contain credentials")
    if parts.scheme == "http" and parts.hostname.endswith(".openai.com"):
        raise ConfigurationError("OPENAI_BASE_URL must use https for the OpenAI platform")
    return stripped
