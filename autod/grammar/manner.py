"""What is known of how a document writes, for reading one value of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manner:
    """Args:
    language: ISO 639-1, if known.
    day_first: whether 03/04/2026 is the third of April; None when nothing tells.
    ocr: the text was read from a picture, in which characters are taken for one another.
    """

    language: str | None = None
    day_first: bool | None = None
    ocr: bool = False
