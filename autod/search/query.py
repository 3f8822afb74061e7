"""What a person typed, understood: words, "phrases", begin*, -not.

Anything can be typed: what makes no sense as an operator is a separator, so there are no syntax errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from autod.domain.folding import words

LONGEST_QUERY = 500
MOST_TERMS = 16
SHORTEST_PREFIX = 3

_PIECE = re.compile(r'(?P<minus>-?)"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+)')


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand one after the other; with ``prefix`` the last one may go on."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All of ``wanted`` and none of ``unwanted``."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]


def parse(text: str) -> Query:
    """Understand the first 500 characters and 16 terms of ``text``.

    A word with signs inside, such as ``R-2026/17`` or ``1.234,56``, is a phrase of its parts. The last
    word may still be being typed: from three letters on it also finds longer words.
    """
    wanted: list[Term] = []
    unwanted: list[Term] = []
    text = text[:LONGEST_QUERY]
    for piece in _PIECE.finditer(text):
        quoted = piece["phrase"] is not None
        raw = piece["phrase"] if quoted else piece["word"]
        minus = bool(piece["minus"]) if quoted else raw.startswith("-")
        parts = tuple(words(raw))
        if not parts:
            continue
        unfinished = piece.end() == len(text) and len(parts[-1]) >= SHORTEST_PREFIX and parts[-1].isalpha()
        prefix = not quoted and (raw.endswith("*") or (unfinished and not minus))
        (unwanted if minus else wanted).append(Term(parts, prefix))
    return Query(tuple(wanted[:MOST_TERMS]), tuple(unwanted[:MOST_TERMS]))
