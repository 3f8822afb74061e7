"""Batches of questions, as a service shows them and answers them."""

from __future__ import annotations

from dataclasses import dataclass

from autod.domain.asked import AnswerJson
from autod.errors import AutodError


@dataclass(frozen=True, slots=True)
class BatchView:
    """How far a batch is at the service.

    ``over`` says that it will not change any more, ``refused`` that nothing in it was worked on;
    ``failed_lines`` are numbers from 1 that the service could not read.
    """

    remote_id: str
    over: bool
    refused: bool
    answered: int
    files: tuple[str, ...]
    failed_lines: tuple[int, ...] = ()
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class BatchLine:
    """What became of one question: an answer that was paid for, or an error that was not."""

    name: str
    answer: AnswerJson | None
    error: AutodError | None
