"""What an OCR engine saw, and how it becomes lines of a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from autod.domain.reading import Box, Line, Word
from autod.read.lines import Placed, build_lines
from autod.read.rendering import Picture


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A line as the engine sees it, in pixels; ``slope`` is how far it falls for each pixel to the right."""

    words: tuple[Word, ...]
    box: Box
    slope: float


@dataclass(frozen=True, slots=True)
class OcrPage:
    """``lines`` are in pixels of the picture turned by ``quarters`` clockwise, which makes it upright."""

    lines: tuple[OcrLine, ...]
    quarters: int

    @property
    def text(self) -> str:
        """All words, in no order that matters."""
        return " ".join(word.text for line in self.lines for word in line.words)

    @property
    def characters(self) -> int:
        return sum(len(word.text) for line in self.lines for word in line.words)

    @property
    def confidence(self) -> float:
        """Mean confidence of a character, 0 to 1; 0 where nothing was read."""
        return self.sure_characters / max(self.characters, 1)

    @property
    def sure_characters(self) -> float:
        """Characters, each counted as much as it is sure."""
        return sum(len(word.text) * word.confidence for line in self.lines for word in line.words)


class OcrEngine(NamedTuple):
    """How to read a picture, and the longest side (pixels) with which it is read well."""

    read: Callable[[Picture], OcrPage]
    max_side: int


def to_lines(page: OcrPage, scale: float) -> list[Line]:
    """The page's lines in points; what stands on one baseline is one line, whoever split it.

    A scan lies askew as a whole, so that every baseline is followed to the page's left edge.
    """
    slope = median([line.slope for line in page.lines] or [0.0])
    return build_lines(_placed(word, line, slope, scale) for line in page.lines for word in line.words)


def _placed(word: Word, line: OcrLine, slope: float, scale: float) -> Placed:
    box = Box(*(edge / scale for edge in (word.box.x0, word.box.y0, word.box.x1, word.box.y1)))
    height = max(line.box.height - abs(line.slope) * line.box.width, 0.3 * line.box.height)
    middle_x, middle_y = (line.box.x0 + line.box.x1) / 2, (line.box.y0 + line.box.y1) / 2
    baseline = middle_y + height / 2 - slope * middle_x
    return Placed(Word(word.text, box, word.confidence), box.x0, box.x1, baseline / scale, height / scale)
