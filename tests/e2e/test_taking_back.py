"""`autod check --repair` takes files that no row knows back where they lie, but none that was forgotten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from autod.app import App
from autod.config import Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.domain.status import DocumentStatus, EventKind
from autod.files.marks import MARK
from tests.e2e.test_check import Archive, archive
from tests.e2e.test_retry_and_history import Autod, autod, settings, variables
from tests.listing import files_in
from tests.paper import INVOICE, pdf_of
from tests.waiting import until

__all__ = ["archive", "autod", "settings", "variables"]


def lose_rows(archive: Archive) -> None:
    with archive.manager.get_session() as session:
        session.execute(sa.delete(Document))


def everything(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files_in(folder)}


def finish(settings: Settings, archive: Archive) -> None:
    with App(settings, archive.manager) as app:
        until(lambda: not in_work(archive))
        app.engine.finish(10)


def in_work(archive: Archive) -> list[Document]:
    with archive.manager.get_session(read_only=True) as session:
        return [row for row in session.scalars(sa.select(Document)) if row.status in documents.UNFINISHED]


def rows(archive: Archive) -> dict[str, DocumentStatus]:
    with archive.manager.get_session(read_only=True) as session:
        return {Path(row.filed_path or "").name: row.status for row in session.scalars(sa.select(Document))}


def test_lost_rows_come_back_from_processed_and_failed_where_the_files_lie(
    archive: Archive, settings: Settings
) -> None:
    before = everything(archive.folders.processed), everything(archive.folders.failed)
    own = archive.folders.processed / "my folder" / "Brief von gestern.pdf"
    own.parent.mkdir()
    own.write_bytes(pdf_of((*INVOICE, "put there by a person")))
    lose_rows(archive)
    mended, left = archive.repair()
    assert (mended, left) == (["file_unknown"] * 3, [])
    finish(settings, archive)
    assert own.exists()
    own_name = str(own.relative_to(archive.folders.processed))
    after = everything(archive.folders.processed)
    assert after.pop(own_name) == pdf_of((*INVOICE, "put there by a person"))
    assert (after, everything(archive.folders.failed)) == before
    assert len(archive.found("copper pipe")) == 2
    assert sorted(rows(archive).values()) == ["completed", "completed", "failed"]
    assert archive.repair() == ([], [])
    assert files_in(archive.folders.claimed) == []


def test_what_is_taken_back_is_read_here_and_never_sent_not_even_later(
    archive: Archive, settings: Settings
) -> None:
    class Nobody:
        """Whoever is asked for money, or to keep a document, fails the test."""

        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"{name} was asked for")

    lose_rows(archive)
    archive.repair()
    with App(settings, archive.manager) as app:
        object.__setattr__(app.steps, "asking", Nobody())
        object.__setattr__(app.steps, "store", Nobody())
        until(lambda: not in_work(archive))
        app.engine.finish(10)
    assert sorted(rows(archive).values()) == ["completed", "failed"]
    with archive.manager.get_session(read_only=True) as session:
        kinds = {event.kind for event in documents.history(session, max(r.id for r in all_rows(archive)))}
    assert EventKind.TAKEN_BACK in kinds


def all_rows(archive: Archive) -> list[Document]:
    with archive.manager.get_session(read_only=True) as session:
        return list(session.scalars(sa.select(Document)))


def test_a_damaged_file_that_is_taken_back_fails_where_it_lies(archive: Archive, settings: Settings) -> None:
    path = archive.folders.processed / "damaged.pdf"
    path.write_bytes(b"%PDF-1.4 nothing more")
    archive.repair()
    finish(settings, archive)
    assert rows(archive)["damaged.pdf"] is DocumentStatus.FAILED
    assert path.read_bytes() == b"%PDF-1.4 nothing more"
    assert archive.codes() == []


def test_of_twins_one_is_taken_back_and_the_other_told(archive: Archive, settings: Settings) -> None:
    twins = [archive.folders.processed / name for name in ("one.pdf", "two.pdf")]
    for path in twins:
        path.write_bytes(pdf_of((*INVOICE, "twice")))
    mended, left = archive.repair()
    assert mended == ["file_unknown"] and left == ["file_doubled"]
    finish(settings, archive)
    assert twins[0].exists() and archive.codes() == ["file_doubled"]


def test_what_a_person_told_us_to_forget_is_never_taken_back_under_any_name(
    archive: Archive, autod: Autod, settings: Settings
) -> None:
    path = archive.folders.processed / "private.pdf"
    path.write_bytes(pdf_of((*INVOICE, "private")))
    told = autod("check", "--forget", str(path))
    assert told.returncode == 0 and "Forgotten: private.pdf" in told.stdout
    assert archive.codes() == []
    path = path.rename(path.with_name("another name.pdf"))
    assert archive.repair() == ([], [])
    path = path.rename(archive.folders.inbox / "wanted after all.pdf")
    with App(settings, archive.manager) as app:
        assert app.process(path).success
    assert archive.codes() == []


def test_a_document_of_the_archive_cannot_be_forgotten_this_way(archive: Archive, autod: Autod) -> None:
    told = autod("check", "--forget", str(archive.filed(1)))
    assert told.returncode == 2 and "known_document" in told.stderr and "autod show 1" in told.stderr


@pytest.fixture
def many(archive: Archive) -> Iterator[Archive]:
    for number in range(12):
        (archive.folders.processed / f"{number}.pdf").write_bytes(pdf_of((*INVOICE, f"copy {number}")))
    yield archive


def test_killed_in_the_middle_it_is_simply_run_again(
    many: Archive, autod: Autod, settings: Settings, tmp_path: Path
) -> None:
    """The plug is pulled after the third file was given its row."""
    script = (
        "import os, signal\n"
        "from autod.reconcile import mend\n"
        "take, taken = mend.take_back, []\n"
        "def counted(*given):\n"
        "    taken.append(take(*given))\n"
        "    if len(taken) == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return taken[-1]\n"
        "mend.take_back = counted\n"
        "from autod.cli.main import main\n"
        "import sys; sys.argv = ['autod', 'check', '--repair']; main()\n"
    )
    environment = {
        **os.environ,
        "PAPER_AUTOPILOT_DB_URL": many.manager.url,
        "PAPER_AUTOPILOT_WORK_DIR": str(tmp_path / "work"),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    died = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, check=False)
    assert died.returncode == -signal.SIGKILL
    assert len(in_work(many)) == 3
    assert autod("check", "--repair").returncode == 0
    finish(settings, many)
    assert list(rows(many).values()).count(DocumentStatus.COMPLETED) == 13
    assert many.codes() == []


def test_nothing_is_mended_in_a_folder_whose_disk_is_away(archive: Archive, autod: Autod) -> None:
    bare, away = archive.folders.processed, archive.folders.processed.with_name("away")
    bare.rename(away)
    bare.mkdir()
    assert archive.repair() == ([], ["folder_unmarked"])
    assert list(bare.iterdir()) == []
    told = autod("check")
    assert told.returncode == 4 and str(bare) in told.stdout and "filed_missing" not in told.stdout
    adopted = autod("check", "--adopt")
    assert adopted.returncode == 0 and f"Marked {bare}" in adopted.stdout
    assert (bare / MARK).is_file() and archive.codes() == ["filed_missing"]


def test_a_mark_is_not_taken_for_a_document(manager: DatabaseManager, settings: Settings) -> None:
    with App(settings, manager) as app:
        assert app.settled_files() == []
        assert checks_agree(manager, app)


def checks_agree(manager: DatabaseManager, app: App) -> bool:
    from datetime import UTC, datetime

    from autod.reconcile import compare

    found = compare.check(manager, app.folders, datetime.now(UTC), lambda done, total: None)
    return not found.differences and not found.left_out
