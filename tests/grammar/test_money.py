"""Which amounts a text says on a page that was read from a picture."""

from __future__ import annotations

from decimal import Decimal

import pytest

from autod.grammar.manner import Manner
from autod.grammar.money import amount_spans


def says(value: str, text: str, language: str | None = None) -> bool:
    return any(True for _ in amount_spans(Decimal(value), text, Manner(language, ocr=True)))


@pytest.mark.parametrize("language", ["de", "en", "fr", "pl", None])
@pytest.mark.parametrize(("letter", "digit"), ["S5", "B8", "O0", "o0", "l1", "I1", "|1"])
def test_a_letter_is_a_digit_only_in_a_word_that_holds_one(
    language: str | None, letter: str, digit: str
) -> None:
    for beside in (f"{letter} 120,00", f"{letter}{letter} 120,00 EUR", f"Total {letter} 120.00"):
        assert says("120.00", beside, language)
        assert not any(says(f"{grown}120.00", beside, language) for grown in (digit, digit * 2) if int(grown))
    assert says(f"1{digit}.50", f"1{letter}.50", language)
    assert says(f"1{digit}3.50", f"EUR 1{letter}3,50", language)
