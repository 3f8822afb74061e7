"""Where things stand on a page: rows, neighbours, labels, and the words behind a stretch of text.

What is worked out for a page is kept with it (``Page.worked_out``), and shared by everyone who looks for
something on it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, KeysView
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from statistics import median

from autod.domain.extraction import EvidenceSource
from autod.domain.reading import Box, Line, Page, TextSource, Word
from autod.extract.local.page.identity import ByIdentity
from autod.words.label_table import LabelTable, Token, fold, label_tokens

__all__ = [
    "LabelHit",
    "LabelTable",
    "LabelsByLine",
    "PageLayout",
    "Span",
    "Token",
    "find_labels",
    "fold",
    "label_tokens",
    "labels_by_line",
    "layout_of",
    "level",
    "page_source",
    "rows",
    "text_height",
    "under",
    "words_under",
]


_NEIGHBOURS = 400  # lines of about the same height that are looked at; a page of small print has 100
_CELLS = 80  # cells of one row that are looked at
_TALL = 40.0  # a taller line (a stamp across the page) is nobody's neighbour
_USUAL_TIMES = 6  # nor is one so many times the usual height
_SAME_ROW = 0.45  # of the lower line's height, by which the middles of a row's lines differ at most
_LEVEL = 0.4  # of the lower one's height, which two boxes of one row share at least
_UNDER = 0.35  # of the narrower one's width, which a value shares with its heading at least
_BEGINS_UNDER = 0.6  # heights of a label down from its top, where the line under it may begin
_LEAST_HEIGHT = 4.0  # points; flatter labels are measured as if so high


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

    @cached_property
    def whole(self) -> Box:
        """The box around all its words."""
        return Box.around([word.box for word in self.words])


@dataclass(frozen=True)
class LabelHit:
    """A label seen on a page. ``start`` and ``end`` are offsets in ``line.text``."""

    page: Page
    line: Line
    start: int
    end: int
    key: str
    phrase: str

    @property
    def span(self) -> Span:
        return layout_of(self.page).span(self.line)

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


class PageLayout:
    """What is worked out once for a page and shared by everyone who looks for something on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        usual = median(line.box.height for line in page.lines) if page.lines else 0.0
        flat = (line for line in page.lines if line.box.height <= max(_TALL, _USUAL_TIMES * usual))
        self.lines = sorted(flat, key=lambda line: line.box.y0)
        self._tops = [line.box.y0 for line in self.lines]
        self._tallest = max((min(line.box.height, _TALL) for line in self.lines), default=0.0)
        self._right_of: dict[tuple[float, float, float], list[Line]] = {}
        self._spans: ByIdentity[Line, Span] = ByIdentity()

    @cached_property
    def tokens(self) -> list[list[Token]]:
        """For each of ``page.lines``, in its order, the label tokens of its text."""
        return [label_tokens(line.text) for line in self.page.lines]

    @cached_property
    def _lines_by_word(self) -> dict[str, list[int]]:
        lines: dict[str, list[int]] = {}
        for at, tokens in enumerate(self.tokens):
            for word in {token.text for token in tokens}:
                lines.setdefault(word, []).append(at)
        return lines

    def lines_with(self, words: KeysView[str]) -> list[int]:
        """The indices, in ``page.lines``, of the lines that hold one of ``words`` (label tokens)."""
        by_word = self._lines_by_word
        return sorted({at for word in words & by_word.keys() for at in by_word[word]})

    @cached_property
    def rows(self) -> list[list[Line]]:
        """Lines that share a baseline band, top to bottom; within a row left to right."""
        rows: list[list[Line]] = []
        centre = 0.0
        for line in sorted(self.page.lines, key=_middle):
            middle = _middle(line)
            if rows and middle - centre <= _SAME_ROW * min(line.box.height, rows[-1][0].box.height):
                rows[-1].append(line)
            else:
                rows.append([line])
                centre = middle
        for row in rows:
            row.sort(key=lambda line: line.box.x0)
        return rows

    @cached_property
    def _cells_of_row(self) -> ByIdentity[Line, int]:
        cells: ByIdentity[Line, int] = ByIdentity()
        for row in self.rows:
            for line in row:
                cells[line] = len(row)
        return cells

    def span(self, line: Line) -> Span:
        """The words of ``line``, one of the page's, as a span that everybody shares."""
        span = self._spans.get(line, None)
        if span is None:
            span = self._spans[line] = Span(self.page, line.words)
        return span

    def cells_beside(self, line: Line) -> int:
        """How many lines stand in the row of ``line``, one of the page's, itself among them."""
        return self._cells_of_row.get(line, 0)

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
            if line.box.x0 >= box.x1 - 1 and level(line.box, box):
                yield line

    def below(self, box: Box, reach: float) -> list[Line]:
        """Lines under ``box`` within ``reach`` of its heights that share its columns, nearest first."""
        height = text_height(box)
        near = self.between(box.y0 + _BEGINS_UNDER * height, box.y1 + reach * height)
        return [
            line
            for line in islice(near, _NEIGHBOURS)
            if line.box.x0 < box.x1 + height and line.box.x1 > box.x0 - height
        ]


LabelsByLine = ByIdentity[Line, list[LabelHit]]
"""Labels by the line that they stand in."""


def layout_of(page: Page) -> PageLayout:
    """The page's layout, worked out at first use and kept with the page."""
    return page.worked_out(PageLayout)


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


def under(label: Box, value: Box) -> bool:
    """Whether ``value`` stands in the column that ``label`` heads: enough of their widths overlap."""
    shared = min(label.x1, value.x1) - max(label.x0, value.x0)
    return shared > _UNDER * min(label.width, value.width)


def words_under(heading: Box, line: Line) -> tuple[Word, ...]:
    """The words of ``line`` in the column of ``heading``; most lines are beside it and need no look."""
    if line.box.x1 <= heading.x0 or line.box.x0 >= heading.x1:
        return ()
    return tuple(word for word in line.words if under(heading, word.box))


def level(one: Box, other: Box) -> bool:
    """Whether two boxes stand in one row: enough of their heights overlap."""
    return min(one.y1, other.y1) - max(one.y0, other.y0) > _LEVEL * min(one.height, other.height)


def text_height(box: Box) -> float:
    """The height by which distances from a label are measured."""
    return max(box.height, _LEAST_HEIGHT)


def labels_by_line(hits: Iterable[LabelHit]) -> LabelsByLine:
    """``hits`` by their line, left to right, for whoever walks from one of them to its value."""
    by_line: LabelsByLine = ByIdentity()
    for hit in hits:
        by_line.setdefault(hit.line, []).append(hit)
    return by_line


def _middle(line: Line) -> float:
    return (line.box.y0 + line.box.y1) / 2
