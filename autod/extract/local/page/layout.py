"""Where things stand on a page: rows, neighbours, labels, and the words behind a stretch of text.

What is worked out for a page is kept with it and shared by everyone who looks for something on it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, KeysView, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import islice
from statistics import median
from typing import Protocol, TypeVar

from autod.domain.extraction import EvidenceSource
from autod.domain.reading import Box, Line, Page, TextSource, Word
from autod.words.label_table import LabelTable, Token, fold, label_tokens

__all__ = [
    "Candidate",
    "LabelHit",
    "LabelTable",
    "LabelsByLine",
    "PageLayout",
    "Relation",
    "Span",
    "Token",
    "candidates_for",
    "find_labels",
    "fold",
    "label_tokens",
    "labels_by_line",
    "layout_of",
    "page_source",
    "rows",
    "under",
    "value_of",
]


class Relation(Enum):
    """Where a candidate for a value stands, seen from its label."""

    SAME_LINE = "same_line"
    RIGHT = "right"
    BELOW = "below"


_NEAR = 40  # characters between a label and its value in the same line
_NEIGHBOURS = 400  # lines of about the same height that are looked at; a page of small print has 100
_CELLS = 80  # cells of one row that are looked at
_TALL = 40.0  # a taller line (a stamp across the page) is nobody's neighbour
_ENDS_COLUMN = 2.2  # a value under its label starts within this many label heights


@dataclass(frozen=True)
class Span:
    """Consecutive words of one line, with offsets into ``text`` that lead back to words and boxes."""

    page: Page
    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @cached_property
    def _ends(self) -> list[int]:
        ends, at = [], -1
        for word in self.words:
            at += 1 + len(word.text)
            ends.append(at)
        return ends

    @property
    def source(self) -> EvidenceSource:
        return page_source(self.page)

    def words_at(self, start: int, end: int) -> tuple[Word, ...]:
        """The whole words that ``text[start:end]`` touches (at least one if the span has any)."""
        first = bisect_left(self._ends, start + 1)
        last = bisect_left(self._ends, max(end, start + 1))
        return self.words[first : last + 1] or self.words[-1:]

    def quote(self, start: int, end: int) -> str:
        """The words behind ``text[start:end]``, exactly as on the page."""
        return " ".join(word.text for word in self.words_at(start, end))

    def box(self, start: int, end: int) -> Box:
        return Box.around([word.box for word in self.words_at(start, end)])

    def tail(self, start: int) -> Span | None:
        """The span from the first word that begins at ``start`` or later, if there is one."""
        starts = [0, *(end + 1 for end in self._ends[:-1])]
        first = bisect_left(starts, start)
        return Span(self.page, self.words[first:]) if first < len(self.words) else None


@dataclass(frozen=True)
class LabelHit:
    """A label seen on a page. ``start`` and ``end`` are offsets in ``line.text``."""

    page: Page
    line: Line
    start: int
    end: int
    key: str
    phrase: str

    @cached_property
    def span(self) -> Span:
        return Span(self.page, self.line.words)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return self.span.words_at(self.start, self.end)

    @cached_property
    def box(self) -> Box:
        return Box.around([word.box for word in self.words])

    @property
    def starts_line(self) -> bool:
        """Nothing but punctuation stands before the label in its line."""
        return not any(character.isalnum() for character in self.line.text[: self.start])


@dataclass(frozen=True)
class Candidate:
    """Text near a label that may hold its value, from ``offset`` in ``span.text`` on."""

    span: Span
    relation: Relation
    offset: int = 0

    @property
    def text(self) -> str:
        return self.span.text[self.offset :]

    def quote(self, start: int, end: int) -> str:
        """The words behind ``text[start:end]``."""
        return self.span.quote(start + self.offset, end + self.offset)

    def box(self, start: int, end: int) -> Box:
        return self.span.box(start + self.offset, end + self.offset)


class Match(Protocol):
    """What a parser found in a text: offsets of the match in it."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


M = TypeVar("M", bound=Match)


