"""A sheet of paper to draw business documents on: millimetres from the top left corner, text and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import reportlab
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

INK = "#1c1f24"
GREY = "#6b7280"
FAMILIES = {
    "sans": ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique"),
    "serif": ("Times-Roman", "Times-Bold", "Times-Italic"),
    "mono": ("Courier", "Courier-Bold", "Courier-Oblique"),
    "embedded": ("Vera", "VeraBd", "VeraIt"),
}

# Two handwritings: points of smooth curves, in millimetres, the first on the line to be signed.
WAVES = (
    (0, 0), (3, -9), (6, -8), (4, 1), (3, 4), (8, -3), (10, -4), (11, -5), (10, 1), (13, 0),
    (15, -4), (17, -4), (16, 1), (20, 0), (23, -10), (26, -2), (24, 2), (29, -2), (34, -3), (42, -1),
)  # fmt: skip


LOOPS = (
    (0, -6), (5, -12), (9, -8), (4, -4), (0, -1), (3, 2), (9, -1), (12, -4), (13, -9), (10, -9),
    (8, -7), (12, -1), (15, 0), (18, -1), (19, -5), (21, -4), (19, 3), (23, 5), (14, 5), (40, -7),
    (44, -8), (38, -2), (48, -4),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: heading, width in millimetres, left or right alignment."""

    heading: str
    width: float
    align: str = "left"


class Sheet:
    """One document in the making; every method takes millimetres and answers with the next free height."""

    def __init__(
        self,
        title: str,
        family: str = "sans",
        size: tuple[float, float] = A4,
        encryption: Any = None,
    ) -> None:
        self._buffer = BytesIO()
        self._height = size[1]
        self.width = size[0] / mm
        if family == "embedded":
            _register_embedded_fonts()
        self.regular, self.bold, self.italic = FAMILIES[family]
        # invariant: no clock and no random identifier, so that the same bytes come out each time
        self.canvas = Canvas(self._buffer, pagesize=size, invariant=1, encrypt=encryption)
        self.canvas.setTitle(title)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 9.5,
        bold: bool = False,
        italic: bool = False,
        align: str = "left",
        color: str = INK,
    ) -> float:
        """One line whose base line is at ``y``; ``x`` is its left, right or middle."""
        self.canvas.setFont(self.bold if bold else self.italic if italic else self.regular, size)
        self.canvas.setFillColor(HexColor(color))
        draw = {
            "left": self.canvas.drawString,
            "right": self.canvas.drawRightString,
            "center": self.canvas.drawCentredString,
        }[align]
        draw(x * mm, self._height - y * mm, words)
        return y + size * 0.48

    def lines(self, x: float, y: float, lines: Sequence[str], size: float = 9.5, **style: Any) -> float:
        """Several lines below each other."""
        for line in lines:
            y = self.text(x, y, line, size, **style)
        return y

    def paragraph(
        self, x: float, y: float, width: float, words: str, size: float = 9.5, **style: Any
    ) -> float:
        """Text wrapped to ``width``, and a little space after it."""
        font = self.bold if style.get("bold") else self.regular
        return self.lines(x, y, simpleSplit(words, font, size, width * mm), size, **style) + size * 0.22

    def rule(self, y: float, left: float, right: float, color: str = "#c9ced6", weight: float = 0.6) -> None:
        self.canvas.setStrokeColor(HexColor(color))
        self.canvas.setLineWidth(weight)
        self.canvas.line(left * mm, self._height - y * mm, right * mm, self._height - y * mm)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str | None = None,
        stroke: str | None = None,
        radius: float = 0,
    ) -> None:
        """A rectangle whose top left corner is at ``x``, ``y``."""
        if fill:
            self.canvas.setFillColor(HexColor(fill))
        if stroke:
            self.canvas.setStrokeColor(HexColor(stroke))
            self.canvas.setLineWidth(0.6)
        self.canvas.roundRect(
            x * mm,
            self._height - (y + height) * mm,
            width * mm,
            height * mm,
            radius * mm,
            stroke=int(stroke is not None),
            fill=int(fill is not None),
        )

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        self.canvas.setFillColor(HexColor(fill))
        self.canvas.circle(x * mm, self._height - y * mm, radius * mm, stroke=0, fill=1)

    def sign(
        self,
        x: float,
        y: float,
        slant: float = 0,
        color: str = "#1f3a8a",
        hand: Sequence[tuple[float, float]] = WAVES,
    ) -> None:
        """A signature that begins at ``x``, ``y``; ``slant`` makes one hand look like several."""
        points = [
            ((x + dx - slant * dy * 0.4) * mm, self._height - (y + dy * (1 + slant)) * mm) for dx, dy in hand
        ]
        path = self.canvas.beginPath()
        path.moveTo(*points[0])
        for first, second, third in zip(points[1::3], points[2::3], points[3::3], strict=False):
            path.curveTo(*first, *second, *third)
        self.canvas.setStrokeColor(HexColor(color))
        self.canvas.setLineWidth(1.1)
        self.canvas.drawPath(path, stroke=1, fill=0)

    def table(
        self,
        x: float,
        y: float,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        size: float = 9,
        row_height: float = 6.4,
        heading_fill: str | None = "#eef1f5",
        heading_color: str = INK,
        rules: bool = True,
    ) -> float:
        """A table whose top is at ``y``."""
        right = x + sum(column.width for column in columns)
        if heading_fill:
            self.box(x, y, right - x, row_height, fill=heading_fill)
        heading = [column.heading for column in columns]
        self._row(x, y + row_height * 0.68, columns, heading, size, True, heading_color)
        y += row_height
        for row in rows:
            self._row(x, y + row_height * 0.68, columns, row, size, False, INK)
            y += row_height
            if rules:
                self.rule(y, x, right)
        return y

    def _row(
        self,
        x: float,
        y: float,
        columns: Sequence[Column],
        cells: Sequence[str],
        size: float,
        bold: bool,
        color: str,
    ) -> None:
        for column, cell in zip(columns, cells, strict=True):
            at = x + column.width - 1.5 if column.align == "right" else x + 1.5
            self.text(at, y, cell, size, bold=bold, align=column.align, color=color)
            x += column.width

    def pair(self, x: float, right: float, y: float, label: str, value: str, **style: Any) -> float:
        """A label at the left and its value at the right end of the same line."""
        self.text(x, y, label, **style)
        return self.text(right, y, value, align="right", **style) + 1

    def new_page(self) -> None:
        self.canvas.showPage()

    def finish(self) -> bytes:
        self.canvas.save()
        return self._buffer.getvalue()


def amount(value: Decimal | str, thousands: str, point: str) -> str:
    """``value`` with two decimals and the given separators."""
    plain = f"{Decimal(value):,.2f}"
    return plain.replace(",", "\0").replace(".", point).replace("\0", thousands)


def german(value: Decimal | str) -> str:
    """1.234,56, as in German, Italian, Spanish, Dutch and Portuguese."""
    return amount(value, ".", ",")


def french(value: Decimal | str) -> str:
    """1 234,56 with a space that does not break."""
    return amount(value, "\u00a0", ",")


def english(value: Decimal | str) -> str:
    """1,234.56"""
    return amount(value, ",", ".")


def _register_embedded_fonts() -> None:
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in FAMILIES["embedded"]:
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
