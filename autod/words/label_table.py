"""Phrases looked for as labels, compared word by word.

Text is folded first: no accents, no case, the letters that OCR mixes up made equal. So a table of hundreds of
phrases costs one look-up a word and stays linear on hostile input.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, KeysView, Mapping
from typing import NamedTuple


class Token(NamedTuple):
    """One run of letters or digits in a line's text, folded; the offsets are those of ``Line.text``."""

    text: str
    start: int
    end: int


class _Folding(dict[int, str]):
    """Letter to plain lower-case letter, one for one, so that offsets stay valid."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", chr(code))[:1].lower()[:1] or " "
        self[code] = plain
        return plain


_FOLDING = _Folding()
_CONFUSED = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o"})
_TOKEN = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """``text`` in lower case without accents, of the same length."""
    return text.translate(_FOLDING)


def label_tokens(text: str) -> list[Token]:
    """The words of ``text`` as labels are compared: folded, with the letters OCR confuses made equal."""
    folded = fold(text).translate(_CONFUSED)
    return [Token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(folded)]


def _tokens_of(phrase: str) -> list[str]:
    return _TOKEN.findall(fold(phrase).translate(_CONFUSED))


class _Node:
    __slots__ = ("key", "next", "phrase")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.key: str | None = None
        self.phrase = ""


class LabelTable:
    """Phrases by key, ready to be looked for. Build once, at import of the module that owns the words.

    Each phrase is also known with its words run together, as OCR and tight fonts print them. Of two
    phrases that begin at the same word the longer wins; one given twice belongs to the key given first.
    """

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        self.root = _Node()
        for key, texts in phrases.items():
            self.add(key, texts)

    def add(self, key: str, phrases: Iterable[str]) -> None:
        """Look for ``phrases``, too, for whoever builds the table in steps."""
        for phrase in phrases:
            self._add(_tokens_of(phrase), key, phrase)

    def add_compound(self, key: str, firsts: Iterable[str], lasts: Iterable[str]) -> None:
        """As ``add``, for each of ``firsts`` followed by each of ``lasts``."""
        finished = [(_tokens_of(last), last) for last in lasts]
        for first in firsts:
            beginning = _tokens_of(first)
            for ending, last in finished:
                self._add(beginning + ending, key, f"{first} {last}")

    @property
    def first_words(self) -> KeysView[str]:
        """The words, as label tokens, with which a phrase can begin."""
        return self.root.next.keys()

    def _add(self, tokens: list[str], key: str, phrase: str) -> None:
        self._insert(tokens, key, phrase)
        if len(tokens) > 1:
            self._insert(["".join(tokens)], key, phrase)

    def _insert(self, tokens: list[str], key: str, phrase: str) -> None:
        node = self.root
        for token in tokens:
            known = node.next.get(token)
            if known is None:  # not setdefault: most tokens are known, and a node costs more than a look-up
                known = node.next[token] = _Node()
            node = known
        if node.key is None:
            node.key, node.phrase = key, phrase

    def find(self, tokens: list[Token]) -> Iterator[tuple[str, str, int, int]]:
        """Each phrase in a line's tokens, left to right without overlap: key, phrase, start, end."""
        at, count = 0, len(tokens)
        while at < count:
            node = self.root.next.get(tokens[at].text)
            best: _Node | None = None
            best_end, ahead = at + 1, at + 1
            while node is not None:
                if node.key is not None:
                    best, best_end = node, ahead
                if ahead >= count or not node.next:
                    break
                node = node.next.get(tokens[ahead].text)
                ahead += 1
            if best is not None and best.key is not None:
                yield best.key, best.phrase, tokens[at].start, tokens[best_end - 1].end
            at = best_end
