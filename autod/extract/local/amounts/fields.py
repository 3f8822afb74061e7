"""What a document comes to: total, what remains to be paid, the tax in it, and the currency.

A label proposes, arithmetic confirms: net and tax make the total, cash less change makes the total, and a
total less what was paid makes the amount due.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.kind_columns import Due, Total
from autod.domain.kinds import DocType, kind_of
from autod.domain.reading import Reading, TextSource
from autod.extract.local.amounts.candidates import AMOUNT_LABELS, Labelled, labelled_amounts
from autod.extract.local.amounts.currency import find_currency
from autod.extract.local.amounts.kind_totals import KIND_TOTALS
from autod.extract.local.amounts.line_items import find_line_items
from autod.extract.local.page.form_values import form_values
from autod.extract.local.page.layout import LabelHit, fold, page_source
from autod.grammar.amounts import parse_amounts
from autod.words import any_of

_STRENGTH = {"total": 0.86, "to_pay": 0.8, "plain": 0.76, "due": 0.6}
_FORM_NAMES = {
    "total": "total_amount", "plain": "total_amount", "to_pay": "amount_due", "due": "amount_due",
    "tax": "tax_amount",
}  # fmt: skip
_WORTH_SAYING = 0.45
_PAGES = 4
_HOW_TO_PAY = re.compile(rf"\b{any_of('payment.how')}\b")
_PAID = re.compile(rf"\b{any_of('payment.done')}\b")
_SURE = 0.9
_ROUNDING = Decimal("0.05")  # the most a cash rounding moves a total


def find_amounts(reading: Reading, language: str | None, doc_type: DocType) -> dict[str, Found]:
    """total_amount, amount_due and tax_amount as ``Decimal``, currency as ISO 4217 code."""
    entries, bare = labelled_amounts(reading, language)
    found: dict[str, Found] = {}
    kind = kind_of(doc_type)
    total = _named_by_kind(reading, language, doc_type)
    if total is None and kind.total is not Total.NONE:
        total = _total(entries, kind.total)
    if total is not None:
        best, score = total
        if score < _SURE and _items_add_up(reading, language, doc_type, best.value):
            score = max(score, _SURE)
        found["total_amount"] = best.found(score)
        # A policy or claim may come with other people's bills: only the page of its total tells its tax.
        own = [e for e in entries if doc_type not in KIND_TOTALS or e.page is best.page]
        tax = _tax(own, best.value)
        if tax is not None:
            found["tax_amount"] = tax
    if kind.due is not Due.NONE:
        due = _due(entries, bare, best.value if total else None)
        if due is not None:
            found["amount_due"] = due
        elif kind.due is Due.WHOLE and total is not None and _all_is_due(entries, total[0].value, reading):
            found["amount_due"] = total[0].found(0.7, source=EvidenceSource.DERIVED)
    if kind.total is not Total.NONE:
        _from_form(found, reading, language)
    if not found and kind.money_in_passing:
        return {}
    currency = find_currency(reading, language, total[0] if total else None)
    if currency is not None:
        found["currency"] = currency
    return found


def _named_by_kind(
    reading: Reading, language: str | None, doc_type: DocType
) -> tuple[Labelled, float] | None:
    """The whole under the name that documents of this kind have for it: "net pay", "annual premium"."""
    if doc_type not in KIND_TOTALS:
        return None
    entries, _ = labelled_amounts(reading, language, KIND_TOTALS[doc_type])
    sure = [e for e in entries if e.key == "total" and _credible(e) and e.value]
    if not sure:
        return None
    if kind_of(doc_type).total_stands_last:
        sure.reverse()  # what is paid out stands last
    best = next((e for e in sure if e.alone), sure[0])
    agree = len({abs(e.value) for e in sure}) == 1
    return best, 0.88 if agree else 0.66


def _from_form(found: dict[str, Found], reading: Reading, language: str | None) -> None:
    """Fill what the page itself left open with what was typed into a form's fields."""

    def parse(text: str) -> Decimal | None:
        matches = parse_amounts(text, language)
        return matches[0].value if len(matches) == 1 else None

    for key, value in form_values(reading, AMOUNT_LABELS, parse):
        if key in _FORM_NAMES:
            found.setdefault(_FORM_NAMES[key], value)


