"""What a file states itself: an embedded e-invoice, the code of a Swiss QR bill. Exact, and free."""

from __future__ import annotations

from autod.domain.extraction import Found
from autod.domain.reading import Reading
from autod.extract.einvoice import read_einvoice
from autod.extract.swiss_qr import find_swiss_qr


def stated_facts(reading: Reading) -> dict[str, Found]:
    """Fields by name of ``Metadata``; the invoice's word counts before the code's. Never raises."""
    invoice = read_einvoice(reading.invoice_xml) if reading.invoice_xml else {}
    return find_swiss_qr(reading, reading.codes) | invoice
