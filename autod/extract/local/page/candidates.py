"""A value read on a page: where it stands, what label explains it, and what speaks for it.

Dates, amounts, numbers and names are all candidates: they differ in how their text is parsed and in the
weights that speak for them, not in what is known of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any, Generic, Protocol, Self, TypeVar

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.reading import Box, Line, Page, Word
from autod.extract.local.page.layout import LabelHit, Span, layout_of
from autod.extract.local.weights import Bounds, Weight


class Relation(Enum):
    """Where a value stands, seen from its label."""

    SAME_LINE = "same_line"  # after it in its line
    RIGHT = "right"  # in a cell right of it
    BELOW = "below"  # in the column under it
    BEFORE = "before"  # just before it in its line
    IN_FORM = "in_form"  # typed into the field of a form beside it
    IN_TEXT = "in_text"  # no label explains it, but the words around it


@dataclass(frozen=True, slots=True)
class Place:
    """Text that may hold a value: from ``start`` to ``end`` in the text of ``span``."""

    span: Span
    relation: Relation = Relation.IN_TEXT
    start: int = 0
    end: int | None = None

    @property
    def text(self) -> str:
        return self.span.text[self.start : self.end]

    def box(self, start: int, end: int) -> Box:
        """The box of the words that ``text[start:end]`` touches."""
        return self.span.box(start + self.start, end + self.start)


class Match(Protocol):
    """What a parser read in a text: the value, and from where to where it stands there."""

    @property
    def value(self) -> Any: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A value that is a text, such as a number or a name, and where it stands in the text given."""

    value: str
    start: int
    end: int


M = TypeVar("M", bound=Match)
Read = Callable[[str], Sequence[M]]
"""Reads the values in a text, in order; nobody may change what it gives."""


@dataclass(frozen=True)
class Candidate(Generic[M]):
    """A value somewhere on a page.

    ``key`` is what it would be there: the label's key, or the kind of place where no label stands.
    ``reasons`` are what speaks for it and against it; together they are its score (0..1).
    """

    match: M
    place: Place
    label: LabelHit | None = None
    key: str = ""
    reasons: tuple[Weight, ...] = ()

    @property
    def relation(self) -> Relation:
        return self.place.relation

    @property
    def page(self) -> Page:
        return self.place.span.page

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words that carry the value."""
        offset = self.place.start
        return self.place.span.words_at(self.match.start + offset, self.match.end + offset)

    @property
    def quote(self) -> str:
        """The words that carry the value, exactly as on the page."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def box(self) -> Box:
        return Box.around([word.box for word in self.words])

    @property
    def source(self) -> EvidenceSource:
        return EvidenceSource.FORM if self.relation is Relation.IN_FORM else self.place.span.source

    @property
    def score(self) -> float:
        return sum(self.reasons)

    def because(self, *reasons: Weight) -> Self:
        """The same with more that speaks for it, or against it."""
        return replace(self, reasons=(*self.reasons, *reasons))

    def scaled(self, factor: Weight) -> Self:
        """The same, of whose score no more than ``factor`` is left."""
        return self.because(Weight(self.score * factor - self.score, factor.name))

    def at_least(self, weight: Weight) -> Self:
        """The same, with a score no lower than ``weight``."""
        return self if self.score >= weight else self.because(Weight(weight - self.score, weight.name))

    def at_most(self, weight: Weight) -> Self:
        """The same, with a score no higher than ``weight``."""
        return self if self.score <= weight else self.because(Weight(weight - self.score, weight.name))

    def worth(self, *reasons: Weight) -> Self:
        """The same, for these reasons instead of those it had."""
        return replace(self, reasons=reasons)

    def found(self, *reasons: Weight, value: object = None, source: EvidenceSource | None = None) -> Found:
        """The proposal for a field: the value, or ``value`` resting on the same words."""
        return Found(
            self.match.value if value is None else value,
            round(max(Bounds.least, min(sum(reasons, self.score), Bounds.most)), 3),
            source or self.source,
            self.page.number,
            self.quote,
            self.box,
        )


def in_line(page: Page, line: Line, match: M, key: str = "") -> Candidate[M]:
    """What ``match`` read in the text of a line, with no label beside it."""
    return Candidate(match, Place(layout_of(page).span(line)), key=key)
