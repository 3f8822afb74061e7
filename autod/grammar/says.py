"""Whether a text says a value, by the grammar of its field: equality, never likeness."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from autod.domain.field_columns import Grammar
from autod.domain.fields import FIELDS
from autod.grammar.currencies import names_currency
from autod.grammar.days import day_spans
from autod.grammar.letters import name_spans, number_spans
from autod.grammar.manner import Manner
from autod.grammar.money import amount_spans, sums_to


def spans(name: str, value: Any, text: str, manner: Manner) -> Iterator[tuple[int, int]]:
    """Where in ``text`` the value of the field ``name`` is said."""
    grammar = FIELDS[name].about.grammar
    if grammar in (Grammar.DAY, Grammar.FIRST_DAY, Grammar.LAST_DAY) and isinstance(value, date):
        first, last = grammar is Grammar.FIRST_DAY, grammar is Grammar.LAST_DAY
        yield from day_spans(value, text, manner, starts=first, ends=last)
    elif grammar is Grammar.AMOUNT and isinstance(value, Decimal):
        yield from amount_spans(value, text, manner)
        if sums_to(value, text, manner):
            yield 0, len(text)
    elif grammar is Grammar.CURRENCY and names_currency(text, value):
        yield 0, len(text)
    elif grammar in (Grammar.NAME, Grammar.WORDING) and isinstance(value, str):
        yield from name_spans(value, text, ocr=manner.ocr)
    elif grammar is Grammar.NUMBER and isinstance(value, str):
        yield from number_spans(value, text, ocr=manner.ocr)


def says(name: str, value: Any, text: str, manner: Manner) -> bool:
    """Whether ``text`` says the value of the field ``name``."""
    return any(True for _ in spans(name, value, text, manner))


def same(name: str, one: Any, other: Any) -> bool:
    """Whether two values of the field ``name`` are one, however they are spelt."""
    if isinstance(one, str) and isinstance(other, str):
        manner = Manner()
        return one == other or (says(name, one, other, manner) and says(name, other, one, manner))
    return bool(one == other)
