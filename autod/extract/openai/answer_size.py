"""How long an answer may get: long enough for the document, and no longer, because the limit is reserved.

Measured with the vocabulary ``o200k_base``: a full answer about an invoice of one page has 660 tokens and 73
for each of its rows, about 2.7 times what the row itself has in our upper count of a page's tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from autod.domain.asked import Question, SizedQuestion
from autod.domain.money import TokenUse

FIXED = 1_000
A_CONTENT_TOKEN = 2.5
A_PICTURED_PAGE = 3_000
"""Tokens of an answer about a page that is sent as a picture: a full page of rows."""

FEWEST_ALIKE = 10
MOST_ALIKE = 50
ALIKE = 2.0
"""Questions are alike when neither has more than so many times the other's input."""

ROOM = 1.5
SMALLEST = 600
TEXT_ABOVE, PICTURES_ABOVE = 2, 4
LIKELY_SHARE = 1.5
"""How much our upper count of a text's tokens is above the service's, at the least."""

REASONING: Mapping[str, int] = {
    "": 0,
    "none": 0,
    "minimal": 500,
    "low": 2_000,
    "medium": 8_000,
    "high": 24_000,
    "xhigh": 48_000,
    "max": 96_000,
}
"""Tokens that thinking may take before anything is known of it."""

UNKNOWN_EFFORT = 8_000


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """An answered question of the ledger, in tokens; ``reasoning`` is part of ``output``."""

    input: int
    output: int
    reasoning: int


@dataclass(frozen=True, slots=True)
class AnswerSize:
    """Finds the limit for each question.

    Args:
        most: never more than this, whatever is needed.
        past: the latest answers of the model.
        was_cut: whether an answer about these bytes was cut at its limit before.
    """

    most: int
    effort: str
    past: Callable[[], Sequence[PastAnswer]]
    was_cut: Callable[[str], bool]

    def limits(self, questions: Sequence[SizedQuestion]) -> list[int]:
        """The most tokens that the answer to each question may have, reasoning included."""
        past = self.past()
        return [
            self.most if self.was_cut(question["sha256"]) else min(self.most, self._of(question, past))
            for question in questions
        ]

    def _of(self, question: SizedQuestion, past: Sequence[PastAnswer]) -> int:
        thinking = REASONING.get(self.effort, UNKNOWN_EFFORT)
        likely = likely_input(question)
        alike = [one for one in past if one.input <= likely * ALIKE and likely <= one.input * ALIKE]
        if len(alike) < FEWEST_ALIKE:
            return _cold(question) + thinking
        latest = alike[:MOST_ALIKE]
        said = max(one.output - one.reasoning for one in latest) * ROOM
        thought = max(one.reasoning for one in latest) * ROOM
        return max(SMALLEST, round(said)) + max(thinking, round(thought))


def likely_input(question: SizedQuestion) -> float:
    """About what the service will count of a question."""
    return float(question["input_tokens"]) / LIKELY_SHARE


def believable(use: TokenUse, question: Question) -> bool:
    """Whether an answer can have used so much: no more than its limit, and no more than was sent.

    A question that names no limit (of a server of our own, or from before there were any) is not looked at.
    No text has more tokens than bytes, of which our upper count takes two for a token; what a picture takes
    nobody knows as well.
    """
    if "output_tokens" not in question:
        return True
    sent = question["input_tokens"] * (PICTURES_ABOVE if question["form"] == "file" else TEXT_ABOVE)
    return (
        use.output <= question["output_tokens"]
        and use.input <= sent
        and max(use.reasoning or 0, 0) <= use.output
    )


def _cold(question: SizedQuestion) -> int:
    content = int(question["input_tokens"]) - int(question["static_tokens"])
    if question["form"] == "file":
        return FIXED + A_PICTURED_PAGE * int(question["pages"])
    return max(SMALLEST, FIXED + round(A_CONTENT_TOKEN * max(0, content)))
