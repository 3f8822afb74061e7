"""Whether a value follows from the words it is said to rest on: dates, amounts, numbers, names."""

from __future__ import annotations

import calendar
import re
from datetime import date
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz

from autod.verify.numbers import (
    printed_numbers,
    read_number,
    significant_amount,
    significant_numbers,
)
from autod.verify.page_index import letters_and_digits, letters_and_digits_ocr

_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_OCR_DIGITS = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1", "S": "5", "B": "8"})
_NAME_LIKENESS = 82.0
_MOST_ADDENDS = 12


def follows(value: Any, quote: str, *, ocr: bool) -> bool:
    """Whether ``quote`` says ``value``; kinds of value that are judgements (no text) pass."""
    if isinstance(value, bool):
        return True
    if isinstance(value, date):
        return date_follows(value, quote)
    if isinstance(value, Decimal):
        return amount_follows(value, quote.translate(_OCR_DIGITS) if ocr else quote)
    if isinstance(value, str):
        return text_follows(value, quote, ocr=ocr)
    return True


def date_follows(day: date, quote: str) -> bool:
    """Day, month and year stand in the quote; a first or last day may go unsaid ("May 2020").

    A year may be missing from one end of a range, and a day may be spelled out.
    """
    numbers = {int(n) for n in _DIGITS.findall(quote) if len(n) <= 4}
    for run in _DIGITS.findall(quote):
        if len(run) == 8:
            numbers |= {int(run[:4]), int(run[4:6]), int(run[6:]), int(run[:2]), int(run[2:4])}
        elif len(run) == 6:
            numbers |= {int(run[:2]), int(run[2:4]), int(run[4:])}
    last = calendar.monthrange(day.year, day.month)[1]
    year = {day.year, day.year % 100} & numbers or not any(number > 1000 for number in numbers)
    month = day.month in numbers or _LETTERS.search(quote) is not None
    small = {number for number in numbers if 0 < number <= 31}
    this_day = day.day in small or day.day in (1, last) or not small
    return bool(year and month and this_day and ({day.day, day.year} & numbers))


def amount_follows(amount: Decimal, quote: str) -> bool:
    """The amount, or one of its sums of parts, stands in the quote with the same significant digits."""
    if significant_amount(amount) in significant_numbers(quote):
        return True
    numbers = [number for word in quote.split() for number in printed_numbers(word)]
    addends = [a for n in numbers[:_MOST_ADDENDS] if (a := read_number(n)) is not None]
    return len(addends) > 1 and sum(addends) == abs(amount)


def text_follows(value: str, quote: str, *, ocr: bool) -> bool:
    """The value's letters and digits stand in the quote in order, give or take what OCR confuses."""
    wanted, said = letters_and_digits(value), letters_and_digits(quote)
    if not wanted or wanted in said:
        return bool(wanted)
    if ocr and letters_and_digits_ocr(value) in letters_and_digits_ocr(quote):
        return True
    if any(character.isdigit() for character in wanted):
        return ocr and len(wanted) > 5 and fuzz.partial_ratio(wanted, said, score_cutoff=90) > 0
    return fuzz.token_set_ratio(value.casefold(), quote.casefold(), score_cutoff=_NAME_LIKENESS) > 0
