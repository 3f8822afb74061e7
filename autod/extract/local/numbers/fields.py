"""Numbers that name things: the document, the account, the customer, the policy, the payee's account."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, islice

from autod.domain.extraction import Found
from autod.domain.kinds import DocType, kind_of
from autod.domain.reading import Reading
from autod.extract.local.numbers.bank_accounts import find_iban
from autod.extract.local.numbers.candidates import Labelled, number_signs, read_labelled
from autod.extract.local.numbers.labels import FIELDS, LABELS
from autod.extract.local.numbers.tax_ids import find_tax_id
from autod.extract.local.page.layout import LabelHit, find_labels, fold
from autod.words import phrases

_GOODS = phrases("numbers.goods")
_PAGES = 4
_MOST_LABELS = 500  # of a page; more is a trap or a price list
_CONTRADICTED = 0.12
_LATER_CHOICE = 0.04


def find_identifiers(reading: Reading, language: str | None, doc_type: DocType) -> dict[str, Found]:
    """Numbers by field name; ``iban`` and ``tax_id`` are checked where a check exists."""
    numbers = _labelled(reading)
    found: dict[str, Found] = {}
    reference = _own_number(numbers, doc_type, language)
    if reference is not None:
        found["reference_number"] = reference
    for field, key in FIELDS.items():
        best = _best(numbers.get(key, []))
        if best is not None:
            found[field] = best
    iban = find_iban(reading)
    if iban is not None:
        found["iban"] = iban
    tax_id = find_tax_id(reading)
    if tax_id is not None:
        found["tax_id"] = tax_id
    return found


def _labelled(reading: Reading) -> dict[str, list[Labelled]]:
    """Every announced number on the first pages, by what it belongs to."""
    numbers: dict[str, list[Labelled]] = {}
    for page in reading.pages[:_PAGES]:
        for hit in islice(chain(find_labels(page, LABELS), number_signs(page)), _MOST_LABELS):
            if hit.key == "other" or _names_goods(hit):
                continue
            key = hit.key.rstrip("?")
            read = read_labelled(reading, hit, grouped=key in FIELDS.values())
            if read is not None:
                numbers.setdefault(key, []).append(read)
    return numbers


def _names_goods(hit: LabelHit) -> bool:
    """Whether the label goes on from another, as "Art-Nr-Kunde" does."""
    before = hit.line.text[: hit.start].rstrip()
    return before.endswith("-") or fold(before).endswith(_GOODS)


def _own_number(numbers: dict[str, list[Labelled]], doc_type: DocType, language: str | None) -> Found | None:
    kind = kind_of(doc_type)
    for rank, key in enumerate(kind.own_number):
        equals = [number for name in key.split("|") for number in numbers.get(name, [])]
        best = _best(sorted(equals, key=_place))
        if best is not None:
            return replace(best, score=best.score - rank * _LATER_CHOICE)
    if kind.number_after_sign and language in ("pt", "es", "fr", "it"):
        # "Nº 123" alone is how these countries head a printed document.
        best = _best(numbers.get("number", [])[:1])
        if best is not None:
            return replace(best, score=best.score - 0.1)
    return None


def _place(number: Labelled) -> tuple[int, float]:
    return number.hit.page.number, number.hit.line.box.y0


def _best(numbers: list[Labelled]) -> Found | None:
    """The best announced number, the first of equals; less sure when another contradicts it."""
    if not numbers:
        return None
    best = max(numbers, key=lambda number: number.found.score).found
    rivals = {n.found.value for n in numbers if n.found.score >= best.score - 0.03}
    return replace(best, score=best.score - _CONTRADICTED) if len(rivals) > 1 else best
