"""PDFs for the reader's tests, drawn on the spot."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pikepdf
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from autod.child.handing import open_for
from autod.domain.reading import Page, Reading
from autod.read.limits import ReadLimits
from autod.read.ocr import EngineFinder
from autod.read.reader import find_engine_once, read_document

WIDTH, HEIGHT = 595, 842
NO_OCR = ReadLimits(ocr_engine="off")
LETTER = (
    "Northfield Supplies Ltd",
    "14 Harbour Lane, Bristol",
    "Invoice number NF-2026-0117",
    "Invoice date 3 March 2026",
    "Copper pipe and fittings as ordered",
    "Total amount 1,240.50 pounds",
    "Payment within thirty days please",
)

Draw = Callable[[Canvas], None]


def draw(path: Path, *pages: Draw, size: tuple[float, float] = (WIDTH, HEIGHT)) -> Path:
    """A PDF with one page for each of ``pages``."""
    canvas = Canvas(str(path), pagesize=size, invariant=1)
    for page in pages:
        canvas.setFont("Helvetica", 12)
        page(canvas)
        canvas.showPage()
    canvas.save()
    return path


def write(canvas: Canvas, lines: Sequence[str] = LETTER, x: float = 72, top: float = 770) -> None:
    """One line of text under the other."""
    for row, line in enumerate(lines):
        canvas.drawString(x, top - 24 * row, line)


def read(path: Path, limits: ReadLimits = NO_OCR, find_engine: EngineFinder = find_engine_once) -> Reading:
    with open_for({"document": path}) as files:
        return read_document(files["document"], limits, find_engine)


def page_of(path: Path, limits: ReadLimits = NO_OCR, find_engine: EngineFinder = find_engine_once) -> Page:
    """The only page of ``path``."""
    (page,) = read(path, limits, find_engine).pages
    return page


def texts(page: Page) -> list[str]:
    return [line.text for line in page.lines]


def scan(lines: Sequence[str] = LETTER) -> Image.Image:
    """The picture of a printed A4 page at 150 dpi."""
    image = Image.new("L", (1240, 1754), 255)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(34)
    for row, line in enumerate(lines):
        pen.text((120, 150 + 90 * row), line, fill=0, font=font)
    return image


def draw_scan(image: Image.Image, magnified: float = 1.0) -> Draw:
    """A page that ``image`` covers, so many times larger than A4."""
    stream = io.BytesIO()
    image.save(stream, "PNG")
    stream.seek(0)

    def page(canvas: Canvas) -> None:
        width, height = (WIDTH, HEIGHT) if image.height > image.width else (HEIGHT, WIDTH)
        width, height = width * magnified, height * magnified
        canvas.setPageSize((width, height))
        canvas.drawImage(ImageReader(stream), 0, 0, width, height)

    return page


def change(path: Path, edit: Callable[[pikepdf.Pdf], None]) -> Path:
    """The PDF after ``edit``."""
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        edit(document)
        document.save(path)
    return path
