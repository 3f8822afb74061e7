"""What decides whether anything of a document is sent. Runs in the sandboxed child."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autod.domain.reading import Reading
from autod.extract.local.possible_kinds import possible_kinds
from autod.extract.stated import states_all
from autod.read.blank import blank_pages


def classify_file(reading_path: str, path: str) -> dict[str, Any]:
    """What the sandbox calls: ``{"kinds", "states_all"}``, see the functions; ``path`` is the PDF itself."""
    reading = Reading.from_json(Path(reading_path).read_text(encoding="utf-8"))
    empty = [page.number for page in reading.pages if not page.lines]
    return {
        "kinds": possible_kinds(reading, blank_pages(Path(path), empty)),
        "states_all": states_all(reading),
    }
