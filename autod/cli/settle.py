"""``autod costs settle``: a person's word for what a call cost."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from autod.cli.filters import JsonOption
from autod.codes import Code

if TYPE_CHECKING:
    from autod.db.models import ApiCall


def settle(
    call: Annotated[int, typer.Argument(metavar="CALL", help="The number that `autod costs` shows.", min=1)],
    cost: Annotated[
        str | None, typer.Option("--cost", metavar="USD", help="What it cost, by the service's own page.")
    ] = None,
    not_billed: Annotated[
        bool, typer.Option("--not-billed", help="The service's own page does not show it: it cost nothing.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Enter it also when it is far more than the call can have cost.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what a call of unknown outcome cost, so that the caps count what was paid.

    Also for a call whose cost is the reservation, because the service's count is missing or not believed. The
    document's history tells of it. A call that is still open cannot be settled by hand.

    Examples:

        autod costs settle 17 --cost 0.0012

        autod costs settle 17 --not-billed
    """
    from autod.assembly.archive import open_ready_manager, utc_now
    from autod.cli.output import print_json
    from autod.config import get_config
    from autod.db import ledger
    from autod.errors import UsageError

    if (cost is None) is not not_billed:
        raise UsageError("say what the call cost", next_step="Give --cost USD, or --not-billed.")
    with open_ready_manager(get_config()) as manager, manager.get_session() as session:
        mended = ledger.settle_by_hand(session, call, _dollars(cost), utc_now(), sure=yes)
        told = _as_data(mended)
    if as_json:
        print_json(told)
    elif not_billed:
        print(f"Call {call} was not billed; it no longer counts.")
    else:
        print(f"Call {call} cost ${told['cost_usd']}; the caps count that.")


def _dollars(text: str | None) -> Decimal | None:
    from autod.errors import UsageError

    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount < 1_000_000:
        raise UsageError(
            "the cost is no amount of US dollars", code=Code.BAD_VALUE, next_step="Write it as 0.0012."
        )
    return amount


def _as_data(call: ApiCall) -> dict[str, object]:
    return {
        "call": call.id,
        "document_id": call.document_id,
        "state": call.state.value,
        "cost_usd": call.cost_usd,
        "reserved_usd": call.reserved_usd,
    }
