"""Pages on which the file says one amount and the paper shows another, or none.

What a person sees on such a page is ``SEEN``; what the file says as well is ``HIDDEN``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

SEEN = (
    "Northfield Supplies Ltd",
    "14 Harbour Lane, Bristol",
    "Invoice number NF-2026-0117",
    "Invoice date 3 March 2026",
    "Copper pipe and fittings as ordered",
    "Total 100.00",
    "Payment within thirty days please",
)
HIDDEN = "Total 900.00"
AMOUNT = "900.00"
PRINTED = "100.00"
_PAGE = (595, 842)


class Hiding(NamedTuple):
    """``content`` is added to a page that shows ``SEEN``; ``prepare`` adds what it needs to the page."""

    content: str
    prepare: Callable[[pikepdf.Pdf, pikepdf.Page], None] = lambda pdf, page: None
    before: str = ""


def _text(text: str = HIDDEN, *, mode: str = "", size: float = 12, x: float = 72, y: float = 300) -> str:
    return f"q BT /F1 {size} Tf {mode} 1 0 0 1 {x} {y} Tm ({text}) Tj ET Q\n"


def _graphics_state(**values: object) -> Callable[[pikepdf.Pdf, pikepdf.Page], None]:
    def prepare(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        page.Resources.ExtGState = Dictionary(G0=Dictionary(**values))

    return prepare


def _layer(pdf: pikepdf.Pdf) -> pikepdf.Object:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Off"))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(OFF=Array([group]), Order=Array([])))
    return group


def _layer_off(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.Resources.Properties = Dictionary(L0=_layer(pdf))


def _membership_off(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    membership = Dictionary(Type=Name.OCMD, OCGs=Array([_layer(pdf)]), P=Name.AllOn)
    page.Resources.Properties = Dictionary(L0=pdf.make_indirect(membership))


def _form(pdf: pikepdf.Pdf, page: pikepdf.Page, **more: object) -> pikepdf.Object:
    form = Stream(pdf, _text().encode())
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array([0, 0, *_PAGE])
    form.Resources = Dictionary(Font=page.Resources.Font)
    for key, value in more.items():
        form[f"/{key}"] = value
    page.Resources.XObject = Dictionary(X0=pdf.make_indirect(form))
    return form


def _form_off(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    _form(pdf, page, OC=_layer(pdf))


def _form_clipped_away(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    _form(pdf, page).BBox = Array([0, 0, 10, 10])


def _form_scaled_to_nothing(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    _form(pdf, page)


def _empty_pattern(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    tile = Stream(pdf, b"")
    tile.Type, tile.PatternType, tile.PaintType, tile.TilingType = Name.Pattern, 1, 1, 1
    tile.BBox, tile.XStep, tile.YStep, tile.Resources = Array([0, 0, 5, 5]), 5, 5, Dictionary()
    page.Resources.Pattern = Dictionary(P0=pdf.make_indirect(tile))


def _white_shading(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    white = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 1, 1]), C1=Array([1, 1, 1]), N=1)
    shading = Dictionary(
        ShadingType=2,
        ColorSpace=Name.DeviceRGB,
        Coords=Array([0, 0, 600, 0]),
        Function=white,
        Extend=Array([True, True]),
    )
    page.Resources.Pattern = Dictionary(P0=pdf.make_indirect(Dictionary(PatternType=2, Shading=shading)))


def _empty_mask(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    group = Stream(pdf, b"")
    group.Type, group.Subtype, group.BBox = Name.XObject, Name.Form, Array([0, 0, *_PAGE])
    group.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceGray)
    mask = Dictionary(Type=Name.Mask, S=Name.Luminosity, G=pdf.make_indirect(group))
    page.Resources.ExtGState = Dictionary(G0=Dictionary(SMask=mask))


def _picture(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """A picture that is neither even nor empty: plain ink would be found in every word's place."""
    picture = Image.effect_noise((120, 40), 90)
    image = Stream(pdf, picture.tobytes())
    image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, 120, 40
    image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
    page.Resources.XObject = Dictionary(X0=pdf.make_indirect(image))


_SHOW_PICTURE = "q 300 0 0 60 60 280 cm /X0 Do Q\n"
_HATCH = "q 0 G 0.7 w " + " ".join(f"{60 + 4 * n} 280 m {80 + 4 * n} 330 l" for n in range(60)) + " S Q\n"

