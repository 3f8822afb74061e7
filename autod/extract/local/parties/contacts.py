"""How to reach the parties: postal addresses, and the issuer's e-mail address and telephone number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import Final

from autod.domain.extraction import Found
from autod.domain.reading import Box, Line, Page, Reading
from autod.extract.local.page.layout import Span, candidates_for, find_labels, fold, page_source
from autod.extract.local.page.postal import PLACE, Block, address_blocks, is_place, is_street
from autod.extract.local.parties.names import can_be_name, legal_form
from autod.words import any_of, groups, table

_MOST_ADDRESSES: Final = 6
_MOST_TRIED: Final = 20  # numbers without a label; each costs a look into the plans of some countries
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}(?![\w@])")
_PHONE = re.compile(r"(?<![\w/.,:-])(?:\+|00)?\(?\d[\d ()/.\-–]{6,22}\d(?![\w/])")
_NOT_PHONE = re.compile(
    r"^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$|^\d{4}[./-]\d{1,2}[./-]\d{1,2}$|^\d+[.,]\d{2}$|^\d{4} ?- ?\d{4}$"
)
_PARTS = re.compile(r"\s+[-–—]\s+|\s*[|·•●∙]\s*|\s{3,}")
_SEPARATED = re.compile(r"[|·•●∙]")
_PHONES = table("contacts.labels")
_REGIONS = groups("contacts.regions")
_FAX = re.compile(any_of("contacts.not_phone"))


@dataclass(frozen=True)
class _Address:
    text: str
    quote: str
    box: Box
    page: Page
    rank: int  # 0: the issuer's


def find_contacts(reading: Reading, language: str | None, issuer: str | None) -> dict[str, Found]:
    """``addresses`` (a tuple, the issuer's first), ``email`` and ``phone`` of the issuer."""
    # Addresses look alike in every language and on every kind of document; telephone numbers do not.
    found: dict[str, Found] = {}
    pages = [page for page in reading.pages[:2] if page.lines]
    if not pages:
        return found
    addresses = _addresses(pages[0], issuer)
    if addresses:
        first = addresses[0]
        score = 0.8 if first.rank == 0 else 0.6
        found["addresses"] = Found(
            tuple(a.text for a in addresses),
            score,
            page_source(first.page),
            first.page.number,
            first.quote,
            first.box,
        )
    email = _email(pages, issuer)
    if email is not None:
        found["email"] = email
    phone = _phone(pages[0], language)
    if phone is not None:
        found["phone"] = phone
    return found


def _addresses(page: Page, issuer: str | None) -> list[_Address]:
    wanted = _key(issuer or "")
    found = [*(_of_block(block, wanted) for block in address_blocks(page)), *_in_one_line(page, wanted)]
    kept: list[_Address] = []
    for address in sorted((a for a in found if a is not None), key=lambda a: a.rank):
        key = _key(address.text)
        if not any(key in _key(other.text) or _key(other.text) in key for other in kept):
            kept.append(address)
    return kept[:_MOST_ADDRESSES]


def _of_block(block: Block, wanted: str) -> _Address | None:
    """Street to place, without the name above them."""
    lines = list(block.lines)
    streets = [at for at, line in enumerate(lines) if is_street(line.text)]
    if streets:
        start = streets[0]
    elif is_street_and_place(lines[-1].text):
        start = len(lines) - 1
    else:
        start = max(len(lines) - 2, 1)
        if start >= len(lines) - 1 or (
            can_be_name(lines[start].text) and legal_form(lines[start].text) == 1.0
        ):
            return None
    while start > 0 and _continues(lines[start - 1].text, wanted):
        start -= 1
    body = lines[start:]
    if _SEPARATED.search(body[0].text):
        return None  # one line that holds several things: read by ``_in_one_line``
    rank = 0 if wanted and any(wanted in _key(line.text) for line in lines) else 1
    text = _from_street(", ".join(line.text.strip(" ,;") for line in body))
    return _Address(
        text, " ".join(line.text for line in body), Box.around([line.box for line in body]), block.page, rank
    )


def _from_street(text: str) -> str:
    """The address without a name that stands before the street in its line."""
    parts = text.split(", ")
    first = next((at for at, part in enumerate(parts) if is_street(part)), 0)
    named = first and not any(character.isdigit() for part in parts[:first] for character in part)
    return ", ".join(parts[first:]) if named else text


def _continues(text: str, wanted: str) -> bool:
    """The line above the street belongs to the address: a lot, a building, a floor with a number."""
    return is_street(text) and not (wanted and wanted in _key(text))


def is_street_and_place(text: str) -> bool:
    """Whether one line holds the whole address: "12 High Street, Leeds LS1 4AB"."""
    return is_place(text) and any(is_street(part) for part in text.split(","))


def _in_one_line(page: Page, wanted: str) -> list[_Address]:
    """Addresses in sender lines and footers: "Name · Street 1 · 12345 Town"."""
    found = []
    for line in page.lines:
        if len(line.text) > 200 or not PLACE.search(line.text):
            continue
        parts = [part.strip(" ,;") for piece in _PARTS.split(line.text) for part in piece.split(", ")]
        whole = [part.strip(" ,;") for part in _PARTS.split(line.text)]
        if any(is_place(part) and is_street(before) for before, part in pairwise(whole)):
            parts = whole  # "Calle Mayor, 27, bajo · 46003 Valencia"
        for at in range(1, len(parts)):
            if is_place(parts[at]) and is_street(parts[at - 1]):
                text = f"{parts[at - 1]}, {parts[at]}"
                span = Span(page, line.words)
                start = span.text.find(parts[at - 1])
                end = span.text.find(parts[at], max(start, 0)) + len(parts[at])
                rank = 0 if wanted and (wanted in _key(line.text) or _follows_name(page, line, wanted)) else 1
                found.append(_Address(text, span.quote(start, end), span.box(start, end), page, rank))
                break
    return found


def _follows_name(page: Page, line: Line, wanted: str) -> bool:
    """Whether the name stands in one of the two lines above, as in a letterhead."""
    above = page.lines[max(0, page.lines.index(line) - 2) : page.lines.index(line)]
    return any(
        wanted in _key(other.text) and line.box.y0 - other.box.y1 < 3 * line.box.height for other in above
    )


def _email(pages: list[Page], issuer: str | None) -> Found | None:
    best: tuple[float, Found] | None = None
    words = [word for word in (_key(part) for part in (issuer or "").split()) if len(word) >= 4]
    for page in pages:
        for line in page.lines:
            if "@" not in line.text:
                continue
            for match in _EMAIL.finditer(line.text):
                domain = _key(match.group().rpartition("@")[2])
                agrees = any(word in domain for word in words) or (
                    len(domain) > 4 and _key(issuer or "").startswith(domain[:-2])
                )
                score = 0.92 if agrees else 0.62
                if best is None or score > best[0]:
                    span = Span(page, line.words)
                    start, end = match.span()
                    quote, box = span.quote(start, end), span.box(start, end)
                    best = score, Found(match.group(), score, page_source(page), page.number, quote, box)
    return best[1] if best else None


def _phone(page: Page, language: str | None) -> Found | None:
    """The first number after a telephone label; without one, a number that only a telephone can have."""
    for hit in find_labels(page, _PHONES):
        if hit.key != "phone" or (
            len(hit.phrase) == 1 and not hit.line.text[hit.end :].lstrip().startswith((":", "."))
        ):
            continue
        for candidate in candidates_for(hit)[:2]:
            match = _PHONE.search(_up_to_fax(candidate.text[:60]))
            if match and match.start() <= 16 and _is_phone(match.group()):
                start, end = match.span()
                return Found(
                    match.group().strip(), 0.8, candidate.span.source, page.number,
                    candidate.quote(start, end), candidate.box(start, end),
                )  # fmt: skip
    for line, match in islice(_unlabelled(page), _MOST_TRIED):
        if _can_be_dialled(match.group().strip(), language):
            return _phone_found(page, line, match.start(), match.end())
    return None


def _unlabelled(page: Page) -> Iterator[tuple[Line, re.Match[str]]]:
    """What may be a telephone number by its form: international, or with its area in brackets."""
    for line in page.lines:
        for match in _PHONE.finditer(line.text[:300]):
            text = match.group().strip()
            if _is_phone(text) and text.startswith(("+", "(")) and _up_to_fax(line.text) == line.text:
                yield line, match


def _can_be_dialled(text: str, language: str | None) -> bool:
    """Whether there are such numbers in the country it names, else where the language is spoken."""
    import phonenumbers  # by this alone, so that most documents do without

    regions = _REGIONS.get(language or "") or tuple(chain.from_iterable(_REGIONS.values()))
    for region in [None] if text.startswith("+") else regions:
        try:
            number = phonenumbers.parse(text, region and region.upper())
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number) and (
            region is None or phonenumbers.is_valid_number(number)
        ):
            return True
    return False


def _up_to_fax(text: str) -> str:
    fax = _FAX.search(fold(text))
    return text[: fax.start()] if fax else text


def _phone_found(page: Page, line: Line, start: int, end: int) -> Found:
    span = Span(page, line.words)
    return Found(
        line.text[start:end].strip(),
        0.55,
        page_source(page),
        page.number,
        span.quote(start, end),
        span.box(start, end),
    )


def _is_phone(text: str) -> bool:
    digits = sum(character.isdigit() for character in text)
    return 7 <= digits <= 15 and not _NOT_PHONE.match(text.strip(" ()"))


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))
