"""A test that tells the mask of secrets begins with none, and leaves none to the tests after it."""

from __future__ import annotations

import pytest

from autod import masking


@pytest.fixture(autouse=True)
def nothing_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """For every test of a module that imports this."""
    monkeypatch.setattr(masking, "_hidden", set())
