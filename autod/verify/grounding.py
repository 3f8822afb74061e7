"""A value counts only when the page it names says it, by the grammar of its field."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from rapidfuzz import fuzz

from autod.domain.extraction import STATED, EvidenceSource, Found
from autod.domain.field_columns import Grammar
from autod.domain.fields import FIELDS
from autod.domain.reading import Box, FormField, Word
from autod.grammar.letters import letters_and_digits, name_spans, number_spans
from autod.grammar.manner import Manner
from autod.grammar.says import says
from autod.verify.page_index import DocumentIndex, PageIndex
from autod.verify.rows import RowFinder

_EXEMPT = (EvidenceSource.DERIVED, EvidenceSource.PERSON)
_OVER_COLUMNS = 0.95
_ANCHORED = 0.95  # the value stands there, its quote is a clumsy one
_ONE_OF_SEVERAL = 0.9
_SCATTERED = 0.6  # words that stand on the page, though not together: never sure
_ROW_SHARE = 0.6

_TIDIED = frozenset({"iban", "tax_id", "phone", "email"})
"""Readers bring these into one spelling, for they are compared across documents."""


@dataclass(frozen=True, slots=True)
class Grounding:
    """Where a value stands; ``strength`` 0..1 is how literally the quote was found there.

    ``value`` is what of a list is borne out, None for all of it; ``quote`` the page's words where the
    reader's were others; ``printed`` how the page writes a number that the reader joined otherwise.
    """

    strength: float
    word_confidence: float = 1.0
    box: Box | None = None
    value: Any = None
    quote: str | None = None
    printed: str | None = None


def ground(name: str, found: Found, index: DocumentIndex) -> Grounding | None:
    """Look up the evidence of a field; None means that it is not on the page and must be dropped."""
    if found.source in _EXEMPT or found.source in STATED:
        return Grounding(1.0, box=found.box)
    if found.source is EvidenceSource.FORM:
        return _ground_in_form(name, found, index)
    # Judgements on the whole document are not spelled out on the page: only a quote, if any, must be there.
    grammar = FIELDS[name].about.grammar
    if grammar is Grammar.COMPOSED:
        return None
    if found.rows:
        return _ground_rows(found, index)
    page = index.page(found.page)
    if page is None:
        # A judgement from the whole document's words (its language) has no one place.
        return Grounding(1.0) if grammar is Grammar.JUDGED and not found.quote else None
    if not found.quote:
        return Grounding(1.0) if grammar is Grammar.JUDGED else None
    if grammar in (Grammar.JUDGED, Grammar.ROWS):
        return _located(found, page)
    manner = index.manner(page)
    return (
        _quoted(name, found, page, manner)
        or _over_columns(name, found, page, manner)
        or _anchored(name, found, page, manner)
        or _scattered(name, found, page, manner)
    )


def _ground_in_form(name: str, found: Found, index: DocumentIndex) -> Grounding | None:
    wanted = letters_and_digits(found.quote or str(found.value))
    for field in index.reading.form_fields:
        value = letters_and_digits(field.value)
        stands = wanted and value and (wanted in value or value in wanted)
        if stands and (_is_list(name) or says(name, found.value, field.value, index.manner())):
            return Grounding(1.0, box=found.box or field.box) if _visible(name, found, field, index) else None
    return None


def _visible(name: str, found: Found, field: FormField, index: DocumentIndex) -> bool:
    """Whether a person sees the value in the field, or nothing there: what is printed counts."""
    page = index.page(field.page)
    words = page.words_in(field.box) if page is not None and field.box is not None else []
    if not words or _is_list(name):
        return True
    text = _text(words)
    # Fields with a box for each letter print them one by one.
    return any(says(name, found.value, said, index.manner(page)) for said in (text, text.replace(" ", "")))


def _is_list(name: str) -> bool:
    return FIELDS[name].about.grammar in (Grammar.ROWS, Grammar.JUDGED)


def _quoted(name: str, found: Found, page: PageIndex, manner: Manner) -> Grounding | None:
    """The quote stands there, and the page's own words there say the value."""
    boxed = page.words_in(found.box) if found.box is not None else []
    wanted = letters_and_digits(found.quote)
    theirs = [boxed] if wanted in page.compact and wanted in letters_and_digits(_text(boxed)) else []
    for words in chain(theirs, _stretches(found, page)):
        if says(name, found.value, _text(words), manner):
            box = found.box or Box.around([word.box for word in words])
            return Grounding(1.0, _confidence(boxed or words), box, printed=_as_printed(name, found, words))
    return None


