"""What is weighed has a name, and a score can be told by what it is made of."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import autod.extract.local as local
from autod.domain.reading import Page
from autod.extract.local import weights
from autod.extract.local.kind import weights as kind_weights
from autod.extract.local.page.candidates import TextMatch, in_line
from autod.extract.local.weights import Bounds, NumberWeights, Weight
from tests.extract.sheets import reading_of

ROOT = Path(local.__path__[0])


def table() -> Iterator[Weight]:
    for module in (weights, kind_weights):
        for subject in vars(module).values():
            if isinstance(subject, type) and subject is not Weight:
                yield from (weight for weight in vars(subject).values() if isinstance(weight, Weight))


def read_names() -> set[str]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.rglob("*.py")]
    return {
        f"{node.value.id}.{node.attr}"
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def page() -> Page:
    return reading_of("Customer 4711").pages[0]


def test_every_weight_is_weighed_with() -> None:
    names = {weight.name for weight in table()}
    assert len(names) > 150
    assert names - read_names() == set()


def test_a_score_is_the_sum_of_its_reasons_and_tells_them() -> None:
    number = in_line(page(), page().lines[0], TextMatch("4711", 9, 13))
    number = number.because(NumberWeights.same_line, NumberWeights.bare)
    assert number.score == NumberWeights.same_line + NumberWeights.bare
    assert [reason.name for reason in number.reasons] == ["NumberWeights.same_line", "NumberWeights.bare"]


def test_what_is_left_of_a_score_and_its_limits_are_reasons_too() -> None:
    number = in_line(page(), page().lines[0], TextMatch("4711", 9, 13)).because(Weight(0.8, "first"))
    assert number.scaled(Weight(0.5, "half")).score == 0.4
    assert number.at_least(Weight(0.9, "floor")).reasons[-1].name == "floor"
    assert number.at_most(Weight(0.9, "ceiling")) == number


def test_no_proposal_is_beyond_doubt_and_none_without_reason() -> None:
    number = in_line(page(), page().lines[0], TextMatch("4711", 9, 13))
    assert number.found(Weight(1.4)).score == Bounds.most
    assert number.found(Weight(-0.4)).score == Bounds.least
    assert (number.found().quote, number.found().page) == ("4711", 1)
