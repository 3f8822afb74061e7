"""QR codes on the picture of a page."""

from __future__ import annotations

import builtins
from typing import Any

import pytest
from PIL import Image

from autod.read.qr import read_qr_codes


def test_the_text_of_a_code_on_a_page_is_read() -> None:
    zxingcpp = pytest.importorskip("zxingcpp", reason="the optional QR decoder is not installed")
    code = zxingcpp.create_barcode("SPC\n0200\n1", zxingcpp.BarcodeFormat.QRCode)
    page = Image.new("RGB", (800, 1100), "white")
    page.paste(Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=6)), (300, 400))

    assert read_qr_codes(page) == ["SPC\n0200\n1"]


def test_a_page_without_a_code_gives_none() -> None:
    assert read_qr_codes(Image.new("RGB", (200, 200), "white")) == []


def test_without_the_decoder_no_code_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = builtins.__import__

    def without(name: str, *rest: Any, **options: Any) -> Any:
        if name == "zxingcpp":
            raise ImportError(name)
        return usual(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)

    assert read_qr_codes(Image.new("RGB", (200, 200), "white")) == []
