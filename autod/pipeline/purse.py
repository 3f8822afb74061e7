"""What every way of paying says alike: that a cap is reached, and what several bills come to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from autod.db.ledger import Refused
from autod.errors import AutodError, Retry

CAP_REACHED = "cost_cap_reached"
CAP_LOOK = timedelta(hours=1)
"""A document over its own cap is looked at again after this: somebody may have raised the cap."""


def cap_reached(refused: Refused, now: datetime) -> AutodError:
    """At a cap a document waits, however often, and never fails."""
    return AutodError(
        f"the cost cap for the {refused.cap} is reached",
        code=CAP_REACHED,
        retry=Retry.LATER,
        until=refused.free_at or now + CAP_LOOK,
        next_step="Nothing to do: it is read when the cap starts anew. Raise the cap to have it sooner.",
    )


def total_of(bills: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """``{"usage", "cost_usd"}`` of all bills together; tokens that nobody told of are unknown, not zero."""
    cached = [bill["cached_tokens"] for bill in bills if bill["cached_tokens"] is not None]
    return {
        "usage": {
            "prompt_tokens": sum(bill["prompt_tokens"] for bill in bills),
            "output_tokens": sum(bill["output_tokens"] for bill in bills),
            "cached_tokens": sum(cached) if cached else None,
        },
        "cost_usd": str(sum((Decimal(bill["cost_usd"]) for bill in bills), Decimal(0))),
    }
