"""Where one row of a list stands: in one printed row of a page, or in one block of lines under each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

from autod.domain.extraction import RowPlace
from autod.domain.reading import Line, Word
from autod.grammar.cells import said_part
from autod.grammar.letters import letters_and_digits, letters_and_digits_ocr
from autod.verify.page_index import DocumentIndex, PageIndex

_MOST_LINES = 2_000  # of a page
_MOST_TRIES = 20
_MOST_IN_BLOCK = 6
_LARGEST_GAP = 1.5  # of a line's height, between lines of one block
_NUMBER = re.compile(r"[^\w]*\d[\d.,'’]*[^\w]*")

Row = Sequence[Line]


class Stretch:
    """Words that stand together, folded once to be asked for many quotes."""

    def __init__(self, words: list[Word], fold: Callable[[str], str]) -> None:
        self.words = words
        folded = [fold(word.text) for word in words]
        self._counted, self._joined = Counter(folded), "".join(folded)

    def holds(self, wanted: Counter[str], joined: str) -> bool:
        """Whether the words are there, each as often as it is wanted, or stand there differently parted."""
        return (wanted.keys() <= self._counted.keys() and wanted <= self._counted) or joined in self._joined


class RowFinder:
    """Finds the places of one list's rows; a page's stretches are made when the first row asks for them."""

    def __init__(self, index: DocumentIndex) -> None:
        self._index = index
        self._stretches: dict[tuple[int, bool], list[Stretch]] = {}

    def said(self, row: Any, place: RowPlace) -> tuple[Any, list[Word]] | None:
        """The part of ``row`` that the page's own words at its place say, and these words.

        Words that stand apart say nothing together: cells of one row are never taken from two, and text is
        not put together of words from here and there. None if no place of the page says what it is about.
        """
        page = self._index.page(place.page)
        if page is None or not place.quote:
            return None
        manner, fold = self._index.manner(page), _fold(page)
        parts = [text for part in place.quote.split() if (text := fold(part))]
        wanted, joined = Counter(parts), "".join(parts)
        best: tuple[Any, list[Word]] | None = None
        stretches = self._of(page, isinstance(row, str)) if parts else []
        for stretch in islice((one for one in stretches if one.holds(wanted, joined)), _MOST_TRIES):
            said = said_part(row, " ".join(word.text for word in stretch.words), manner)
            if said == row:
                return said, stretch.words
            if said is not None and best is None:
                best = said, stretch.words
        return best

    def _of(self, page: PageIndex, is_text: bool) -> list[Stretch]:
        key = (page.page.number, is_text)
        if key not in self._stretches:
            made = _blocks(page.page.lines) if is_text else _rows(page.page.lines)
            self._stretches[key] = [Stretch(words, _fold(page)) for words in made]
        return self._stretches[key]


def _fold(page: PageIndex) -> Callable[[str], str]:
    return letters_and_digits_ocr if page.is_ocr else letters_and_digits


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
            if line.box.y0 - last.box.y1 > _LARGEST_GAP * last.box.height or number == _MOST_IN_BLOCK:
                break
            if _middle(line) > last.box.y1 and _overlaps(line, last):
                words += line.words
                last, number = line, number + 1
        yield words


def _is_wording(row: Row) -> bool:
    return not any(_NUMBER.fullmatch(word.text) for word in _words(row))


def _is_near(above: Line, below: Line) -> bool:
    return below.box.y0 - above.box.y1 <= _LARGEST_GAP * above.box.height


def _tallest(row: Row) -> Line:
    return max(row, key=lambda line: line.box.height)


def _words(row: Row) -> list[Word]:
    return [word for line in row for word in line.words]


def _middle(line: Line) -> float:
    return (line.box.y0 + line.box.y1) / 2


def _overlaps(one: Line, other: Line) -> bool:
    return one.box.x0 < other.box.x1 and other.box.x0 < one.box.x1
