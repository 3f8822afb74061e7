"""Which digit a shape looks like, by comparison with the digits of the standard fonts."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageDraw

_FONTS = (
    b"Helvetica", b"Helvetica-Bold", b"Helvetica-Oblique", b"Times-Roman", b"Times-Bold", b"Times-Italic",
    b"Courier", b"Courier-Bold",
)  # fmt: skip
_HEIGHT, _WIDTH = 32, 32  # of the grid on which shapes are compared
_NEARLY = 1.1  # times the distance of the nearest: as good as nearest
_SIZE = 100.0
_CURVE = (0.25, 0.5, 0.75, 1.0)
_MOST_SEGMENTS = 2_000  # of one digit; print has a hundred


def _bare(function: Any, result: Any, *arguments: Any) -> Any:
    """A function of pdfium that takes addresses: a third of what its checked form costs, for many calls."""
    return ctypes.CFUNCTYPE(result, *arguments)(ctypes.cast(function, ctypes.c_void_p).value or 0)


_ADDRESS = ctypes.c_void_p
_SEGMENT = _bare(pdfium.FPDFGlyphPath_GetGlyphPathSegment, _ADDRESS, _ADDRESS, ctypes.c_int)
_KIND = _bare(pdfium.FPDFPathSegment_GetType, ctypes.c_int, _ADDRESS)
_POINT = _bare(pdfium.FPDFPathSegment_GetPoint, ctypes.c_int, _ADDRESS, _ADDRESS, _ADDRESS)

Contour = list[tuple[float, float]]


class Outline(NamedTuple):
    """What a font draws for a character: ``points`` as pairs of floats, ``kinds`` of the lines to them."""

    points: bytes
    kinds: bytes

    @property
    def proportion(self) -> float:
        """Width to height."""
        numbers = memoryview(self.points).cast("f").tolist()
        xs, ys = numbers[::2], numbers[1::2]
        return (max(xs) - min(xs)) / max(max(ys) - min(ys), 0.001)


def outline(font: pdfium.FPDF_FONT, digit: str) -> Outline | None:
    """The outline that ``font`` draws for ``digit``, None where it has none, as fonts of drawings have."""
    path = pdfium.FPDFFont_GetGlyphPath(font, ord(digit), _SIZE)
    if not path:
        return None
    count = min(pdfium.FPDFGlyphPath_CountGlyphSegments(path), _MOST_SEGMENTS)
    if count <= 0:
        return None
    points = (ctypes.c_float * (2 * count))()
    kinds = bytearray(count)
    at = ctypes.addressof(points)
    handle = ctypes.cast(path, ctypes.c_void_p).value
    for index in range(count):
        segment = _SEGMENT(handle, index)
        kinds[index] = _KIND(segment) & 0xFF
        _POINT(segment, at, at + 4)
        at += 8
    return Outline(bytes(points), bytes(kinds))


def looks_like(shape: Image.Image | None, digit: str) -> bool:
    """Whether no other digit resembles ``shape`` more than ``digit`` does."""
    if shape is None:
        return False
    bits = int.from_bytes(shape.tobytes())
    distances = {
        other: min((bits ^ reference).bit_count() for reference in references)
        for other, references in _references().items()
    }
    return distances[digit] <= _NEARLY * min(distances.values())


def of_outline(described: Outline) -> Image.Image | None:
    """The filled outline on the grid; None where there is nothing to fill."""
    contours = list(_contours(described))
    points = [point for contour in contours for point in contour]
    if len(points) < 3:
        return None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, right, bottom, top = min(xs), max(xs), min(ys), max(ys)
    if top <= bottom:
        return None
    scale = (_HEIGHT - 1) / (top - bottom)
    shift = (_WIDTH - 1) / 2 - scale * (left + right) / 2
    filled = Image.new("1", (_WIDTH, _HEIGHT))
    for contour in contours:
        layer = Image.new("1", (_WIDTH, _HEIGHT))
        placed = [(x * scale + shift, (top - y) * scale) for x, y in contour]
        if len(placed) > 1:
            ImageDraw.Draw(layer).polygon(placed, fill=1)
            filled = ImageChops.logical_xor(filled, layer)
    return filled


def of_picture(paint: Image.Image) -> Image.Image | None:
    """The digit that ``paint`` (light on black) shows, on the grid."""
    strongest = paint.getextrema()[1]
    if not isinstance(strongest, int) or strongest < 40:
        return None
    inked = paint.point([255 if value > strongest / 2 else 0 for value in range(256)])
    box = inked.getbbox()
    if box is None:
        return None
    width = max(round((box[2] - box[0]) * _HEIGHT / (box[3] - box[1])), 1)
    digit = paint.crop(box).resize((min(width, _WIDTH), _HEIGHT), Image.Resampling.BILINEAR)
    placed = Image.new("L", (_WIDTH, _HEIGHT))
    placed.paste(digit, ((_WIDTH - digit.width) // 2, 0))
    return placed.point([255 if value > strongest / 2 else 0 for value in range(256)]).convert("1")


def _contours(described: Outline) -> Iterator[Contour]:
    numbers, kinds = memoryview(described.points).cast("f"), described.kinds
    count = len(kinds)
    contour: Contour = []
    index = 0
    while index < count:
        point = numbers[2 * index], numbers[2 * index + 1]
        if kinds[index] == pdfium.FPDF_SEGMENT_MOVETO:
            if contour:
                yield contour
            contour = [point]
        elif kinds[index] == pdfium.FPDF_SEGMENT_BEZIERTO and contour and index + 2 < count:
            ends = [(numbers[2 * i], numbers[2 * i + 1]) for i in (index, index + 1, index + 2)]
            contour += _curve([contour[-1], *ends])
            index += 2
        else:
            contour.append(point)
        index += 1
    if contour:
        yield contour


def _curve(points: Sequence[tuple[float, float]]) -> Contour:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points
    return [
        (
            (1 - t) ** 3 * x0 + 3 * (1 - t) ** 2 * t * x1 + 3 * (1 - t) * t * t * x2 + t**3 * x3,
            (1 - t) ** 3 * y0 + 3 * (1 - t) ** 2 * t * y1 + 3 * (1 - t) * t * t * y2 + t**3 * y3,
        )
        for t in _CURVE
    ]


@cache
def _references() -> dict[str, list[int]]:
    document = pdfium.FPDF_CreateNewDocument()
    try:
        fonts = [pdfium.FPDFText_LoadStandardFont(document, name) for name in _FONTS]
        found: dict[str, list[int]] = {}
        for digit in "0123456789":
            outlines = filter(None, (outline(font, digit) for font in fonts))
            shapes = filter(None, map(of_outline, outlines))
            found[digit] = [int.from_bytes(shape.tobytes()) for shape in shapes]
        for font in fonts:
            pdfium.FPDFFont_Close(font)
        return found
    finally:
        pdfium.FPDF_CloseDocument(document)
