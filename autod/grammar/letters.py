"""Words and numbers as runs of letters and digits: what makes two spellings the same one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_RUN = re.compile(r"[^\W_]+")
_CONFUSED = str.maketrans({"o": "0", "i": "1", "l": "1", "s": "5", "b": "8", "z": "2"})
_PADDED = re.compile(r"(?<!\d)(?<!\d[-–/.])0[\d.]*\d(?![-–/.]?\d)")
"""A number filled up with zeros: ``000.000.002`` is number 2."""

_HOLDS_DIGIT = re.compile(r"(?<!\S)[^\s\d]*\d\S*")
_JOINTS = frozenset("-–/.")
_MARKS = re.compile("[\u0300-\u036f\u00ad]")


def letters_and_digits(text: str) -> str:
    """Letters and digits alone: no case, accents, spaces or punctuation."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def letters_and_digits_ocr(text: str) -> str:
    """``letters_and_digits`` with the characters made equal that OCR takes for one another."""
    return letters_and_digits(text).translate(_CONFUSED)


def with_digits(text: str, digits: Mapping[int, str]) -> str:
    """``text`` with letters made the ``digits`` that OCR takes for them, in words that hold one already."""
    return _HOLDS_DIGIT.sub(lambda word: word.group().translate(digits), text)


@dataclass(frozen=True, slots=True)
class Run:
    """Letters and digits without a gap, folded, and where they stand."""

    text: str
    start: int
    end: int


def runs(text: str, *, ocr: bool = False) -> list[Run]:
    """The runs of letters and digits in ``text``; a mark on a letter parts nothing."""
    make = letters_and_digits_ocr if ocr else letters_and_digits
    return [
        Run(folded, m.start(), m.end())
        for m in re.finditer(rf"(?:{_RUN.pattern}|{_MARKS.pattern})+", text)
        if (folded := make(m.group()))
    ]


def name_spans(value: str, text: str, *, ocr: bool = False) -> Iterator[tuple[int, int]]:
    """Where all words of ``value`` stand in ``text``, whole, in order, with nothing between them."""
    yield from _spans(value, runs(text, ocr=ocr), ocr)


def number_spans(value: str, text: str, *, ocr: bool = False) -> Iterator[tuple[int, int]]:
    """Where all characters of ``value`` stand in ``text``, and no longer number goes on before or after."""
    found = runs(text, ocr=ocr)
    for start, end in _spans(value, found, ocr):
        if not _goes_on_before(text, start) and not _goes_on_after(text, end):
            yield start, end
    if value.isdigit():
        for m in _PADDED.finditer(text):
            if letters_and_digits(m.group()).lstrip("0") == value:
                yield m.span()


def _spans(value: str, found: Sequence[Run], ocr: bool) -> Iterator[tuple[int, int]]:
    wanted = (letters_and_digits_ocr if ocr else letters_and_digits)(value)
    if not wanted:
        return
    for first in range(len(found)):
        said, last = "", first
        while last < len(found) and len(said) < len(wanted) and wanted.startswith(said):
            said += found[last].text
            last += 1
        if said == wanted:
            yield found[first].start, found[last - 1].end


def _goes_on_before(text: str, start: int) -> bool:
    """Whether a joint with a digit before it leads into what starts here, as in ``2026-`` ``0117``."""
    return start > 1 and text[start - 1] in _JOINTS and text[start - 2].isdigit()


def _goes_on_after(text: str, end: int) -> bool:
    return end + 1 < len(text) and text[end] in _JOINTS and text[end + 1].isdigit()
