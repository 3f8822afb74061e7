"""The ledger of paid calls: reserved before, settled after, never hidden. Plain functions on a session.

    reserve ─▶ dispatch ─▶ attach ─▶ settle        the usual life of a call
                  └──────▶ release                 it failed and was not billed
                  └──────▶ mark_unknown            it may have been billed: its reservation keeps counting

The caps hold however many processes reserve at once: reservations are made one after the other, and
every open or unknown one counts in full. Nothing here commits; keep the transaction short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db.models import ApiCall, CallState, Document, Event
from autod.db.types import Cost
from autod.domain.events import EventDetail
from autod.domain.fates import CUT
from autod.domain.money import Caps, Order, Priced, TokenUse
from autod.domain.status import DocumentStatus, EventKind
from autod.domain.storable import storable
from autod.errors import DatabaseError, Retry, UsageError

LOCK = 0x6175746F_6C656467
"""The advisory lock under which reservations are made on PostgreSQL; SQLite writes one by one anyway."""

SENT = "sent"
"""What stands in ``handle`` from just before a call is made until its own handle is known."""

AGAIN = "again:"
"""What stands in ``handle`` of a call that was made once more, before the number of that one."""

FAR_BEYOND = 2
"""A cost of more than so many reservations is a slip of the point rather than a new price."""

BY_RESERVATION, BY_HAND = "reservation", "person"
"""What stands in ``price_version`` of a cost that nobody counted, and of one that a person told."""

_COUNTING = (CallState.RESERVED, CallState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Reservation:
    """The money is set aside."""

    call_id: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The call would go over ``cap`` (document, day or month); ``free_at`` is when that cap starts anew."""

    cap: str
    limit: Decimal
    used: Decimal
    free_at: datetime | None


def reserve(session: Session, order: Order, caps: Caps, now: datetime) -> Reservation | Refused:
    """Set money aside for a call, unless a cap would be exceeded.

    Days and months are those of ``now``'s time zone.
    """
    _one_at_a_time(session)
    refused = _refusal(session, order, caps, now)
    if refused is not None:
        return refused
    call = ApiCall(
        document_id=order.document_id,
        sha256_hex=order.sha256,
        provider=order.provider,
        model=order.model,
        tier=order.tier,
        state=CallState.RESERVED,
        reserved_usd=order.most_usd,
        created_at=now,
    )
    session.add(call)
    session.flush()
    return Reservation(call.id)


def dispatch(
    session: Session, call_id: int, caps: Caps, now: datetime, reason: str = "process_died"
) -> Reservation | Refused:
    """Note that a reserved call is about to be sent; call this in its own transaction, right before.

    Returns the call to settle: a new one, when this one was sent before and nobody knows what became of it
    (we died in between, or another ``reason``). The old one is then kept as ``unknown``, and the new one must
    fit the caps as well.
    The old one names the new one: whoever died once more knows the old one only.
    """
    _one_at_a_time(session)
    call = _latest(session, call_id)
    if call.handle is None and call.state is CallState.RESERVED:
        call.handle = SENT
        return Reservation(call.id)
    if call.state is CallState.RESERVED:
        _close(call, CallState.UNKNOWN, now, reason)
    again = reserve(session, order_of(session, call.id), caps, now)
    if isinstance(again, Reservation):
        _call(session, again.call_id).handle = SENT
        call.handle = f"{AGAIN}{again.call_id}"
    return again


def note_sent(
    session: Session, call_id: int, caps: Caps, now: datetime
) -> tuple[Reservation | Refused, bool]:
    """Note that a call is about to be sent whose answer can be looked for; as ``dispatch``, right before.

    Returns the call to settle (a new one for a released one), and whether it had not been sent before.
    """
    call = _latest(session, call_id)
    if call.state is CallState.RELEASED:
        return dispatch(session, call.id, caps, now), True
    first = call.handle is None
    if first:
        call.handle = SENT
    return Reservation(call.id), first


def take_back(session: Session, call_id: int, now: datetime) -> int:
    """A call that was dispatched after another was certainly not carried out: release it.

    Returns the call to settle, which is the one before it again; the call itself when there is none.
    """
    call = _latest(session, call_id)
    before = session.scalar(sa.select(ApiCall).where(ApiCall.handle == f"{AGAIN}{call.id}"))
    if before is None or call.state is not CallState.RESERVED:
        return call.id
    _close(call, CallState.RELEASED, now, "not_sent")
    before.state, before.handle, before.settled_at, before.error_code = CallState.RESERVED, SENT, None, None
    return before.id


