"""What a workflow may do, whoever keeps its results safe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy.orm import Session

from autod.domain.asked import AnswersJson
from autod.domain.checkpoints import AskedAbout, End

PIPELINE_VERSION = "2"
"""Raised with the steps of a life: a process of an earlier version leaves alone what it could not follow."""

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Durable(Protocol):
    """What a workflow may do. Results are JSON; an earlier version may have written them down."""

    def step(
        self, name: str, work: Callable[Given, Result], /, *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Run ``work`` once; its result survives a crash. It may run again if we died inside it."""

    def joined(self, name: str, work: Callable[[], Result], /) -> Result:
        """Run ``work`` as one step that consists of ``part``s; all of them run again if we died inside it."""

    def part(
        self, name: str, work: Callable[Given, Result], /, *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Inside ``joined``: run ``work``, and have it seen as a step of its own."""

    def transaction(
        self,
        name: str,
        work: Callable[Concatenate[Session, Given], Result],
        /,
        *given: Given.args,
        **named: Given.kwargs,
    ) -> Result:
        """Run ``work(session, …)``; its writes and the checkpoint commit together."""

    def child(self, sha256: str, inputs: AskedAbout) -> AnswersJson:
        """Have a paid service asked about the document, from the queue that all processes share.

        Meanwhile the document holds no place. A result stays for the next life of the same document; an
        error does not.
        """

    def patched(self, change: str) -> bool:
        """Whether this life takes the path that ``change`` brought; one that was past it takes the old one.

        Work in flight outlives an upgrade: what is new in a workflow stands behind this question.
        """

    def sleep(self, seconds: float) -> None:
        """Wait; a crash in between does not start the wait anew."""


Life = Callable[[Durable, str], End]
"""A document's life, by its SHA-256."""

Ask = Callable[[Durable, AskedAbout], AnswersJson]
"""Asking about a document, by the inputs that were handed to ``child``."""