HIDINGS: dict[str, Hiding] = {
    "invisible mode": Hiding(_text(mode="3 Tr")),
    "clipping mode": Hiding(_text(mode="7 Tr")),
    "white": Hiding("1 g " + _text()),
    "nearly white": Hiding("0.985 0.98 0.985 rg " + _text()),
    "white lines": Hiding("1 G " + _text(mode="1 Tr")),
    "white in another colour space": Hiding("0 0 0 0 k " + _text()),
    "colour of its box": Hiding("0.1 0.2 0.6 rg 60 280 300 50 re f 0.12 0.2 0.62 rg " + _text()),
    "transparent": Hiding("/G0 gs " + _text(), _graphics_state(ca=0.01, CA=0.01)),
    "lines transparent": Hiding("/G0 gs " + _text(mode="1 Tr"), _graphics_state(ca=1, CA=0)),
    "paints nothing": Hiding("1 g /G0 gs " + _text(), _graphics_state(BM=Name.Multiply)),
    "empty mask": Hiding("/G0 gs " + _text(), _empty_mask),
    "empty pattern": Hiding("/Pattern cs /P0 scn " + _text(), _empty_pattern),
    "white shading": Hiding("/Pattern cs /P0 scn " + _text(), _white_shading),
    "tiny": Hiding(_text(size=0.8)),
    "scaled to nothing": Hiding("q 0.01 0 0 0.01 72 300 cm " + _text(x=0, y=0) + "Q"),
    "squeezed": Hiding(_text(mode="1 Tz")),
    "flattened": Hiding(f"q BT /F1 12 Tf 1 0 0 0.01 72 300 Tm ({HIDDEN}) Tj ET Q"),
    "beside the page": Hiding(_text(x=-300)),
    "below the page": Hiding(_text(y=-100)),
    "beyond the crop": Hiding(
        _text(y=20), lambda pdf, page: page.obj.__setitem__("/CropBox", Array([0, 60, 595, 842]))
    ),
    "clipped to nothing": Hiding("q 0 0 1 1 re W n " + _text() + "Q"),
    "clipped to an empty path": Hiding("q 72 300 m W n " + _text() + "Q"),
    "clipped to other text": Hiding(f"q BT /F1 12 Tf 7 Tr 1 0 0 1 300 600 Tm (x) Tj ET\n{_text()}Q"),
    "layer off": Hiding("/OC /L0 BDC " + _text() + "EMC", _layer_off),
    "membership off": Hiding("/OC /L0 BDC " + _text() + "EMC", _membership_off),
    "form in a layer that is off": Hiding("/X0 Do", _form_off),
    "form clipped away": Hiding("/X0 Do", _form_clipped_away),
    "form scaled to nothing": Hiding("q 0.004 0 0 0.004 300 300 cm /X0 Do Q", _form_scaled_to_nothing),
    "layer off over lines": Hiding(_HATCH + "/OC /L0 BDC " + _text() + "EMC", _layer_off),
    "layer off over a picture": Hiding(
        _SHOW_PICTURE + "/OC /L0 BDC " + _text() + "EMC",
        lambda pdf, page: (_layer_off(pdf, page), _picture(pdf, page))[1],
    ),
    "covered by white": Hiding(_text() + "1 g 60 280 300 50 re f"),
    "covered by black": Hiding(_text() + "60 280 300 50 re f"),
    "covered by a hatch": Hiding(_text() + "1 g 60 280 300 50 re f " + _HATCH),
    "behind a picture": Hiding(_text() + _SHOW_PICTURE, _picture),
    "invisible over a picture": Hiding(_SHOW_PICTURE + _text(mode="3 Tr"), _picture),
    "invisible over lines": Hiding(_HATCH + _text(mode="3 Tr")),
    "over what is printed": Hiding("/OC /L0 BDC " + _text(y=650) + "EMC", _layer_off),
    "invisible over what is printed": Hiding(_text(mode="3 Tr", y=650)),
    "white on grey lines": Hiding(
        "0.9 G 1 w " + " ".join(f"60 {280 + 3 * n} m 400 {280 + 3 * n} l" for n in range(20)) + " S "
        "/OC /L0 BDC " + _text() + "EMC",
        _layer_off,
    ),
}