def attach(session: Session, call_id: int, handle: str) -> None:
    """Write down what leads back to a call that was sent."""
    _call(session, call_id).handle = storable(handle, 128)


def settle(
    session: Session,
    call_id: int,
    *,
    use: TokenUse | None,
    priced: Priced | None,
    tier: str | None,
    request_id: str | None,
    now: datetime,
    error_code: str | None = None,
) -> None:
    """Enter the bill. Without ``priced`` (the service did not count) the reservation stands as the cost.

    Settling the same call again changes nothing; an unknown one becomes known.
    """
    call = _call(session, call_id)
    if call.state not in _COUNTING:
        return
    call.cost_usd = priced.usd if priced is not None else call.reserved_usd
    call.price_version = priced.version if priced is not None else BY_RESERVATION
    call.tier = storable(tier, 32) if tier else call.tier
    call.request_id = storable(request_id, 128) if request_id else None
    if use is not None:
        call.input_tokens, call.output_tokens = use.input, use.output
        call.cached_tokens, call.cache_write_tokens = use.cached, use.cache_write
        call.reasoning_tokens = use.reasoning
    _close(call, CallState.SETTLED, now, error_code)


def settle_by_hand(
    session: Session, call_id: int, cost_usd: Decimal | None, now: datetime, *, sure: bool = False
) -> ApiCall:
    """Enter a person's word for what a call cost; None says that it was not billed.

    For calls of unknown outcome and those whose cost is their reservation; the last word of a person counts.

    Args:
        sure: also a cost far beyond the most that the call can have cost.

    Raises:
        UsageError: code ``unknown_call``; ``call_not_open`` when there is nothing to mend; or
            ``cost_beyond_reservation``.
    """
    _one_at_a_time(session)
    call = session.get(ApiCall, call_id, with_for_update=True)
    if call is None:
        raise UsageError(
            f"there is no call {call_id}", code=Code.UNKNOWN_CALL, next_step="`autod costs` lists the calls."
        )
    guessed = call.price_version in (BY_RESERVATION, BY_HAND)
    if call.state is not CallState.UNKNOWN and not (call.state is CallState.SETTLED and guessed):
        raise UsageError(
            f"call {call_id} is {call.state.value}: what it cost is known, or comes with its answer",
            code=Code.CALL_NOT_OPEN,
            next_step="`autod costs` lists the calls whose outcome is unknown.",
        )
    if not sure and cost_usd is not None and 0 < call.reserved_usd * FAR_BEYOND < cost_usd:
        raise UsageError(
            f"call {call_id} can have cost ${call.reserved_usd} at most, and ${cost_usd} is far beyond that",
            code=Code.COST_BEYOND_RESERVATION,
            next_step="Give the cost of this one call in US dollars; `--yes` enters it all the same.",
        )
    before, counted = call.state, call.cost_usd or Decimal(0)
    detail: EventDetail = {
        "call": call.id,
        "cost_usd": str(cost_usd or 0),
        "before": before.value,
        "before_usd": str(call.cost_usd if before is CallState.SETTLED else call.reserved_usd),
    }
    call.cost_usd, call.price_version = cost_usd or Decimal(0), BY_HAND
    _close(call, CallState.SETTLED, now, call.error_code)
    if call.document_id is not None:
        session.execute(
            sa.update(Document)
            .where(Document.id == call.document_id, Document.status == DocumentStatus.COMPLETED)
            .values(total_cost_usd=Document.total_cost_usd + (call.cost_usd - counted))
        )
    session.add(
        Event(
            document_id=call.document_id,
            sha256_hex=call.sha256_hex,
            kind=EventKind.CALL_SETTLED,
            detail=detail,
            at=now,
        )
    )
    session.flush()
    return call


def release(
    session: Session, call_id: int, error_code: str, now: datetime, *, not_billed: bool = False
) -> None:
    """Give the money of a call back that was certainly not billed.

    One that the service has accepted (its handle is attached) becomes ``unknown`` instead, unless the service
    itself says that it is ``not_billed``.
    """
    call = _call(session, call_id)
    if call.state is CallState.RESERVED:
        accepted = call.handle not in (None, SENT) and not not_billed
        _close(call, CallState.UNKNOWN if accepted else CallState.RELEASED, now, error_code)


def mark_unknown(session: Session, call_id: int, error_code: str, now: datetime) -> None:
    """Note that a call may have been billed; its reservation counts until it is settled."""
    call = _latest(session, call_id)
    if call.state is CallState.RESERVED:
        _close(call, CallState.UNKNOWN, now, error_code)


