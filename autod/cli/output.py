"""Printing for people and for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console, JustifyMethod
    from rich.table import Table

    from autod.db.models import Document


PIPE_WIDTH = 500
GUTTER = 2
MIN_FLEXIBLE = 6
COMFORTABLE = 24
"""A column that may give way has room with so many characters: below that others are left out for it."""


def console(*, stderr: bool = False) -> Console:
    """A terminal that honours NO_COLOR; into a pipe lines are as long as they are."""

    from autod.cli.terminal import Terminal

    terminal = Terminal(stderr=stderr, highlight=False)
    if not terminal.is_terminal:
        terminal.width = PIPE_WIDTH
    return terminal


def print_json(value: Any) -> None:
    """One JSON object on one line, without secrets of ours."""
    from autod.masking import unhidden_data

    # Through JSON and back: what is hidden may be within a path or another object's words.
    plain = json.loads(json.dumps(value, ensure_ascii=False, default=_plain))
    sys.stdout.write(json.dumps(unhidden_data(plain), ensure_ascii=False) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def harmless(text: str) -> str:
    """Nothing that steers a terminal, and no secret of ours."""
    from autod.masking import masked

    return "".join(character if character.isprintable() else " " for character in masked(text))


def clean(text: object) -> str:
    """Text from a document, safe for a terminal: no control characters, no markup, no secret of ours."""
    from rich.markup import escape

    return escape(harmless(str(text)))


def tell_former_settings(*, logged: bool) -> None:
    """Tell a person, and the log where there is one, of names that are set and no longer read."""
    import structlog

    from autod.former_settings import former_settings

    screen, log = console(stderr=True), structlog.get_logger("autod.settings")
    for said in former_settings():
        screen.print(f"[yellow]![/yellow] {clean(said)}")
        if logged:
            log.warning("A setting is no longer read", detail=said)


def money(amount: Decimal | None, currency: str | None) -> str:
    """``1,234.50 EUR``; empty when there is no amount."""
    return "" if amount is None else f"{amount:,.2f} {currency or ''}".rstrip()


def size(number: int) -> str:
    """``1.4 GB``, in powers of ten."""
    value, unit = float(number), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"


@contextmanager
def working() -> Iterator[Callable[[str, int, int], None]]:
    """Show how far something is: call what is yielded with what is done, how many bytes, of how many."""
    with console(stderr=True).status("Beginning…") as status:

        def progress(what: str, done: int, total: int) -> None:
            share = f" {size(done)} of {size(total)}" if total else ""
            status.update(f"{what}{share}…")

        yield progress


def headline(document: Document) -> str:
    """Type, issuer, date and amount on one line, safe for a terminal."""
    amount = money(document.total_amount, document.currency)
    facts = (document.doc_type, document.issuer, document.primary_date, amount)
    return " · ".join(clean(fact) for fact in facts if fact)


def duplicate_line(path: Path, document_id: int) -> str:
    """That the bytes of a file are those of a document, for a terminal."""
    from autod.files.kept import name_before

    return f"[cyan]=[/cyan] {clean(name_before(path))}: duplicate of document {document_id}"


def percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def grid(
    width: int,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[str] = (),
    flexible: Sequence[str] = (),
    folding: Sequence[str] = (),
    dropped: Sequence[str] = (),
) -> Table:
    """A table for ``width`` characters.

    Args:
        right: columns of numbers.
        flexible: they give way, and end in ``…`` then.
        folding: they give way, and go on in further lines then.
        dropped: without these, the first first, where not all has room.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    longest = {
        column: max([len(column), *(Text.from_markup(row[number]).cell_len for row in rows)])
        for number, column in enumerate(columns)
    }
    yielding = {*flexible, *folding}
    least = {c: min(n, COMFORTABLE) if c in yielding else n for c, n in longest.items()}
    shown = list(columns)
    for column in dropped:
        if sum(least[c] + GUTTER for c in shown) > width:
            shown.remove(column)
    rest = width - sum(GUTTER + (0 if c in flexible else least[c]) for c in shown)
    wanted = sum(longest[c] for c in shown if c in flexible)
    # Where not even what is to stay whole has room, it goes on in further lines, too: nothing is hidden.
    fits = width >= sum(GUTTER + (MIN_FLEXIBLE if c in yielding else longest[c]) for c in shown)
    made = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for column in shown:
        side: JustifyMethod = "right" if column in right else "left"
        if column in flexible:
            most = longest[column] if wanted <= rest else max(MIN_FLEXIBLE, rest * longest[column] // wanted)
            made.add_column(column, justify=side, no_wrap=True, overflow="ellipsis", max_width=most)
        elif column in folding or not fits:
            made.add_column(column, justify=side, overflow="fold")
        else:
            made.add_column(column, justify=side, no_wrap=True, min_width=longest[column])
    for row in rows:
        made.add_row(*(cell for column, cell in zip(columns, row, strict=True) if column in shown))
    return made


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[str] = (),
    flexible: Sequence[str] = (),
    folding: Sequence[str] = (),
    dropped: Sequence[str] = (),
) -> None:
    """Print a table that fits the terminal, see ``grid``; in a pipe the columns keep their full width."""
    terminal = console()
    terminal.print(
        grid(terminal.width, columns, rows, right=right, flexible=flexible, folding=folding, dropped=dropped)
    )


def standing_of(document: Document) -> str:
    """The status in a word; a document that waits for a time to come is postponed."""
    return "postponed" if document.retry_at is not None else document.status.value


def summary_of(document: Document) -> dict[str, object]:
    """The few facts of a document that lists show, JSON-ready."""
    from autod.domain.fields import names_where
    from autod.domain.reasons import review_reasons

    return {
        "id": document.id,
        "status": document.status.value,
        **{name: getattr(document, name) for name in names_where(lambda field: field.about.listed)},
        "confidence": document.confidence,
        "needs_review": document.to_review,
        "review_reasons": review_reasons(document.to_review, document.checks or []),
        "checks": document.checks,
        "original_filename": document.original_filename,
        "filed_path": document.filed_path,
        "error": document.error_code,
        "retry_at": document.retry_at,
    }
