"""Whether a text says an amount: its sign, its digits and its decimals, whatever the country's separators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from autod.grammar.amounts import BY_SPACE, JOINTS, AmountMatch, parse_amounts
from autod.grammar.letters import with_digits
from autod.grammar.manner import Manner

_BARE = re.compile(
    rf"(?<![\w.,])(?<!\d[{JOINTS}])[-−–+]?\d+(?:[.,](?:\d{{1,2}}|\d{{4,}}))?(?![\w.,{JOINTS}]*\d)"
)
_OCR_DIGITS = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1", "S": "5", "B": "8"})
_MOST_ADDENDS = 12
_NOTHING_ELSE = re.compile(r"[\s+&/|,;·-]*")


def amount_spans(
    value: Decimal, text: str, manner: Manner, *, columns: bool = False
) -> Iterator[tuple[int, int]]:
    """Where ``text`` prints exactly ``value``.

    Args:
        columns: a space may part columns also where the language parts thousands by it.
    """
    read: dict[tuple[int, int], set[Decimal]] = {}
    for match in _read(text, manner, columns):
        read.setdefault((match.start, match.end), set()).add(match.value)
    yield from (place for place, values in read.items() if value in values)
    for m in _BARE.finditer(text):
        if _plain(m.group()) == value and not any(s < m.end() and m.start() < e for s, e in read):
            yield m.span()


def sums_to(value: Decimal, text: str, manner: Manner) -> bool:
    """Whether ``text`` is nothing but amounts that add up to ``value``, as the taxes of several rates do."""
    matches = parse_amounts(text, manner.language)[: _MOST_ADDENDS + 1]
    between, at = "", 0
    for match in matches:
        between += text[at : match.start]
        at = match.end
    between += text[at:]
    adds_up = sum((match.value for match in matches), Decimal(0)) == value
    return 1 < len(matches) <= _MOST_ADDENDS and adds_up and _NOTHING_ELSE.fullmatch(between) is not None


def _read(text: str, manner: Manner, columns: bool) -> Iterator[AmountMatch]:
    texts = (text, with_digits(text, _OCR_DIGITS)) if manner.ocr else (text,)
    for said in dict.fromkeys(texts):
        yield from parse_amounts(said, manner.language, spaced=manner.ocr)
        yield from parse_amounts(said, BY_SPACE)
        if columns:
            yield from parse_amounts(said)


def _plain(text: str) -> Decimal:
    sign = -1 if text[0] in "-−–" else 1
    return sign * Decimal(text.lstrip("-−–+").replace(",", "."))
