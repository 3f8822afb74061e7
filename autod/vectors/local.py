"""No store of its own: the embedded full-text index, which records index anyway, answers."""

from __future__ import annotations

from collections.abc import Callable

from autod.vectors.base import Entry, Filter, Hit, Stored

NAME = "local"


class LocalVectorStore:
    """Nothing leaves this machine.

    Args:
        find: searches the embedded index.
    """

    def __init__(self, find: Callable[[str, Filter, int], list[Hit]]) -> None:
        self._find = find

    def get_or_create(self) -> str:
        """Always ``local``: the index is part of the database."""
        return NAME

    def find(self) -> str | None:
        """Always ``local``."""
        return NAME

    def contents(self) -> list[Stored]:
        """Nothing of its own."""
        return []

    def put(self, entry: Entry) -> str | None:
        """Nothing to do: recording a document indexes it."""
        return None

    def remove(self, file_id: str) -> None:
        """Nothing to do: the index follows the database."""

    def search(self, query: str, wanted: Filter, limit: int) -> list[Hit]:
        """The best hits of the embedded index."""
        return self._find(query, wanted, limit)

    def purge(self) -> int:
        """Nothing to delete."""
        return 0
