"""Small PDFs for tests, made on the spot."""

from __future__ import annotations

import io
from collections.abc import Sequence

MEDICAL_REPORT = (
    "Riverside Hospital",
    "MEDICAL REPORT",
    "Patient: Anna Example",
    "Date: 3 March 2026",
    "Diagnosis: acute sinusitis",
    "Referring physician: Dr. B. Sample",
    "Treatment: rest and plenty of tea",
)
INVOICE = (
    "Northfield Supplies Ltd",
    "14 Harbour Lane, Bristol BS1 4QA",
    "INVOICE",
    "Invoice number: NF-2026-0117",
    "Invoice date: 3 March 2026",
    "Due date: 2 April 2026",
    "Bill to: Harlow & Finch Partners",
    "Copper pipe 15 mm        200.00",
    "Subtotal        200.00",
    "VAT 20%        40.00",
    "Total GBP        240.00",
)


def pdf_of(lines: Sequence[str] = INVOICE, *, pages: int = 1) -> bytes:
    """A born-digital PDF with one text line for each of ``lines``; two spaces and more separate columns."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for page in range(pages):
        canvas.setFont("Helvetica", 11)
        for row, line in enumerate(lines):
            cells = [cell for cell in line.split("  ") if cell.strip()]
            for column, cell in enumerate(cells):
                canvas.drawString(72 + column * 250, 770 - row * 22, cell.strip())
        canvas.drawString(72, 60, f"page {page + 1}")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def encrypted_pdf(password: str = "open sesame") -> bytes:  # noqa: S107 - a made-up password
    """A PDF that cannot be opened without ``password``."""
    import pikepdf

    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_of())) as pdf:
        pdf.save(buffer, encryption=pikepdf.Encryption(user=password, owner=password))
    return buffer.getvalue()


def with_attachment(pdf: bytes, name: str, content: bytes) -> bytes:
    """The PDF with a file embedded, such as an e-invoice's ``factur-x.xml``."""
    import pikepdf

    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.attachments[name] = content
        document.save(buffer)
    return buffer.getvalue()
