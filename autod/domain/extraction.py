"""From what an extractor found to what the product believes.

An extractor gives a ``Draft``: values with where it saw them. Verification turns the draft into an
``Extraction``: values that code found on the page, each with its evidence and a confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

from autod.domain.asked import UsageJson
from autod.domain.left_out import LeftOut
from autod.domain.metadata import Metadata
from autod.domain.reading import Box
from autod.domain.reasons import review_reasons


class EvidenceSource(StrEnum):
    """What kind of thing a value rests on."""

    TEXT = "text"
    OCR = "ocr"
    FORM = "form"
    EMBEDDED_XML = "embedded_xml"
    QR_CODE = "qr_code"
    DERIVED = "derived"
    PERSON = "person"


class EvidenceJson(TypedDict):
    """See ``Evidence``; the box is left, top, right, bottom."""

    page: int | None
    quote: str
    box: list[float] | None
    confidence: float
    source: str
    other: NotRequired[BesideJson]


class BesideJson(TypedDict):
    """See ``Beside``."""

    value: str
    page: int | None
    quote: str


RowJson = dict[str, str | None]
"""A row of a list: its columns, as text."""

MetadataJson = dict[str, str | list[str] | list[RowJson] | None]
"""``Metadata`` by field: days, amounts and kinds are text."""


class ExtractionJson(TypedDict):
    """See ``Extraction``: the body of what ``autod extract`` prints.

    The metadata are checked on the way back.
    """

    engine: str
    metadata: MetadataJson
    evidence: dict[str, EvidenceJson]
    needs_review: list[str]
    review_reasons: NotRequired[Mapping[str, Sequence[str]]]
    checks: list[str]
    usage: UsageJson
    cost_usd: str


STATED = frozenset({EvidenceSource.EMBEDDED_XML, EvidenceSource.QR_CODE})
"""What the file states for machines: exact."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the other reader says of the same field, as text, with its words on its page."""

    value: str
    page: int | None
    quote: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a value is believed: page (1-based), the words themselves, their box, a confidence 0..1.

    ``other`` is what a second reader says instead.
    """

    source: EvidenceSource
    confidence: float
    page: int | None = None
    quote: str = ""
    box: Box | None = None
    other: Beside | None = None

    def to_dict(self) -> EvidenceJson:
        data: EvidenceJson = {
            "page": self.page,
            "quote": self.quote,
            "box": self.box.rounded() if self.box else None,
            "confidence": round(self.confidence, 3),
            "source": self.source.value,
        }
        if (other := self.other) is not None:
            data["other"] = {"value": other.value, "page": other.page, "quote": other.quote}
        return data

    @staticmethod
    def from_dict(data: EvidenceJson) -> Evidence:
        return Evidence(
            source=EvidenceSource(data["source"]),
            confidence=data["confidence"],
            page=data["page"],
            quote=data["quote"],
            box=Box(*data["box"]) if data["box"] else None,
            other=Beside(**data["other"]) if data.get("other") else None,
        )


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where one row of a list stands: its page and all its words."""

    page: int
    quote: str


@dataclass(frozen=True, slots=True)
class Found:
    """One value an extractor proposes for a field.

    ``score`` (0..1) is how strong the rule behind it is, from counted results and never from a model's
    word for itself. ``box`` may be missing: verification looks the quote up on the page. ``left_out`` counts
    the further entries of a list that a limit kept out. ``rows`` are the places of a list's entries, one for
    each, of a reader that must prove each of them.
    """

    value: Any
    score: float
    source: EvidenceSource
    page: int | None = None
    quote: str = ""
    box: Box | None = None
    left_out: int = 0
    rows: tuple[RowPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of paid calls; ``None`` means the service did not say."""

    prompt_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int | None = None

    def to_dict(self) -> UsageJson:
        return {
            "prompt_tokens": self.prompt_tokens,
            "output_tokens": self.output_tokens,
            "cached_tokens": self.cached_tokens,
        }


@dataclass(frozen=True)
class Draft:
    """What an extractor found, by field name of ``Metadata``."""

    engine: str
    found: dict[str, Found]
    usage: Usage = Usage()
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True)
class Extraction:
    """What is believed about a document.

    ``needs_review`` names the fields a person should look at (below the confidence line, or in conflict), and
    what limits left out (``pages_not_read``). ``checks`` are the codes of checks that failed, such as
    ``line_items_disagree`` or ``hidden_text``; what was left out stands there with its number. From both
    ``review_reasons`` tells why.
    """

    engine: str
    metadata: Metadata
    evidence: dict[str, Evidence]
    needs_review: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    cost_usd: Decimal = Decimal(0)

    def marked(self, left_out: Sequence[LeftOut]) -> Extraction:
        """The same, with what limits left out among what a person is told and should look at."""
        return replace(
            self,
            checks=(*self.checks, *(item.check for item in left_out)),
            needs_review=(*self.needs_review, *(str(item.code) for item in left_out)),
        )

    def to_dict(self) -> ExtractionJson:
        return {
            "engine": self.engine,
            "metadata": self.metadata.model_dump(mode="json"),
            "evidence": {name: e.to_dict() for name, e in self.evidence.items()},
            "needs_review": list(self.needs_review),
            "review_reasons": review_reasons(self.needs_review, self.checks),
            "checks": list(self.checks),
            "usage": self.usage.to_dict(),
            "cost_usd": str(self.cost_usd),
        }

    @staticmethod
    def from_dict(data: ExtractionJson) -> Extraction:
        return Extraction(
            engine=data["engine"],
            metadata=Metadata.model_validate(data["metadata"]),
            evidence={name: Evidence.from_dict(e) for name, e in data["evidence"].items()},
            needs_review=tuple(data["needs_review"]),
            checks=tuple(data["checks"]),
            usage=Usage(**data["usage"]),
            cost_usd=Decimal(data["cost_usd"]),
        )
