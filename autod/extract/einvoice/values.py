"""The text of e-invoice elements as values of the schema, and the kinds their type codes name."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.kinds import DocType
from autod.extract.einvoice.tree import Element

_AMOUNT = re.compile(r"[+-]?\d{1,18}(\.\d{0,12})?|[+-]?\.\d{1,12}")
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")

# UNTDID 1001, the codes that EN 16931, Factur-X and Order-X allow, with what each is called.
TYPE_CODES: dict[str, tuple[DocType, str | None]] = {
    "71": (DocType.INVOICE, "request for payment"),
    "80": (DocType.INVOICE, "debit note for goods or services"),
    "81": (DocType.CREDIT_NOTE, "credit note for goods or services"),
    "82": (DocType.INVOICE, "metered services invoice"),
    "83": (DocType.CREDIT_NOTE, "credit note for financial adjustments"),
    "84": (DocType.INVOICE, "debit note for financial adjustments"),
    "102": (DocType.INVOICE, "tax notification"),
    "130": (DocType.INVOICE, "invoicing data sheet"),
    "202": (DocType.INVOICE, "direct payment valuation"),
    "203": (DocType.INVOICE, "provisional payment valuation"),
    "204": (DocType.INVOICE, "payment valuation"),
    "211": (DocType.INVOICE, "interim application for payment"),
    "218": (DocType.INVOICE, "final payment request"),
    "219": (DocType.INVOICE, "payment request for completed units"),
    "220": (DocType.PURCHASE_ORDER, None),
    "230": (DocType.PURCHASE_ORDER, "purchase order change"),
    "231": (DocType.ORDER_CONFIRMATION, "purchase order response"),
    "261": (DocType.CREDIT_NOTE, "self-billed credit note"),
    "262": (DocType.CREDIT_NOTE, "consolidated credit note"),
    "295": (DocType.INVOICE, "price variation invoice"),
    "296": (DocType.CREDIT_NOTE, "credit note for price variation"),
    "308": (DocType.CREDIT_NOTE, "delcredere credit note"),
    "310": (DocType.QUOTE, None),
    "325": (DocType.INVOICE, "proforma invoice"),
    "326": (DocType.INVOICE, "partial invoice"),
    "331": (DocType.INVOICE, "commercial invoice with packing list"),
    "351": (DocType.DELIVERY_NOTE, None),
    "380": (DocType.INVOICE, None),
    "381": (DocType.CREDIT_NOTE, None),
    "382": (DocType.CREDIT_NOTE, "commission note"),
    "383": (DocType.INVOICE, "debit note"),
    "384": (DocType.INVOICE, "corrected invoice"),
    "385": (DocType.INVOICE, "consolidated invoice"),
    "386": (DocType.INVOICE, "prepayment invoice"),
    "387": (DocType.INVOICE, "hire invoice"),
    "388": (DocType.INVOICE, "tax invoice"),
    "389": (DocType.INVOICE, "self-billed invoice"),
    "390": (DocType.INVOICE, "delcredere invoice"),
    "393": (DocType.INVOICE, "factored invoice"),
    "394": (DocType.INVOICE, "lease invoice"),
    "395": (DocType.INVOICE, "consignment invoice"),
    "396": (DocType.CREDIT_NOTE, "factored credit note"),
    "420": (DocType.CREDIT_NOTE, "optical character reading credit note"),
    "456": (DocType.INVOICE, "debit advice"),
    "457": (DocType.INVOICE, "reversal of debit"),
    "458": (DocType.CREDIT_NOTE, "reversal of credit"),
    "527": (DocType.INVOICE, "self-billed debit note"),
    "532": (DocType.CREDIT_NOTE, "forwarder's credit note"),
    "553": (DocType.INVOICE, "forwarder's invoice discrepancy report"),
    "575": (DocType.INVOICE, "insurer's invoice"),
    "623": (DocType.INVOICE, "forwarder's invoice"),
    "633": (DocType.INVOICE, "port charges"),
    "751": (DocType.INVOICE, "invoice information for accounting"),
    "780": (DocType.INVOICE, "freight invoice"),
    "875": (DocType.INVOICE, "partial construction invoice"),
    "876": (DocType.INVOICE, "partial final construction invoice"),
    "877": (DocType.INVOICE, "final construction invoice"),
    "935": (DocType.INVOICE, "customs invoice"),
}


def as_amount(text: str) -> Decimal | None:
    """A plain decimal number; exponents and group marks are not part of the formats."""
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


def as_date(text: str) -> date | None:
    """A day as ``YYYYMMDD`` or ISO 8601 (a time after it is left out)."""
    match = _DAY.match(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def as_iban(text: str) -> str | None:
    compact = "".join(text.split()).upper()
    return compact if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}", compact) else None


def as_currency(text: str) -> str | None:
    return text.upper() if re.fullmatch(r"[A-Za-z]{3}", text) else None


class Sheet:
    """The fields collected so far; the first value of a field stands."""

    def __init__(self) -> None:
        self.found: dict[str, Found] = {}

    def put(self, name: str, value: Any, element: Element | None, *, left_out: int = 0) -> None:
        """Note ``value`` with the element it was read from, unless it says nothing; see ``Found``."""
        if element is None or value in (None, "", ()) or name in self.found:
            return
        quote = f"{element.path}: {element.text}" if element.text else element.path
        self.found[name] = Found(value, 1.0, EvidenceSource.EMBEDDED_XML, quote=quote, left_out=left_out)

    def put_kind(self, code: Element | None, default: DocType | None = None) -> None:
        """The document's kind by its type code; a correction that gives money back is a credit note."""
        if code is None:
            return
        kind, subtype = TYPE_CODES.get(code.text, (default, None))
        total = self.found.get("total_amount")
        if code.text == "384" and total is not None and total.value < 0:
            kind = DocType.CREDIT_NOTE
        self.put("doc_type", kind, code)
        self.put("subtype", subtype, code)

    def put_text(self, name: str, element: Element | None) -> None:
        self.put(name, element.text if element else None, element)

    def put_amount(self, name: str, element: Element | None) -> None:
        self.put(name, as_amount(element.text) if element else None, element)

    def put_date(self, name: str, element: Element | None) -> None:
        self.put(name, as_date(element.text) if element else None, element)
