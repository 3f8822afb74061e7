"""A table of things that are told apart by which they are, not by what they say."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class ByIdentity(Generic[K, V]):
    """What is known of each of some things, such as the lines of a page.

    Two lines may say the same at the same place (a text that is printed twice) and are two all the same; and
    to hash a line is to hash all its words. The things are kept here with what is known of them, so none can
    be taken for another that came to lie where it lay.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[K, V]] = {}

    def __setitem__(self, thing: K, known: V) -> None:
        self._known[id(thing)] = (thing, known)

    def get(self, thing: K, default: D) -> V | D:
        """What is known of ``thing``, or ``default``."""
        found = self._known.get(id(thing))
        return default if found is None else found[1]

    def setdefault(self, thing: K, default: V) -> V:
        """What is known of ``thing``, which is ``default`` from now on where nothing was."""
        return self._known.setdefault(id(thing), (thing, default))[1]

    def __contains__(self, thing: K) -> bool:
        return id(thing) in self._known
