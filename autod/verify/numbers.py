"""Printed numbers, compared by the digits that matter whatever the country's separators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_NUMBER = re.compile(r"\d+(?:[.,'’   ]\d+)*")
_LAST_SEPARATOR = re.compile(r"(.*)[.,](\d{1,2})")
_NOT_DIGIT = re.compile(r"\D")
_MOST_DIGITS = 15


def printed_numbers(text: str) -> list[str]:
    """The runs of digits with separators in ``text``; a space may part thousands or columns."""
    return _NUMBER.findall(text)


def significant(number: str) -> str:
    """The digits that matter: ``1.021,90``, ``1021.9`` and ``1 021,9`` are all ``10219``."""
    return _NOT_DIGIT.sub("", number).strip("0")


def significant_amount(amount: Decimal) -> str:
    return significant(f"{amount:f}")


def significant_numbers(text: str) -> Iterator[str]:
    """What ``significant`` makes of each number in ``text``, both readings of a space tried."""
    for number in _NUMBER.findall(text):
        yield significant(number)
        if " " in number:
            yield from map(significant, number.split(" "))


def read_number(text: str) -> Decimal | None:
    """A printed number whose last separator is the decimal one when one or two digits follow it."""
    match = _LAST_SEPARATOR.fullmatch(text)
    whole, part = (match[1], match[2]) if match else (text, "0")
    digits = _NOT_DIGIT.sub("", whole)
    return Decimal(f"{digits}.{part}") if 0 < len(digits) <= _MOST_DIGITS else None
