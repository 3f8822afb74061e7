"""Numbers that name things: the document, the account, the customer, the policy, the payee's account."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, islice

from autod.domain.extraction import Found
from autod.domain.kinds import DocType, kind_of
from autod.domain.reading import Reading
from autod.extract.local.numbers.bank_accounts import find_iban
from autod.extract.local.numbers.candidates import NumberCandidate, number_signs, read_labelled
from autod.extract.local.numbers.labels import FIELDS, LABELS
from autod.extract.local.numbers.tax_ids import find_tax_id
from autod.extract.local.page.layout import LabelHit, find_labels, fold
from autod.extract.local.weights import NumberWeights
from autod.words import languages_where, phrases

_GOODS = phrases("numbers.goods")
_SIGN_ALONE = languages_where("number_sign_alone")
_PAGES = 4
_MOST_LABELS = 500  # of a page; more is a trap or a price list


def find_identifiers(reading: Reading, language: str | None, doc_type: DocType) -> dict[str, Found]:
    """Numbers by field name; ``iban`` and ``tax_id`` are checked where a check exists."""
    numbers = _labelled(reading)
    fields: dict[str, Found] = {}
    reference = _own_number(numbers, doc_type, language)
    if reference is not None:
        fields["reference_number"] = reference
    for field, key in FIELDS.items():
        best = _best(numbers.get(key, []))
        if best is not None:
            fields[field] = best
    iban = find_iban(reading)
    if iban is not None:
        fields["iban"] = iban
    tax_id = find_tax_id(reading)
    if tax_id is not None:
        fields["tax_id"] = tax_id
    return fields


def _labelled(reading: Reading) -> dict[str, list[NumberCandidate]]:
    """Every announced number on the first pages, by what it belongs to."""
    numbers: dict[str, list[NumberCandidate]] = {}
    for page in reading.pages[:_PAGES]:
        for hit in islice(chain(find_labels(page, LABELS), number_signs(page)), _MOST_LABELS):
            if hit.key == "other" or _names_goods(hit):
                continue
            key = hit.key.rstrip("?")
            number = read_labelled(reading, hit, grouped=key in FIELDS.values())
            if number is not None:
                numbers.setdefault(key, []).append(number)
    return numbers


def _names_goods(hit: LabelHit) -> bool:
    """Whether the label goes on from another, as "Art-Nr-Kunde" does."""
    before = hit.line.text[: hit.start].rstrip()
    return before.endswith("-") or fold(before).endswith(_GOODS)


def _own_number(
    numbers: dict[str, list[NumberCandidate]], doc_type: DocType, language: str | None
) -> Found | None:
    kind = kind_of(doc_type)
    for rank, key in enumerate(kind.own_number):
        equals = [number for name in key.split("|") for number in numbers.get(name, [])]
        best = _best(sorted(equals, key=_place_of_label))
        if best is not None:
            return replace(best, score=best.score + rank * NumberWeights.later_choice)
    if kind.number_after_sign and language in _SIGN_ALONE:
        # The sign and a number alone are how these countries head a printed document.
        best = _best(numbers.get("number", [])[:1])
        if best is not None:
            return replace(best, score=best.score + NumberWeights.after_sign)
    return None


def _place_of_label(number: NumberCandidate) -> tuple[int, float]:
    return number.page.number, number.label.line.box.y0 if number.label else 0.0


def _best(numbers: list[NumberCandidate]) -> Found | None:
    """The best announced number, the first of equals; less sure when another contradicts it."""
    if not numbers:
        return None
    best = max(numbers, key=lambda number: number.score)
    least = best.score - NumberWeights.rival_within
    rivals = {number.match.value for number in numbers if number.score >= least}
    return best.found(NumberWeights.contradicted) if len(rivals) > 1 else best.found()
