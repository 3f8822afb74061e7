"""Questions to a paid service and their answers, as they travel between steps: JSON that outlives a crash.

A key that is not required is missing from what an earlier version, or another way of paying, wrote down.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NotRequired, TypedDict

WholeFile = TypedDict("WholeFile", {"is": NotRequired[str]})
"""``is``: the SHA-256 of the file, by which it is known to be whole."""


class SizedQuestion(TypedDict):
    """How large one question about a document is; the tokens are the most that it can have."""

    sha256: str
    form: str
    pages: int
    input_tokens: int
    static_tokens: int


class PreparedQuestion(SizedQuestion):
    """Which ``part`` of how many it is; ``first_page`` is the page that the service calls its first."""

    part: str
    first_page: int


class WrittenQuestion(PreparedQuestion):
    """One of several in a file, which has so many ``bytes`` there."""

    bytes: int


class WrittenQuestions(TypedDict):
    """What a document is asked, all in one file, one after another."""

    form: str
    questions: list[WrittenQuestion]


class Question(PreparedQuestion, WholeFile):
    """A question in the file ``path``; ``output_tokens`` is how long the answer may get."""

    path: str
    output_tokens: NotRequired[int]


class Questions(TypedDict):
    """What a document is asked."""

    form: str
    questions: list[Question]


def kept_at(path: Path, digest: str, written: WrittenQuestion) -> Question:
    """A question that was put into a file of its own, whose SHA-256 is ``digest``."""
    return {
        "path": str(path),
        "is": digest,
        "sha256": written["sha256"],
        "part": written["part"],
        "form": written["form"],
        "pages": written["pages"],
        "first_page": written["first_page"],
        "input_tokens": written["input_tokens"],
        "static_tokens": written["static_tokens"],
    }


class TokenUseJson(TypedDict):
    """See ``TokenUse``."""

    input: int
    output: int
    cached: int | None
    cache_write: int | None
    reasoning: int | None


class AnswerJson(TypedDict):
    """A final answer, paid for; ``trouble`` is a stable code when there is nothing to use.

    ``use`` is None when the service did not count, ``tier`` the one that served it. ``miscounted``: what it
    said of its count is no number of tokens.
    """

    response_id: str | None
    model: str
    text: str
    use: TokenUseJson | None
    tier: str | None
    request_id: str | None
    trouble: str | None
    miscounted: NotRequired[bool]


class HandleJson(TypedDict):
    """What leads back to a call after a crash; nobody but the paid reader looks into it."""

    way: str
    response_id: str | None
    conversation_id: str | None
    answer: AnswerJson | None


class UsageJson(TypedDict):
    """See ``Usage``."""

    prompt_tokens: int
    output_tokens: int
    cached_tokens: int | None


class BillJson(UsageJson):
    """What one answer used and cost, US dollars as text."""

    cost_usd: str


class TotalJson(TypedDict):
    """What several answers used and cost together."""

    usage: UsageJson
    cost_usd: str


class PartAnswerJson(TypedDict):
    """The words about one part of a document, whose page 1 is ``first_page``."""

    text: str
    first_page: int


class AnswersJson(TotalJson):
    """All that a paid service said of a document, and who said it."""

    answers: list[PartAnswerJson]
    model: str
    prompt_version: str


class QueuedQuestion(Question):
    """A question that waits for a batch; ``bills`` are of the rounds before, which came to nothing."""

    prompt_version: str
    bills: NotRequired[list[BillJson]]


def queued(question: Question, prompt_version: str, bills: Sequence[BillJson] = ()) -> QueuedQuestion:
    """The question, to wait for a batch."""
    waiting: QueuedQuestion = {**question, "prompt_version": prompt_version, "bills": list(bills)}
    return waiting


class BatchAnswerJson(PartAnswerJson):
    """What a batch answered, and what that cost in all rounds."""

    prompt_version: str
    bill: BillJson
