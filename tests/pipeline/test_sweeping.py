"""Copies of documents that ended elsewhere go; the last copy of anything stays."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.files import custody
from autod.files.folders import Folders
from autod.pipeline.sweeping import sweep
from tests.db.samples import NOW, admitted

BYTES = b"%PDF-1.7 the document"
SHA = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = Folders(*(tmp_path / name for name in ("inbox", "claimed", "processed", "failed")))
    for folder in (made.inbox, made.claimed, made.processed, made.failed):
        folder.mkdir()
    return made


@pytest.fixture
def claim(folders: Folders) -> Path:
    path = folders.claim_of(SHA)
    path.write_bytes(BYTES)
    folders.reading_of(SHA).write_text("{}")
    return path


def _ended(manager: DatabaseManager, filed: Path | None, *, failed: bool = False) -> None:
    with manager.get_session() as session:
        number = admitted(session, sha256=SHA)
        if failed:
            text = str(filed) if filed else None
            documents.fail(
                session, number, code="pdf_damaged", message="m", next_step="n", filed_path=text, now=NOW
            )
        else:
            documents.complete(session, number, filed_path=str(filed), processing_seconds=1, now=NOW)


def _sweep(
    manager: DatabaseManager, folders: Folders, *, others: bool, active: str = "", settled: float = -1
) -> int:
    return sweep(
        manager,
        folders,
        active={active},
        ended_by_others=lambda hashes: set(hashes) if others else set(),
        untouched_seconds=settled,
    )


@pytest.mark.parametrize("failed", [False, True])
def test_a_copy_goes_once_its_bytes_are_seen_in_their_place(
    manager: DatabaseManager, folders: Folders, claim: Path, failed: bool
) -> None:
    place = (folders.failed if failed else folders.processed) / "a.pdf"
    place.write_bytes(BYTES)
    _ended(manager, place, failed=failed)
    assert _sweep(manager, folders, others=False) == 1
    assert list(folders.claimed.iterdir()) == []
    assert place.read_bytes() == BYTES


def test_a_copy_goes_when_another_machine_filed_it_in_folders_of_the_same_or_other_names(
    manager: DatabaseManager, folders: Folders, claim: Path
) -> None:
    _ended(manager, folders.processed / "filed on its own disk.pdf")
    assert _sweep(manager, folders, others=True) == 1
    assert list(folders.claimed.iterdir()) == []


@pytest.mark.parametrize("place", ["processed/gone.pdf", "elsewhere/gone.pdf"])
def test_the_last_copy_stays_when_nobody_else_has_filed_it(
    manager: DatabaseManager, folders: Folders, claim: Path, place: str
) -> None:
    _ended(manager, folders.processed.parent / place)
    assert _sweep(manager, folders, others=False) == 0
    assert claim.read_bytes() == BYTES


def test_a_failed_document_that_has_no_place_keeps_its_copy(
    manager: DatabaseManager, folders: Folders, claim: Path
) -> None:
    _ended(manager, None, failed=True)
    assert _sweep(manager, folders, others=True) == 0
    assert claim.exists()


def test_what_is_in_work_young_or_unknown_stays(
    manager: DatabaseManager, folders: Folders, claim: Path
) -> None:
    assert _sweep(manager, folders, others=True) == 0
    _ended(manager, folders.processed / "a.pdf")
    assert _sweep(manager, folders, others=True, active=SHA) == 0
    assert _sweep(manager, folders, others=True, settled=60) == 0
    assert claim.exists()


def test_a_document_that_is_open_again_keeps_its_copy(
    manager: DatabaseManager, folders: Folders, claim: Path
) -> None:
    place = folders.processed / "a.pdf"
    place.write_bytes(BYTES)
    _ended(manager, place)
    with manager.get_session() as session:
        documents.reopen(session, 1, source_path="/inbox/a.pdf")
    assert _sweep(manager, folders, others=True) == 0
    assert claim.exists()


def test_what_a_failure_left_goes_once_another_machine_has_the_document(
    manager: DatabaseManager, folders: Folders
) -> None:
    kept, reason = folders.failed / "a.pdf", folders.failed / f"a.pdf{custody.REASON}"
    kept.write_bytes(BYTES)
    reason.write_text(json.dumps({"sha256": SHA}))
    other = folders.failed / "b.pdf"
    other.write_bytes(b"of somebody else")
    (folders.failed / f"b.pdf{custody.REASON}").write_text("no json")
    _ended(manager, folders.processed / "on its disk.pdf")
    assert _sweep(manager, folders, others=False) == 0
    assert _sweep(manager, folders, others=True) == 1
    assert not kept.exists() and not reason.exists()
    assert other.exists()


@pytest.mark.parametrize("undone", ["pdf", "reading.json", "summary.json"])
def test_of_a_document_that_has_its_place_whatever_is_left_goes(
    manager: DatabaseManager, folders: Folders, undone: str
) -> None:
    """A power cut undoes some removals and not others."""
    place = folders.processed / "a.pdf"
    place.write_bytes(BYTES)
    (folders.claimed / f"{SHA}.{undone}").write_bytes(BYTES)
    _ended(manager, place)
    assert _sweep(manager, folders, others=False) == 1
    assert list(folders.claimed.iterdir()) == []


def test_a_document_claimed_anew_beside_what_is_left_of_it_keeps_all(
    manager: DatabaseManager, folders: Folders, claim: Path
) -> None:
    place = folders.processed / "a.pdf"
    place.write_bytes(BYTES)
    _ended(manager, place)
    old = folders.reading_of(SHA)
    status = old.lstat()
    assert custody.claims(folders.claimed, untouched_since=status.st_ctime + 60) == {SHA}
    now = max(custody.changed_at(claim), custody.changed_at(old))
    os.utime(claim, (now + 30, now + 30))
    assert custody.claims(folders.claimed, untouched_since=now + 1) == set()


def test_a_note_that_was_cut_off_in_the_folder_of_failures_goes_and_a_persons_file_stays(
    manager: DatabaseManager, folders: Folders
) -> None:
    cut_off, theirs = folders.failed / f".{'0a' * 8}.part", folders.failed / ".notes.part"
    cut_off.write_text("{")
    theirs.write_text("mine")
    _sweep(manager, folders, others=True, settled=60)
    assert cut_off.exists()
    _sweep(manager, folders, others=True)
    assert not cut_off.exists()
    assert theirs.exists()
