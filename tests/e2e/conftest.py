"""A fresh clone's root and a shell in it, where commands run as a newcomer types them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone's root as a fresh user has it: the program's files, no database, no folders."""
    place = tmp_path / "autoD"
    place.mkdir()
    for name in ("autod", "src", "alembic.ini", ".env.example", "run_daemon.py", "scripts"):
        (place / name).symlink_to(ROOT / name)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python3").symlink_to(sys.executable)
    return place


@pytest.fixture
def migrated(checkout: Path, sqlite_template: Path) -> Path:
    """The same after ``alembic upgrade head``, which ``test_quick_start`` types."""
    shutil.copyfile(sqlite_template, checkout / "paper_autopilot.db")
    return checkout


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a module asks for both kinds with ``parametrize("database", KINDS, indirect=True)``."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def environment(checkout: Path, database: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Commands find this test's Python as ``python3``, and no setting of ours comes from outside."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PAPER_AUTOPILOT_", "OPENAI_"))}
    places = (str(Path(sys.executable).parent), kept["PATH"])
    if database == "postgres":
        kept["PAPER_AUTOPILOT_DB_URL"] = request.getfixturevalue("new_postgres")("template1")
    return {**kept, "PATH": os.pathsep.join(places), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}


@pytest.fixture
def shell(checkout: Path, environment: dict[str, str]) -> Shell:
    def run(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", command],
            cwd=checkout,
            env={**environment, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run
