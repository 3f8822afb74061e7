"""What paid calls use and cost: tokens, prices, caps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

SMALLEST_CACHED_PROMPT = 1024
"""Tokens: services keep no shorter beginning of a prompt in their cache."""


@dataclass(frozen=True, slots=True)
class TokenUse:
    """Tokens of one call as the service counted them; None means that it did not say.

    ``cached`` and ``cache_write`` are disjoint parts of ``input``; ``reasoning`` is part of ``output``.
    """

    input: int
    output: int
    cached: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None

    def plus(self, other: TokenUse | None) -> TokenUse:
        """Both calls together; what one of them did not say stays unknown."""
        if other is None:
            return self
        cached = None if self.cached is None or other.cached is None else self.cached + other.cached
        return TokenUse(self.input + other.input, self.output + other.output, cached=cached)


@dataclass(frozen=True, slots=True)
class Priced:
    """US dollars, and which prices they come from."""

    usd: Decimal
    version: str


@dataclass(frozen=True, slots=True)
class Caps:
    """Most US dollars to spend on one document, in a day and in a month; None sets no limit."""

    document: Decimal | None = None
    day: Decimal | None = None
    month: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A call to be paid for; ``most_usd`` is the most it can cost."""

    sha256: str
    document_id: int | None
    provider: str
    model: str
    tier: str
    most_usd: Decimal
