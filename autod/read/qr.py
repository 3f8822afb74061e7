"""QR codes on the picture of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autod.words import phrases
from autod.words.label_table import fold

if TYPE_CHECKING:
    from PIL.Image import Image

    from autod.read.rendering import Picture

# What stands beside the codes that say what to pay: the Swiss payment part's title, and the European ones.
_ANNOUNCED = phrases("payment_slips.titles") + phrases("payment_slips.codes")


def announces_code(text: str) -> bool:
    """Whether a page with this text shows a payment code, so that looking for it is worth a picture."""
    folded = fold(text)
    return any(words in folded for words in _ANNOUNCED)


def read_codes(picture: Picture) -> tuple[str, ...]:
    """The texts of the QR codes on a page's picture."""
    from PIL import Image

    whole = Image.frombuffer("L", (picture.width, picture.height), picture.pixels, "raw", "L", 0, 1)
    return tuple(read_qr_codes(whole))


def read_qr_codes(image: Image) -> list[str]:
    """The texts of the QR codes in ``image`` (150 dpi or more), hostile like all a document holds.

    Empty where the optional decoder (zxing-cpp) is not installed. What codes hold is bounded by their
    size, and so by the picture's.
    """
    try:
        import zxingcpp
    except ImportError:
        return []
    codes = zxingcpp.read_barcodes(
        image.convert("L"), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return [code.text for code in codes]