def order_of(session: Session, call_id: int) -> Order:
    """The order that a call was reserved for."""
    call = _call(session, call_id)
    return Order(
        call.sha256_hex, call.document_id, call.provider, call.model, call.tier or "", call.reserved_usd
    )


def was_cut(session: Session, sha256: str) -> bool:
    """Whether an answer about these bytes was paid for and cut at its limit."""
    query = sa.select(ApiCall.id).where(
        ApiCall.sha256_hex == sha256,
        ApiCall.state == CallState.SETTLED,
        ApiCall.error_code == CUT,
    )
    return session.scalar(query.limit(1)) is not None


def was_sent(session: Session, call_id: int) -> bool:
    """Whether the call left, or may have left, this machine."""
    return _call(session, call_id).handle is not None


def cost_of(session: Session, call_id: int) -> Decimal:
    """What a call cost, or may yet cost while its outcome is open."""
    call = _call(session, call_id)
    return call.cost_usd if call.cost_usd is not None else call.reserved_usd


def unknown_calls(session: Session) -> Sequence[ApiCall]:
    """The calls nobody knows the outcome of, oldest first."""
    return session.scalars(
        sa.select(ApiCall).where(ApiCall.state == CallState.UNKNOWN).order_by(ApiCall.id)
    ).all()


def guessed_calls(session: Session) -> Sequence[ApiCall]:
    """The calls that were entered at their reservation, because nobody told what they cost, oldest first."""
    query = sa.select(ApiCall).where(
        ApiCall.state == CallState.SETTLED, ApiCall.price_version == BY_RESERVATION
    )
    return session.scalars(query.order_by(ApiCall.id)).all()


def spent(session: Session, *, since: datetime | None = None, sha256: str | None = None) -> Decimal:
    """US dollars that were paid or may yet have to be paid."""
    counted = sa.case(
        (ApiCall.state.in_(_COUNTING), ApiCall.reserved_usd),
        (ApiCall.state == CallState.SETTLED, ApiCall.cost_usd),
        else_=0,
    )
    query = sa.select(sa.func.sum(counted, type_=Cost()))
    if since is not None:
        query = query.where(ApiCall.created_at >= since)
    if sha256 is not None:
        query = query.where(ApiCall.sha256_hex == sha256)
    return session.scalar(query) or Decimal(0)


def start_of_day(now: datetime) -> datetime:
    """When the day's cap began: midnight in the time zone of ``now``."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _refusal(session: Session, order: Order, caps: Caps, now: datetime) -> Refused | None:
    today = start_of_day(now)
    first = today.replace(day=1)
    checks: list[tuple[str, Decimal | None, dict[str, Any], datetime | None]] = [
        ("document", caps.document, {"sha256": order.sha256}, None),
        ("day", caps.day, {"since": today}, today + timedelta(days=1)),
        ("month", caps.month, {"since": first}, (first + timedelta(days=32)).replace(day=1)),
    ]
    for name, limit, window, free_at in checks:
        if limit is None:
            continue
        used = spent(session, **window)
        if used + order.most_usd > limit:
            return Refused(name, limit, used, free_at)
    return None


def _one_at_a_time(session: Session) -> None:
    """Wait until no other transaction is reserving.

    At SERIALIZABLE a waiter may hold an older snapshot; the database then refuses its commit, and the durable
    engine runs the transaction again. REPEATABLE READ would let it through and is refused.
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return
    if session.scalar(sa.text("SHOW transaction_isolation")) == "repeatable read":
        raise DatabaseError(
            "the ledger cannot keep its caps at the isolation level REPEATABLE READ",
            code=Code.ISOLATION_TOO_WEAK,
            retry=Retry.PERSON,
            next_step="Report this: the program chose a wrong isolation level.",
        )
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))


def _call(session: Session, call_id: int) -> ApiCall:
    call = session.get(ApiCall, call_id)
    if call is None:
        raise DatabaseError(
            "the ledger's row is gone",
            code=Code.ROW_MISSING,
            retry=Retry.PERSON,
            next_step="Run `autod check`, then drop the file in again.",
        )
    return call


def _latest(session: Session, call_id: int) -> ApiCall:
    """The call itself, or the last one that was made in its place."""
    call = _call(session, call_id)
    while call.handle is not None and call.handle.startswith(AGAIN):
        call = _call(session, int(call.handle.removeprefix(AGAIN)))
    return call


def _close(call: ApiCall, state: CallState, now: datetime, error_code: str | None) -> None:
    call.state = state
    call.settled_at = now
    call.error_code = storable(error_code, 64) if error_code else None
