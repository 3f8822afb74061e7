"""How text is made comparable for search: the same small alphabet for what is stored and what is typed.

Both databases index the words made here and add no rules of their own, so a query finds the same
documents on SQLite and PostgreSQL.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_WORD = 64

# Letters that Unicode does not take apart into a base letter and a mark.
_WHOLE_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)

# Scripts written without spaces: each character is a word, so that any run of them is found as a phrase.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SPACELESS}]|[^\W_{_SPACELESS}]+")


def searchable(text: str) -> str:
    """``text`` without case, accents and typographic variants: ``Straße №5`` becomes ``strasse no5``."""
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return bare.casefold().translate(_WHOLE_LETTERS)


def words(text: str) -> list[str]:
    """The words of ``text``, folded: runs of letters and digits, cut at 64 characters.

    ``R-2026/17`` gives ``r``, ``2026``, ``17``: what a number is joined with does not matter for finding it.
    """
    return [word[:LONGEST_WORD] for word in _WORD.findall(searchable(text))]
