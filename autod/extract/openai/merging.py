"""One draft of several, when a document was asked about in parts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from autod.domain.extraction import Found
from autod.domain.fields import FIELDS

_IN_CONFLICT = 0.6


def merge(drafts: Sequence[dict[str, Found]]) -> dict[str, Found]:
    """Each field from the part that ought to know; where parts disagree, the lower score makes it seen."""
    merged: dict[str, Found] = {}
    for name, field in FIELDS.items():
        said = [draft[name] for draft in drafts if name in draft]
        if not said:
            continue
        if field.is_list:
            rows = [row for item in said for row in item.value]
            places = [place for item in said for place in item.rows]
            # A line item may well be bought twice; an address said twice is one address.
            once = all(isinstance(row, str) for row in rows)
            kept = [at for at, row in enumerate(rows) if not once or row not in rows[:at]]
            left_out = sum(item.left_out for item in said)
            merged[name] = dataclasses.replace(
                said[0],
                value=tuple(rows[at] for at in kept),
                rows=tuple(places[at] for at in kept) if places else (),
                left_out=left_out,
            )
            continue
        chosen = said[-1] if field.about.at_the_end else said[0]
        agreed = all(item.value == chosen.value for item in said)
        merged[name] = chosen if agreed else dataclasses.replace(chosen, score=chosen.score * _IN_CONFLICT)
    return merged
