"""What a document comes to: total, what remains to be paid, the tax in it, and the currency.

A label proposes, arithmetic confirms: net and tax make the total, cash less change makes the total, and a
total less what was paid makes the amount due.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.kind_columns import Due, Total
from autod.domain.kinds import DocType, kind_of
from autod.domain.reading import Reading, TextSource
from autod.extract.local.amounts.candidates import AMOUNT_LABELS, AmountCandidate, labelled_amounts
from autod.extract.local.amounts.currency import find_currency
from autod.extract.local.amounts.kind_totals import KIND_TOTALS
from autod.extract.local.amounts.line_items import find_line_items
from autod.extract.local.page.form_values import form_values
from autod.extract.local.page.layout import LabelHit, fold, page_source
from autod.extract.local.weights import AmountWeights, DueWeights, TaxWeights, Weight
from autod.grammar.amounts import parse_amounts
from autod.words import any_of, keys

_BY_LABEL = {
    "total": AmountWeights.total, "to_pay": AmountWeights.to_pay, "plain": AmountWeights.plain,
    "due": AmountWeights.due,
}  # fmt: skip
_FORM_NAMES = {
    "total": "total_amount", "plain": "total_amount", "to_pay": "amount_due", "due": "amount_due",
    "tax": "tax_amount",
}  # fmt: skip
_NAMED_TOTALS = keys("amounts.labels", "total", "to_pay")
_ALL_TOTALS = keys("amounts.labels", "total", "to_pay", "plain", "due")
_PAID_OR_ROUNDED = keys("amounts.labels", "rounding", "cash", "to_pay", "plain", "total", "due")
_PAGES = 4
_HOW_TO_PAY = re.compile(rf"\b{any_of('payment.how')}\b")
_PAID = re.compile(rf"\b{any_of('payment.done')}\b")
_MOST_TAX = Decimal("0.3")  # of the total
_ROUNDING = Decimal("0.05")  # the most a cash rounding moves a total


def find_amounts(reading: Reading, language: str | None, doc_type: DocType) -> dict[str, Found]:
    """total_amount, amount_due and tax_amount as ``Decimal``, currency as ISO 4217 code; line_items."""
    entries, bare = labelled_amounts(reading, language)
    items = find_line_items(reading, language, doc_type, entries)
    fields: dict[str, Found] = {}
    kind = kind_of(doc_type)
    total = _named_by_kind(reading, language, doc_type)
    if total is None and kind.total is not Total.NONE:
        total = _total(entries, kind.total)
    if total is not None:
        if _add_up(items, total.value):
            total = total.at_least(AmountWeights.items_add_up)
        fields["total_amount"] = total.found()
        # A policy or claim may come with other people's bills: only the page of its total tells its tax.
        own = [e for e in entries if doc_type not in KIND_TOTALS or e.page is total.page]
        tax = _tax(own, total.value)
        if tax is not None:
            fields["tax_amount"] = tax
    if kind.due is not Due.NONE:
        due = _due(entries, bare, total.value if total else None)
        if due is not None:
            fields["amount_due"] = due
        elif kind.due is Due.WHOLE and total is not None and _all_is_due(entries, total.value, reading):
            fields["amount_due"] = total.worth(DueWeights.whole).found(source=EvidenceSource.DERIVED)
    if kind.total is not Total.NONE:
        _from_form(fields, reading, language)
    if not fields and kind.money_in_passing:
        return items
    currency = find_currency(reading, language, total)
    if currency is not None:
        fields["currency"] = currency
    return fields | items


def _named_by_kind(reading: Reading, language: str | None, doc_type: DocType) -> AmountCandidate | None:
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
    return _doubted(
        best.because(AmountWeights.named_by_kind if agree else AmountWeights.named_by_kind_several)
    )


def _from_form(fields: dict[str, Found], reading: Reading, language: str | None) -> None:
    """Fill what the page itself left open with what was typed into a form's fields."""

    def parse(text: str) -> Decimal | None:
        matches = parse_amounts(text, language)
        return matches[0].value if len(matches) == 1 else None

    for key, value in form_values(reading, AMOUNT_LABELS, parse):
        if key in _FORM_NAMES:
            fields.setdefault(_FORM_NAMES[key], value)


