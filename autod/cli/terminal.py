"""The terminal of a person."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from autod.cli.calling import as_typed


class Terminal(Console):
    """Prints next steps as they are typed here."""

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*(as_typed(shown) if isinstance(shown, str) else shown for shown in objects), **options)
