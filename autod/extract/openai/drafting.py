"""From the service's answers to a draft whose every value names its page and words.

Nothing is believed here: verification compares each value, and each row of a list, with what stands where its
quote is said to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from autod.codes import Code
from autod.domain.extraction import Draft, EvidenceSource, Found, RowPlace, Usage
from autod.domain.field_columns import Asked
from autod.domain.fields import FIELDS
from autod.domain.folding import words
from autod.domain.metadata import Metadata
from autod.domain.reading import Page, Reading, TextSource
from autod.errors import Retry
from autod.extract.openai.answer_json import answer_object
from autod.extract.openai.failures import AnswerUnusable
from autod.extract.openai.merging import merge
from autod.extract.openai.schema import asked_fields

FACT_SCORE = 0.85
JUDGED_SCORE = 0.8
"""Set by us, the same for every answer; what the model says of its own certainty plays no part."""

NOTHING = Decimal(0)
LONGEST_QUOTE = 400
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """One part's answer; ``first_page`` is the document's page that the part calls page 1."""

    text: str
    first_page: int = 1


class AnswerExtractor:
    """An extractor whose thinking was done elsewhere: it reads the answers, in the order of the parts.

    Args:
        usage, cost_usd: what the answers took in all.
    """

    name = "openai"

    def __init__(
        self, answers: Sequence[PartAnswer], *, usage: Usage | None = None, cost_usd: Decimal = NOTHING
    ) -> None:
        self._answers = answers
        self._usage = usage or Usage()
        self._cost_usd = cost_usd

    def extract(self, reading: Reading) -> Draft:
        """Propose values for a document; see ``Extractor``.

        Raises:
            AnswerUnusable: no part's answer is JSON of the asked shape.
        """
        pages = Pages(reading)
        drafts = [found for part in self._answers if (found := read_part(part, pages)) is not None]
        if not drafts:
            raise AnswerUnusable(
                "the answer is not the JSON that was asked for",
                code=Code.OPENAI_ANSWER_INVALID,
                retry=Retry.PERSON,
            )
        return Draft(self.name, merge(drafts), self._usage, self._cost_usd)


class Pages:
    """A reading, prepared for looking up quotes."""

    def __init__(self, reading: Reading) -> None:
        self._pages = {page.number: page for page in reading.pages}
        self._texts = {page.number: _letters(page.text) for page in reading.pages}
        self._words = {page.number: frozenset(words(page.text)) for page in reading.pages}
        self._fields = [(field.page, _letters(field.value)) for field in reading.form_fields]

    def find(self, quote: str, claimed: int) -> tuple[int, EvidenceSource] | None:
        """The page that shows ``quote``, the claimed one first, and how it was read.

        A quote that no page has in one piece may be a clumsy one: then the page that has most of its words.
        """
        wanted = _letters(quote)
        order = sorted(self._pages, key=lambda number: (number != claimed, number))
        for number in order:
            if (wanted and wanted in self._texts[number]) or (
                not wanted and quote.strip() and quote.strip() in self._pages[number].text
            ):
                return number, _source(self._pages[number])
        for number, value in self._fields:
            if wanted and wanted in value:
                return number, EvidenceSource.FORM
        if not wanted or not order:
            return None
        parts = set(words(quote))
        nearest = max(order, key=lambda number: len(parts & self._words[number]))
        return nearest, _source(self._pages[nearest])


def read_part(part: PartAnswer, pages: Pages) -> dict[str, Found] | None:
    """The values of one answer, None when nothing in it has the shape that was asked for."""
    data = answer_object(part.text)
    if data is None:
        return None
    found = {}
    for name in asked_fields():
        item = _field(name, data.get(name), part.first_page - 1, pages)
        if item is not None:
            found[name] = item
    return found


def _field(name: str, said: Any, offset: int, pages: Pages) -> Found | None:
    asked = FIELDS[name].about.asked
    if isinstance(said, list):
        return _rows(name, said, offset, pages)
    if not isinstance(said, dict) or said.get("value") in (None, ""):
        return None
    value = _typed(name, said["value"])
    if value is None:
        return None
    claimed, quote = _where(said, offset)
    quote = str(value) if asked is Asked.ITSELF else quote
    place = pages.find(quote, claimed)
    score = JUDGED_SCORE if asked is Asked.JUDGEMENT else FACT_SCORE
    if place is not None:
        return Found(value, score, place[1], place[0], quote)
    if asked is Asked.JUDGEMENT:
        return Found(value, score, EvidenceSource.TEXT)
    return Found(value, score, EvidenceSource.TEXT, None, quote or str(value))


def _rows(name: str, said: list[Any], offset: int, pages: Pages) -> Found | None:
    """The rows that a page may show, each with its place."""
    kept: list[Any] = []
    places: list[RowPlace] = []
    source = EvidenceSource.TEXT
    for row in said[:MOST_ROWS]:
        if not isinstance(row, dict):
            continue
        claimed, quote = _where(row, offset)
        place = pages.find(quote, claimed)
        value = _row_value(name, row)
        if place is None or value is None:
            continue
        kept.append(value)
        places.append(RowPlace(place[0], quote))
        source = place[1] if len(kept) == 1 else source
    if not kept:
        return None
    beyond = len(said[MOST_ROWS:])
    first = places[0]
    return Found(
        tuple(kept), FACT_SCORE, source, first.page, first.quote, left_out=beyond, rows=tuple(places)
    )


def _row_value(name: str, row: Mapping[str, Any]) -> Any:
    cells = row["value"] if "value" in row else {k: v for k, v in row.items() if k not in ("page", "quote")}
    value = _typed(name, [cells])
    return value[0] if value else None


def _typed(name: str, value: Any) -> Any:
    """``value`` as the field's own type, None when it does not fit."""
    if isinstance(value, str):
        value = value.strip()
    try:
        typed = _adapter(name).validate_python(value)
    except ValidationError:
        return None
    return typed.strip() if isinstance(typed, str) else typed


@lru_cache(maxsize=64)
def _adapter(name: str) -> TypeAdapter[Any]:
    kind: Any = Metadata.model_fields[name].annotation
    return TypeAdapter(kind)


def _where(said: Mapping[str, Any], offset: int) -> tuple[int, str]:
    page, quote = said.get("page"), said.get("quote")
    number = page + offset if isinstance(page, int) and not isinstance(page, bool) else 0
    return number, " ".join(quote.split())[:LONGEST_QUOTE] if isinstance(quote, str) else ""


def _source(page: Page) -> EvidenceSource:
    return EvidenceSource.OCR if page.source is TextSource.OCR else EvidenceSource.TEXT


def _letters(text: str) -> str:
    return "".join(words(text))
