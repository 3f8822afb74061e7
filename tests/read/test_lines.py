"""From words on a page to lines: rows, columns, and what is printed across them."""

from __future__ import annotations

from autod.domain.reading import Box, Word
from autod.read.lines import Placed, build_lines


def _placed(text: str, x: float, baseline: float, height: float = 10.0) -> Placed:
    width = 0.55 * height * len(text)
    box = Box(x, baseline - 0.8 * height, x + width, baseline + 0.2 * height)
    return Placed(Word(text, box), x, x + width, baseline, height)


def test_a_large_stamp_across_a_table_glues_no_rows() -> None:
    rows = [("Paper", "12.00", 300.0), ("Staples", "4.50", 312.0), ("Total", "16.50", 324.0)]
    words = [_placed(text, x, y) for name, sum_, y in rows for text, x in ((name, 60.0), (sum_, 500.0))]

    lines = build_lines([*words, _placed("DUPLICATE", 150, 318, height=46)])

    assert [line.text for line in lines if line.text != "DUPLICATE"] == [
        "Paper", "12.00", "Staples", "4.50", "Total", "16.50",
    ]  # fmt: skip
    assert "DUPLICATE" in [line.text for line in lines]


def test_a_large_heading_stays_one_line_above_the_small_print() -> None:
    heading = [_placed("Annual", 60, 80, height=36), _placed("Report", 195, 80, height=36)]
    small = [_placed("word", 60 + 30 * n, 200) for n in range(8)]

    first, *_ = build_lines([*small, *heading])

    assert first.text == "Annual Report"


def test_no_words_make_no_lines() -> None:
    assert build_lines([]) == []
