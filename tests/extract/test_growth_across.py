"""Labels with their values again and again in one row, on a page that has room for it.

No sheet of paper is so wide: a label must look no further than one would have it look.
"""

from __future__ import annotations

import pytest

from autod.domain.reading import Reading
from autod.read.lines import LONGEST_LINE
from tests.extract.growth import page_of_rows, understanding_steps
from tests.extract.test_growth import MOST_GROWTH, ONE_OF_EACH_KEY, TABLES

SOME_LINES = 3 * LONGEST_LINE
MOST_GROWTH_TWICE = MOST_GROWTH**2
"""Of a row made twice as long twice: a find that is made once more must not pass for growth."""
VALUES = ("1", "1,50 EUR", "12.03.2026", "AB-12345")


def wide_page(cell: str, times: int) -> Reading:
    return page_of_rows([[" ".join([cell] * times)]], wide=True)


@pytest.fixture(autouse=True, scope="module")
def _warm() -> None:
    """What is worked out once a process is not the page's."""
    understanding_steps(wide_page("Total: 1,00 EUR", 30))


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_label_looks_no_further_than_on_paper(name: str, value: str) -> None:
    for (table, _), phrase in ONE_OF_EACH_KEY:
        if table == name:
            cell = f"{phrase}: {value}"
            times = SOME_LINES // (len(cell) + 1)
            counts = [understanding_steps(wide_page(cell, k)) for k in (times, 4 * times)]
            assert counts[1] < MOST_GROWTH_TWICE * counts[0], (cell, counts)
