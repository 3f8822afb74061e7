"""Every call of a reading process, with the types of what goes in and comes out.

Only here are its functions known by names; a test compares each call with the function that it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from autod.domain.asked import AnswersJson, WrittenQuestions
from autod.domain.privacy import UNKNOWN
from autod.domain.reading import ReadCounts
from autod.errors import DocumentError
from autod.pipeline.handing import open_for
from autod.read.limits import ReadLimits
from autod.read.sandbox import Sandbox

if TYPE_CHECKING:  # the main process imports no library that they need
    from autod.extract.openai.sizing import Size
    from autod.pipeline.classifying import Looked
    from autod.pipeline.understanding import Understanding
    from autod.read.picturing import PictureSizes

log = structlog.get_logger("autod.pipeline")

SECONDS_PER_PAGE = 20.0
"""Added to the time limit for every page: OCR takes 3 s of a core for one, and may get part of a core."""

SECONDS_PER_MEGABYTE = 5.0
"""Time for what was read: 2,000 pages of text are 31 MB and take 8 CPU seconds."""


def read_pdf(sandbox: Sandbox, limits: ReadLimits, path: Path, reading_path: str) -> ReadCounts:
    """Write what ``path`` holds to ``reading_path``.

    A scanned page takes seconds, so the time limit grows with the pages.

    Raises:
        DocumentError: the file cannot be read, by code.
    """
    with open_for({"document": path}) as files:
        pages: int = sandbox.call("autod.read.reader:count_pages", descriptors=files, **asdict(limits))
    with open_for({"document": path}, {"reading": Path(reading_path)}) as files:
        counts: ReadCounts = sandbox.call(
            "autod.read.reader:read_file",
            more_seconds=SECONDS_PER_PAGE * min(pages, limits.max_pages),
            descriptors=files,
            **asdict(limits),
        )
    return counts


def classify_reading(sandbox: Sandbox, reading_path: str, path: Path) -> Looked:
    """What the document may be, and whether it leaves nothing to ask.

    What cannot be told is ``unknown``, and is asked about.
    """
    try:
        with open_for({"reading": Path(reading_path), "document": path}) as files:
            looked: Looked = sandbox.call(
                "autod.pipeline.classifying:classify_file",
                more_seconds=_for_its_size(reading_path),
                descriptors=files,
            )
    except DocumentError as error:
        log.warning("Cannot tell what a document may be", reason=error.code, file=path.name)
        return {"kinds": [UNKNOWN], "states_all": False}
    return looked


def understand_reading(
    sandbox: Sandbox,
    reading_path: str,
    *,
    review_below: float,
    today: date,
    answers: AnswersJson | None = None,
) -> Understanding:
    """What the document says and its pages' texts.

    ``answers`` are a paid reader's; without them the embedded engine reads.

    Raises:
        DocumentError: over a limit, or the child failed, by code.
    """
    with open_for({"reading": Path(reading_path)}) as files:
        understood: Understanding = sandbox.call(
            "autod.pipeline.understanding:understand_file",
            more_seconds=_for_its_size(reading_path),
            descriptors=files,
            review_below=review_below,
            today=today.isoformat(),
            answers=answers,
        )
    return understood


def size_up_reading(sandbox: Sandbox, reading: Path, *, model: str, form: str) -> Size:
    """How large the questions about a document would be.

    Raises:
        DocumentError: over a limit, or the child failed, by code.
    """
    with open_for({"reading": reading}) as files:
        size: Size = sandbox.call(
            "autod.extract.openai.sizing:size_up", descriptors=files, model=model, form=form
        )
    return size


def picture_pages(
    sandbox: Sandbox, *, pdf: Path, reading: Path, pictures: Path, most_pages: int, max_side: int
) -> dict[str, int]:
    """Write the pictures of pages to ``pictures``, one after another; their bytes by the page's number.

    Raises:
        DocumentError: over a limit, or the child failed, by code.
    """
    with open_for({"document": pdf, "reading": reading}, {"pictures": pictures}) as files:
        made: PictureSizes = sandbox.call(
            "autod.read.picturing:picture_pages",
            descriptors=files,
            most_pages=most_pages,
            max_side=max_side,
        )
    return made["sizes"]


def write_questions(
    sandbox: Sandbox,
    sha256: str,
    *,
    reading: Path,
    pdf: Path,
    questions: Path,
    pictures: Path | None,
    picture_sizes: Mapping[str, int],
    model: str,
    effort: str,
    form: str,
    max_output_tokens: int,
    flex: bool,
    stored: bool,
    background: bool,
    profile: str,
) -> WrittenQuestions:
    """Write all questions about a document that was read to ``questions``, one after another.

    Raises:
        DocumentError: it cannot be asked about, by code.
    """
    reads = {"reading": reading, "document": pdf} | ({"pictures": pictures} if pictures else {})
    with open_for(reads, {"questions": questions}) as files:
        written: WrittenQuestions = sandbox.call(
            "autod.extract.openai.preparing:prepare",
            descriptors=files,
            sha256=sha256,
            model=model,
            effort=effort,
            form=form,
            max_output_tokens=max_output_tokens,
            flex=flex,
            stored=stored,
            background=background,
            profile=profile,
            picture_sizes=dict(picture_sizes),
        )
    return written


def try_walls(sandbox: Sandbox) -> dict[str, str]:
    """Why a wall around reading processes is missing, by its name; empty where it held when it was tried.

    Raises:
        DocumentError: no such process can start, by code.
    """
    missing: dict[str, str] = sandbox.call("autod.read.escaping:try_walls")
    return missing


def _for_its_size(reading_path: str) -> float:
    """Seconds more for what was read, which may be thousands of pages."""
    try:
        return Path(reading_path).stat().st_size / 1e6 * SECONDS_PER_MEGABYTE
    except OSError:
        return 0.0  # opening it tells what is wrong
