"""Does the page say what the embedded data says? A person pays what the page says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from autod.codes import Code
from autod.domain.extraction import STATED, Draft, EvidenceSource, Found
from autod.domain.field_columns import Grammar
from autod.domain.fields import FIELDS, names_where
from autod.domain.folding import words
from autod.grammar.amounts import parse_amounts
from autod.grammar.letters import letters_and_digits
from autod.grammar.says import same
from autod.verify.arithmetic import Findings
from autod.verify.grounding import ground
from autod.verify.labels import stands_beside_its_label
from autod.verify.page_index import DocumentIndex
from autod.verify.witnesses import Borne, borne_out
from autod.words import phrases

_COMPARED = names_where(lambda field: field.about.grammar.weighs or field.about.grammar is Grammar.CURRENCY)
_PRINTED = names_where(lambda field: field.about.printed)
_OTHER_PARTY = {"issuer": "recipient", "recipient": "issuer"}
_WHOLE_INVOICE = 40
"""So many words are more than a cover: then what every invoice prints must stand there, too."""

_NAMED = 0.6
"""A name that is read less surely may be any line that is printed large."""


@dataclass(frozen=True)
class Compared:
    """What the file states against the pages.

    Args:
        contradicted: fields of which the pages say another value, with that.
        missing: fields of which the pages say nothing, though they say as much as an invoice does.
    """

    contradicted: Mapping[str, Found] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    def note(self, findings: Findings) -> None:
        for name in self.contradicted:
            findings.fail_of(Code.EMBEDDED_DISAGREES, name)
        for name in self.missing:
            findings.fail_of(Code.EMBEDDED_NOT_SHOWN, name)


def compare(found: Mapping[str, Found], printed: Draft | None, index: DocumentIndex) -> Compared:
    """What the file states, field by field, with what ``printed`` reads on the pages alone.

    A page without words says nothing: nothing is compared.
    """
    stated = [name for name in _COMPARED if name in found and found[name].source in STATED]
    if not stated or not index.word_count:
        return Compared()
    page = borne_out(printed, index) if printed is not None else Borne()
    contradicted, missing = {}, []
    for name in stated:
        value = found[name].value
        shown = _shown(name, value, index)
        if name in page.found:
            other = page.found[name] if _another(name, found, shown, page, index) else None
        else:
            other = None if shown else _labelled_amount(name, found, index)
        if other is not None:
            contradicted[name] = other
        elif not shown and name in _PRINTED and index.word_count >= _WHOLE_INVOICE:
            missing.append(name)
    return Compared(contradicted, tuple(missing))


def _another(name: str, found: Mapping[str, Found], shown: bool, page: Borne, index: DocumentIndex) -> bool:
    """Whether the page's own reading is another value, and not the same one in other words.

    What stands somewhere on the page, and a reading that the file states of another field (the total for what
    is to be paid), are contradicted only by a value beside the field's own label.
    """
    value, other = found[name].value, page.found[name]
    if same(name, value, other.value):
        return False
    grammar = FIELDS[name].about.grammar
    if grammar is Grammar.NUMBER and _one_number(value, other.value):
        return False
    if grammar is Grammar.NAME:
        apart = page.sureness(name) >= _NAMED and not _one_name(value, other.value)
        return apart and (not shown or _names_other_party(name, value, page))
    if not shown and not _stated(other.value, found):
        return True
    return stands_beside_its_label(name, other, page.grounds[name], index)


def _names_other_party(name: str, value: Any, page: Borne) -> bool:
    """Whether the page has the name for the other of issuer and recipient."""
    other = _OTHER_PARTY[name]
    if other not in page.found or page.sureness(other) < _NAMED:
        return False
    return same(name, value, page.found[other].value)


def _labelled_amount(name: str, found: Mapping[str, Found], index: DocumentIndex) -> Found | None:
    """The one amount beside the field's own label that the file states nowhere.

    Several are those of several rates of tax, or of several sums; whose sign differs is a credit's.
    """
    value = found[name].value
    if not isinstance(value, Decimal):
        return None
    beside: dict[Decimal, Found] = {}
    for page, line in index.reading.lines():
        for match in parse_amounts(line.text, index.manner().language):
            quote = line.text[match.start : match.end]
            item = Found(match.value, _NAMED, EvidenceSource.TEXT, page.number, quote)
            grounding = ground(name, item, index) if match.looks_like_money else None
            if grounding is not None and stands_beside_its_label(name, item, grounding, index):
                beside[abs(match.value)] = item
    other = next(iter(beside.values())) if len(beside) == 1 else None
    return None if other is None or abs(value) in beside or _stated(other.value, found) else other


def _stated(value: Any, found: Mapping[str, Found]) -> bool:
    return any(
        item.source in STATED and type(item.value) is type(value) and item.value == value
        for item in found.values()
    )


def _shown(name: str, value: Any, index: DocumentIndex) -> bool:
    """Whether the pages say the value anywhere."""
    if isinstance(value, Decimal) and value == 0:
        return True  # Nothing to pay is often left unsaid.
    if isinstance(value, str) and FIELDS[name].about.grammar is not Grammar.CURRENCY:
        # A name or a number may go over several lines.
        folded = letters_and_digits(value)
        if folded and folded in index.compact:
            return True
    pages = (index.page(page.number) for page in index.reading.pages)
    return any(page.places_of(name, value, index.manner(page)) for page in pages if page is not None)


@cache
def _legal_forms() -> frozenset[str]:
    return frozenset(word for form in phrases("legal_forms.all") for word in words(form))


def _one_name(one: str, other: str) -> bool:
    """Whether all words of one name are in the other, but for its legal form: a trade name and its firm's."""
    cores = [
        core if (core := said - _legal_forms()) else said for said in (set(words(one)), set(words(other)))
    ]
    return cores[0] <= cores[1] or cores[1] <= cores[0]


def _one_number(one: str, other: str) -> bool:
    """Whether only letters before it tell two numbers apart: a country's before a tax number, a series'."""
    short, long = sorted((letters_and_digits(one), letters_and_digits(other)), key=len)
    return bool(short) and long.endswith(short) and long.removesuffix(short).isalpha()
