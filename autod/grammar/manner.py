"""What is known of how a document writes, for reading one value of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autod.grammar.dates import DateMatch, parse_dates


@dataclass(frozen=True, slots=True)
class Manner:
    """How values are written.

    Args:
        language: ISO 639-1, if known.
        order: tells whether 03/04/2026 is the third of April, None when nothing does; asked only where a date
            leaves it open, for whoever answers looks through the document.
        ocr: the text was read from a picture, in which characters are taken for one another.
    """

    language: str | None = None
    order: Callable[[], bool | None] | None = None
    ocr: bool = False

    def dates(self, text: str) -> list[DateMatch]:
        """The dates in ``text``, also without separators; those are ambiguous whose order nothing tells."""
        found = parse_dates(text, self.language, compact=True)
        if self.order is not None and any(match.ambiguous for match in found):
            return parse_dates(text, self.language, self.order(), compact=True)
        return found

    def day_first(self) -> bool | None:
        return self.order() if self.order is not None else None