def make(path: Path, name: str) -> Path:
    """A page that shows ``SEEN`` and says ``HIDDEN`` as well, hidden in the way called ``name``."""
    hiding = HIDINGS[name]
    lines = "".join(_text(line, y=770 - 24 * row) for row, line in enumerate(SEEN))
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=_PAGE)
        page.Resources = Dictionary(Font=Dictionary(F1=_helvetica(pdf)))
        hiding.prepare(pdf, page)
        page.Contents = Stream(pdf, f"{lines}q {hiding.content} Q".encode())
        pdf.save(path)
    return path


def _helvetica(pdf: pikepdf.Pdf, **more: object) -> pikepdf.Object:
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
    )
    for key, value in more.items():
        font[f"/{key}"] = value
    return pdf.make_indirect(font)


# Pages that print PRINTED and say AMOUNT in its place.


def _saying(one: str, other: str) -> bytes:
    """A ToUnicode map by which the code of ``one`` means ``other``."""
    lines = "".join(
        f"<{code:02x}> <{(ord(other) if chr(code) == one else code):04x}>\n" for code in range(32, 127)
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"95 beginbfchar\n{lines}endbfchar endcmap end end"
    ).encode()


def _lines_page(pdf: pikepdf.Pdf, lines: tuple[str, ...], fonts: pikepdf.Object) -> None:
    page = pdf.add_blank_page(page_size=_PAGE)
    page.Resources = Dictionary(Font=fonts)
    content = ""
    for row, line in enumerate(lines):
        font = "F2" if line.startswith("Total") else "F1"
        content += f"BT /{font} 12 Tf 72 {770 - 24 * row} Td ({line}) Tj ET\n"
    page.Contents = Stream(pdf, content.encode())


def lying_map(path: Path) -> Path:
    """Helvetica prints the 1 of the total, its map to Unicode says 9."""
    with pikepdf.new() as pdf:
        lying = _helvetica(pdf, ToUnicode=pdf.make_indirect(Stream(pdf, _saying("1", "9"))))
        _lines_page(pdf, SEEN, Dictionary(F1=_helvetica(pdf), F2=lying))
        pdf.save(path)
    return path


def lying_names(path: Path) -> Path:
    """The encoding draws the glyph called one for the code that the map calls 9."""
    with pikepdf.new() as pdf:
        encoding = Dictionary(BaseEncoding=Name.WinAnsiEncoding, Differences=Array([57, Name.one]))
        lying = _helvetica(
            pdf, Encoding=encoding, ToUnicode=pdf.make_indirect(Stream(pdf, _saying("x", "x")))
        )
        _lines_page(
            pdf,
            tuple(line.replace(PRINTED, AMOUNT) for line in SEEN),
            Dictionary(F1=_helvetica(pdf), F2=lying),
        )
        pdf.save(path)
    return path


def second_code(path: Path) -> Path:
    """Two codes mean 9: one draws it, the other, with which the total is written, draws 1."""
    with pikepdf.new() as pdf:
        encoding = Dictionary(BaseEncoding=Name.WinAnsiEncoding, Differences=Array([200, Name.one]))
        table = _saying("x", "x").replace(b"95 beginbfchar\n", b"96 beginbfchar\n<c8> <0039>\n")
        lying = _helvetica(pdf, Encoding=encoding, ToUnicode=pdf.make_indirect(Stream(pdf, table)))
        _lines_page(
            pdf,
            tuple(line.replace("Total 1", "Total \\310") for line in SEEN),
            Dictionary(F1=_helvetica(pdf), F2=lying),
        )
        pdf.save(path)
    return path


