"""Log and traces as the settings want them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autod import __version__
from autod.codes import Code
from autod.config import Settings
from autod.errors import AutodError, FileTrouble, Retry
from autod.log_later import LogLater

if TYPE_CHECKING:
    from autod.tracing import Tracing


log = LogLater("autod.assembly")

LOGS_KEPT = 5
"""Rotated ones, of the size that is a setting: it alone says how much disk the log may take."""


def start_logging(settings: Settings, loggers: Sequence[str] | None = None) -> None:
    """Log as the settings say; ``loggers`` as in ``configure_logging``, None is the whole process.

    A process of our own also makes its files with the rights of the settings from here on.

    Raises:
        FileTrouble: the log's folder or file cannot be made.
    """
    from autod.logs import WHOLE_PROCESS, configure_logging

    if loggers is None:
        os.umask(int(settings.umask, 8))
    try:
        configure_logging(
            settings.log_file,
            settings.log_level,
            settings.log_max_mb,
            LOGS_KEPT,
            loggers=WHOLE_PROCESS if loggers is None else loggers,
            code_of=_known_code,
        )
    except OSError as error:
        raise FileTrouble(
            f"cannot write the log: {error.strerror}",
            code=Code.LOG_UNWRITABLE,
            next_step="Give the service's user access to the folder of PAPER_AUTOPILOT_LOG_FILE.",
        ) from error


def _known_code(trouble: BaseException) -> str | None:
    """The code of an exception that is the database's or the disk's trouble, as libraries raise it."""
    from sqlalchemy.exc import SQLAlchemyError

    from autod.db.engine import translate
    from autod.files import custody

    if isinstance(trouble, AutodError):
        return trouble.code
    if isinstance(trouble, SQLAlchemyError):
        found = translate(trouble)
        return found.code if found.retry is Retry.LATER else None
    if isinstance(trouble, OSError) and trouble.errno is not None:
        found_file = custody.file_trouble(trouble, "")
        return found_file.code if found_file.outside else None
    return None


def open_tracing(settings: Settings) -> Tracing | None:
    """A tracer for the collector of the settings; None without one, or when it is not installed."""
    if not settings.otel_exporter_otlp_endpoint:
        return None
    from autod.tracing import Tracing

    try:
        return Tracing(settings.otel_exporter_otlp_endpoint, __version__)
    except ImportError as error:
        log.error(
            "Traces are not sent",
            error=Code.TRACING_NOT_INSTALLED,
            detail=f"the module {error.name} is missing",
            next_step="pip install 'paper-autopilot[tracing]', or empty OTEL_EXPORTER_OTLP_ENDPOINT.",
        )
        return None
