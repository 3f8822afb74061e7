"""Understanding what a person typed."""

from __future__ import annotations

import pytest

from autod.search.query import Query, Term, parse


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("heat pump", [Term(("heat",)), Term(("pump",), prefix=True)], []),
        ("heat pump ", [Term(("heat",)), Term(("pump",))], []),
        ('"heat pump"', [Term(("heat", "pump"))], []),
        ("he", [Term(("he",))], []),
        ("he*", [Term(("he",), prefix=True)], []),
        ("R-2026/17", [Term(("r", "2026", "17"))], []),
        ("-gas heat ", [Term(("heat",))], [Term(("gas",))]),
        ('-"natural gas" heat ', [Term(("heat",))], [Term(("natural", "gas"))]),
        ("heat -ga", [Term(("heat",))], [Term(("ga",))]),
        ("heat -gas*", [Term(("heat",))], [Term(("gas",), prefix=True)]),
        ('"heat pump', [Term(("heat",)), Term(("pump",), prefix=True)], []),
        ("- * \" ' ( ) :", [], []),
    ],
)
def test_a_query_is_understood(text: str, wanted: list[Term], unwanted: list[Term]) -> None:
    assert parse(text) == Query(tuple(wanted), tuple(unwanted))


def test_a_long_query_is_cut() -> None:
    assert len(parse("word " * 100_000).wanted) == 16
