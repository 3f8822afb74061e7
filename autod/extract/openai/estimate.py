"""What documents would cost, lane by lane, and which of them the caps would stop: arithmetic alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from autod.domain.money import SMALLEST_CACHED_PROMPT, Caps, TokenUse
from autod.extract.openai.prices import BATCH, Prices

TYPICAL_OUTPUT_TOKENS = 880
"""A full answer about an invoice with three rows, where the ledger knows nothing better."""

LANES = ("default", "flex", BATCH)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class QuestionSize:
    """Tokens of one question's input, the static part included; ``static_likely`` is that part alone.

    ``most_output`` is the most that its answer may have; None takes what any may have.
    """

    most: int
    likely: int
    static_likely: int
    most_output: int | None = None


@dataclass(frozen=True, slots=True)
class SizedDocument:
    """One document to be priced; ``paid_usd`` was spent on it before."""

    questions: tuple[QuestionSize, ...]
    paid_usd: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Lane:
    """What all documents cost in one lane, US dollars: with nothing and with the static part found again."""

    tier: str
    plain_usd: Decimal
    cached_usd: Decimal


@dataclass(frozen=True, slots=True)
class Forecast:
    """One document's price; ``stopped_by`` names the cap that would not let its call go out."""

    expected_usd: Decimal
    most_usd: Decimal
    stopped_by: str | None


class Estimator:
    """Prices questions of a model.

    Args:
        output_tokens: what an answer usually has.
        max_output_tokens: the most that any answer may have, for reservations.
    """

    def __init__(
        self, prices: Prices, model: str, *, output_tokens: int, max_output_tokens: int, at: datetime
    ) -> None:
        self._prices = prices
        self._model = model
        self._output = output_tokens
        self._most_output = max_output_tokens
        self._at = at

    def lanes(self, documents: Sequence[SizedDocument]) -> list[Lane]:
        """The same documents in each lane."""
        return [
            Lane(
                tier,
                sum((self._expected(document, tier, cached=False) for document in documents), ZERO),
                sum(self._with_cache(documents, tier), ZERO),
            )
            for tier in LANES
        ]

    def forecast(
        self,
        documents: Sequence[SizedDocument],
        tier: str,
        caps: Caps,
        *,
        day_usd: Decimal,
        month_usd: Decimal,
    ) -> list[Forecast]:
        """Each document in turn; ``day_usd`` and ``month_usd`` were spent before.

        A call goes out when the most it can cost still fits; then what it is expected to cost is spent.
        """
        made = []
        for document, expected in zip(documents, self._with_cache(documents, tier), strict=True):
            most = self.most(document, tier)
            stopped = _stopped_by(caps, most, document.paid_usd, day_usd, month_usd)
            if stopped is None:
                day_usd, month_usd = day_usd + expected, month_usd + expected
            made.append(Forecast(expected, most, stopped))
        return made

    def most(self, document: SizedDocument, tier: str) -> Decimal:
        """What is set aside for the document before it is asked about."""
        return sum(
            (
                self._prices.most(
                    self._model, tier, size.most, size.most_output or self._most_output, self._at
                ).usd
                for size in document.questions
            ),
            ZERO,
        )

    def _with_cache(self, documents: Iterable[SizedDocument], tier: str) -> list[Decimal]:
        """The first question pays for writing the static part, all others find it."""
        costs, warm = [], False
        for document in documents:
            costs.append(self._expected(document, tier, cached=warm))
            warm = warm or bool(document.questions)
        return costs

    def _expected(self, document: SizedDocument, tier: str, *, cached: bool) -> Decimal:
        total = ZERO
        for size in document.questions:
            found = size.static_likely if cached and size.static_likely >= SMALLEST_CACHED_PROMPT else 0
            use = TokenUse(size.likely, self._output, found, 0)
            total += self._prices.cost(use, self._model, tier, self._at).usd
        return total


def _stopped_by(caps: Caps, most: Decimal, paid: Decimal, day: Decimal, month: Decimal) -> str | None:
    for name, limit, used in (
        ("document", caps.document, paid),
        ("day", caps.day, day),
        ("month", caps.month, month),
    ):
        if limit is not None and used + most > limit:
            return name
    return None