def _items_add_up(reading: Reading, language: str | None, doc_type: DocType, total: Decimal) -> bool:
    items = find_line_items(reading, language, doc_type).get("line_items")
    return items is not None and sum(item.amount or 0 for item in items.value) == total


def _total(entries: list[Labelled], said: Total) -> tuple[Labelled, float] | None:
    keys = ("total", "to_pay") if said is Total.NAMED else ("total", "to_pay", "plain", "due")
    parts = _Parts(entries)
    choices = [e for e in entries if e.key in keys and _credible(e)]
    if not choices:
        return _settled_in_cash(entries, parts)
    scored = [(_score(e, parts), e) for e in choices]
    best_score, best = max(scored, key=lambda pair: (round(pair[0], 2), pair[1].value, pair[1].page.number))
    rivals = {
        e.value
        for score, e in scored
        if score > best_score - 0.08
        and e.value != best.value
        and not (e.key == "due" and e.value < best.value)
    }
    if rivals and not parts.confirm(best.value):
        best_score -= 0.22
    if best.value == 0 and len(choices) > 1:
        best_score -= 0.2
    if best_score < _WORTH_SAYING:
        return None
    rounded = _rounded(best, entries, parts)
    return (rounded, 0.9) if rounded else (best, best_score)


def _credible(entry: Labelled) -> bool:
    if entry.page.source is TextSource.OCR:
        return entry.match.decimals == 2
    if entry.match.looks_like_money:
        return True
    return entry.alone and entry.key in {"total", "to_pay"}


def _rounded(total: Labelled, entries: list[Labelled], parts: _Parts) -> Labelled | None:
    """The printed amount that ``total`` becomes by rounding to what can be paid in cash."""
    steps = {step for step in parts.rounding if 0 < abs(step) <= _ROUNDING}
    for entry in entries:
        difference = entry.value - total.value
        if entry.key in {"rounding", "cash", "to_pay", "plain", "total", "due"} and difference in steps:
            return entry
    near = [e for e in entries if e.key == "rounding" and 0 < abs(e.value - total.value) <= _ROUNDING]
    return near[0] if near else None


def _settled_in_cash(entries: list[Labelled], parts: _Parts) -> tuple[Labelled, float] | None:
    """Failing a label for the total, the amount that is just what was paid for: cash less change."""
    paid = {cash - change for cash in parts.cash for change in parts.change} or parts.cash
    for entry in entries:
        if entry.key not in {"cash", "change", "paid"} and entry.match.decimals == 2 and entry.value in paid:
            return (entry, 0.8) if entry.value > 0 else None
    return None


class _Parts:
    """The other amounts that a total can be checked against."""

    def __init__(self, entries: Iterable[Labelled]) -> None:
        by_key: dict[str, set[Decimal]] = {}
        for entry in entries:
            by_key.setdefault(entry.key, set()).add(entry.value)
        none: set[Decimal] = set()
        self.nets = by_key.get("net", none)
        self.untaxed = Decimal(0) in by_key.get("tax", none)
        self.taxes = {tax for tax in by_key.get("tax", none) if tax}
        self.sums_of_taxes = _sums({(e.hit.phrase, e.value) for e in entries if e.key == "tax" and e.value})
        self.cash, self.change = by_key.get("cash", none), by_key.get("change", none)
        self.paid = by_key.get("paid", none)
        self.rounding = by_key.get("rounding", none)

    def confirm(self, total: Decimal) -> bool:
        """Whether net and taxes, or cash and change, come to ``total``."""
        for net in self.nets:
            missing = total - net
            if not missing and self.untaxed:
                return True
            if missing and missing in self.taxes | self.sums_of_taxes | self.rounding:
                return True
        return any(cash - change == total for cash in self.cash for change in self.change if change)

    def contradict(self, value: Decimal) -> bool:
        """Whether something was paid before, so that what is asked for is less than the whole."""
        return any(part for part in self.paid) and any(net > value for net in self.nets)

    def explain_as_net(self, value: Decimal) -> bool:
        """Whether ``value`` with a tax makes another labelled amount: then it is not the total."""
        return value in self.nets and any(0 < tax < value / 2 for tax in self.taxes)


