"""All forgeries of all samples, and all clumsy quotes."""

from __future__ import annotations

import pytest

from tests.forging.answers import cases
from tests.forging.clumsy import clumsy_table
from tests.forging.suite import forged_table
from tests.forging.test_forging import hold, hold_clumsy


@pytest.mark.parametrize("blind", [False, True])
def test_no_forged_answer_is_believed(blind: bool) -> None:
    hold(forged_table(cases(), blind=blind))


def test_no_clumsy_quote_loses_a_right_value_or_brings_a_forged_one_in() -> None:
    hold_clumsy(clumsy_table(cases()))
