"""Which tests belong to which run is written down by their paths, so the paths must be there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import COLD, KINDS_DIFFER, LONG

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("place", sorted({*LONG, *KINDS_DIFFER, *COLD}))
def test_every_place_with_a_rule_of_its_own_has_tests(place: str) -> None:
    path = ROOT / place
    assert path.is_file() or any(path.rglob("test_*.py")) or any(path.glob("__main__.py"))
