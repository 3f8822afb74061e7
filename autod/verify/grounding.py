"""A value counts only when its quote is on the page it names and says what the value says."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.field_columns import Proof
from autod.domain.fields import FIELDS
from autod.domain.reading import Box, Word
from autod.verify.follows import follows
from autod.verify.page_index import DocumentIndex, PageIndex, letters_and_digits

_EXEMPT = (EvidenceSource.DERIVED, EvidenceSource.PERSON)
_EMBEDDED = (EvidenceSource.EMBEDDED_XML, EvidenceSource.QR_CODE)
_OCR_LIKENESS = 85.0
_ROW_SHARE = 0.6
_LONG_QUOTE = 400


@dataclass(frozen=True, slots=True)
class Grounding:
    """Where a value stands; ``strength`` 0..1 is how literally the quote was found there."""

    strength: float
    word_confidence: float = 1.0
    box: Box | None = None


def ground(name: str, found: Found, index: DocumentIndex) -> Grounding | None:
    """Look up the evidence of a field; None means that it is not on the page and must be dropped."""
    if found.source in _EXEMPT or found.source in _EMBEDDED:
        return Grounding(1.0, box=found.box)
    if found.source is EvidenceSource.FORM:
        return _ground_in_form(found, index)
    # Judgements on the whole document are not spelled out on the page: only a quote, if any, must be there.
    proof = FIELDS[name].about.proof if name in FIELDS else Proof.SAYS
    page = index.page(found.page)
    if page is None:
        # A judgement from the whole document's words (its language) has no one place.
        return Grounding(1.0) if proof is Proof.JUDGED and not found.quote else None
    if not found.quote:
        return Grounding(1.0) if proof is Proof.JUDGED else None
    literal = _locate(found, page)
    if literal is None:
        return None
    if proof is not Proof.SAYS:
        return literal
    return literal if follows(found.value, found.quote, ocr=page.is_ocr) else None


def _ground_in_form(found: Found, index: DocumentIndex) -> Grounding | None:
    wanted = letters_and_digits(found.quote or str(found.value))
    for field in index.reading.form_fields:
        value = letters_and_digits(field.value)
        if wanted and value and (wanted in value or value in wanted):
            return Grounding(1.0, box=found.box or field.box)
    return None


def _locate(found: Found, page: PageIndex) -> Grounding | None:
    words = page.words_of(found.quote) or page.words_with_sign(found.quote)
    if words:
        if found.box is not None:
            words = page.words_in(found.box) or words
        return Grounding(1.0, _confidence(words), found.box or Box.around([w.box for w in words]))
    boxed = page.words_in(found.box) if found.box is not None else []
    parts = found.quote[:_LONG_QUOTE].split()
    share = page.share_known(parts)
    if share == 1.0:
        # Every word is there, though not in one piece: a value over two lines or columns.
        return Grounding(0.95, _confidence(boxed), found.box)
    if len(parts) > 3 and share >= _ROW_SHARE and isinstance(found.value, tuple):
        return Grounding(0.9 * share, _confidence(boxed), found.box)
    if page.is_ocr:
        likeness = fuzz.partial_ratio(
            letters_and_digits(found.quote), page.compact, score_cutoff=_OCR_LIKENESS
        )
        if likeness:
            return Grounding(likeness / 100, _confidence(boxed), found.box)
    return None


def _confidence(words: list[Word]) -> float:
    return sum(word.confidence for word in words) / len(words) if words else 1.0
