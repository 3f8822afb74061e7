"""What a page costs grows with its text and not with its square, whatever stands on it.

Steps are counted, not seconds. Doubling a page must not much more than double them; up to ``LONGEST_LINE``
characters a line may cost its square, so that pages begin well beyond.
"""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import autod
from autod.domain.reading import Box, Word
from autod.extract.local.page.layout import PageLayout
from autod.read.lines import LONGEST_LINE, windows
from autod.search import snippet
from autod.search.query import Term
from tests.extract.growth import label_tables, page_of_rows, phrases, steps, understanding_steps

MOST_GROWTH = 2.35
MOST_LABELS = 300  # of one table on one page: there are thousands, made of the same words
VALUES = ("", "1,50 EUR", "12.03.2026", "AB-12345", "Acme GmbH", "12345 Berlin", "DE89370400440532013000")
TABLES = label_tables()
ONE_OF_EACH_KEY = sorted(
    {(name, key): phrase for name, table in TABLES.items() for key, phrase in phrases(table)}.items()
)


def test_the_tables_of_all_rooms_are_tried() -> None:
    assert len({name.partition(".")[0] for name in TABLES}) > 3
    assert len(ONE_OF_EACH_KEY) > 90


@pytest.fixture(autouse=True, scope="module")
def _warm() -> None:
    """What is worked out once a process is not the page's."""
    understanding_steps(page_of_rows([["Total: 1,00 EUR", "Invoice number: A-1"]] * 30))


@pytest.mark.parametrize(
    ("at", "name", "phrase"), [(at, *of[:1], phrase) for at, (of, phrase) in enumerate(ONE_OF_EACH_KEY)]
)
def test_a_label_again_and_again_costs_no_more_each_time(at: int, name: str, phrase: str) -> None:
    cell = f"{phrase}: {VALUES[at % len(VALUES)]}".strip()
    times = LONGEST_LINE // (len(cell) + 1)
    in_a_line = [understanding_steps(page_of_rows([[" ".join([cell] * k)]])) for k in (4 * times, 8 * times)]
    in_rows = [understanding_steps(page_of_rows([[cell]] * k)) for k in (times, 2 * times)]
    assert in_a_line[1] < MOST_GROWTH * in_a_line[0], in_a_line
    if in_rows[1] >= MOST_GROWTH * in_rows[0]:  # few rows are not yet a table with a heading
        in_rows = [in_rows[1], understanding_steps(page_of_rows([[cell]] * 4 * times))]
    assert in_rows[1] < MOST_GROWTH * in_rows[0], in_rows


@pytest.mark.parametrize("name", sorted(TABLES))
def test_all_labels_of_a_table_on_one_page_cost_as_much_as_on_two(name: str) -> None:
    known = [phrase for _, phrase in phrases(TABLES[name])]
    labels = known[:: 1 + len(known) // MOST_LABELS]
    cells = [f"{label}: {value}" for label, value in zip(labels, itertools.cycle(VALUES), strict=False)]
    enough = -(-4 * LONGEST_LINE // sum(map(len, cells)))
    counts = [understanding_steps(page_of_rows([[" ".join(cells * enough * k)]])) for k in (1, 2)]
    assert counts[1] < MOST_GROWTH * counts[0], counts
    counts = [understanding_steps(page_of_rows([[cell] for cell in cells * enough * k])) for k in (1, 2)]
    assert counts[1] < MOST_GROWTH * counts[0], counts


@pytest.mark.parametrize("words", ["lorem ipsum dolor", "1.234,56", "a@b.de", "Acme GmbH", "1 2 3 . : -"])
def test_a_page_of_a_great_many_words_costs_so_much_a_word(words: str) -> None:
    counts = [understanding_steps(page_of_rows([[" ".join([words] * 10)]] * k)) for k in (400, 800)]
    assert counts[1] < MOST_GROWTH * counts[0], counts


def test_a_row_of_a_great_many_cells_costs_so_much_a_cell() -> None:
    """Beyond what is looked at beside a label, which is more than a sheet of paper has room for."""
    counts = [understanding_steps(page_of_rows([["Total:", "1,50"] * k])) for k in (500, 1_000)]
    assert counts[1] < MOST_GROWTH * counts[0], counts


def test_what_a_person_prints_is_one_line_and_nothing_is_lost_of_a_longer_one() -> None:
    words = [
        Word(text, Box(at, 0, at + 1, 10), 0.9) for at, text in enumerate(["lorem", "ipsum", "dolor"] * 60)
    ]
    lines = list(windows(words[:30]))
    assert [line.words for line in lines] == [tuple(words[:30])]
    longer = list(windows(words * 40))
    assert all(len(line.text) <= LONGEST_LINE for line in longer)
    assert [word for line in longer for word in line.words] == words * 40


def test_a_word_longer_than_a_line_is_cut_with_its_box() -> None:
    word = Word("x" * (2 * LONGEST_LINE + 500), Box(0, 0, 250, 10), 0.5)
    pieces = [piece for line in windows([word]) for piece in line.words]
    assert "".join(piece.text for piece in pieces) == word.text
    assert [(piece.box.x0, piece.box.x1) for piece in pieces] == [(0, 100), (100, 200), (200, 250)]


def test_rows_are_the_same_whoever_asks() -> None:
    (page,) = page_of_rows([["a", "b", "c"], ["d"]]).pages
    layout = PageLayout(page)
    assert [layout.cells_beside(line) for line in page.lines] == [3, 3, 3, 1]


def test_a_snippet_of_a_long_text_costs_so_much_a_word() -> None:
    terms = [Term(("pump",), True), Term(("heat",), False)]
    counts = [
        steps(lambda k=k: snippet.cut("heat pump élan " * k, terms, ("[", "]")))  # type: ignore[misc]
        for k in (2_000, 4_000)
    ]
    assert counts[1] < MOST_GROWTH * counts[0], counts


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern of text that a module of ours holds."""
    for module in pkgutil.walk_packages(autod.__path__, "autod."):
        if module.name.startswith(
            ("autod.domain", "autod.extract", "autod.read", "autod.search", "autod.verify")
        ):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    yield f"{module.name}.{name}", value


def nested(parsed: Any, inside: bool = False) -> Iterator[Any]:
    """Repeats of varying length within others that no sign parts."""
    for operation, value in parsed:
        if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            least, most, body = value
            varies = most != least and most > 8
            if varies and inside:
                yield value
            yield from nested(body, inside or (varies and not _fenced(body)))
        elif operation is _constants.SUBPATTERN:
            yield from nested(value[3], inside)
        elif operation is _constants.BRANCH:
            for branch in value[1]:
                yield from nested(branch, inside)
        elif operation in (_constants.ASSERT, _constants.ASSERT_NOT):
            yield from nested(value[1], inside)


def _fenced(body: Any) -> bool:
    """Whether a round begins or ends with one sign that must be there: that parts it in one way only."""
    ends = (body[0][0], body[-1][0])
    return any(end in (_constants.LITERAL, _constants.IN) for end in ends)


def test_no_pattern_has_a_repeat_within_a_repeat_that_can_be_parted_in_many_ways() -> None:
    found = [name for name, pattern in patterns() if [*nested(_parser.parse(pattern.pattern, pattern.flags))]]
    assert found == []


def test_such_a_pattern_would_be_found() -> None:
    assert [*nested(_parser.parse("(?:a+)+b"))]
    assert not [*nested(_parser.parse(r"\d+(?:[.,]\d+)*"))]
