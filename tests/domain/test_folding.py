"""Folding text for search."""

from __future__ import annotations

import pytest

from autod.domain.folding import searchable, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Straße", "strasse"),
        ("ÀÉÎÕÜ", "aeiou"),
        ("İstanbul ışık", "istanbul isik"),
        ("Łódź Ørsted Æther", "lodz orsted aether"),
        ("ﬁnanz №5 ½", "finanz no5 1⁄2"),
        ("e\u0301", "e"),
        ("ASCII", "ascii"),
    ],
)
def test_case_accents_and_typography_do_not_matter(text: str, folded: str) -> None:
    assert searchable(text) == folded


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("R-2026/17", ["r", "2026", "17"]),
        ("1.234,56 €", ["1", "234", "56"]),
        ("under_score", ["under", "score"]),
        ("請求書 No1", ["請", "求", "書", "no1"]),
        ("x" * 100, ["x" * 64]),
        ("…'\"%", []),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, split: list[str]) -> None:
    assert words(text) == split


def test_folding_twice_is_folding_once() -> None:
    text = "Straße ÀÉ ﬁ Ł ı İ ẞ Ǆ"
    assert words(" ".join(words(text))) == words(text)
