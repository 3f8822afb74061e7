"""A blank back is told from a page that could not be read."""

from __future__ import annotations

from pathlib import Path

from autod.read.blank import blank_pages
from tests.read.pdfs import draw, draw_scan, scan, write


def test_only_pages_that_show_nothing_are_blank(tmp_path: Path) -> None:
    pdf = draw(tmp_path / "a.pdf", write, lambda canvas: None, draw_scan(scan()), draw_scan(scan(())))
    assert blank_pages(pdf, [1, 2, 3, 4]) == {2, 4}


def test_a_page_that_is_not_there_is_not_blank(tmp_path: Path) -> None:
    assert blank_pages(draw(tmp_path / "a.pdf", write), [7]) == frozenset()
    assert blank_pages(tmp_path / "nothing.pdf", []) == frozenset()