def _add_up(items: dict[str, Found], total: Decimal) -> bool:
    return "line_items" in items and sum(item.amount or 0 for item in items["line_items"].value) == total


def _total(entries: list[AmountCandidate], named: Total) -> AmountCandidate | None:
    wanted = _NAMED_TOTALS if named is Total.NAMED else _ALL_TOTALS
    parts = _Parts(entries)
    choices = [e.because(*_reasons(e, parts)) for e in entries if e.key in wanted and _credible(e)]
    if not choices:
        return _settled_in_cash(entries, parts)
    best = max(choices, key=lambda e: (round(e.score, 2), e.value, e.page.number))
    rivals = {
        e.value
        for e in choices
        if e.score > best.score - AmountWeights.rival_within
        and e.value != best.value
        and not (e.key == "due" and e.value < best.value)
    }
    several = len(choices) > 1
    if rivals and not parts.confirm(best.value):
        best = best.because(AmountWeights.has_rival)
    if best.value == 0 and several:
        best = best.because(AmountWeights.nothing_of_several)
    if best.score < AmountWeights.worth_saying:
        return None
    if not parts.confirm(best.value):
        best = _doubted(best)
    rounded = _rounded(best, entries, parts)
    return rounded.because(AmountWeights.rounded) if rounded else best


def _doubted(entry: AmountCandidate) -> AmountCandidate:
    """The same, for a person to look at where it may be the end of a longer amount."""
    return entry.at_most(AmountWeights.may_be_longer) if entry.may_be_longer else entry


def _credible(entry: AmountCandidate) -> bool:
    if entry.page.source is TextSource.OCR:
        return entry.match.decimals == 2
    if entry.match.looks_like_money:
        return True
    return entry.alone and entry.key in {"total", "to_pay"}


def _rounded(total: AmountCandidate, entries: list[AmountCandidate], parts: _Parts) -> AmountCandidate | None:
    """The printed amount that ``total`` becomes by rounding to what can be paid in cash."""
    steps = {step for step in parts.rounding if 0 < abs(step) <= _ROUNDING}
    for entry in entries:
        difference = entry.value - total.value
        if entry.key in _PAID_OR_ROUNDED and difference in steps:
            return entry
    near = [e for e in entries if e.key == "rounding" and 0 < abs(e.value - total.value) <= _ROUNDING]
    return near[0] if near else None


def _settled_in_cash(entries: list[AmountCandidate], parts: _Parts) -> AmountCandidate | None:
    """Failing a label for the total, the amount that is just what was paid for: cash less change."""
    paid = {cash - change for cash in parts.cash for change in parts.change} or parts.cash
    for entry in entries:
        if entry.key not in {"cash", "change", "paid"} and entry.match.decimals == 2 and entry.value in paid:
            return entry.because(AmountWeights.settled_in_cash) if entry.value > 0 else None
    return None


class _Parts:
    """The other amounts that a total can be checked against."""

    def __init__(self, entries: Iterable[AmountCandidate]) -> None:
        by_key: dict[str, set[Decimal]] = {}
        for entry in entries:
            by_key.setdefault(entry.key, set()).add(entry.value)
        none: set[Decimal] = set()
        self.nets = by_key.get("net", none)
        self.untaxed = Decimal(0) in by_key.get("tax", none)
        self.taxes = {tax for tax in by_key.get("tax", none) if tax}
        self.sums_of_taxes = _sums({(_phrase(e), e.value) for e in entries if e.key == "tax" and e.value})
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


