"""Whether the label printed beside a value is one of its field: a witness of its own, beside any reader."""

from __future__ import annotations

import re
from functools import cache

from autod.domain.extraction import Found
from autod.domain.fields import FIELDS
from autod.domain.reading import Box, Word
from autod.verify.grounding import Grounding
from autod.verify.page_index import DocumentIndex
from autod.words import table
from autod.words.label_table import LabelTable, label_tokens

_RATE = re.compile(r"\d{1,2}(?:[.,]\d{1,2})?\s?%")


@cache
def _table(path: str) -> LabelTable:
    return table(path)


def stands_beside_its_label(name: str, found: Found, grounding: Grounding, index: DocumentIndex) -> bool:
    """Whether the first label to the left in the value's row is the field's, with no number between them.

    A rate of tax is no such number: "VAT 20 % 38.00". A date whose order nothing tells is borne out by no
    label: the label says which date, not which day.
    """
    page, box = index.page(found.page), found.box or grounding.box
    wanted = FIELDS[name].about.labels
    if not wanted or page is None or box is None:
        return False
    manner = index.manner(page)
    if any(match.ambiguous for match in manner.dates(found.quote)):
        return False
    path = wanted[0].rpartition(".")[0]
    text = " ".join(word.text for word in _left_of(box, page.words))
    labels = list(_table(path).find(label_tokens(text)))
    if not labels:
        return False
    key, _, _, end = labels[-1]
    between = _RATE.sub("", text[end:])
    return f"{path}.{key}" in wanted and not any(character.isdigit() for character in between)


def _left_of(box: Box, words: list[Word]) -> list[Word]:
    """The words of the same row before the value, from left to right."""
    before = [
        word
        for word in words
        if word.box.x1 <= box.x0 + 1 and box.y0 <= (word.box.y0 + word.box.y1) / 2 <= box.y1
    ]
    return sorted(before, key=lambda word: word.box.x0)
