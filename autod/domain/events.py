"""What the custody record says of an event, beside its kind and its time."""

from __future__ import annotations

from typing import TypedDict

from autod.errors import ReasonJson

OfAClass = TypedDict("OfAClass", {"class": str}, total=False)
"""``class``: because of which a document stays on this machine."""


class EventDetail(OfAClass, total=False):
    """What is told of an event; which of these, its kind decides. A row of an earlier version may lack some.

    Paths are as people know them. ``earlier`` and ``later`` are documents, ``call`` is a row of the ledger,
    ``before`` its state until a person said what it cost; amounts of US dollars are text.
    """

    source: str
    path: str | None
    name: str
    notes: list[str]
    field: str
    code: str
    message: str
    next_step: str
    file_id: str | None
    reason: str | None
    earlier: int
    later: int
    same_file: bool
    call: int
    cost_usd: str
    before: str
    before_usd: str


def reason_told(reason: ReasonJson) -> EventDetail:
    """Why a document failed or waits, as its event tells it."""
    return {"code": reason["code"], "message": reason["message"], "next_step": reason["next_step"]}
