"""What a workflow may do, whoever keeps its results safe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

PIPELINE_VERSION = "1"

Json = dict[str, Any]


class Durable(Protocol):
    """What a workflow may do."""

    def step(self, name: str, work: Callable[..., Json], *arguments: Any) -> Json:
        """Run ``work`` once; its JSON result survives a crash. It may run again if we died inside it."""

    def transaction(self, name: str, work: Callable[..., Json], *arguments: Any) -> Json:
        """Run ``work(session, *arguments)``; its writes and the checkpoint commit together."""

    def child(self, sha256: str, inputs: Json) -> Json:
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


Life = Callable[[Durable, str], Json]
"""A document's life, by its SHA-256."""

Ask = Callable[[Durable, Json], Json]
"""Asking about a document, by the inputs that were handed to ``child``."""
