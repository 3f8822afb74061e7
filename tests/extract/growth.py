"""Counts the steps of a piece of work, which are the same on every machine, and makes pages of any size."""

from __future__ import annotations

import cProfile
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import autod.extract.local as local
from autod.child.understand import understand
from autod.domain.reading import Box, Page, Reading, TextSource, Word
from autod.extract.local.kind.possible import possible_kinds
from autod.extract.stated import states_all
from autod.read.lines import Placed, build_lines
from autod.words.label_table import LabelTable

_SIGN, _HEIGHT, _ROW, _GUTTER = 5.0, 10.0, 14.0, 40.0


def page_of_rows(rows: Sequence[Sequence[str]], *, wide: bool = False) -> Reading:
    """A page with a row of cells for each of ``rows``, as the reader makes lines of it.

    Args:
        wide: the page has room for its rows, else they run out of a sheet of paper.
    """
    placed = []
    width = 595.0
    for number, cells in enumerate(rows):
        x, y = 40.0, number * _ROW
        for cell in cells:
            for text in cell.split():
                end = x + len(text) * _SIGN
                word = Word(text, Box(x, y, end, y + _HEIGHT))
                placed.append(Placed(word, x, end, y + 0.8 * _HEIGHT, _HEIGHT))
                x = end + 3
            x += _GUTTER
        width = max(width, x) if wide else width
    height = max(842.0, len(rows) * _ROW + 50)
    return Reading((Page(1, width, height, tuple(build_lines(placed)), TextSource.TEXT_LAYER),))


def understanding_steps(reading: Reading) -> int:
    """All that is done to a reading."""

    def work() -> None:
        understand(reading, review_below=0.5, today=date(2026, 5, 1))
        possible_kinds(reading, frozenset())
        states_all(reading)

    return steps(work)


def steps(work: Callable[[], Any]) -> int:
    """How many functions ``work`` calls, those of C too."""
    counter = cProfile.Profile()
    counter.enable()
    try:
        work()
    finally:
        counter.disable()
    return sum(entry.callcount for entry in counter.getstats())


def label_tables() -> dict[str, LabelTable]:
    """Every table of labels of the embedded engine, by its module and name."""
    found: dict[int, tuple[str, LabelTable]] = {}
    for module in pkgutil.walk_packages(local.__path__, f"{local.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, LabelTable):
                found.setdefault(id(value), (f"{module.name.removeprefix(local.__name__)[1:]}.{name}", value))
    return dict(found.values())


def phrases(table: LabelTable) -> Iterator[tuple[str, str]]:
    """Key and phrase of each label."""
    waiting = [table.root]
    while waiting:
        node = waiting.pop()
        if node.key is not None:
            yield node.key, node.phrase
        waiting += node.next.values()
