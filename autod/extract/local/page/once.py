"""Work that several look-ups of a document need, done once and kept with the reading."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from autod.domain.reading import Reading

T = TypeVar("T")


def once(reading: Reading, key: Hashable, make: Callable[[], T]) -> T:
    """What ``make`` gives at the first call with ``key`` for this reading; nobody may change it."""
    kept: dict[Hashable, T] = vars(reading).setdefault("_once", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]
