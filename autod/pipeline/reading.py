"""Reading a file in the sandbox, with time for every page."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from autod.read.limits import ReadLimits
from autod.read.sandbox import Sandbox


def read_pdf(
    sandbox: Sandbox, limits: ReadLimits, seconds_per_page: float, path: Path, reading_path: str
) -> dict[str, Any]:
    """Write what ``path`` holds to ``reading_path``; returns counts and notes.

    A scanned page takes seconds, so the time limit grows with the pages.

    Raises:
        DocumentError: the file cannot be read, by code.
    """
    pages = sandbox.call("autod.read.reader:count_pages", path=str(path), **asdict(limits))
    summary: dict[str, Any] = sandbox.call(
        "autod.read.reader:read_file",
        more_seconds=seconds_per_page * min(pages, limits.max_pages),
        path=str(path),
        reading_path=reading_path,
        **asdict(limits),
    )
    return summary
