"""A logger for modules that a command imports and in which it mostly logs nothing."""

from __future__ import annotations

from typing import Any


class LogLater:
    """The logger of that name; structlog, a twelfth of a start, is imported when it is first used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, method: str) -> Any:
        import structlog

        return getattr(structlog.get_logger(self._name), method)
