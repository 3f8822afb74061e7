"""Pages for measuring: a plausible invoice with other figures for every number, and a scan of it."""

from __future__ import annotations

import io
from pathlib import Path

WORDS = [
    "copper",
    "pipe",
    "valve",
    "gasket",
    "boiler",
    "filter",
    "pump",
    "sensor",
    "cable",
    "bracket",
    "tile",
    "panel",
    "hinge",
    "screw",
]
TERMS = (
    "Goods remain ours until they are paid for; claims about them must reach us in writing within eight days."
)


def page_bytes(number: int, *, dense: bool = False) -> bytes:
    """A one-page born-digital invoice, ``dense`` with terms below; the same arguments give the same bytes."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawString(60, 780, f"Northfield Supplies {number % 97} Ltd")
    canvas.setFont("Helvetica", 9)
    canvas.drawString(60, 765, "14 Harbour Lane, Bristol BS1 4QA  VAT GB 123 4567 82")
    canvas.drawString(60, 720, f"Bill to: Harlow & Finch Partners {number % 13}")
    canvas.drawString(360, 720, f"Invoice number: NF-{number:07}")
    canvas.drawString(360, 706, f"Invoice date: {number % 27 + 1:02} March 2026")
    canvas.drawString(360, 692, f"Due date: {number % 27 + 1:02} April 2026")
    total = 0
    for row in range(14):
        cents = (number * 37 + row * 911) % 9000 + 100
        total += cents
        y = 640 - row * 16
        canvas.drawString(60, y, f"{row + 1}  {WORDS[(number + row) % len(WORDS)]} type {number % 50 + row}")
        canvas.drawRightString(480, y, f"{cents / 100:.2f}")
    tax = total // 5
    for row, (label, cents) in enumerate((("Subtotal", total), ("VAT 20%", tax), ("Total GBP", total + tax))):
        canvas.drawString(360, 380 - row * 16, label)
        canvas.drawRightString(480, 380 - row * 16, f"{cents / 100:,.2f}")
    canvas.drawString(60, 120, "Payment by bank transfer within 30 days. Thank you for your business.")
    if dense:
        for row in range(12):
            canvas.drawString(60, 310 - row * 14, TERMS)
    canvas.save()
    return buffer.getvalue()


def write_page(path: Path, number: int) -> None:
    _put(path, page_bytes(number))


def write_scan(path: Path, number: int) -> None:
    """The page with its terms as a 200 dpi grey picture, without a text layer."""
    import pypdfium2
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    document = pypdfium2.PdfDocument(page_bytes(number, dense=True))
    picture = document[0].render(scale=200 / 72, grayscale=True).to_pil()
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=80)
    jpeg.seek(0)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.drawImage(ImageReader(jpeg), 0, 0, *A4)
    canvas.save()
    _put(path, buffer.getvalue())


def _put(path: Path, data: bytes) -> None:
    scratch = path.with_name(f".{path.name}.part")
    scratch.write_bytes(data)
    scratch.rename(path)