def _sums(taxes: set[tuple[str, Decimal]]) -> set[Decimal]:
    """What several taxes come to: of different rates under one name, or of different names."""
    if not 1 < len(taxes) <= 8:
        return set()
    return {
        sum(amount for _, amount in taxes) or Decimal(0),
        sum({amount for _, amount in taxes}) or Decimal(0),
    }


def _score(entry: Labelled, parts: _Parts) -> float:
    score = _STRENGTH[entry.key]
    if not entry.match.looks_like_money:
        score -= 0.2
    if not entry.alone:
        score -= 0.2 if entry.key == "plain" else 0.08
    if entry.value < 0:
        score -= 0.1
    if not entry.hit.starts_line:
        score -= 0.06
    if parts.confirm(entry.value):
        score += 0.15
    elif parts.explain_as_net(entry.value):
        score -= 0.15
    elif entry.key != "total" and parts.contradict(entry.value):
        score -= 0.2
    return score


def _tax(entries: list[Labelled], total: Decimal) -> Found | None:
    """The tax that makes the total with a net amount; or the only labelled one, if of a credible size."""
    taxes = [e for e in entries if e.key == "tax" and e.match.looks_like_money]
    parts = _Parts(entries)
    for net in sorted(parts.nets, reverse=True):
        for entry in taxes:
            if entry.value and net + entry.value == total:
                return entry.found(0.95)
    for net in parts.nets:
        if total != net and total - net in parts.sums_of_taxes:
            biggest = max(taxes, key=lambda e: e.value)
            return biggest.found(0.8, total - net, EvidenceSource.DERIVED)
    credible = [e for e in taxes if e.alone and 0 <= e.value <= abs(total) * Decimal("0.3")]
    if credible and len({(e.hit.phrase, e.value) for e in taxes}) == 1:
        return credible[0].found(0.75 if credible[0].value else 0.65)
    return None


def _all_is_due(entries: list[Labelled], total: Decimal, reading: Reading) -> bool:
    """Whether a bill that names no amount to pay, and nothing paid, tells how to pay it."""
    if total <= 0:
        return False
    if any(entry.key in {"paid", "cash", "change"} for entry in entries):
        return False
    lines = [fold(line.text) for page in reading.pages[:_PAGES] for line in page.lines]
    return any(map(_HOW_TO_PAY.search, lines)) and not any(map(_PAID.search, lines))


def _due(entries: list[Labelled], bare: list[LabelHit], total: Decimal | None) -> Found | None:
    """What the document asks for, or nothing left when it says that it is paid."""
    asked = [e for e in entries if e.key in {"to_pay", "due"} and e.match.looks_like_money]
    if asked:
        values = {e.value for e in asked}
        last = asked[-1]
        if len(values) == 1:
            return last.found(0.92 if last.key == "to_pay" or last.value == total else 0.85)
        paid = {e.value for e in entries if e.key == "paid"}
        if total is not None:
            for entry in reversed(asked):
                if any(total - abs(part) == entry.value for part in paid if part):
                    return entry.found(0.92)
        return last.found(0.6)
    if bare and total is not None:
        hit = bare[0]
        return Found(
            Decimal(0), 0.7, page_source(hit.page), hit.page.number,
            hit.span.quote(hit.start, hit.end), hit.box,
        )  # fmt: skip
    return None
