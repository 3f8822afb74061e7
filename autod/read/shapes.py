"""Which digit a shape looks like, by comparison with the digits of the standard fonts."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

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


_ADDRESS = ctypes.c_void_p
_SEGMENT = ctypes.CFUNCTYPE(_ADDRESS, _ADDRESS, ctypes.c_int)(
    ctypes.cast(pdfium.FPDFGlyphPath_GetGlyphPathSegment, _ADDRESS).value or 0
)  # gives the place of a segment
_STRIDE = 12  # bytes of a segment: two floats, kind, whether it closes
_UNUSED = (10, 11)  # of them

Contour = list[tuple[float, float]]


class Segment(NamedTuple):
    """A line to a point; ``kind`` is pdfium's."""

    kind: int
    x: float
    y: float


def proportion(outline: Sequence[Segment]) -> float:
    """Width to height."""
    xs, ys = [segment.x for segment in outline], [segment.y for segment in outline]
    return (max(xs) - min(xs)) / max(max(ys) - min(ys), 0.001) if xs else 0.0


def outline(font: pdfium.FPDF_FONT, digit: str) -> bytes | None:
    """What tells the outline that ``font`` draws for ``digit`` from every other.

    None where it has none, as fonts of drawings have.
    """
    path = pdfium.FPDFFont_GetGlyphPath(font, ord(digit), _SIZE)
    count = pdfium.FPDFGlyphPath_CountGlyphSegments(path) if path else 0
    if count <= 0 or count > _MOST_SEGMENTS:
        return None
    handle = ctypes.cast(path, _ADDRESS).value
    first, last = _SEGMENT(handle, 0), _SEGMENT(handle, count - 1)
    if last - first == _STRIDE * (count - 1):
        # The segments lie one after another: taken at once, for a twentieth of what asking for each costs.
        described = bytearray(ctypes.string_at(first, _STRIDE * count))
        for unused in _UNUSED:
            described[unused::_STRIDE] = bytes(count)
        return bytes(described)
    return repr(segments(font, digit)).encode()


def segments(font: pdfium.FPDF_FONT, digit: str) -> list[Segment]:
    """The outline itself."""
    path = pdfium.FPDFFont_GetGlyphPath(font, ord(digit), _SIZE)
    count = pdfium.FPDFGlyphPath_CountGlyphSegments(path) if path else 0
    x, y = ctypes.c_float(), ctypes.c_float()
    found = []
    for index in range(min(max(count, 0), _MOST_SEGMENTS)):
        segment = pdfium.FPDFGlyphPath_GetGlyphPathSegment(path, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        found.append(Segment(pdfium.FPDFPathSegment_GetType(segment), x.value, y.value))
    return found


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


def of_outline(outline: Sequence[Segment]) -> Image.Image | None:
    """The filled outline on the grid; None where there is nothing to fill."""
    contours = list(_contours(outline))
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


def _contours(outline: Sequence[Segment]) -> Iterator[Contour]:
    contour: Contour = []
    index = 0
    while index < len(outline):
        kind, *point = outline[index]
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if contour:
                yield contour
            contour = [(point[0], point[1])]
        elif kind == pdfium.FPDF_SEGMENT_BEZIERTO and contour and index + 2 < len(outline):
            ends = [(segment.x, segment.y) for segment in outline[index : index + 3]]
            contour += _curve([contour[-1], *ends])
            index += 2
        else:
            contour.append((point[0], point[1]))
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
            shapes = filter(None, (of_outline(segments(font, digit)) for font in fonts))
            found[digit] = [int.from_bytes(shape.tobytes()) for shape in shapes]
        for font in fonts:
            pdfium.FPDFFont_Close(font)
        return found
    finally:
        pdfium.FPDF_CloseDocument(document)
