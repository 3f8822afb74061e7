"""The place in a text that shows best why it was found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from autod.domain.folding import words
from autod.search.query import Term

WIDTH = 200
MARGIN = 40

# Combining marks belong to their letter even where the text has them apart.
_LETTER = r"(?:[^\W_]|[\u0300-\u036f])"
_FOREIGN = r"(?:(?![\x00-\x7f])[^\W_]|[\u0300-\u036f])"
_PATTERNS_KEPT = 64
_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_UNPRINTABLE = re.compile(rf"[ {_CONTROL}]{{2,}}|[{_CONTROL}]")  # a lone space stays: most of a page's are

Markers = tuple[str, str]


def tidy(text: str, markers: Markers) -> str:
    """One line without control characters and without the markers themselves."""
    for marker in filter(None, markers):
        text = text.replace(marker, " ")
    return _UNPRINTABLE.sub(" ", text).strip()


def occurrences(text: str, terms: Sequence[Term]) -> list[tuple[int, int, int]]:
    """Where words of the terms stand: start, end, number of the word among all words of the terms."""
    exact: dict[str, int] = {}
    beginnings: list[tuple[str, int]] = []
    for term in terms:
        for position, word in enumerate(term.words):
            number = exact.setdefault(word, len(exact))
            if term.prefix and position == len(term.words) - 1:
                beginnings.append((word, number))
    found = []
    likely = _likely(tuple(exact), tuple(word for word, _ in beginnings), text.isascii())
    for match in likely.finditer(text):
        for word in (match[0].lower(),) if match[0].isascii() else words(match[0]):
            hit = exact.get(word)
            if hit is None:
                hit = next((n for start, n in beginnings if word.startswith(start)), None)
            if hit is not None:
                found.append((match.start(), match.end(), hit))
                break
    return found


@lru_cache(maxsize=_PATTERNS_KEPT)
def _likely(exact: tuple[str, ...], beginnings: tuple[str, ...], only_ascii: bool) -> re.Pattern[str]:
    """The words of a text that may be sought ones: spelled like them, or with letters that fold.

    Looking at every word of a page outside the pattern would be nine tenths of a search's time.
    """
    spelled = [rf"(?:{'|'.join(map(re.escape, exact))})(?!{_LETTER})"]
    spelled += [rf"{re.escape(word)}{_LETTER}*" for word in beginnings]
    if not only_ascii:
        spelled.append(rf"[0-9a-z]*{_FOREIGN}{_LETTER}*")
    return re.compile(rf"(?<![^\W_\u0300-\u036f])(?:{'|'.join(spelled)})", re.IGNORECASE)


def best_start(found: Sequence[tuple[int, int, int]]) -> tuple[int, int]:
    """The start of the stretch with the most different words, and how many they are."""
    best, best_count, last = 0, 0, 0
    within: dict[int, int] = {}
    for first, (start, _, _) in enumerate(found):
        while last < len(found) and found[last][1] - start <= WIDTH:
            within[found[last][2]] = within.get(found[last][2], 0) + 1
            last += 1
        if len(within) > best_count:
            best, best_count = start, len(within)
        if last > first:
            number = found[first][2]
            within[number] -= 1
            if not within[number]:
                del within[number]
        else:
            last = first + 1
    return best, best_count


def cut(text: str, terms: Sequence[Term], markers: Markers) -> str:
    """About 200 characters of tidy ``text`` around its best place, the found words between the markers."""
    start, _ = best_start(found := occurrences(text, terms))
    begin = _word_start(text, max(0, start - MARGIN))
    end = _word_end(text, min(len(text), begin + MARGIN + WIDTH))
    out, at = ["… "] if begin else [], begin
    for left, right, _ in found:
        if left >= at and right <= end:
            out += [text[at:left], markers[0], text[left:right], markers[1]]
            at = right
    return "".join([*out, text[at:end], " …" if end < len(text) else ""])


def _word_start(text: str, position: int) -> int:
    space = text.find(" ", position, position + MARGIN) if position else -1
    return position if space < 0 else space + 1


def _word_end(text: str, position: int) -> int:
    space = text.rfind(" ", max(0, position - MARGIN), position) if position < len(text) else -1
    return position if space < 0 else space