def _phrase(entry: AmountCandidate) -> str:
    return entry.label.phrase if entry.label else ""


def _sums(taxes: set[tuple[str, Decimal]]) -> set[Decimal]:
    """What several taxes come to: of different rates under one name, or of different names."""
    if not 1 < len(taxes) <= 8:
        return set()
    return {
        sum(amount for _, amount in taxes) or Decimal(0),
        sum({amount for _, amount in taxes}) or Decimal(0),
    }


def _reasons(entry: AmountCandidate, parts: _Parts) -> Iterator[Weight]:
    """What speaks for the amount as the total, and against it."""
    yield _BY_LABEL[entry.key]
    if not entry.match.looks_like_money:
        yield AmountWeights.not_written_as_money
    if not entry.alone:
        yield AmountWeights.plain_shares_row if entry.key == "plain" else AmountWeights.shares_row
    if entry.value < 0:
        yield AmountWeights.negative
    if entry.label and not entry.label.starts_line:
        yield AmountWeights.label_within_line
    if parts.confirm(entry.value):
        yield AmountWeights.confirmed
    elif parts.explain_as_net(entry.value):
        yield AmountWeights.explained_as_net
    elif entry.key != "total" and parts.contradict(entry.value):
        yield AmountWeights.paid_before


def _tax(entries: list[AmountCandidate], total: Decimal) -> Found | None:
    """The tax that makes the total with a net amount; or the only labelled one, if of a credible size."""
    taxes = [e for e in entries if e.key == "tax" and e.match.looks_like_money]
    parts = _Parts(entries)
    for net in sorted(parts.nets, reverse=True):
        for entry in taxes:
            if entry.value and net + entry.value == total:
                return entry.found(TaxWeights.completes_net)
    for net in parts.nets:
        if total != net and total - net in parts.sums_of_taxes:
            biggest = max(taxes, key=lambda e: e.value)
            return biggest.found(TaxWeights.sum_of_several, value=total - net, source=EvidenceSource.DERIVED)
    credible = [e for e in taxes if e.alone and 0 <= e.value <= abs(total) * _MOST_TAX]
    if credible and len({(_phrase(e), e.value) for e in taxes}) == 1:
        only = TaxWeights.only if credible[0].value else TaxWeights.only_and_nothing
        return _doubted(credible[0].worth(only)).found()
    return None


def _all_is_due(entries: list[AmountCandidate], total: Decimal, reading: Reading) -> bool:
    """Whether a bill that names no amount to pay, and nothing paid, tells how to pay it."""
    if total <= 0:
        return False
    if any(entry.key in {"paid", "cash", "change"} for entry in entries):
        return False
    lines = [fold(line.text) for page in reading.pages[:_PAGES] for line in page.lines]
    return any(map(_HOW_TO_PAY.search, lines)) and not any(map(_PAID.search, lines))


def _due(entries: list[AmountCandidate], bare: list[LabelHit], total: Decimal | None) -> Found | None:
    """What the document asks for, or nothing left when it says that it is paid."""
    asked = [e for e in entries if e.key in {"to_pay", "due"} and e.match.looks_like_money]
    if asked:
        values = {e.value for e in asked}
        last = asked[-1]
        if len(values) == 1:
            clear = last.key == "to_pay" or last.value == total
            return _doubted(last.worth(DueWeights.asked if clear else DueWeights.asked_as_due)).found()
        paid = {e.value for e in entries if e.key == "paid"}
        if total is not None:
            for entry in reversed(asked):
                if any(total - abs(part) == entry.value for part in paid if part):
                    return entry.found(DueWeights.total_less_paid)
        return _doubted(last.worth(DueWeights.last_of_several)).found()
    if bare and total is not None:
        hit = bare[0]
        return Found(
            Decimal(0), DueWeights.settled, page_source(hit.page), hit.page.number,
            hit.span.quote(hit.start, hit.end), hit.box,
        )  # fmt: skip
    return None
