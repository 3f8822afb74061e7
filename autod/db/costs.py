"""What was spent, on what, and how well the prompt cache worked: questions to the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.db.models import ApiCall, CallState, Document
from autod.db.types import Cost
from autod.domain.money import SMALLEST_CACHED_PROMPT

FEWEST_CALLS_TO_JUDGE_BY = 10
LATEST = 500


class CostsBy(StrEnum):
    """What costs are added up by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    MODEL = "model"
    ISSUER = "issuer"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class CostRow:
    """Costs of one day, model or the like, US dollars.

    ``usd`` was billed; ``open_usd`` is reserved or of unknown outcome, and may yet be billed. For documents
    ``key`` is the document's number and ``label`` its file name.
    """

    key: str
    calls: int
    documents: int
    usd: Decimal
    open_usd: Decimal
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class CacheRatios:
    """How much of what can be cached was found in the cache; 0..1, None without eligible calls.

    ``prefix`` is about the static part alone, ``tokens`` about all input; ``ceiling`` is the most that
    ``tokens`` could be, because a new document is never cached.
    """

    calls: int
    prefix: float | None
    tokens: float | None
    ceiling: float | None


def costs_by(
    session: Session,
    by: CostsBy,
    *,
    since: datetime | None = None,
    limit: int = 1000,
) -> list[CostRow]:
    """Costs in since ``since``: newest day, week or month first, else the most expensive first.

    Days are UTC.
    """
    in_time = by in (CostsBy.DAY, CostsBy.WEEK, CostsBy.MONTH)
    key, label = _key(session, by)
    query = (
        sa.select(key.label("key"), label.label("label"), *_sums())
        .select_from(ApiCall)
        .outerjoin(Document, Document.id == ApiCall.document_id)
        .where(ApiCall.state != CallState.RELEASED)
        .group_by(key, label)
    )
    query = _since(query, since)
    rows = [
        CostRow(
            "" if row.key is None else str(row.key), row.calls, row.documents, row.usd or Decimal(0),
            row.open_usd or Decimal(0), row.input_tokens or 0, row.cached_tokens or 0, row.output_tokens or 0,
            row.label or "",
        )
        for row in session.execute(query)
    ]  # fmt: skip
    if in_time:
        counted = _documents_in(session, key, by, since)
        rows = [replace(row, documents=counted[row.key]) for row in _rolled_up(rows, by)]
        rows.sort(key=lambda row: row.key, reverse=True)
    else:
        rows.sort(key=lambda row: (-(row.usd + row.open_usd), row.key))
    return rows[:limit]


def total(session: Session, *, since: datetime | None = None) -> CostRow:
    """All costs in since ``since``."""
    everything = sa.select(sa.func.count(sa.distinct(ApiCall.sha256_hex))).where(
        ApiCall.state != CallState.RELEASED
    )
    documents = session.scalar(_since(everything, since)) or 0
    return replace(_sum_of("total", costs_by(session, CostsBy.MODEL, since=since)), documents=documents)


def _documents_in(session: Session, day: Any, by: CostsBy, since: datetime | None) -> dict[str, int]:
    """How many documents each day, week or month paid for; one that was paid for twice in it counts once."""
    query = sa.select(day, ApiCall.sha256_hex).where(ApiCall.state != CallState.RELEASED).distinct()
    paid_for: dict[str, set[str]] = {}
    for name, sha256 in session.execute(_since(query, since)):
        paid_for.setdefault(_period(str(name), by), set()).add(sha256)
    return {period: len(hashes) for period, hashes in paid_for.items()}


def cache_ratios(session: Session, *, since: datetime | None = None) -> CacheRatios:
    """Both ratios over the settled calls whose service told what was cached.

    The size of a model's static part is taken from what it read from or wrote to the cache.
    """
    query = (
        sa.select(
            sa.func.count().label("calls"),
            sa.func.sum(ApiCall.input_tokens).label("input"),
            sa.func.sum(ApiCall.cached_tokens).label("cached"),
            sa.func.max(ApiCall.cached_tokens).label("most_read"),
            sa.func.max(ApiCall.cache_write_tokens).label("most_written"),
        )
        .where(
            ApiCall.state == CallState.SETTLED,
            ApiCall.cached_tokens.is_not(None),
            ApiCall.input_tokens >= SMALLEST_CACHED_PROMPT,
        )
        .group_by(ApiCall.model)
    )
    calls = given = cached = static = 0
    for row in session.execute(_since(query, since)):
        calls += row.calls
        given += row.input
        cached += row.cached
        static += row.calls * (row.most_read or row.most_written or 0)
    return CacheRatios(
        calls=calls,
        prefix=min(1.0, cached / static) if static else None,
        tokens=cached / given if given else None,
        ceiling=min(1.0, static / given) if given else None,
    )


