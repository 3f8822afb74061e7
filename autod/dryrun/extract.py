"""What files say, without a database: nothing is recorded, moved or paid for."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypedDict

from autod.assembly.archive import utc_now
from autod.assembly.reader import open_sandbox, read_limits
from autod.child.calls import read_pdf, understand_reading
from autod.child.sandbox import Sandbox
from autod.config import Settings
from autod.domain.extraction import ExtractionJson
from autod.errors import AutodError, ReasonJson, reason_of
from autod.files import custody


class Unread(TypedDict):
    """A file that cannot be read, and why."""

    file: str
    error: ReasonJson


class Extracted(ExtractionJson):
    """What a file says, and how long it took."""

    file: str
    seconds: float


def extract_files(settings: Settings, paths: list[Path]) -> Iterator[Extracted | Unread]:
    """What files say, one JSON-ready object each, in order; touches no database and moves nothing."""
    with (
        open_sandbox(settings) as sandbox,
        tempfile.TemporaryDirectory(prefix="autod-") as scratch,
        ThreadPoolExecutor(max_workers=settings.workers) as pool,
    ):

        def one(job: tuple[int, Path]) -> Extracted | Unread:
            number, path = job
            try:
                return extract_file(settings, sandbox, path, Path(scratch) / str(number))
            except AutodError as error:
                return {"file": custody.path_text(path), "error": reason_of(error)}

        yield from pool.map(one, enumerate(paths))


def extract_file(settings: Settings, sandbox: Sandbox, path: Path, scratch: Path) -> Extracted:
    """What one file says; ``scratch`` is a path of ours to write beside.

    Raises:
        DocumentError: the file cannot be read, with its code.
    """
    begun = time.monotonic()
    with custody.explained("cannot read the file"), custody.open_plain(path):
        pass
    reading_path = f"{scratch}.reading.json"
    limits = read_limits(settings)
    read_pdf(sandbox, limits, path.absolute(), reading_path)
    said = understand_reading(
        sandbox, reading_path, review_below=settings.review_below, today=utc_now().date()
    )
    seconds = round(time.monotonic() - begun, 3)
    return {"file": custody.path_text(path), **said["extraction"], "seconds": seconds}
