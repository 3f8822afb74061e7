"""The issuer's VAT or tax number: labelled, checked where its country's check is known."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from stdnum.br import cnpj
from stdnum.eu import vat

from autod.domain.extraction import Found
from autod.domain.reading import Box, Page, Reading
from autod.extract.local.page.layout import Relation, candidates_for, find_labels, fold, page_source
from autod.words import any_of, phrases, table

_PAGES = 4
_LABELS = table("tax.labels")
_RECIPIENTS = phrases("tax.recipient")
_EU_VAT = re.compile(
    r"(?<![A-Z0-9])(?:AT ?U|BE ?[01]|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE"
    r"|SI|SK)[ \-]?[0-9A-Z](?:[ .\-]?[0-9A-Z]){6,11}(?![A-Z0-9])"
)
_CNPJ = re.compile(r"(?<![\w.])[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d{2}(?!\d)")
_LEAD = re.compile(rf"[^\w]*(?:{any_of('tax.lead')}\b[^\w]*)?", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:[A-Z]{1,3}[ \-]?)?\d[0-9A-Z]{0,13}(?:[ .\-/]{1,2}\d[0-9A-Z]{0,13}){0,6}(?![0-9A-Za-z])"
)
_DATE = re.compile(r"\d{1,2}[./\-]\d{1,2}[./\-](?:\d{4}|\d{2})|\d{4}-\d\d-\d\d")
_FEWEST_DIGITS = 7
_LABELLED_CHECKED, _CHECKED, _LABELLED = 0.93, 0.82, 0.76
_SEVERAL = 0.15
_FOOTER = 0.72


@dataclass(frozen=True, slots=True)
class _Number:
    found: Found
    is_vat: bool
    owner_is_recipient: bool
    in_footer: bool


def find_tax_id(reading: Reading) -> Found | None:
    """The number of whoever issued the document; of several the one in the footer, else the first."""
    numbers: list[_Number] = []
    for page in reading.pages[:_PAGES]:
        numbers += _labelled(page)
        numbers += _unlabelled(page)
    own = [number for number in numbers if not number.owner_is_recipient]
    if not own:
        return None
    near = [number for number in own if number.is_vat] or own
    best = next((number for number in near if number.in_footer), near[0]).found
    several = len({number.found.value for number in near}) > 1
    return replace(best, score=best.score - _SEVERAL) if several else best


def _labelled(page: Page) -> list[_Number]:
    numbers = []
    for hit in find_labels(page, _LABELS):
        for candidate in candidates_for(hit):
            text = candidate.text
            lead = _LEAD.match(text)
            start = lead.end() if lead else 0
            match = _EU_VAT.match(text, start) or _CNPJ.match(text, start) or _NUMBER.match(text, start)
            if candidate.relation is Relation.BELOW and hit.line.text[hit.end :].strip(" :."):
                break
            if match is None or not _is_number(match[0]):
                continue
            quote = candidate.quote(match.start(), match.end())
            box = candidate.box(match.start(), match.end())
            numbers.append(_number(page, match[0], quote, box, hit.line.text[: hit.start], True))
            break
    return numbers


def _unlabelled(page: Page) -> list[_Number]:
    """Numbers that prove themselves by their check digits."""
    numbers = []
    for line in page.lines:
        for pattern in (_EU_VAT, _CNPJ):
            for match in pattern.finditer(line.text):
                if _checked(match[0]):
                    words = line.text[: match.start()]
                    numbers.append(_number(page, match[0], match[0], line.box, words, False))
    return numbers


def _number(page: Page, text: str, quote: str, box: Box, before: str, labelled: bool) -> _Number:
    checked = _checked(text)
    score = (_LABELLED_CHECKED if checked else _LABELLED) if labelled else _CHECKED
    found = Found(_plain(text), score, page_source(page), page.number, quote, box)
    words = fold(before)
    is_recipients = any(word in words for word in _RECIPIENTS)
    return _Number(found, text[:2].isalpha(), is_recipients, box.y0 > _FOOTER * page.height)


def _is_number(text: str) -> bool:
    digits = sum(character.isdigit() for character in text)
    return digits >= _FEWEST_DIGITS and _DATE.match(text) is None


def _checked(text: str) -> bool:
    compact = re.sub(r"[ .\-/]", "", text)
    if compact[:2].isalpha():
        return bool(vat.is_valid(compact))
    return bool(cnpj.is_valid(text))


def _plain(text: str) -> str:
    """VAT numbers without blanks; national ones as they are printed."""
    return re.sub(r"[ .\-]", "", text) if text[:2].isalpha() else text
