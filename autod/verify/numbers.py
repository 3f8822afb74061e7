"""Printed numbers, compared by the digits that matter whatever the country's separators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_NUMBER = re.compile(r"\d+(?:[.,'’   ]\d+)*")
_NOT_DIGIT = re.compile(r"\D")


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
