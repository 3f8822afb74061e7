"""What every way of paying does alike: say that a cap is reached, enter an answer's bill, add bills up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db import ledger
from autod.db.ledger import Refused
from autod.domain.asked import AnswerJson, BillJson, TotalJson
from autod.domain.money import Priced, TokenUse
from autod.errors import AutodError, Retry
from autod.logs import COUNT_NOT_BELIEVED

log = structlog.get_logger("autod.ledger")

UNKNOWN_OUTCOME = Code.OPENAI_OUTCOME_UNKNOWN
CUT = Code.OPENAI_ANSWER_TRUNCATED
"""The code of an answer that came to its limit."""

FAILED_THERE = frozenset({Code.OPENAI_ANSWER_FAILED, Code.OPENAI_ANSWER_CANCELLED})
"""The codes of answers that the service did not get done: its own trouble, which passes."""

UNBELIEVABLE = Code.OPENAI_USAGE_UNBELIEVABLE
"""Written to a call whose service counted more than the call can have used."""

UNSEEN = Code.OPENAI_ANSWER_UNSEEN
"""The code when an answer that may have been paid for cannot be looked for now."""

CAP_REACHED = Code.COST_CAP_REACHED
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


def settle(
    session: Session,
    call_id: int,
    answer: AnswerJson,
    use: TokenUse | None,
    priced: Priced | None,
    *,
    tier: str | None,
    now: datetime,
) -> BillJson:
    """Enter what an answer cost into the ledger; returns the bill, see ``bill_of``.

    Without ``use``, though the service counted, its count is not believed: the reservation stands.
    """
    disbelieved = use is None and (answer["use"] is not None or bool(answer.get("miscounted")))
    if disbelieved:
        log.warning(
            COUNT_NOT_BELIEVED,
            error=UNBELIEVABLE,
            call=call_id,
            detail="not a number that the call can have used; the most that it can cost was entered",
            next_step=f"Compare with the service's own page: `autod costs settle {call_id} --cost USD`.",
        )
    ledger.settle(
        session,
        call_id,
        use=use,
        priced=priced,
        tier=tier,
        request_id=answer["request_id"],
        now=now,
        error_code=answer["trouble"] or (UNBELIEVABLE if disbelieved else None),
    )
    return bill_of(use, ledger.cost_of(session, call_id))


def bill_of(use: TokenUse | None, cost_usd: Decimal) -> BillJson:
    """What ``total_of`` adds up."""
    return {
        "cost_usd": str(cost_usd),
        "prompt_tokens": use.input if use else 0,
        "output_tokens": use.output if use else 0,
        "cached_tokens": use.cached if use else None,
    }


def total_of(bills: Sequence[BillJson]) -> TotalJson:
    """All bills together; tokens that nobody told of are unknown, not zero."""
    cached = [bill["cached_tokens"] for bill in bills if bill["cached_tokens"] is not None]
    return {
        "usage": {
            "prompt_tokens": sum(bill["prompt_tokens"] for bill in bills),
            "output_tokens": sum(bill["output_tokens"] for bill in bills),
            "cached_tokens": sum(cached) if cached else None,
        },
        "cost_usd": str(sum((Decimal(bill["cost_usd"]) for bill in bills), Decimal(0))),
    }


def sum_of(bills: Sequence[BillJson]) -> BillJson:
    """Several bills as one."""
    total = total_of(bills)
    return {**total["usage"], "cost_usd": total["cost_usd"]}
