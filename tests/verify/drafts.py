"""Drafts and readings for tests of verification."""

from __future__ import annotations

from datetime import date
from typing import Any

from autod.domain.extraction import Draft, EvidenceSource, Extraction, Found
from autod.domain.reading import Box, Line, Page, Reading, TextSource, Word
from autod.verify.verification import verify

TODAY = date(2026, 11, 24)


def page(
    *rows: str, source: TextSource = TextSource.TEXT_LAYER, confidence: float = 1.0, hidden: str = ""
) -> Page:
    """A page with one line for each row, words 6 points a character."""
    lines = []
    for number, row in enumerate(rows):
        words, x = [], 50.0
        for text in row.split():
            box = Box(x, 40 + 14 * number, x + 6 * len(text), 50 + 14 * number)
            words.append(Word(text, box, confidence))
            x += 6 * (len(text) + 1)
        lines.append(Line(tuple(words)))
    return Page(1, 595, 842, tuple(lines), source, hidden_text=hidden)


def reading(*rows: str, **page_options: Any) -> Reading:
    return Reading((page(*rows, **page_options),))


def found(value: Any, quote: str, **options: Any) -> Found:
    settings = {"score": 0.9, "source": EvidenceSource.TEXT, "page": 1, **options}
    return Found(value, quote=quote, **settings)


def xml(value: Any) -> Found:
    return Found(value, 1.0, EvidenceSource.EMBEDDED_XML, quote="Invoice/ID: ...")


def verified(what: Reading, *, review_below: float = 0.6, **fields: Found) -> Extraction:
    return verify(Draft("local", fields), what, review_below, TODAY)
