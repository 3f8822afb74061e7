"""QR codes on the picture of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_MAX_CODES = 8
_MAX_CHARACTERS = 4_000


def read_qr_codes(image: Image) -> list[str]:
    """The texts of the QR codes in ``image`` (150 dpi or more), hostile like all a document holds.

    Empty where the optional decoder (zxing-cpp) is not installed.
    """
    try:
        import zxingcpp
    except ImportError:
        return []
    codes = zxingcpp.read_barcodes(
        image.convert("L"), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return [code.text[:_MAX_CHARACTERS] for code in codes[:_MAX_CODES]]