def drawn_font(path: Path, shown: str = "1") -> Path:
    """A font of drawings (Type 3), in which the drawing for 9 is that of ``shown``."""
    with pikepdf.new() as pdf:
        procedures = Dictionary()
        signs = sorted(set("".join(SEEN) + AMOUNT) - {" "})
        for sign in signs:
            drawing = Stream(
                pdf, f"600 0 d0 BT /F1 1000 Tf ({shown if sign == '9' else sign}) Tj ET".encode()
            )
            procedures[f"/g{ord(sign)}"] = pdf.make_indirect(drawing)
        differences = Array([item for sign in signs for item in (ord(sign), Name(f"/g{ord(sign)}"))])
        font = Dictionary(
            Type=Name.Font,
            Subtype=Name.Type3,
            FontBBox=Array([0, -300, 1000, 1000]),
            FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
            CharProcs=procedures,
            Encoding=Dictionary(Type=Name.Encoding, Differences=differences),
            FirstChar=32,
            LastChar=126,
            Widths=Array([600] * 95),
            Resources=Dictionary(Font=Dictionary(F1=_helvetica(pdf))),
            ToUnicode=pdf.make_indirect(Stream(pdf, _saying("x", "x"))),
        )
        fonts = Dictionary(F1=_helvetica(pdf), F2=pdf.make_indirect(font))
        _lines_page(pdf, tuple(line.replace(PRINTED, AMOUNT) for line in SEEN), fonts)
        pdf.save(path)
    return path


def embedded(path: Path, edit: Callable[[str], str] = lambda table: table) -> Path:
    """A page set in an embedded TrueType font, whose map to Unicode ``edit`` changes."""
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    canvas = Canvas(str(path), pagesize=_PAGE, invariant=1)
    canvas.setFont("Vera", 12)
    for row, line in enumerate(SEEN):
        canvas.drawString(72, 770 - 24 * row, line)
    canvas.save()
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for font in pdf.pages[0].Resources.Font.values():
            if "/ToUnicode" in font:
                table = font.ToUnicode.read_bytes().decode()
                font.ToUnicode.write(edit(table).encode())
        pdf.save(path)
    return path


def _one_is_nine(table: str) -> str:
    return re.sub(r"<0031>", "<0039>", table)


def lying_embedded(path: Path) -> Path:
    """An embedded font prints each 1, its map to Unicode says 9."""
    return embedded(path, _one_is_nine)


def _shifted(table: str) -> str:
    def lower(found: re.Match[str]) -> str:
        code = int(found[1], 16)
        return f"<{code - 3 if code > 35 else code:04X}>"

    return re.sub(r"<([0-9A-Fa-f]{4})>", lower, table)


def shifted_embedded(path: Path) -> Path:
    """An embedded font whose map says every sign three places too low."""
    return embedded(path, _shifted)


def actual_text(path: Path) -> Path:
    """The total is printed; a mark beside it says that its text is another."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=_PAGE)
        page.Resources = Dictionary(Font=Dictionary(F1=_helvetica(pdf)))
        parts = []
        for row, line in enumerate(SEEN):
            shown = _text(line, y=770 - 24 * row)
            parts.append(f"/Span <</ActualText ({HIDDEN})>> BDC {shown} EMC\n" if PRINTED in line else shown)
        page.Contents = Stream(pdf, "".join(parts).encode())
        pdf.save(path)
    return path


LIES: dict[str, Callable[[Path], Path]] = {
    "map to Unicode": lying_map,
    "names of glyphs": lying_names,
    "second code for a digit": second_code,
    "font of drawings": drawn_font,
    "map of an embedded font": lying_embedded,
    "whole map shifted": shifted_embedded,
    "actual text": actual_text,
}
"""Pages that print ``PRINTED`` in the place where their text says ``AMOUNT``."""


def foreign_fonts(path: Path, width: int = 500) -> Path:
    """A page set in fonts that are not in the file, each letter ``width`` wide."""
    with pikepdf.new() as pdf:
        fonts = Dictionary()
        for name, flags in (("F1", 32), ("F2", 34)):
            descriptor = Dictionary(
                Type=Name.FontDescriptor,
                FontName=Name(f"/Foreign{name}"),
                Flags=flags,
                FontBBox=Array([0, -200, 1000, 800]),
                Ascent=800,
                Descent=-200,
                CapHeight=700,
                ItalicAngle=0,
                StemV=80,
            )
            fonts[f"/{name}"] = pdf.make_indirect(
                Dictionary(
                    Type=Name.Font,
                    Subtype=Name.TrueType,
                    BaseFont=Name(f"/Foreign{name}"),
                    FirstChar=32,
                    LastChar=126,
                    Widths=Array([width] * 95),
                    Encoding=Name.WinAnsiEncoding,
                    FontDescriptor=descriptor,
                )
            )
        _lines_page(pdf, SEEN, fonts)
        pdf.save(path)
    return path
