"""Why fields wait for a person, worked out from the checks that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from autod.codes import Code, Reason
from autod.domain.fields import FIELDS, names_where
from autod.domain.left_out import NEXT_STEPS, left_out_of

_AMOUNTS = names_where(lambda field: field.is_amount)
_EVERY = tuple(FIELDS)

OF_FIELD: Final[Mapping[str, Reason]] = {
    Code.READERS_DIFFER: Reason.READERS_DIFFER,
    Code.ONE_READER: Reason.ONE_READER,
    Code.UNGROUNDED: Reason.NOT_ON_PAGE,
    Code.EMBEDDED_DISAGREES: Reason.CONTRADICTS_XML,
    Code.EMBEDDED_NOT_SHOWN: Reason.XML_NOT_ON_PAGE,
}
"""Checks that name the field they are about, as ``readers_differ:total_amount``."""

OF_DOCUMENT: Final[Mapping[str, tuple[Reason, tuple[str, ...]]]] = {
    Code.TAX_EXCEEDS_TOTAL: (Reason.ARITHMETIC, ("total_amount", "tax_amount")),
    Code.TAX_EQUALS_TOTAL: (Reason.ARITHMETIC, ("total_amount", "tax_amount")),
    Code.DUE_EXCEEDS_TOTAL: (Reason.ARITHMETIC, ("total_amount", "amount_due")),
    Code.LINE_ITEMS_DISAGREE: (Reason.ARITHMETIC, ("line_items",)),
    Code.ROW_DISAGREES: (Reason.ARITHMETIC, ("line_items",)),
    Code.NEGATIVE_AMOUNT: (Reason.IMPLAUSIBLE, _AMOUNTS),
    Code.CURRENCY_UNKNOWN: (Reason.IMPLAUSIBLE, ("currency",)),
    Code.IBAN_CHECK_DIGITS: (Reason.IMPLAUSIBLE, ("iban",)),
    Code.DATE_IN_FUTURE: (Reason.IMPLAUSIBLE, ("primary_date",)),
    Code.DATE_TOO_OLD: (Reason.IMPLAUSIBLE, ("primary_date",)),
    Code.DUE_BEFORE_DATE: (Reason.IMPLAUSIBLE, ("primary_date", "due_date", "deadline")),
    Code.DUE_DATE_FAR: (Reason.IMPLAUSIBLE, ("primary_date", "due_date", "deadline")),
    Code.PERIOD_REVERSED: (Reason.IMPLAUSIBLE, ("period_start", "period_end")),
    Code.SAME_PARTY: (Reason.SAME_PARTY, ("issuer", "recipient")),
    Code.HIDDEN_TEXT: (Reason.UNSEEN_TEXT, _EVERY),
    Code.AMOUNT_OUT_OF_RANGE: (Reason.TOO_LARGE, _AMOUNTS),
}
"""Checks on several fields together, with those that they put in review."""


def review_reasons(in_review: Sequence[str], checks: Sequence[str]) -> dict[str, list[Reason]]:
    """For each field in review why it is; what a limit left out is its own reason and not among them."""
    cut = any((item := left_out_of(check)) is not None and item.code == Code.VALUES_CUT for check in checks)
    return {
        name: _reasons(name, checks)
        or [Reason.TOO_LARGE if cut and _is_text(name) else Reason.LOW_CONFIDENCE]
        for name in in_review
        if name not in NEXT_STEPS
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
