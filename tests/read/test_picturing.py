"""Pictures of pages for a model that sees: bounded, and lying as they are read."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pytest
from PIL import Image

from autod.child.handing import cut, open_for
from autod.read import picturing
from autod.read.picturing import picture_pages
from tests.read.pdfs import draw, draw_scan, read, scan, write


def pictured(folder: Path, pdf: Path, turned: int = 0, **limits: int) -> dict[str, Path]:
    reading = read(pdf)
    pages = tuple(dataclasses.replace(page, turned=turned) for page in reading.pages)
    (folder / "reading.json").write_text(dataclasses.replace(reading, pages=pages).to_json())
    standard = {"most_pages": 10, "max_side": 800}
    reads = {"document": pdf, "reading": folder / "reading.json"}
    with open_for(reads, {"pictures": folder / "q"}) as files:
        sizes = picture_pages(**files, **{**standard, **limits})["sizes"]
    made = {number: folder / f"{number}.jpg" for number in sizes}
    cut(folder / "q", {made[number]: size for number, size in sizes.items()})
    return made


def opened(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


def test_each_page_is_a_jpeg_of_the_allowed_size(tmp_path: Path) -> None:
    made = pictured(tmp_path, draw(tmp_path / "a.pdf", draw_scan(scan()), write))
    assert list(made) == ["1", "2"]
    for path in made.values():
        image = opened(path)
        assert image.format == "JPEG" and max(image.size) <= 800
        low, high = image.getextrema()  # type: ignore[misc]  # a grey picture has one band
        assert low < 100 and high > 200


def test_only_so_many_pages_are_drawn(tmp_path: Path) -> None:
    assert list(pictured(tmp_path, draw(tmp_path / "a.pdf", *[write] * 4), most_pages=2)) == ["1", "2"]


def test_page_that_was_turned_to_be_read_is_turned_in_its_picture(tmp_path: Path) -> None:
    image = opened(pictured(tmp_path, draw(tmp_path / "a.pdf", write), turned=90)["1"])
    assert image.width > image.height


def test_picture_that_stays_too_large_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picturing, "MOST_BYTES", 100)
    assert pictured(tmp_path, draw(tmp_path / "a.pdf", write)) == {}
