"""What may leave this machine: a policy by class of document, and what is said about each sending.

A document's classes are the kinds that it may be (``autod.domain.kinds``), as the embedded engine sees them
before anything is sent, and ``unknown`` when that engine is not sure. Where classes disagree the stricter
side wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from autod.domain.kinds import CATEGORIES, KINDS, kind_of

UNKNOWN = "unknown"
"""The class of a document whose kind the embedded engine is not sure of."""

EVERYTHING = "everything"
"""In a policy: every class that has no rule of its own."""


class Reach(StrEnum):
    """How far documents of a class may go."""

    LOCAL = "local"
    ANYWHERE = "anywhere"


class Purpose(StrEnum):
    """What something is sent for."""

    READ = "read"
    COUNT = "count"
    STORE = "store"
    SEARCH = "search"


class SentForm(StrEnum):
    """In which form it is sent; ``attributes`` are values that a stored document can be filtered by."""

    TEXT = "text"
    FILE = "file"
    IMAGES = "images"
    ATTRIBUTES = "attributes"


@dataclass(frozen=True, slots=True)
class Share:
    """One document's part in a request; ``sha256`` is None for what a person typed (a search)."""

    purpose: Purpose
    form: SentForm
    sha256: str | None
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """A request that is about to leave: where to, how large (bytes), and whose content it carries.

    ``kept`` says whether the service is asked to keep it until it is told to delete it, ``kept_at`` where,
    if that is known before.
    """

    host: str
    size: int
    kept: bool
    shares: tuple[Share, ...]
    kept_at: str | None = None


class Egress(Protocol):
    """The one way out. Whoever sends content asks here first."""

    def before(self, sending: Sending) -> list[int]:
        """Allow and note a sending; what identifies the notes.

        Raises:
            PrivacyError: it may not leave.
            DatabaseError: it cannot be noted, so it must not leave.
        """
        ...

    def after(self, notes: list[int], outcome: str, kept_at: str | None, *, arrived: bool = True) -> None:
        """How it went: ``answered`` or an error's code, and the path under which the service keeps it.

        Nothing is kept of what certainly did not arrive, or was refused.
        """
        ...

    def deleted(self, host: str, path: str) -> None:
        """The service confirmed that nothing is kept under ``path`` any more."""
        ...


@dataclass(frozen=True, slots=True)
class PrivacyPolicy:
    """How far documents of each class may go; without rules all may go anywhere."""

    rules: Mapping[str, Reach] = field(default_factory=dict)

    @staticmethod
    def parse(text: str) -> PrivacyPolicy:
        """The policy in ``medical: local, everything: anywhere``.

        Raises:
            ValueError: says which part is wrong.
        """
        rules: dict[str, Reach] = {}
        for part in filter(None, (part.strip() for part in text.replace(";", ",").split(","))):
            name, colon, reach = (piece.strip().lower() for piece in part.partition(":"))
            if not colon or reach not in set(Reach):
                raise ValueError(f"write {name or 'CLASS'}: local or {name or 'CLASS'}: anywhere")
            if name not in known_classes():
                raise ValueError(f"{name} is no class of documents{_meant(name)}")
            if rules.get(name, reach) != reach:
                raise ValueError(f"{name} is named twice")
            rules[name] = Reach(reach)
        return PrivacyPolicy(rules)

    @property
    def restricts(self) -> bool:
        """Whether anything has to stay here at all."""
        return Reach.LOCAL in self.rules.values()

    def withheld_for(self, classes: Iterable[str]) -> str | None:
        """The class because of which a document must stay on this machine, None when it may leave."""
        return next((name for name in classes if self._reach_of(name) is Reach.LOCAL), None)

    def _reach_of(self, name: str) -> Reach:
        """The rule for the kind, else for its category, else for everything."""
        if name == UNKNOWN:
            strictest = Reach.LOCAL if self.restricts else Reach.ANYWHERE
            return self.rules.get(UNKNOWN, strictest)
        general = self.rules.get(EVERYTHING, Reach.ANYWHERE)
        return self.rules.get(name, self.rules.get(kind_of(name).category, general))


def known_classes() -> frozenset[str]:
    """What a rule may name: kinds, categories, ``unknown`` and ``everything``."""
    return frozenset({*map(str, KINDS), *CATEGORIES, UNKNOWN, EVERYTHING})


def _meant(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known_classes(), n=1)
    return f"; did you mean {close[0]}?" if close else "; docs/PRIVACY.md lists them"
