"""What decides whether anything of a document is sent. Runs in the sandboxed child."""

from __future__ import annotations

from typing import TypedDict

from autod.domain.reading import Reading
from autod.extract.local.possible_kinds import possible_kinds
from autod.extract.stated import states_all
from autod.open_files import read_text
from autod.read.blank import blank_pages


class Looked(TypedDict):
    """What a document may be, and whether it leaves nothing to ask: see the functions."""

    kinds: list[str]
    states_all: bool


def classify_file(reading: int, document: int) -> Looked:
    """What the sandbox calls; ``document`` is the PDF."""
    read = Reading.from_json(read_text(reading))
    empty = [page.number for page in read.pages if not page.lines]
    return {
        "kinds": possible_kinds(read, blank_pages(document, empty)),
        "states_all": states_all(read),
    }
