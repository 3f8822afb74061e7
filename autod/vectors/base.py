"""The interface of everything that finds documents by meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

Value = str | float | bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A document to be found: its bytes as they may be uploaded, and what it can be filtered by."""

    sha256: str
    suffix: str
    content: bytes
    attributes: dict[str, Value] = field(default_factory=dict)
    pages: int | None = None

    @property
    def name(self) -> str:
        """The name it is uploaded under; the owner's own stays here."""
        return f"{self.sha256}{self.suffix}"


@dataclass(frozen=True, slots=True)
class Filter:
    """What hits are restricted to; None does not restrict."""

    doc_type: str | None = None
    issuer: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class StoreHit:
    """A document that was found, with its score (higher is better) and some of its text."""

    sha256: str
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store holds of a document; ``ready`` when it can be found."""

    file_id: str
    sha256: str
    ready: bool
    attributes: dict[str, Value] = field(default_factory=dict)


class VectorStore(Protocol):
    """A place that finds documents by meaning.

    All methods raise ``ServiceError`` when the store cannot be used now.
    """

    def get_or_create(self) -> str:
        """The store's id; made at the first call, the same ever after."""
        ...

    def find(self) -> str | None:
        """The store's id when there is one; makes nothing."""
        ...

    def contents(self) -> list[Stored]:
        """All that is in it."""
        ...

    def put(self, entry: Entry) -> str:
        """Add a document, or bring up to date what it is found by; its id in the store."""
        ...

    def remove(self, file_id: str) -> None:
        """Take a document out; one that is not there is no error."""
        ...

    def search(self, query: str, wanted: Filter, limit: int) -> list[StoreHit]:
        """The best hits, best first."""
        ...

    def purge(self) -> int:
        """Delete all that is ours in the store, and the store; how many documents there were."""
        ...
