"""Forged answers are never believed, whatever is forged; honest ones are, however clumsily they quote."""

from __future__ import annotations

import pytest

from tests.forging.answers import Case, cases
from tests.forging.clumsy import clumsy_table
from tests.forging.forgeries import Class
from tests.forging.judging import Fate, Table
from tests.forging.suite import forged_table, honest_table

EVERY = 7
"""Of the forgeries each so manieth is tried here; ``test_every_forgery.py`` tries them all."""


def hold(table: Table) -> None:
    """What is asked of any table of forged answers; a failure prints it."""
    told = "\n".join(table.lines())
    swapped = table.of(Class.SWAPPED)
    assert table.of(Class.ABSENT)[Fate.ACCEPTED] == 0, told
    assert swapped[Fate.ACCEPTED] <= 0.1 * swapped.total(), told
    assert table.of(Class.JUDGED)[Fate.ACCEPTED] == 0, told


def hold_clumsy(table: Table) -> None:
    right, told = table.of("right"), "\n".join(table.lines())
    assert right[Fate.REFUSED] <= 0.05 * right.total(), told
    assert table.of("forged")[Fate.ACCEPTED] == 0, told


@pytest.fixture(scope="module")
def samples() -> tuple[Case, ...]:
    return cases()


@pytest.mark.parametrize("blind", [False, True])
def test_forged_answers_are_refused_or_wait_for_a_person(samples: tuple[Case, ...], blind: bool) -> None:
    hold(forged_table(samples, blind=blind, every=EVERY))


def test_honest_answers_are_kept(samples: tuple[Case, ...]) -> None:
    table = honest_table(samples)
    assert table.of("honest")[Fate.REFUSED] == 0, "\n".join(table.lines())


def test_right_values_with_clumsy_quotes_are_kept_and_forged_ones_are_not(samples: tuple[Case, ...]) -> None:
    hold_clumsy(clumsy_table(samples, every=3 * EVERY))
