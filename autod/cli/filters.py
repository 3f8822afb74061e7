"""Options that several commands share, and how their words are understood."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from autod.codes import Code
from autod.errors import UsageError

TypeOption = Annotated[str | None, typer.Option("--type", help="Only this kind, such as invoice.")]
IssuerOption = Annotated[str | None, typer.Option("--issuer", help="Only issuers whose name holds this.")]
FromOption = Annotated[str | None, typer.Option("--from", help="Only dated on or after YYYY-MM-DD.")]
ToOption = Annotated[str | None, typer.Option("--to", help="Only dated on or before YYYY-MM-DD.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=10000, help="At most so many.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def day(text: str | None) -> date | None:
    """An ISO date.

    Raises:
        UsageError: code ``bad_date``.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is not a date", code=Code.BAD_DATE, next_step="Write it as 2026-12-31."
        ) from None


def beginning_of(text: str | None) -> datetime | None:
    """When an ISO date begins, UTC.

    Raises:
        UsageError: code ``bad_date``.
    """
    first = day(text)
    return datetime.combine(first, time.min, UTC) if first else None


def kind(text: str | None) -> str | None:
    """A document type.

    Raises:
        UsageError: code ``unknown_type``, naming the known ones.
    """
    from autod.domain.kinds import KINDS

    if text is None or text in KINDS:
        return text
    known = ", ".join(KINDS)
    raise UsageError(
        f"{text!r} is not a document type", code=Code.UNKNOWN_TYPE, next_step=f"Known are: {known}."
    )
