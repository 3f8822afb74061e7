"""The calls that take a file through the sandbox: read it, decide if it is sent, understand what was read."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import structlog

from autod.child.handing import open_for
from autod.child.sandbox import Sandbox
from autod.domain.privacy import UNKNOWN
from autod.errors import DocumentError
from autod.read.limits import ReadLimits

log = structlog.get_logger("autod.pipeline")

SECONDS_PER_PAGE = 20.0
"""Added to the time limit for every page: OCR takes 3 s of a core for one, and may get part of a core."""

SECONDS_PER_MEGABYTE = 5.0
"""Time for what was read: 2,000 pages of text are 31 MB and take 8 CPU seconds."""


def read_pdf(sandbox: Sandbox, limits: ReadLimits, path: Path, reading_path: str) -> dict[str, Any]:
    """Write what ``path`` holds to ``reading_path``; returns counts and notes.

    A scanned page takes seconds, so the time limit grows with the pages.

    Raises:
        DocumentError: the file cannot be read, by code.
    """
    with open_for({"document": path}) as files:
        pages = sandbox.call("autod.read.reader:count_pages", descriptors=files, **asdict(limits))
    with open_for({"document": path}, {"reading": Path(reading_path)}) as files:
        summary: dict[str, Any] = sandbox.call(
            "autod.read.reader:read_file",
            more_seconds=SECONDS_PER_PAGE * min(pages, limits.max_pages),
            descriptors=files,
            **asdict(limits),
        )
    return summary


def classify_reading(sandbox: Sandbox, reading_path: str, path: Path) -> dict[str, Any]:
    """What the document may be, and whether it leaves nothing to ask: see ``classify_file``.

    What cannot be told is ``unknown``, and is asked about.
    """
    try:
        with open_for({"reading": Path(reading_path), "document": path}) as files:
            said: dict[str, Any] = sandbox.call(
                "autod.child.classify:classify_file",
                more_seconds=_for_its_size(reading_path),
                descriptors=files,
            )
    except DocumentError as error:
        log.warning("Cannot tell what a document may be", reason=error.code, file=path.name)
        return {"kinds": [UNKNOWN], "states_all": False}
    return said


def understand_reading(
    sandbox: Sandbox,
    reading_path: str,
    *,
    review_below: float,
    today: date,
    answers: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What the document says and its pages' texts: see ``understand_file``.

    ``answers`` are a paid reader's; without them the embedded engine reads.

    Raises:
        DocumentError: over a limit, or the child failed, by code.
    """
    with open_for({"reading": Path(reading_path)}) as files:
        understood: dict[str, Any] = sandbox.call(
            "autod.child.understand:understand_file",
            more_seconds=_for_its_size(reading_path),
            descriptors=files,
            review_below=review_below,
            today=today.isoformat(),
            answers=answers,
        )
    return understood


def _for_its_size(reading_path: str) -> float:
    """Seconds more for what was read, which may be thousands of pages."""
    try:
        return Path(reading_path).stat().st_size / 1e6 * SECONDS_PER_MEGABYTE
    except OSError:
        return 0.0  # opening it tells what is wrong
