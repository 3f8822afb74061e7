"""How large the questions about a document would be: counted here, before anything is written or sent.

Nobody but the service can count exactly. ``most`` is surely enough, for reservations; ``likely`` is what a
person should expect: four characters a token, as European prose and our schema have, and half of the
catalogue's upper figure for a page that is sent as a picture.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import TypedDict

from autod.domain.reading import Reading
from autod.extract.openai.catalogue import Model, find_model
from autod.extract.openai.document_text import SentPage, page_texts
from autod.extract.openai.preparing import Form, Part, choose_form, parts_of, static_tokens
from autod.extract.openai.prompt import instructions
from autod.extract.openai.question import DETAIL
from autod.extract.openai.schema import answer_schema
from autod.open_files import read_text

CHARACTERS_A_TOKEN = 4
WRAPPING = 60
"""Tokens that the form of a request adds to its texts: roles, settings, file name."""


class QuestionTokens(TypedDict):
    """Tokens of input, the static part included, and that part alone; and the pages it is about."""

    most: int
    likely: int
    static_likely: int
    static_most: int
    pages: int


def with_likely(size: QuestionTokens, tokens: int) -> QuestionTokens:
    """The same, with what the service itself counts."""
    return {**size, "likely": tokens}


class Size(TypedDict):
    """In which form a document would be sent, and in which questions."""

    form: str
    pages: int
    questions: list[QuestionTokens]


def size_up(reading: int, model: str, form: str) -> Size:
    """What the sandbox calls; ``reading`` is the open file of what was read."""
    read = Reading.from_json(read_text(reading))
    chosen = choose_form(read, Form(form))
    pages = page_texts(read)
    known = find_model(model)
    static = likely_static_tokens()
    return {
        "form": chosen.value,
        "pages": len(pages),
        "questions": [
            {
                "most": part.tokens + static_tokens(),
                "likely": _likely(part, chosen, pages, known) + static,
                "static_likely": static,
                "static_most": static_tokens(),
                "pages": part.last - part.first + 1,
            }
            for part in parts_of(chosen, pages, known)
        ],
    }


@lru_cache(maxsize=1)
def likely_static_tokens() -> int:
    """What the part that all questions share counts."""
    return _tokens(instructions()) + _tokens(json.dumps(answer_schema())) + WRAPPING


def _likely(part: Part, form: Form, pages: Sequence[SentPage], model: Model) -> int:
    inside = [page for page in pages if part.first <= page.number <= part.last]
    if form is Form.FILE:
        return len(inside) * model.page_tokens[DETAIL] // 2
    return sum(_tokens(page.text) for page in inside)


def _tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_A_TOKEN)