def usual_output_tokens(session: Session, model: str) -> int | None:
    """What an answer of the model has on average; None when too few calls were settled to say."""
    query = sa.select(sa.func.count(), sa.func.sum(ApiCall.output_tokens)).where(
        ApiCall.state == CallState.SETTLED, ApiCall.model == model, ApiCall.output_tokens.is_not(None)
    )
    calls, tokens = session.execute(query).one()
    return tokens // calls if tokens and calls >= FEWEST_CALLS_TO_JUDGE_BY else None


def latest_answers(session: Session, model: str) -> list[tuple[int, int, int]]:
    """Tokens of input, output and reasoning of the latest settled calls, the latest first."""
    recent = (
        sa.select(ApiCall)
        .where(ApiCall.state == CallState.SETTLED)
        .order_by(ApiCall.id.desc())
        .limit(LATEST)
        .subquery()
    )
    reasoning = sa.func.coalesce(recent.c.reasoning_tokens, 0)
    query = sa.select(recent.c.input_tokens, recent.c.output_tokens, reasoning).where(
        recent.c.model == model,
        recent.c.input_tokens.is_not(None),
        recent.c.output_tokens.is_not(None),
    )
    return [tuple(row) for row in session.execute(query.order_by(recent.c.id.desc()))]


def _since(query: Any, since: datetime | None) -> Any:
    return query if since is None else query.where(ApiCall.created_at >= since)


def _key(session: Session, by: CostsBy) -> tuple[Any, Any]:
    nothing = sa.literal("")
    match by:
        case CostsBy.MODEL:
            return ApiCall.model, nothing
        case CostsBy.ISSUER:
            return Document.issuer, nothing
        case CostsBy.DOCUMENT:
            return ApiCall.document_id, Document.original_filename
    if session.get_bind().dialect.name == "sqlite":
        return sa.func.strftime("%Y-%m-%d", ApiCall.created_at), nothing
    return sa.func.to_char(sa.func.timezone("UTC", ApiCall.created_at), "YYYY-MM-DD"), nothing


def _sums() -> list[Any]:
    billed = sa.case((ApiCall.state == CallState.SETTLED, ApiCall.cost_usd), else_=0)
    still_open = sa.case((ApiCall.state == CallState.SETTLED, 0), else_=ApiCall.reserved_usd)
    return [
        sa.func.count().label("calls"),
        sa.func.count(sa.distinct(ApiCall.sha256_hex)).label("documents"),
        sa.func.sum(billed, type_=Cost()).label("usd"),
        sa.func.sum(still_open, type_=Cost()).label("open_usd"),
        sa.func.sum(ApiCall.input_tokens).label("input_tokens"),
        sa.func.sum(ApiCall.cached_tokens).label("cached_tokens"),
        sa.func.sum(ApiCall.output_tokens).label("output_tokens"),
    ]


def _rolled_up(days: Iterable[CostRow], by: CostsBy) -> list[CostRow]:
    """Days as ISO weeks (2026-W48) or months (2026-11)."""
    groups: dict[str, list[CostRow]] = {}
    for row in days:
        name = _period(row.key, by)
        groups.setdefault(name, []).append(replace(row, key=name))
    return [_sum_of(name, rows) for name, rows in groups.items()]


def _period(day: str, by: CostsBy) -> str:
    if by is CostsBy.WEEK:
        year, week, _ = date.fromisoformat(day).isocalendar()
        return f"{year}-W{week:02d}"
    return day[:7] if by is CostsBy.MONTH else day


def _sum_of(key: str, rows: list[CostRow]) -> CostRow:
    return CostRow(
        key,
        calls=sum(row.calls for row in rows),
        documents=sum(row.documents for row in rows),
        usd=sum((row.usd for row in rows), Decimal(0)),
        open_usd=sum((row.open_usd for row in rows), Decimal(0)),
        input_tokens=sum(row.input_tokens for row in rows),
        cached_tokens=sum(row.cached_tokens for row in rows),
        output_tokens=sum(row.output_tokens for row in rows),
    )
