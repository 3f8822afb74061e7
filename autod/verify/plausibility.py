"""Values that cannot be, or hardly: dates out of order, amounts below nothing, unknown currencies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from stdnum import iban as iban_number

from autod.codes import Code
from autod.domain.currencies import CURRENCIES
from autod.domain.extraction import Found
from autod.domain.fields import names_where
from autod.domain.kinds import kind_of
from autod.grammar.says import same
from autod.verify.arithmetic import Findings

_FAR_FUTURE = timedelta(days=366)
_LONG_CREDIT = timedelta(days=3 * 366)
_OLDEST = date(1900, 1, 1)
_AMOUNTS = names_where(lambda field: field.is_amount)


def check_plausibility(found: Mapping[str, Found], today: date, findings: Findings) -> None:
    """Note what contradicts itself, the calendar or a standard."""
    values: dict[str, Any] = {name: item.value for name, item in found.items()}
    _check_dates(values, today, findings)
    if not kind_of(values.get("doc_type")).may_be_negative:
        negative = [n for n in _AMOUNTS if (a := values.get(n)) is not None and a < Decimal(0)]
        if negative:
            findings.fail(Code.NEGATIVE_AMOUNT, *negative)
    if values.get("currency") is not None and values["currency"] not in CURRENCIES:
        findings.fail(Code.CURRENCY_UNKNOWN, "currency")
    if values.get("iban") is not None and not iban_number.is_valid(values["iban"], check_country=False):
        findings.fail(Code.IBAN_CHECK_DIGITS, "iban")


def check_parties(found: Mapping[str, Found], findings: Findings) -> None:
    """Nobody writes to himself: the same name for both is one party in two places."""
    issuer, recipient = found.get("issuer"), found.get("recipient")
    if issuer and recipient and same("issuer", issuer.value, recipient.value):
        findings.fail(Code.SAME_PARTY, "issuer", "recipient")


def _check_dates(values: Mapping[str, Any], today: date, findings: Findings) -> None:
    issued, due = values.get("primary_date"), values.get("due_date")
    start, end = values.get("period_start"), values.get("period_end")
    if issued is not None and issued > today + _FAR_FUTURE:
        findings.fail(Code.DATE_IN_FUTURE, "primary_date")
    if issued is not None and issued < _OLDEST:
        findings.fail(Code.DATE_TOO_OLD, "primary_date")
    if issued is not None and due is not None:
        if due < issued:
            findings.fail(Code.DUE_BEFORE_DATE, "primary_date", "due_date")
        elif due > issued + _LONG_CREDIT and kind_of(values.get("doc_type")).due_soon:
            findings.fail(Code.DUE_DATE_FAR, "primary_date", "due_date")
    if start is not None and end is not None and end < start:
        findings.fail(Code.PERIOD_REVERSED, "period_start", "period_end")
