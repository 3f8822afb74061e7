"""Why fields wait for a person, worked out from the checks that failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from autod.codes import Reason
from autod.domain.fields import FIELDS, names_where
from autod.domain.left_out import MEANINGS, VALUES_CUT, left_out_of

_AMOUNTS = names_where(lambda field: field.is_amount)
_EVERY = tuple(FIELDS)

OF_FIELD: Final = {
    "readers_differ": Reason.READERS_DIFFER,
    "one_reader": Reason.ONE_READER,
    "ungrounded": Reason.NOT_ON_PAGE,
    "embedded_disagrees": Reason.CONTRADICTS_XML,
    "embedded_not_shown": Reason.XML_NOT_ON_PAGE,
}
"""Checks that name the field they are about, as ``readers_differ:total_amount``."""

OF_DOCUMENT: Final = {
    "tax_exceeds_total": (Reason.ARITHMETIC, ("total_amount", "tax_amount")),
    "tax_equals_total": (Reason.ARITHMETIC, ("total_amount", "tax_amount")),
    "due_exceeds_total": (Reason.ARITHMETIC, ("total_amount", "amount_due")),
    "line_items_disagree": (Reason.ARITHMETIC, ("line_items",)),
    "row_disagrees": (Reason.ARITHMETIC, ("line_items",)),
    "negative_amount": (Reason.IMPLAUSIBLE, _AMOUNTS),
    "currency_unknown": (Reason.IMPLAUSIBLE, ("currency",)),
    "iban_check_digits": (Reason.IMPLAUSIBLE, ("iban",)),
    "date_in_future": (Reason.IMPLAUSIBLE, ("primary_date",)),
    "date_too_old": (Reason.IMPLAUSIBLE, ("primary_date",)),
    "due_before_date": (Reason.IMPLAUSIBLE, ("primary_date", "due_date", "deadline")),
    "due_date_far": (Reason.IMPLAUSIBLE, ("primary_date", "due_date", "deadline")),
    "period_reversed": (Reason.IMPLAUSIBLE, ("period_start", "period_end")),
    "same_party": (Reason.SAME_PARTY, ("issuer", "recipient")),
    "hidden_text": (Reason.UNSEEN_TEXT, _EVERY),
    "amount_out_of_range": (Reason.TOO_LARGE, _AMOUNTS),
}
"""Checks on several fields together, with those that they put in review."""


def review_reasons(in_review: Sequence[str], checks: Sequence[str]) -> dict[str, list[Reason]]:
    """For each field in review why it is; what a limit left out is its own reason and not among them."""
    cut = any((item := left_out_of(check)) is not None and item.code == VALUES_CUT for check in checks)
    return {
        name: _reasons(name, checks)
        or [Reason.TOO_LARGE if cut and _is_text(name) else Reason.LOW_CONFIDENCE]
        for name in in_review
        if name not in MEANINGS
    }


def _is_text(name: str) -> bool:
    return name in FIELDS and (FIELDS[name].kind is str or FIELDS[name].is_list)


def _reasons(name: str, checks: Sequence[str]) -> list[Reason]:
    # A deadline that is the last day to pay is in doubt with it.
    about = (name, "due_date") if name == "deadline" else (name,)
    found: list[Reason] = []
    for check in checks:
        code, _, of = check.partition(":")
        if code in OF_FIELD and of in about:
            found.append(OF_FIELD[code])
        elif code in OF_DOCUMENT and name in OF_DOCUMENT[code][1]:
            found.append(OF_DOCUMENT[code][0])
    return list(dict.fromkeys(found))
