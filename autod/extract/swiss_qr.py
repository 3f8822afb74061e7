"""Swiss QR-bills: the printed payment part, and the payload of the code when it was decoded.

The Swiss payment standards fix the headings, their order and their places, in each of the country's languages
and English.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from stdnum import iban as iban_number

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.kinds import DocType
from autod.domain.reading import Box, Line, Page, Reading
from autod.extract.local.page.layout import fold, page_source
from autod.words import phrases

_TITLES = phrases("payment_slips.titles")
_ACCOUNT = phrases("payment_slips.account")
_REFERENCE = phrases("payment_slips.reference")
_PAYER = phrases("payment_slips.payer")
_CURRENCY = phrases("payment_slips.currency")
_AMOUNT = phrases("payment_slips.amount")
_MESSAGE = phrases("payment_slips.message")
_PLACEHOLDERS = phrases("payment_slips.placeholders")
_MARKS = (*_ACCOUNT, *_REFERENCE, *_PAYER, *_CURRENCY, *_AMOUNT, *_MESSAGE)
_LEFT_OPEN = frozenset({"recipient", "amount_due"})
_TITLE_LENGTH = 40
_MOST_TITLES = 3
_INFORMATION_WIDTH = 246.0  # 87 mm, fixed by the standard
_OTHER_WORDS_ON_A_SLIP = 40
_MONEY = re.compile(r"\d{1,3}(?:[ '’]\d{3}){0,3}\.\d{2}|\d{1,9}\.\d{2}")
_SWISS_VAT = re.compile(r"\d{9}")


def find_swiss_qr(reading: Reading, payloads: Sequence[str] = ()) -> dict[str, Found]:
    """Fields of a Swiss QR-bill, empty when the document has none.

    ``payloads`` are the texts of QR codes decoded from the pages; what a code says wins over print.
    """
    coded = next((found for payload in payloads if (found := parse_payload(payload))), {})
    printed = _printed(reading)
    if coded:
        # What the code leaves open is open: beside it stand blank boxes, and other text near them.
        printed = {name: item for name, item in printed.items() if name not in _LEFT_OPEN or name in coded}
    return {**printed, **coded}


def _printed(reading: Reading) -> dict[str, Found]:
    for page in reading.pages:
        titles = [line for line in page.lines if fold(line.text[:_TITLE_LENGTH]).startswith(_TITLES)]
        for title in titles[:_MOST_TITLES]:
            found = _payment_part(reading, page, title)
            if found:
                return found
    return {}


def _payment_part(reading: Reading, page: Page, title: Line) -> dict[str, Found]:
    left, top = title.box.x0 - 4, title.box.y0 - 4
    part = [line for line in page.lines if line.box.x0 >= left and line.box.y0 >= top]
    account = _under(part, _ACCOUNT)
    compact = "".join(account[0].text.split()) if account else ""
    if not compact.startswith(("CH", "LI")) or not iban_number.is_valid(compact):
        return {}
    alone = _is_only_a_slip(reading, page, title)
    found = {"iban": _found(page, account[:1], compact, 0.97)}
    creditor = _name_lines(account[1:])
    if creditor:
        name = " ".join(line.text for line in creditor)
        found["issuer"] = _found(page, creditor, name, 0.96 if alone else 0.75)
    payer = [line for line in _under(part, _PAYER) if not fold(line.text).startswith(_PLACEHOLDERS)]
    if payer:
        names = _name_lines(payer)
        found["recipient"] = _found(page, names, " ".join(line.text for line in names), 0.85)
    currency = [line for line in _under(part, _CURRENCY) if line.text[:3] in ("CHF", "EUR")]
    if currency:
        found["currency"] = _found(page, currency[:1], currency[0].text[:3], 0.97)
    _put_amount(found, page, part, alone)
    if alone:
        _put_slip(found, page, title, _under(part, _REFERENCE))
    return found


def _put_amount(found: dict[str, Found], page: Page, part: list[Line], alone: bool) -> None:
    for line in (*_under(part, _AMOUNT), *_under(part, _CURRENCY)):
        match = _MONEY.search(line.text)
        if match:
            amount = Decimal(re.sub(r"[ '’]", "", match[0]))
            found["amount_due"] = _found(page, [line], amount, 0.95)
            if alone:
                found["total_amount"] = found["amount_due"]
            return


def _put_slip(found: dict[str, Found], page: Page, title: Line, reference: list[Line]) -> None:
    found["doc_type"] = _found(page, [title], DocType.PAYMENT_SLIP, 0.95)
    if reference:
        number = "".join(reference[0].text.split())
        found["reference_number"] = _found(page, reference[:1], number, 0.9)


def _is_only_a_slip(reading: Reading, page: Page, title: Line) -> bool:
    """Whether hardly anything stands in the document besides the payment part and its receipt."""
    words = sum(
        len(line.words)
        for other, line in reading.lines()
        if other is not page or line.box.y0 < title.box.y0 - 12
    )
    return words <= _OTHER_WORDS_ON_A_SLIP


def _under(part: list[Line], headings: tuple[str, ...]) -> list[Line]:
    """The lines of a heading's column from the heading to the next one."""
    heading = next((line for line in part if fold(line.text).startswith(headings)), None)
    if heading is None:
        return []
    left = heading.box.x0
    taken: list[Line] = []
    for line in sorted(part, key=lambda other: other.box.y0):
        text = fold(line.text)
        column = left - 4 <= line.box.x0 <= left + (4 if headings is not _CURRENCY else 90)
        if line is heading or not column or line.box.y0 < heading.box.y0 + 1:
            continue
        if text.startswith(_MARKS) and (taken or line.box.y0 > heading.box.y1 + 2):
            break
        if not text.startswith(_MARKS):
            taken.append(line)
    return taken


