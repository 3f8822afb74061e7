"""Where sought words stand on a page, however they are written."""

from __future__ import annotations

import pytest

from autod.search.query import parse
from autod.search.snippet import cut, occurrences, tidy


def found(text: str, query: str) -> list[str]:
    return [text[start:end] for start, end, _ in occurrences(text, parse(query).wanted)]


@pytest.mark.parametrize(
    ("text", "query", "words"),
    [
        ("Copper copper COPPER", "copper ", ["Copper", "copper", "COPPER"]),
        ("copperplate recopper", "copper ", []),
        ("copperplate recopper", "copper*", ["copperplate"]),
        ("to_copper-pipe.", "copper pipe ", ["copper", "pipe"]),
        ("Straße und Strasse", "strasse ", ["Straße", "Strasse"]),
        ("café cafe\u0301 cafe cafes", "café ", ["café", "cafe\u0301", "cafe"]),
        ("Œuvre, œuvres", "oeuv*", ["Œuvre", "œuvres"]),
        ("日本語の請求書", "請求 ", ["日本語の請求書"]),
        ("R-2026/17 and 2026", "R-2026/17 ", ["R", "2026", "17", "2026"]),
        ("a\x85copper", "copper ", ["copper"]),
        ("a.b a+b", "a.b ", ["a", "b", "a", "b"]),
    ],
)
def test_sought_words_are_found_where_they_stand(text: str, query: str, words: list[str]) -> None:
    assert found(text, query) == words


def test_each_word_of_the_terms_has_its_own_number() -> None:
    numbers = [number for _, _, number in occurrences("pipe copper pipe", parse("copper pipe ").wanted)]
    assert numbers == [1, 0, 1]


def test_a_page_becomes_one_line_without_control_characters_or_markers() -> None:
    assert tidy(" one  two\n\n three\x00four «five» ", ("«", "»")) == "one two three four five"


def test_the_snippet_is_about_the_place_with_the_most_different_words() -> None:
    text = "copper " + "filler " * 80 + "copper pipe here " + "filler " * 80
    assert "[copper] [pipe] here" in cut(text, parse("copper pipe ").wanted, ("[", "]"))


def test_markers_that_are_empty_leave_the_text_alone() -> None:
    assert tidy("as it is", ("", "")) == "as it is"
