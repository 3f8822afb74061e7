"""One draft of several, when a document was asked about in parts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from autod.domain.extraction import Found
from autod.domain.metadata import Metadata

_AT_THE_END = frozenset({"total_amount", "amount_due", "tax_amount", "period_end"})
"""A document states these where it ends; all others where it begins."""

_IN_CONFLICT = 0.6
_ROWS = frozenset(name for name, field in Metadata.model_fields.items() if field.default == ())


def merge(drafts: Sequence[dict[str, Found]]) -> dict[str, Found]:
    """Each field from the part that ought to know; where parts disagree, the lower score makes it seen."""
    merged: dict[str, Found] = {}
    for name in Metadata.model_fields:
        said = [draft[name] for draft in drafts if name in draft]
        if not said:
            continue
        if name in _ROWS:
            rows = [row for item in said for row in item.value]
            # A line item may well be bought twice; an address said twice is one address.
            kept = dict.fromkeys(rows) if all(isinstance(row, str) for row in rows) else rows
            left_out = sum(item.left_out for item in said)
            merged[name] = dataclasses.replace(said[0], value=tuple(kept), left_out=left_out)
            continue
        chosen = said[-1] if name in _AT_THE_END else said[0]
        agreed = all(item.value == chosen.value for item in said) or name == "summary"
        merged[name] = chosen if agreed else dataclasses.replace(chosen, score=chosen.score * _IN_CONFLICT)
    return merged
