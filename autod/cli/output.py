"""Printing for people and for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from autod.db.models import Document


PIPE_WIDTH = 500


def console(*, stderr: bool = False) -> Console:
    """A terminal that honours NO_COLOR; into a pipe lines are as long as they are."""
    from rich.console import Console

    terminal = Console(stderr=stderr, highlight=False)
    if not terminal.is_terminal:
        terminal.width = PIPE_WIDTH
    return terminal


def print_json(value: Any) -> None:
    """One JSON object on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def clean(text: object) -> str:
    """Text from a document, safe for a terminal: no control characters, no markup."""
    from rich.markup import escape

    return escape("".join(c if c.isprintable() else " " for c in str(text)))


def money(amount: Decimal | None, currency: str | None) -> str:
    """``1,234.50 EUR``; empty when there is no amount."""
    return "" if amount is None else f"{amount:,.2f} {currency or ''}".rstrip()


def headline(document: Document) -> str:
    """Type, issuer, date and amount on one line, safe for a terminal."""
    amount = money(document.total_amount, document.currency)
    facts = (document.doc_type, document.issuer, document.primary_date, amount)
    return " · ".join(clean(fact) for fact in facts if fact)


def percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> None:
    """Print a table that fits the terminal; in a pipe the columns keep their full width."""
    from rich import box
    from rich.table import Table

    terminal = console()
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        grid.add_column(
            column, justify="right" if column in right else "left", overflow="ellipsis", no_wrap=True
        )
    for row in rows:
        grid.add_row(*row)
    terminal.print(grid)


def summary_of(document: Document) -> dict[str, Any]:
    """The few facts of a document that lists show, JSON-ready."""
    return {
        "id": document.id,
        "status": document.status.value,
        "doc_type": document.doc_type,
        "issuer": document.issuer,
        "primary_date": document.primary_date,
        "due_date": document.due_date,
        "total_amount": document.total_amount,
        "currency": document.currency,
        "confidence": document.confidence,
        "needs_review": document.needs_review,
        "original_filename": document.original_filename,
        "filed_path": document.filed_path,
        "error": document.error_code,
    }
