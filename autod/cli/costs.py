"""``autod costs``: what was paid, for what, and what nobody knows the outcome of."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from autod.cli.filters import beginning_of
from autod.cli.settle import settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autod.db.costs import CacheRatios, CostRow
    from autod.db.models import ApiCall

MOST_EXPENSIVE = 5
MOST_UNKNOWN = 20
"""Calls of a kind that are shown to people; programs get all."""


class By(StrEnum):
    """What costs can be added up by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    MODEL = "model"
    ISSUER = "issuer"


costs = typer.Typer(invoke_without_command=True)
costs.command()(settle)


@costs.callback()
def show(
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option("--since", help="Only calls made on or after YYYY-MM-DD.")
    ] = None,
    by: Annotated[By, typer.Option("--by", help="What costs are added up by; days are UTC.")] = By.DAY,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show what was paid to a remote engine, in US dollars.

    Examples:

        autod costs

        autod costs --by model --since 2026-11-01

        autod costs --by month --json
    """
    if context.invoked_subcommand is not None:
        return
    from autod.assembly.archive import open_ready_manager
    from autod.cli.output import print_json
    from autod.config import get_config
    from autod.db import costs as asked
    from autod.db import ledger

    start = beginning_of(since)
    with open_ready_manager(get_config()) as manager, manager.get_session(read_only=True) as session:
        total = asked.total(session, since=start)
        rows = asked.costs_by(session, asked.CostsBy(by.value), since=start)
        cache = asked.cache_ratios(session, since=start)
        dearest = asked.costs_by(session, asked.CostsBy.DOCUMENT, since=start, limit=MOST_EXPENSIVE)
        unknown = [c for c in ledger.unknown_calls(session) if start is None or c.created_at >= start]
        guessed = [c for c in ledger.guessed_calls(session) if start is None or c.created_at >= start]
        if as_json:
            print_json(_as_json(by, total, rows, cache, dearest, unknown, guessed))
        elif not total.calls:
            print("Nothing was paid for.")
        else:
            _print_sums(by, [*rows, total])
            _print_cache(cache)
            _print_documents(dearest)
            _print_calls(
                f"Calls of unknown outcome: {len(unknown):,}.",
                "Each may have been billed, and counts towards the caps.",
                unknown,
            )
            _print_calls(
                f"Calls entered at their reservation: {len(guessed):,}.",
                "What they cost was not told, or not believed.",
                guessed,
            )


def _as_json(
    by: By,
    total: CostRow,
    rows: Sequence[CostRow],
    cache: CacheRatios,
    dearest: Sequence[CostRow],
    unknown: Sequence[ApiCall],
    guessed: Sequence[ApiCall],
) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "by": by.value,
        "total": asdict(total),
        "rows": [asdict(row) for row in rows],
        "cache": asdict(cache),
        "documents": [asdict(row) for row in dearest],
        "unknown": [_call_as_json(call) for call in unknown],
        "at_reservation": [_call_as_json(call) for call in guessed],
    }


def _call_as_json(call: ApiCall) -> dict[str, object]:
    return {
        "call": call.id,
        "document_id": call.document_id,
        "model": call.model,
        "created_at": call.created_at,
        "most_usd": call.reserved_usd,
        "reason": call.error_code,
    }


def _print_sums(by: By, rows: Sequence[CostRow]) -> None:
    from autod.cli.output import clean, table

    heading = by.value.capitalize()
    columns = (heading, "Documents", "Calls", "Paid $", "Open $", "Input", "Cached", "Output")
    cells = [
        [
            clean(row.key) or "(none)",
            f"{row.documents:,}",
            f"{row.calls:,}",
            _dollars(row.usd),
            _dollars(row.open_usd),
            f"{row.input_tokens:,}",
            f"{row.cached_tokens:,}",
            f"{row.output_tokens:,}",
        ]
        for row in rows
    ]
    table(columns, cells, right=columns[1:], flexible=(heading,))


def _print_cache(cache: CacheRatios) -> None:
    from autod.cli.output import percent

    if cache.prefix is not None:
        print(
            f"Prompt cache: {percent(cache.prefix)} of the static part, {percent(cache.tokens)} of all input "
            f"(at most {percent(cache.ceiling)} is possible), over {cache.calls:,} calls.\n"
        )


def _print_documents(rows: Sequence[CostRow]) -> None:
    from autod.cli.output import clean, table

    print("Most expensive documents")
    cells = [
        [row.key or "-", _dollars(row.usd + row.open_usd), clean(row.label) or "(removed)"] for row in rows
    ]
    table(("ID", "$", "File"), cells, right=("ID", "$"), flexible=("File",))


def _print_calls(heading: str, meaning: str, calls: Sequence[ApiCall]) -> None:
    """Calls that ``autod costs settle`` mends, with their numbers; the latest ones, when they are many."""
    from autod.cli.output import clean, table

    if not calls:
        return
    print(
        f"{heading} {meaning}\n"
        "The service's own page knows: `autod costs settle CALL --cost USD`, or `--not-billed`."
    )
    cells = [
        [
            str(call.id),
            f"{call.created_at:%Y-%m-%d %H:%M}",
            str(call.document_id or "-"),
            clean(call.model),
            _dollars(call.reserved_usd),
            clean(call.error_code or ""),
        ]
        for call in calls[-MOST_UNKNOWN:]
    ]
    columns = ("Call", "Time (UTC)", "Document", "Model", "At most $", "Reason")
    table(columns, cells, right=("Call", "Document", "At most $"), flexible=("Model", "Reason"))


def _dollars(amount: Decimal) -> str:
    return f"{amount:,.4f}"
