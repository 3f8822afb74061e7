"""IBANs on the page, their check digits right."""

from __future__ import annotations

import re
from itertools import islice

from stdnum import iban as iban_number

from autod.domain.extraction import Found
from autod.domain.reading import Reading
from autod.extract.local.page.layout import Span, fold, page_source
from autod.words import any_of

_PAGES = 6
_START = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?=[ A-Z0-9])|(?<![A-Za-z0-9])IBAN:?(?=[A-Z]{2}\d{2})")
_TAIL = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9 .\-]{8,40}")
# The reader's own account, from which the amount is taken.
_IS_DEBITED = re.compile(rf"\b{any_of('accounts.debited')}\b")
_IS_TAKEN = re.compile(rf"\b{any_of('accounts.taken')}\b")
_SHORTEST, _LONGEST = 15, 34
_MOST_A_LINE = 20
_ONE, _SEVERAL = 0.97, 0.8


def find_iban(reading: Reading) -> Found | None:
    """The first IBAN whose check digits are right; less sure when the document bears several."""
    found: list[Found] = []
    debited: set[str] = set()
    taken: set[str] = set()
    for page in reading.pages[:_PAGES]:
        for line in page.lines:
            text = line.text
            for start in islice(_START.finditer(text), _MOST_A_LINE):
                at = start.end() if start[0].startswith("IBAN") else start.start()
                end, value = _longest_valid(text, at)
                if value and _IS_DEBITED.search(fold(text)):
                    debited.add(value)
                    if _IS_TAKEN.search(fold(text)):
                        taken.add(value)
                if value:
                    span = Span(page, line.words)
                    quote, box = span.quote(at, end), span.box(at, end)
                    found.append(Found(value, _ONE, page_source(page), page.number, quote, box))
    if not found:
        return None
    first = next((item for item in found if item.value not in debited), found[0])
    if first.value in taken:
        return None
    if len({item.value for item in found}) > 1:
        return Found(first.value, _SEVERAL, first.source, first.page, first.quote, first.box)
    return first


def _longest_valid(text: str, at: int) -> tuple[int, str]:
    """The end and value of the IBAN that starts at ``at``; its country fixes the length."""
    match = _TAIL.match(text, at)
    if match is None:
        return at, ""
    compact, ends = "", []
    for offset, character in enumerate(match[0]):
        if character.isalnum():
            compact += character
            ends.append(at + offset + 1)
    for length in range(min(len(compact), _LONGEST), _SHORTEST - 1, -1):
        if iban_number.is_valid(compact[:length]):
            return ends[length - 1], compact[:length]
    return at, ""
