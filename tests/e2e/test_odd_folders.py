"""The quick start works in a folder of any name, in the plain C locale."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT
from tests.paper import pdf_of

NAMES = ("Größe 100% & was?", "o'clock #1 紙")
COMMANDS = (
    "alembic upgrade head",
    "python3 -m src.processor --file test.pdf",
    "python3 -m autod backup",
    "python3 -m autod verify-backup",
    "python3 -m autod check",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_quick_start_works_in_a_folder_of_any_name(
    name: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    place = tmp_path / name
    place.mkdir()
    for part in ("autod", "src", "alembic.ini", "run_daemon.py", "scripts"):
        (place / part).symlink_to(ROOT / part)
    (place / "test.pdf").write_bytes(pdf_of())
    for command in COMMANDS:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=place,
            env={**environment, "LC_ALL": "C", "PAPER_AUTOPILOT_OCR_ENGINE": "off"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert (place / "paper_autopilot.db").exists()
    filed = [path for path in (place / "processed").rglob("*.pdf") if path.is_file()]
    assert len(filed) == 1