def _name_lines(lines: list[Line]) -> list[Line]:
    """The name at the top of an address, with the line it runs over to when it was too wide."""
    if len(lines) < 3:
        return lines[:1]
    needed = lines[0].box.x1 + lines[1].words[0].box.width
    wrapped = needed > lines[0].box.x0 + _INFORMATION_WIDTH - 6
    return lines[: 2 if wrapped else 1]


def _found(page: Page, lines: list[Line], value: Any, score: float) -> Found:
    quote = " ".join(line.text for line in lines)
    box = Box.around([line.box for line in lines])
    return Found(value, score, page_source(page), page.number, quote, box)


def parse_payload(payload: str) -> dict[str, Found]:
    """The fields of a decoded Swiss QR code (``SPC``, versions 2.x); another code's text gives none."""
    lines = [line.strip() for line in payload[:4000].splitlines()]
    if len(lines) < 28 or lines[0] != "SPC" or not lines[1].startswith("02"):
        return {}
    found: dict[str, Found] = {}

    def put(name: str, value: Any, quote: str) -> None:
        if value not in (None, ""):
            found[name] = Found(value, 1.0, EvidenceSource.QR_CODE, quote=quote)

    if iban_number.is_valid(lines[3]):
        put("iban", "".join(lines[3].split()), lines[3])
    put("issuer", lines[5], lines[5])
    if re.fullmatch(r"\d{1,9}\.\d{2}", lines[18]):
        put("amount_due", Decimal(lines[18]), lines[18])
    if lines[19] in ("CHF", "EUR"):
        put("currency", lines[19], lines[19])
    put("recipient", lines[21], lines[21])
    addresses = tuple(a for a in (_address(lines[4:11]), _address(lines[20:27])) if a)
    put("addresses", addresses or None, "; ".join(addresses))
    for line in lines[28:]:
        if line.startswith("//S1/"):
            _put_bill_information(put, line)
    return found


def _address(lines: list[str]) -> str:
    kind, _, street, number, postcode, town, country = lines
    parts = [street, number] if kind == "K" else [f"{street} {number}", f"{postcode} {town}"]
    return ", ".join(part.strip() for part in [*parts, country] if part.strip())


def _put_bill_information(put: Any, line: str) -> None:
    """Swico S1: ``/10/`` number, ``/11/`` date, ``/20/`` customer, ``/30/`` VAT number."""
    pieces = re.split(r"(?<!\\)/", line[len("//S1/") :])
    tags = dict(zip(pieces[::2], pieces[1::2], strict=False))
    put("reference_number", tags.get("10", "").replace("\\/", "/"), line)
    if _SWISS_VAT.fullmatch(tags.get("30", "")):
        put("tax_id", f"CHE{tags['30']}", line)
    day = tags.get("11", "")
    if re.fullmatch(r"\d{6}", day):
        try:
            put("primary_date", date(2000 + int(day[:2]), int(day[2:4]), int(day[4:])), line)
        except ValueError:
            return
