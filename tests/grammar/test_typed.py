"""A person may write a value as the page prints it; what can mean two things is asked about."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from autod.domain.field_columns import Grammar
from autod.grammar.manner import Manner
from autod.grammar.typed import typed


@pytest.mark.parametrize(
    ("grammar", "text", "language", "value"),
    [
        (Grammar.AMOUNT, "3.182,40 EUR", "de", Decimal("3182.40")),
        (Grammar.AMOUNT, "$1,234.50", "en", Decimal("1234.50")),
        (Grammar.AMOUNT, "1 020,00 €", "fr", Decimal("1020.00")),
        (Grammar.AMOUNT, "-12,50", "de", Decimal("-12.50")),
        (Grammar.AMOUNT, "Total", "en", None),
        (Grammar.AMOUNT, "12.50 and 13.50", "en", None),
        (Grammar.DAY, "12.04.2026", "de", date(2026, 4, 12)),
        (Grammar.DAY, "12 April 2026", "en", date(2026, 4, 12)),
        (Grammar.LAST_DAY, "31 mars 2026", "fr", date(2026, 3, 31)),
        (Grammar.DAY, "soon", "en", None),
        (Grammar.NAME, "12.04.2026", "de", None),
    ],
)
def test_a_value_is_read_as_it_is_printed(grammar: Grammar, text: str, language: str, value: Any) -> None:
    assert typed(grammar, text, Manner(language)) == value


@pytest.mark.parametrize(
    ("grammar", "text", "told"),
    [
        (Grammar.DAY, "03/04/2026", "2026-03-04 or 2026-04-03"),
        (Grammar.AMOUNT, "1.234", "1234 or 1.234"),
        (Grammar.AMOUNT, "1,234 EUR", "1234 or 1.234"),
    ],
)
def test_what_can_mean_two_things_is_refused_with_both(grammar: Grammar, text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        typed(grammar, text, Manner("en"))
