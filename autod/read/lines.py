"""From words scattered over a page to the lines a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from statistics import median
from typing import NamedTuple

from autod.domain.reading import Box, Line, Word

LONGEST_LINE = 1_000  # characters: five times the longest that is printed, a tenth of a second's work
_SAME_BASELINE = 0.33  # of a word's height: a raised figure still belongs to its line
_GUTTER = 0.95  # of a word's height: wider gaps part columns; justified prose stays below
_HUGE = 3.0  # times the usual height: a heading's or a watermark's word defines no row of the others
_SPACED_LETTERS = 4  # so many single letters in a row can be a heading set with spaces
_SPACED_GAP = 0.75  # of a letter's height: the widest gap within such a heading
_SPACED_WORD_GAP = 1.7  # times the usual gap: where the next word of such a heading starts


class Placed(NamedTuple):
    """A word, and where it stands when its text runs left to right: that need not be the page's upright."""

    word: Word
    x0: float
    x1: float
    baseline: float
    height: float


def build_lines(words: Iterable[Placed]) -> list[Line]:
    """Lines from top to bottom, and left to right where several stand beside one another."""
    lines: list[Line] = []
    for row in _rows_by_size(list(words)):
        for part in _parts(_without_overprint(row)):
            lines += windows(_joined(part))
    return lines


def windows(words: Iterable[Word]) -> Iterator[Line]:
    """The words as lines of at most ``LONGEST_LINE`` characters: one, for all that people print.

    Whoever looks for something in a line may then look again at the whole line for each thing that he finds:
    what that costs grows with the page and not with its square.
    """
    line: list[Word] = []
    length = 0
    for word in chain.from_iterable(map(_pieces, words)):
        if line and length + 1 + len(word.text) > LONGEST_LINE:
            yield Line(tuple(line))
            line, length = [], 0
        length += len(word.text) + bool(line)
        line.append(word)
    if line:
        yield Line(tuple(line))


def _pieces(word: Word) -> Iterator[Word]:
    """The word, cut where it alone is longer than a line, each piece with its share of the box."""
    count = len(word.text)
    if count <= LONGEST_LINE:
        yield word
        return
    box, unit = word.box, word.box.width / count
    for start in range(0, count, LONGEST_LINE):
        text = word.text[start : start + LONGEST_LINE]
        left = box.x0 + start * unit
        yield Word(text, Box(left, box.y0, left + len(text) * unit, box.y1), word.confidence)


def _rows_by_size(words: list[Placed]) -> list[list[Placed]]:
    """The rows from top to bottom; huge words ("DUPLICATE" across a page) do not glue the rows they touch."""
    if not words:
        return []
    most = _HUGE * median(word.height for word in words)
    usual = [word for word in words if word.height <= most]
    huge = [word for word in words if word.height > most]
    return sorted([*_rows(usual), *_rows(huge)], key=lambda row: row[0].baseline)


def _rows(words: Iterable[Placed]) -> Iterator[list[Placed]]:
    """Words that share a baseline, each row from left to right."""
    row: list[Placed] = []
    tallest: Placed | None = None
    for word in sorted(words, key=lambda word: word.baseline):
        if tallest is not None and not _same_row(tallest, word):
            yield sorted(row, key=lambda word: word.x0)
            row, tallest = [], None
        row.append(word)
        if tallest is None or word.height > tallest.height:
            tallest = word
    if row:
        yield sorted(row, key=lambda word: word.x0)


def _same_row(one: Placed, other: Placed) -> bool:
    apart = abs(other.baseline - one.baseline)
    small, large = (one, other) if one.height < other.height else (other, one)
    if apart <= _SAME_BASELINE * small.height:
        return True
    if apart > _SAME_BASELINE * large.height:
        return False
    shared = min(_bottom(small), _bottom(large)) - max(_top(small), _top(large))
    return shared > 0.7 * small.height


def _top(word: Placed) -> float:
    return word.baseline - 0.8 * word.height


def _bottom(word: Placed) -> float:
    return word.baseline + 0.2 * word.height


def _without_overprint(row: list[Placed]) -> list[Placed]:
    """The row without words that are printed twice, a little apart, to look bold."""
    kept: list[Placed] = []
    for word in row:
        if kept and word.word.text == kept[-1].word.text:
            shared = min(kept[-1].x1, word.x1) - max(kept[-1].x0, word.x0)
            if shared > 0.6 * (word.x1 - word.x0):
                continue
        kept.append(word)
    return kept


def _parts(row: list[Placed]) -> Iterator[list[Placed]]:
    """The row, cut at its gutters."""
    part = row[:1]
    for before, word in pairwise(row):
        if word.x0 - before.x1 > _GUTTER * max(min(before.height, word.height), 1.0):
            yield part
            part = []
        part.append(word)
    yield part


def _joined(part: list[Placed]) -> Iterator[Word]:
    """The words of a line; letters set apart ("I N V O I C E") become words again."""
    letters: list[Placed] = []
    for placed in part:
        alone = len(placed.word.text) == 1 and placed.word.text.isalpha()
        if letters and (not alone or placed.x0 - letters[-1].x1 > _SPACED_GAP * placed.height):
            yield from _heading(letters)
            letters = []
        if alone:
            letters.append(placed)
        else:
            yield placed.word
    yield from _heading(letters)


def _heading(letters: list[Placed]) -> Iterator[Word]:
    if len(letters) < _SPACED_LETTERS:
        yield from (letter.word for letter in letters)
        return
    usual = median(after.x0 - before.x1 for before, after in pairwise(letters))
    word = letters[:1]
    for before, letter in pairwise(letters):
        if letter.x0 - before.x1 > _SPACED_WORD_GAP * max(usual, 0.1):
            yield _one_word(word)
            word = []
        word.append(letter)
    yield _one_word(word)


def _one_word(letters: list[Placed]) -> Word:
    return Word(
        "".join(letter.word.text for letter in letters),
        Box.around([letter.word.box for letter in letters]),
        min(letter.word.confidence for letter in letters),
    )