class PageLayout:
    """What is worked out once for a page and shared by everyone who looks for something on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        usual = median(line.box.height for line in page.lines) if page.lines else 0.0
        flat = (line for line in page.lines if line.box.height <= max(_TALL, 6 * usual))
        self.lines = sorted(flat, key=lambda line: line.box.y0)
        self._tops = [line.box.y0 for line in self.lines]
        self._tallest = max((min(line.box.height, _TALL) for line in self.lines), default=0.0)
        self._right_of: dict[tuple[float, float, float], list[Line]] = {}

    @cached_property
    def tokens(self) -> list[list[Token]]:
        """For each of ``page.lines``, in its order, the label tokens of its text."""
        return [label_tokens(line.text) for line in self.page.lines]

    @cached_property
    def _lines_by_word(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for at, tokens in enumerate(self.tokens):
            for word in {token.text for token in tokens}:
                found.setdefault(word, []).append(at)
        return found

    def lines_with(self, words: KeysView[str]) -> list[int]:
        """The indices, in ``page.lines``, of the lines that hold one of ``words`` (label tokens)."""
        known = self._lines_by_word
        return sorted({at for word in words & known.keys() for at in known[word]})

    @cached_property
    def rows(self) -> list[list[Line]]:
        """Lines that share a baseline band, top to bottom; within a row left to right."""
        rows: list[list[Line]] = []
        centre = 0.0
        for line in sorted(self.page.lines, key=_middle):
            middle = _middle(line)
            if rows and middle - centre <= 0.45 * min(line.box.height, rows[-1][0].box.height):
                rows[-1].append(line)
            else:
                rows.append([line])
                centre = middle
        for row in rows:
            row.sort(key=lambda line: line.box.x0)
        return rows

    @cached_property
    def _cells_of_row(self) -> dict[int, int]:
        return {id(line): len(row) for row in self.rows for line in row}

    def cells_beside(self, line: Line) -> int:
        """How many lines stand in the row of ``line``, one of the page's, itself among them."""
        return self._cells_of_row.get(id(line), 0)

    def between(self, top: float, bottom: float) -> Iterator[Line]:
        """Lines that begin between two heights, top first."""
        for at in range(bisect_left(self._tops, top), len(self.lines)):
            if self._tops[at] > bottom:
                return
            yield self.lines[at]

    def right_of(self, box: Box, but: Line | None = None) -> list[Line]:
        """Lines on the same row that begin right of ``box``, nearest first."""
        key = (box.x1, box.y0, box.y1)
        if key not in self._right_of:
            self._right_of[key] = sorted(self._level(box), key=lambda line: line.box.x0)[:_CELLS]
        return [line for line in self._right_of[key] if line is not but]

    def _level(self, box: Box) -> Iterator[Line]:
        for line in islice(self.between(box.y0 - self._tallest, box.y1), _NEIGHBOURS):
            other = line.box
            if other.x0 >= box.x1 - 1:
                shared = min(other.y1, box.y1) - max(other.y0, box.y0)
                if shared > 0.4 * min(other.y1 - other.y0, box.y1 - box.y0):
                    yield line

    def below(self, box: Box, reach: float = _ENDS_COLUMN) -> list[Line]:
        """Lines under ``box`` within ``reach`` of its heights that share its columns, nearest first."""
        height = max(box.height, 4.0)
        return [
            line
            for line in islice(self.between(box.y0 + 0.6 * height, box.y1 + reach * height), _NEIGHBOURS)
            if line.box.x0 < box.x1 + height and line.box.x1 > box.x0 - height
        ]


LabelsByLine = dict[Word, list[LabelHit]]


def layout_of(page: Page) -> PageLayout:
    """The page's layout, worked out at first use and kept with the page."""
    kept = vars(page)
    if "_layout" not in kept:
        kept["_layout"] = PageLayout(page)
    layout: PageLayout = kept["_layout"]
    return layout


def page_source(page: Page) -> EvidenceSource:
    return EvidenceSource.OCR if page.source is TextSource.OCR else EvidenceSource.TEXT


def rows(page: Page) -> list[list[Line]]:
    """The page's lines by row, top to bottom, each row left to right."""
    return layout_of(page).rows


def find_labels(page: Page, table: LabelTable) -> list[LabelHit]:
    """Every phrase of ``table`` on the page, in reading order."""
    layout = layout_of(page)
    lines = layout.lines_with(table.first_words)
    return [
        LabelHit(page, page.lines[at], start, end, key, phrase)
        for at in lines
        for key, phrase, start, end in table.find(layout.tokens[at])
    ]


def candidates_for(hit: LabelHit, reach: float = _ENDS_COLUMN) -> list[Candidate]:
    """Where a label's value may stand, likeliest first: after it in the line, right of it, below it.

    A candidate below is a whole line, which may hold several columns: take only what ``under`` accepts.
    """
    layout = layout_of(hit.page)
    found = []
    if hit.line.text[hit.end :].strip(" :.-#*"):
        found.append(Candidate(hit.span, Relation.SAME_LINE, hit.end))
    found += [
        Candidate(Span(hit.page, line.words), Relation.RIGHT)
        for line in layout.right_of(hit.line.box, but=hit.line)[:3]
    ]
    found += [
        Candidate(Span(hit.page, line.words), Relation.BELOW)
        for line in layout.below(hit.box, reach)
        if line is not hit.line
    ]
    return found


def under(label: Box, value: Box) -> bool:
    """Whether ``value`` stands in the column that ``label`` heads: enough of their widths overlap."""
    shared = min(label.x1, value.x1) - max(label.x0, value.x0)
    return shared > 0.35 * min(label.width, value.width)


def value_of(
    hit: LabelHit, labels: LabelsByLine, parse: Callable[[str], Sequence[M]]
) -> tuple[Candidate, list[M]] | None:
    """What ``parse`` finds at the first place that can belong to ``hit``, and that place.

    Looks after the label up to the next one of ``labels``, then at the nearest text right of it, then down
    its column until another label heads it.
    """
    for candidate in candidates_for(hit):
        line_labels = labels.get(candidate.span.words[0], [])
        if candidate.relation is Relation.BELOW:
            matches = [m for m in parse(candidate.text) if under(hit.box, candidate.box(m.start, m.end))]
            headed = any(under(hit.box, label.box) for label in line_labels)
            if headed and not matches:
                return None
        else:
            limit = min((at.start for at in line_labels if at.start >= candidate.offset), default=None)
            text = candidate.text if limit is None else candidate.text[: limit - candidate.offset]
            matches = [m for m in parse(text) if m.start <= _NEAR]
        if matches:
            return candidate, list(matches)
    return None


def labels_by_line(hits: Iterable[LabelHit]) -> LabelsByLine:
    """``hits`` by the first word of their line, for ``value_of``."""
    found: LabelsByLine = {}
    for hit in hits:
        found.setdefault(hit.line.words[0], []).append(hit)
    return found


def _middle(line: Line) -> float:
    return (line.box.y0 + line.box.y1) / 2
