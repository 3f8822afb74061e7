"""Who keeps the ledger while a question is put to a paid service."""

from __future__ import annotations

from typing import Protocol


class Payments(Protocol):
    """Keeps the ledger while one question is submitted, maybe more than once."""

    def lost(self) -> None:
        """The request may have been billed, whatever is found out about it from now on."""
        ...

    def another(self) -> None:
        """The request before may have been billed, left no trace, and is about to be made once more.

        Raises:
            AutodError: it must not be made.
        """
        ...

    def taken_back(self) -> None:
        """That one was certainly not carried out."""
        ...
