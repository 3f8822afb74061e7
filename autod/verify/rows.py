"""Where one row of a list stands: in one printed row of a page, or in one block of lines under each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from autod.domain.extraction import RowPlace
from autod.domain.reading import Line, Word
from autod.grammar.cells import said_part
from autod.grammar.letters import letters_and_digits, letters_and_digits_ocr
from autod.verify.page_index import DocumentIndex

_MOST_LINES = 2_000  # of a page
_MOST_IN_BLOCK = 6
_LARGEST_GAP = 1.5  # of a line's height, between lines of one block
_NUMBER = re.compile(r"[^\w]*\d[\d.,'’]*[^\w]*")

Row = Sequence[Line]


def said_row(row: Any, place: RowPlace, index: DocumentIndex) -> tuple[Any, list[Word]] | None:
    """The part of ``row`` that the page's own words at its place say, and these words.

    Words that stand apart say nothing together: cells of one row are never taken from two, and text is not
    put together of words from here and there. None if no place of the page says what the row is about.
    """
    page = index.page(place.page)
    if page is None or not place.quote:
        return None
    manner = index.manner(page)
    fold = letters_and_digits_ocr if page.is_ocr else letters_and_digits
    wanted = [text for part in place.quote.split() if (text := fold(part))]
    best: tuple[Any, list[Word]] | None = None
    stretches = _blocks(page.page.lines) if isinstance(row, str) else _rows(page.page.lines)
    for words in stretches:
        folded = [fold(word.text) for word in words]
        if not wanted or not _holds(folded, wanted):
            continue
        said = said_part(row, " ".join(word.text for word in words), manner)
        if said == row:
            return said, words
        if said is not None and best is None:
            best = said, words
    return best


def _holds(folded: list[str], wanted: list[str]) -> bool:
    """Whether the words are there, each as often as it is wanted, or stand there differently parted."""
    return Counter(wanted) <= Counter(folded) or "".join(wanted) in "".join(folded)


def _rows(lines: Sequence[Line]) -> Iterator[list[Word]]:
    """Each printed row from left to right; then two under each other, if one of them has no number.

    A description may go on in a row that has nothing else; a row with a number is another one.
    """
    rows = _printed_rows(lines)
    yield from map(_words, rows)
    for above, below in pairwise(rows):
        if (_is_wording(above) or _is_wording(below)) and _is_near(_tallest(above), _tallest(below)):
            yield [*_words(above), *_words(below)]


def _printed_rows(lines: Sequence[Line]) -> list[Row]:
    """Lines whose middle lies in one band."""
    rows: list[list[Line]] = []
    for line in sorted(lines[:_MOST_LINES], key=_middle):
        if rows and rows[-1][0].box.y0 <= _middle(line) <= rows[-1][0].box.y1:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box.x0) for row in rows]


def _blocks(lines: Sequence[Line]) -> Iterator[list[Word]]:
    """From each line on, the lines right under it in its column."""
    ordered = sorted(lines[:_MOST_LINES], key=lambda line: line.box.y0)
    for at, first in enumerate(ordered):
        words, last, number = list(first.words), first, 1
        for line in ordered[at + 1 :]:
            if line.box.y0 - last.box.y1 > _LARGEST_GAP * _height(last) or number == _MOST_IN_BLOCK:
                break
            if _middle(line) > last.box.y1 and _overlaps(line, last):
                words += line.words
                last, number = line, number + 1
        yield words


def _is_wording(row: Row) -> bool:
    return not any(_NUMBER.fullmatch(word.text) for word in _words(row))


def _is_near(above: Line, below: Line) -> bool:
    return below.box.y0 - above.box.y1 <= _LARGEST_GAP * _height(above)


def _tallest(row: Row) -> Line:
    return max(row, key=_height)


def _words(row: Row) -> list[Word]:
    return [word for line in row for word in line.words]


def _middle(line: Line) -> float:
    return (line.box.y0 + line.box.y1) / 2


def _height(line: Line) -> float:
    return line.box.y1 - line.box.y0


def _overlaps(one: Line, other: Line) -> bool:
    return one.box.x0 < other.box.x1 and other.box.x0 < one.box.x1
