"""One archive at work for each database, shared by all tests of the runbook."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.runbook.archive import fill
from tests.runbook.installation import Installation, installed

DATABASES = [
    pytest.param(name, marks=pytest.mark.xdist_group(f"runbook-{name}")) for name in ("sqlite", "postgres")
]


@pytest.fixture(scope="session", params=DATABASES)
def archive(request: pytest.FixtureRequest) -> Iterator[Installation]:
    """A daemon at work, with documents of every fate in its archive."""
    with installed(request.param) as installation:
        fill(installation)
        yield installation
