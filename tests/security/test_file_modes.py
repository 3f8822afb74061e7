"""What we make anew is for its owner alone, unless a setting lets the group in."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from autod.db.schema import upgrade
from tests.paper import pdf_of

ROOT = Path(__file__).resolve().parents[2]


def autod(place: Path, *arguments: str, **settings: str) -> None:
    """Run a command as somebody whose files are readable for everybody."""
    subprocess.run(
        [sys.executable, "-c", "import os; os.umask(0); from autod.cli.main import main; main()", *arguments],
        cwd=place,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PAPER_AUTOPILOT_OCR_ENGINE": "off",
            **settings,
        },
        check=True,
        capture_output=True,
    )


def made(place: Path) -> dict[str, int]:
    """Everything below, with its rights; what the test itself put there is left out."""
    return {
        str(path.relative_to(place)): stat.S_IMODE(path.stat().st_mode)
        for path in place.rglob("*")
        if path.name not in ("inbox", "a.pdf", "b.pdf")
    }


@pytest.fixture
def place(tmp_path: Path) -> Path:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.pdf").write_bytes(pdf_of())
    (inbox / "b.pdf").write_bytes(b"no paper")
    return tmp_path


def run_all(place: Path, **settings: str) -> dict[str, int]:
    autod(place, "db", "upgrade", **settings)
    try:
        autod(place, "process", **settings)
    except subprocess.CalledProcessError as error:
        assert error.returncode == 4  # one of the two is no PDF
    autod(place, "backup", **settings)
    return made(place)


def test_database_log_work_folder_documents_and_backups_are_private(place: Path) -> None:
    found = run_all(place)
    kinds = {name.partition("/")[0] for name in found}
    assert kinds >= {"paper_autopilot.db", "logs", ".autod", "processed", "failed", "backups"}
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}


def test_a_group_may_read_documents_when_the_setting_says_so(place: Path) -> None:
    found = run_all(place, PAPER_AUTOPILOT_UMASK="027")
    documents = {name: mode for name, mode in found.items() if name.startswith("processed")}
    assert documents and all(mode & 0o040 and not mode & 0o027 for mode in documents.values())
    # The database and the backups hold everything about everybody.
    assert {oct(mode) for name, mode in found.items() if name.endswith((".db", ".tar"))} == {"0o600"}


def test_the_database_is_private_however_it_is_made(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        upgrade(f"sqlite:///{tmp_path / 'paper_autopilot.db'}")
    finally:
        os.umask(before)
    assert {oct(mode) for mode in made(tmp_path).values()} == {"0o600"}
