"""What reading files with a paid service would cost, as ``autod process --estimate --json`` prints it."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict

from autod.errors import ReasonJson


class FileJson(TypedDict):
    """What one file would cost, or why nothing; see ``Sized``."""

    file: str
    pages: int
    form: str
    questions: int
    input_tokens: int
    expected_usd: Decimal
    most_usd: Decimal
    stopped_by: str | None
    duplicate_of: int | None
    twin: bool
    states_all: bool
    withheld_for: str | None
    error: ReasonJson | None


class TotalOfFiles(TypedDict):
    """All files together; the last four count files."""

    documents: int
    input_tokens: int
    expected_usd: Decimal
    most_usd: Decimal
    stopped: int
    kept_here: int
    states_all: int


class LaneJson(TypedDict):
    """See ``Lane``."""

    tier: str
    plain_usd: Decimal
    cached_usd: Decimal


class CapsJson(TypedDict):
    """See ``Caps``; ``at_cap`` is what happens at one."""

    document: Decimal | None
    day: Decimal | None
    month: Decimal | None
    at_cap: str


class SpentJson(TypedDict):
    """What the database knows of what was spent."""

    known: bool
    day_usd: Decimal
    month_usd: Decimal


class OutputTokens(TypedDict):
    """How long an answer is, and whether that was measured."""

    each: int
    measured: bool


class Estimate(TypedDict):
    """What files cost in each lane, and in ``tier`` each for itself; ``us`` or ``service`` counted."""

    model: str
    tier: str
    documents: list[FileJson]
    total: TotalOfFiles
    lanes: list[LaneJson]
    caps: CapsJson
    spent: SpentJson
    output_tokens: OutputTokens
    counted_by: str
