"""Embedded e-invoices: what the file states about itself, exact and free.

Read are CII (Factur-X, ZUGFeRD 1.0 and 2.x, XRechnung, Order-X) and UBL (Invoice, CreditNote).
"""

from __future__ import annotations

from autod.domain.extraction import Found
from autod.extract.einvoice.cii import read_cii
from autod.extract.einvoice.tree import parse_xml
from autod.extract.einvoice.ubl import read_ubl

_CII_ROOTS = ("CrossIndustryInvoice", "CrossIndustryDocument", "SCRDMCCBDACIOMessageStructure")
_UBL_ROOTS = ("Invoice", "CreditNote")


def read_einvoice(xml: str) -> dict[str, Found]:
    """The fields an embedded e-invoice states, by name of ``Metadata``.

    Never raises: XML that is damaged, oversized, declares a DTD or is another vocabulary gives an empty
    dict, which verification reports as ``embedded_unreadable``.
    """
    root = parse_xml(xml)
    if root is None:
        return {}
    if root.name in _CII_ROOTS:
        return read_cii(root)
    if root.name in _UBL_ROOTS:
        return read_ubl(root)
    return {}