def _stretches(found: Found, page: PageIndex) -> Iterator[list[Word]]:
    sign = page.words_with_sign(found.quote)
    if sign:
        yield sign
    yield from page.stretches_of(found.quote)


def _over_columns(name: str, found: Found, page: PageIndex, manner: Manner) -> Grounding | None:
    """The reader's own box bears it out: a value over two lines or columns."""
    if found.box is None or page.share_known(found.quote.split()) < 1.0:
        return None
    if not says(name, found.value, found.quote, manner):
        return None
    return Grounding(_OVER_COLUMNS, _confidence(page.words_in(found.box)), found.box)


def _anchored(name: str, found: Found, page: PageIndex, manner: Manner) -> Grounding | None:
    """The quote means the value but is not what stands there: the value's own place, most like the quote."""
    if not _means(name, found, manner):
        return None
    places = page.places_of(name, found.value, manner)
    if not places:
        return None
    _, words = max(places, key=lambda place: fuzz.ratio(place[0].text, found.quote))
    box = Box.around([word.box for word in words])
    strength = _ANCHORED if len(places) == 1 else _ONE_OF_SEVERAL
    printed = _as_printed(name, found, words)
    return Grounding(strength, _confidence(words), box, quote=_text(words), printed=printed)


def _means(name: str, found: Found, manner: Manner) -> bool:
    if says(name, found.value, found.quote, dataclasses.replace(manner, ocr=True)):
        return True
    is_name = FIELDS[name].about.grammar is Grammar.NAME
    return is_name and any(True for _ in name_spans(found.quote, found.value, ocr=True))


def _scattered(name: str, found: Found, page: PageIndex, manner: Manner) -> Grounding | None:
    """A name whose words stand on the page, broken over columns."""
    broken = FIELDS[name].about.grammar in (Grammar.NAME, Grammar.WORDING)
    if not broken or page.share_known(found.quote.split()) < 1.0:
        return None
    return Grounding(_SCATTERED) if says(name, found.value, found.quote, manner) else None


def _located(found: Found, page: PageIndex) -> Grounding | None:
    """The quote stands there; of a row at least most of its words, when other columns part them."""
    words = next(_stretches(found, page), None)
    if words:
        if found.box is not None:
            words = page.words_in(found.box) or words
        return Grounding(1.0, _confidence(words), found.box or Box.around([w.box for w in words]))
    boxed = page.words_in(found.box) if found.box is not None else []
    parts = found.quote.split()
    share = page.share_known(parts)
    if share == 1.0:
        return Grounding(_OVER_COLUMNS, _confidence(boxed), found.box)
    if len(parts) > 3 and share >= _ROW_SHARE and isinstance(found.value, tuple):
        return Grounding(0.9 * share, _confidence(boxed), found.box)
    return None


def _ground_rows(found: Found, index: DocumentIndex) -> Grounding | None:
    """Each row by the words of its own place: a cell that they do not say is emptied, a row without its name
    dropped.
    """
    kept: list[Any] = []
    words: list[Word] = []
    quote = None
    finder = RowFinder(index)
    for row, place in zip(found.value, found.rows, strict=True):
        said = finder.said(row, place)
        if said is not None:
            quote = quote or place.quote
            words = words or said[1]
            kept.append(said[0])
    if not kept:
        return None
    box = Box.around([word.box for word in words])
    return Grounding(1.0, _confidence(words), box, tuple(kept), quote)


def _as_printed(name: str, found: Found, words: list[Word]) -> str | None:
    """The number as ``words`` write it in one piece, where only its joints differ."""
    if FIELDS[name].about.grammar is not Grammar.NUMBER or name in _TIDIED:
        return None
    text = _text(words)
    places = [text[start:end] for start, end in number_spans(found.value, text)]
    same = [own for own in places if letters_and_digits(own) == letters_and_digits(found.value)]
    return next((own for own in same if not any(map(str.isspace, own))), None)


def _text(words: list[Word]) -> str:
    return " ".join(word.text for word in words)


def _confidence(words: list[Word]) -> float:
    return sum(word.confidence for word in words) / len(words) if words else 1.0
