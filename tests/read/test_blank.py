"""A blank back is told from a page that could not be read."""

from __future__ import annotations

from pathlib import Path

from autod.read.blank import blank_pages
from tests.read.pdfs import draw, draw_scan, scan, write


def blank(pdf: Path, numbers: list[int]) -> frozenset[int]:
    with pdf.open("rb") as document:
        return blank_pages(document.fileno(), numbers)


def test_only_pages_that_show_nothing_are_blank(tmp_path: Path) -> None:
    pdf = draw(tmp_path / "a.pdf", write, lambda canvas: None, draw_scan(scan()), draw_scan(scan(())))
    assert blank(pdf, [1, 2, 3, 4]) == {2, 4}


def test_a_page_that_is_not_there_is_not_blank(tmp_path: Path) -> None:
    assert blank(draw(tmp_path / "a.pdf", write), [7]) == frozenset()
    (tmp_path / "nothing.pdf").touch()
    assert blank(tmp_path / "nothing.pdf", []) == frozenset()
