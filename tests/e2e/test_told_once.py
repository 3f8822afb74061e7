"""`autod process` tells the fate of each file once, also when a folder is away while it works."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autod.app import App
from autod.cli.process import process_all
from autod.config import Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.files import custody
from tests.disks import Disk
from tests.e2e.test_footing import disk_of, drop, paper, settings
from tests.paper import pdf_of

__all__ = ["disk_of", "settings"]
# In a fleet nobody waits for what another one may have in work.
pytestmark = pytest.mark.parametrize(
    "database_url", ["sqlite"], indirect=True
)  # a fleet waits for its own only


@pytest.fixture
def disk(disk_of: Callable[[str], Disk]) -> Disk:
    return disk_of("processed")


@pytest.fixture
def taken(settings: Settings, manager: DatabaseManager, disk: Disk) -> Path:
    """A file of the inbox that a run which ended had taken in, and not filed yet."""
    with App(settings, manager) as app:
        app.process(drop(app, "first.pdf", paper(1)))
        path = drop(app, "a.pdf", pdf_of())
        claim = custody.claim(path, app.folders.claimed)
    with manager.get_session() as session:
        documents.admit(
            session,
            sha256=claim.sha256,
            original_filename=path.name,
            source_path=custody.path_text(path),
            size=claim.size,
            now=datetime.now(UTC),
        )
    return path


def test_a_file_that_is_left_in_work_while_a_folder_is_away_is_told_and_counted_once(
    taken: Path,
    settings: Settings,
    manager: DatabaseManager,
    disk: Disk,
    capsys: pytest.CaptureFixture[str],
) -> None:
    disk.detach()
    with App(settings, manager) as app:
        failed = process_all(app, [taken], as_json=False, inbox=True)
    assert failed == 1
    printed = capsys.readouterr().out
    assert printed.count("a.pdf: ") == 1 and "a.pdf: waits: folder_unmarked" in printed
    assert taken.read_bytes() == pdf_of()


def test_what_was_left_in_work_and_ends_well_is_told_once(
    taken: Path, settings: Settings, manager: DatabaseManager, capsys: pytest.CaptureFixture[str]
) -> None:
    with App(settings, manager) as app:
        assert process_all(app, [taken], as_json=False, inbox=True) == 0
    assert capsys.readouterr().out.count("a.pdf → document 2") == 1
