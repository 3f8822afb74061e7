"""What a document in the store can be filtered by, within the service's limits."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any, TypedDict

from autod.domain.fields import names_where
from autod.domain.metadata import Metadata
from autod.vectors.base import Filter, Value

MOST_ATTRIBUTES, LONGEST_KEY, LONGEST_TEXT = 16, 64, 512

_ATTRIBUTES = names_where(lambda field: field.about.attribute)


class FilterComparison(TypedDict):
    """What one attribute must be; ``type`` says how it is compared."""

    type: str
    key: str
    value: Value


class AllOf(TypedDict):
    """Several comparisons, which must all hold; ``type`` is ``and``."""

    type: str
    filters: list[FilterComparison]


def attributes_of(metadata: Metadata, *, sha256: str, document_id: int) -> dict[str, Value]:
    """Texts, numbers, and dates as numbers (20261124), so that ranges of them can be asked for."""
    found: dict[str, Value] = {"sha256": sha256, "document_id": document_id}
    for name in _ATTRIBUTES:
        value = _plain(getattr(metadata, name))
        if value is not None and len(found) < MOST_ATTRIBUTES:
            found[name[:LONGEST_KEY]] = value
    return found


def _plain(value: Any) -> Value | None:
    if value is None:
        return None
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, date):
        return day_number(value)
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    return float(value)


def day_number(day: date) -> int:
    """``20261124`` for the 24th of November 2026."""
    return day.year * 10000 + day.month * 100 + day.day


def service_filter(wanted: Filter) -> FilterComparison | AllOf | None:
    """``wanted`` in the service's own words; None when nothing is restricted."""
    parts: list[FilterComparison] = [
        {"type": "eq", "key": name, "value": value[:LONGEST_TEXT]}
        for name, value in (("doc_type", wanted.doc_type), ("issuer", wanted.issuer))
        if value is not None
    ]
    if wanted.since is not None:
        parts.append({"type": "gte", "key": "primary_date", "value": day_number(wanted.since)})
    if wanted.until is not None:
        parts.append({"type": "lte", "key": "primary_date", "value": day_number(wanted.until)})
    if len(parts) < 2:
        return parts[0] if parts else None
    return {"type": "and", "filters": parts}
