"""Sums that must come out: a failed one puts fields in review, one that holds is a second witness."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from autod.codes import Code
from autod.domain.extraction import EvidenceSource, Found
from autod.domain.kinds import kind_of
from autod.domain.metadata import LineItem
from autod.verify.page_index import DocumentIndex

_TOLERANCE = Decimal("0.02")
_PER_ROW = Decimal("0.01")
_MOST_DISCOUNT = Decimal("0.5")
_MOST_TAX = Decimal("1.3")  # prices without tax, amounts with it


@dataclass
class Findings:
    """Codes of failed checks with the fields in doubt, and fields that a check confirmed.

    ``partial`` are lists of which a part was dropped.
    """

    failed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    partial: set[str] = field(default_factory=set)

    def fail(self, code: Code, *fields: str) -> None:
        """A check on several fields together, or on the document."""
        self.failed[str(code)] = fields

    def fail_of(self, code: Code, name: str) -> None:
        """A check that names the one field it is about."""
        self.failed[code.of(name)] = (name,)

    def follow(self, name: str, other: str) -> None:
        """``name`` is in doubt wherever ``other`` is: it is the same value."""
        for code, fields in self.failed.items():
            if other in fields and name not in fields:
                self.failed[code] = (*fields, name)

    @property
    def doubted(self) -> set[str]:
        return self.partial.union(*self.failed.values())

    def confirm(self, *fields: str) -> None:
        """Two that agree are surer, unless one of them is in doubt: it bears nothing out."""
        if self.doubted.isdisjoint(fields):
            self.confirmed.update(fields)


def check_sums(
    found: Mapping[str, Found], index: DocumentIndex, findings: Findings, founded: Set[str]
) -> None:
    """Compare total, tax, due and rows with one another and with the page.

    Args:
        founded: fields whose value has more behind it than that one reader took it from a page of numbers;
            only these are witnesses for one another, since he may have taken all from a wrong place.
    """
    values: dict[str, Any] = {name: item.value for name, item in found.items()}
    total, tax, due = (values.get(n) for n in ("total_amount", "tax_amount", "amount_due"))
    if total is not None and tax is not None:
        has_net = 0 < abs(tax) < abs(total) and index.shows_amount(abs(total) - abs(tax))
        if abs(tax) > abs(total):
            findings.fail(Code.TAX_EXCEEDS_TOTAL, "total_amount", "tax_amount")
        elif tax == total != 0:
            findings.fail(Code.TAX_EQUALS_TOTAL, "total_amount", "tax_amount")
        elif has_net and founded >= {"total_amount", "tax_amount"}:
            findings.confirm("total_amount", "tax_amount")
    if total is not None and due is not None:
        if total == due:
            if founded >= {"total_amount", "amount_due"}:
                findings.confirm("total_amount", "amount_due")
        elif due > total >= 0 and not kind_of(values.get("doc_type")).carries_balance:
            findings.fail(Code.DUE_EXCEEDS_TOTAL, "total_amount", "amount_due")
    if total is not None:
        _check_rows(found.get("line_items"), total, tax or Decimal(0), index, findings)


def _check_rows(
    rows: Found | None, total: Decimal, tax: Decimal, index: DocumentIndex, findings: Findings
) -> None:
    items: tuple[LineItem, ...] = rows.value if rows is not None else ()
    # The embedded engine has multiplied already: without that it takes no rows.
    if rows is not None and rows.rows and not all(map(_product_fits, items)):
        findings.fail(Code.ROW_DISAGREES, "line_items")
    amounts = [item.amount for item in items if item.amount is not None]
    if rows is None or not amounts or len(amounts) < len(items):
        return
    allowed = _TOLERANCE + _PER_ROW * len(amounts)
    subtotal = sum(amounts, Decimal(0))
    if any(abs(subtotal - target) <= allowed for target in (total, total - tax)):
        if len(amounts) > 1:  # one row is the same number twice
            findings.confirm("total_amount", "line_items")
    elif rows.source is not EvidenceSource.EMBEDDED_XML and not index.shows_amount(subtotal):
        # A printed subtotal, or exact rows, with another total means discounts or charges on the whole.
        findings.fail(Code.LINE_ITEMS_DISAGREE, "line_items")


def _product_fits(item: LineItem) -> bool:
    """A row with all three figures multiplies out, at least up to a discount on it."""
    if item.quantity is None or item.unit_price is None or item.amount is None:
        return True
    product = item.quantity * item.unit_price
    least = min(abs(product) * _MOST_DISCOUNT, abs(product) - _TOLERANCE)
    return least <= abs(item.amount) <= abs(product) * _MOST_TAX + _TOLERANCE
