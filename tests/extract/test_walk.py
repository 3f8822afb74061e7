"""From a label to its value: where people look, in which order, and what ends the search."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from autod.extract.local.page.candidates import Relation, TextMatch
from autod.extract.local.page.layout import LabelHit, LabelsByLine, LabelTable, find_labels, labels_by_line
from autod.extract.local.page.walk import Column, Habit, along, down, places, walk
from tests.extract.sheets import reading_of

TABLE = LabelTable({"total": ("total",), "date": ("date",), "items": ("items",)})
ANY = Habit()


def numbers(text: str) -> list[TextMatch]:
    return [TextMatch(m[0], m.start(), m.end()) for m in re.finditer(r"\d+", text)]


def labels_of(text: str) -> tuple[LabelHit, LabelsByLine]:
    hits = find_labels(reading_of(text).pages[0], TABLE)
    return hits[0], labels_by_line(hits)


def values(text: str, habit: Habit) -> list[str]:
    label, labels = labels_of(text)
    return [candidate.match.value for candidate in walk(label, numbers, habit, labels)]


def test_the_walk_goes_along_the_line_then_to_the_right_then_down() -> None:
    label, labels = labels_of("Total: 1      2\n3")
    candidates = list(walk(label, numbers, ANY, labels))
    assert [(c.relation, c.match.value) for c in candidates] == [
        (Relation.SAME_LINE, "1"),
        (Relation.RIGHT, "2"),
        (Relation.BELOW, "3"),
    ]
    assert {(c.label, c.key) for c in candidates} == {(label, "total")}
    assert [c.quote for c in candidates] == ["1", "2", "3"]
    assert [place.relation for place in places(label, ANY)] == [c.relation for c in candidates]


@pytest.mark.parametrize(
    ("text", "habit", "expected"),
    [
        pytest.param("Total a long way to 1", Habit(near=5), [], id="begins too far from the label"),
        pytest.param("Total of all of them is 1", Habit(most_words=2), [], id="is part of a sentence"),
        pytest.param("Total 1 2 3", Habit(far=4), ["1", "2"], id="stands beyond what is read"),
        pytest.param("Total    1    2    3", Habit(cells=2), ["1", "2"], id="stands in a further cell"),
        pytest.param("Total 1 date 2", ANY, ["1", "2"], id="labels do not part"),
        pytest.param("Total 1 date 2", Habit(parted=True), ["1"], id="the next label parts"),
        pytest.param("Total    date 1    2", Habit(parted=True), ["2"], id="a label parts its cell alone"),
        pytest.param(
            "Total    date 1    2", Habit(parted=True, row_ends_at_label=True), [], id="a label ends the row"
        ),
        pytest.param(
            "Total items 1",
            Habit(parted=True, deaf_to=frozenset({"items"})),
            ["1"],
            id="a label that does not part",
        ),
        pytest.param(
            "Total    remarks of some length    1", Habit(longest_remark=9), [], id="words end the row"
        ),
        pytest.param("Total: none    1", Habit(first_decides=True), [], id="what stands there is no value"),
        pytest.param("Total 1" + " " * 80 + "2", Habit(widest_gap=0.3), ["1"], id="a wide gap ends the row"),
    ],
)
def test_on_the_row_a_value_is_not_the_labels_when(text: str, habit: Habit, expected: list[str]) -> None:
    assert values(text, replace(habit, reach=0.0)) == expected


@pytest.mark.parametrize(
    ("text", "habit", "expected"),
    [
        pytest.param("Total    name\n12       34", ANY, ["12"], id="it stands under another heading"),
        pytest.param("Total\n1\n2\n3\n4", ANY, ["1", "2"], id="it stands beyond the reach"),
        pytest.param("Total\n1\n2\n3\n4", Habit(reach=9.0), ["1", "2", "3", "4"], id="all are in reach"),
        pytest.param("Total\ndate\n2", Habit(reach=9.0), [], id="another label heads it"),
        pytest.param("Total\n1\ndate\n3", Habit(reach=9.0), ["1", "3"], id="the column has begun"),
        pytest.param("Total\n1\n\n\n\n\n7", Habit(reach=30.0, widest_row=2.0), ["1"], id="a gap parts them"),
    ],
)
def test_below_a_value_is_not_the_labels_when(text: str, habit: Habit, expected: list[str]) -> None:
    assert values(text, replace(habit, cells=0)) == expected


def test_below_the_words_under_a_label_can_be_read_alone_or_all_of_the_line() -> None:
    text = "A 7 label total\n111 1111 22222"
    label, _ = labels_of(text)
    read = {column: [c.match.value for c in down(label, numbers, Habit(column=column))] for column in Column}
    assert read == {Column.LINE: ["111"], Column.VALUES: ["22222"], Column.WORDS: ["22222"]}


def test_a_qualifier_after_the_label_is_passed_over() -> None:
    label, labels = labels_of("Total 19 incl. 30")
    start = label.line.text.index("incl.")
    assert [c.match.value for c in along(label, numbers, ANY, labels, start)] == ["30"]
