"""What a person types for a field, read as a page's words are: ``3.182,40 EUR``, ``12.04.2026``."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from autod.domain.field_columns import Grammar
from autod.grammar.amounts import BY_SPACE, parse_amounts
from autod.grammar.days import readings
from autod.grammar.manner import Manner

_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_PLAIN = re.compile(r"[-+]?\d+(?:\.\d{1,2})?")
_THOUSANDS_OR_THOUSANDTHS = re.compile(r"[^\d]*[1-9]\d{0,2}[.,]\d{3}[^\d]*")


def typed(grammar: Grammar, text: str, manner: Manner) -> date | Decimal | None:
    """The day or amount that ``text`` is; None when it has no such grammar, or is none.

    Raises:
        ValueError: the text can mean two; says which.
    """
    if grammar in (Grammar.DAY, Grammar.FIRST_DAY, Grammar.LAST_DAY):
        return None if _ISO.fullmatch(text) else _day(text, manner)
    if grammar is Grammar.AMOUNT:
        return None if _PLAIN.fullmatch(text) else _amount(text)
    return None


def _day(text: str, manner: Manner) -> date | None:
    matches = manner.dates(text)
    if len(matches) != 1 or text[: matches[0].start].strip() or text[matches[0].end :].strip(" ."):
        return None
    days = readings(matches[0])
    if len(days) > 1:
        raise ValueError(f"it can be {days[0]} or {days[1]}")
    return days[0]


def _amount(text: str) -> Decimal | None:
    matches = parse_amounts(text, BY_SPACE)  # one amount was asked for: no columns to part
    if len(matches) != 1 or text[: matches[0].start].strip() or text[matches[0].end :].strip():
        return None
    value = matches[0].value
    if _THOUSANDS_OR_THOUSANDTHS.fullmatch(text) and value == value.to_integral_value():
        raise ValueError(f"it can be {value} or {value / 1000}")
    return value
