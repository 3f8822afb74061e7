"""The interface of everything that turns a reading into metadata."""

from __future__ import annotations

from typing import Protocol

from autod.domain.extraction import Draft
from autod.domain.reading import Reading


class Extractor(Protocol):
    """An engine. What it proposes is verified afterwards; nothing is believed on its word."""

    def extract(self, reading: Reading) -> Draft:
        """Propose values for the fields of ``Metadata``, each with where it was seen."""
        ...
