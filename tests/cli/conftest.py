"""What tests of commands share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autod import config
from autod.db.manager import DatabaseManager


@pytest.fixture
def database(
    manager: DatabaseManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DatabaseManager]:
    """A database that the program's settings name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAPER_AUTOPILOT_DB_URL", manager.url)
    config.get_config.cache_clear()
    yield manager
    config.get_config.cache_clear()
