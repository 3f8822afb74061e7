"""The log: one JSON object a line, UTC, rotated, secrets masked.

Operators grep it, so messages and keys that the runbook names are constants here.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from autod.codes import Code
from autod.masking import MASK, masked
from autod.repeats import Condensing, KnownCode

PROCESSING_COMPLETE = "Processing complete"
DOCUMENT_FAILED = "Document failed"
UPLOAD_FAILED = "Vector store upload failed"
NOT_TAKEN = "Something in the inbox is not taken"
COUNT_NOT_BELIEVED = "A service's count of tokens is not believed"
OF_EACH_DOCUMENT = frozenset(
    {PROCESSING_COMPLETE, DOCUMENT_FAILED, UPLOAD_FAILED, NOT_TAKEN, COUNT_NOT_BELIEVED}
)
"""Messages of which no record is left out, however many there are."""

_SECRET_WORD = re.compile(r"(?i)(api[^a-z]{0,2}key|password|secret)")
WHOLE_PROCESS = ("",)
OURS = ("autod", "dbos")
LIBRARIES = ("dbos", "alembic", "sqlalchemy", "uvicorn", "watchdog")


def configure_logging(
    path: Path,
    level: str,
    max_mb: int,
    keep: int,
    *,
    loggers: Sequence[str] = WHOLE_PROCESS,
    code_of: KnownCode = lambda _: None,
) -> None:
    """Send the records of ``loggers`` to ``path`` as JSON Lines: of the whole process, unless told otherwise.

    What is told again and again is counted, see ``Condensing``, which explains ``code_of``.

    Raises:
        OSError: the folder or file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = logging.handlers.RotatingFileHandler(
        path, maxBytes=max_mb * 1_000_000, backupCount=keep, encoding="utf-8", errors="backslashreplace"
    )
    file.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=["error"]), *_shared()],
            processors=[*_finish(), structlog.processors.JSONRenderer()],
        )
    )
    handler = Condensing(file, each=OF_EACH_DOCUMENT, code_of=code_of)
    for name in LIBRARIES:
        # Their own handlers print to the terminal; a handler that does nothing keeps them from adding it.
        library = logging.getLogger(name)
        library.handlers[:] = [logging.NullHandler()]
        library.propagate = True
        library.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    for name in loggers:
        logger = logging.getLogger(name)
        for old in logger.handlers[:]:
            logger.removeHandler(old)
            old.close()
        logger.addHandler(handler)
        logger.propagate = False
        if name not in LIBRARIES:
            logger.setLevel(level)
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    logging.raiseExceptions = False


def configured() -> bool:
    """Whether records go to a file of ours already."""
    handlers = (handler for name in ("", *OURS) for handler in logging.getLogger(name).handlers)
    return any(isinstance(handler, logging.handlers.RotatingFileHandler) for handler in handlers)


def _shared() -> list[Any]:
    return [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
    ]


def _finish() -> list[Any]:
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _name_fields,
        _mask,
    ]


def _name_fields(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The keys the runbook knows: message, level in capitals, and ``error`` on every error."""
    record: dict[str, Any] = {
        "timestamp": event.pop("timestamp"),
        "level": event.pop("level").upper(),
        "message": str(event.pop("event")),
    }
    if record["level"] in ("ERROR", "CRITICAL"):
        record["level"] = "ERROR"
        record["error"] = event.pop("error", Code.INTERNAL_ERROR)
    record.update(event)
    return record


def _mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {_masked(key): _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return _SECRET_WORD.sub(MASK, masked(str(value)))
