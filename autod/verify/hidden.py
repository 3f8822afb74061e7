"""Text that a person does not see but a machine reads: a way to smuggle values or instructions in."""

from __future__ import annotations

import re

from autod.domain.reading import Page, Reading
from autod.grammar.letters import letters_and_digits

_SUBSTANTIAL = 12
_MAX_CHARACTERS = 20_000
_INSTRUCTION = re.compile(
    r"\b(ignore|disregard|forget|override|you are|you must|instead of|system prompt|as an ai|assistant|"
    r"language model|llm|chatgpt|ignoriere|vergiss|du bist|ignorez|oubliez|ignora|"
    r"olvida|dimentica|negeer)\b",
    re.IGNORECASE,
)


_VALUE = re.compile(r"\d+[.,]\d\d(?!\d)|\d{4,}")
"""What reads like an amount, a year, a number or a part of a date."""


def has_hidden_text(reading: Reading) -> bool:
    """Whether a page hides much text not also seen on it, or what reads like a value or an instruction."""
    return any(_hides(page) for page in reading.pages if page.hidden_text)


def _hides(page: Page) -> bool:
    hidden = page.hidden_text[:_MAX_CHARACTERS]
    seen = set(map(letters_and_digits, page.text.split()))
    unseen = [word for word in hidden.split() if (text := letters_and_digits(word)) and text not in seen]
    if len(unseen) >= _SUBSTANTIAL or (len(unseen) > 1 and _INSTRUCTION.search(hidden) is not None):
        return True
    shown = {_digits(text) for text in seen}
    return any(_VALUE.search(word) and _digits(word) not in shown for word in unseen)


def _digits(word: str) -> str:
    return "".join(filter(str.isdigit, word))
