"""What is no PDF keeps the suffix that a person knows it by, and nothing loses sight of it for that."""

from __future__ import annotations

from pathlib import Path

import pytest

from autod.app import App
from autod.config import Settings
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus
from autod.files.marks import where_archive_lies
from tests.e2e.test_check import Archive, archive
from tests.e2e.test_retry_and_history import settings
from tests.e2e.test_taking_back import lose_rows, rows
from tests.listing import files_in
from tests.paper import pdf_of

__all__ = ["archive", "settings"]

KINDS = [
    ("letter.docx", "letter.docx"),
    ("Foto.JPEG", "Foto.jpeg"),
    ("notes", "notes"),
    ("page.pdf", "page.pdf"),
    ("Rechnung 2026.11", "Rechnung 2026.11"),
    ("bad.pdf.reason.json", "bad.pdf reason.json"),
    ("x.reason.json", "x reason.json"),
]


def fail(archive: Archive, settings: Settings, name: str) -> Path:
    """Where a file of that name lies after it has failed: it has these bytes alone."""
    outside = settings.inbox_dir.parent / name
    outside.write_bytes(f"this is {name}".encode())
    with App(settings, archive.manager) as app:
        result = app.process(outside)
    assert (result.error or "").startswith("not_a_pdf")
    return archive.filed(result.document_id or 0)


@pytest.mark.parametrize(("name", "kept"), KINDS)
def test_a_file_of_another_kind_is_recognised_in_failed(
    archive: Archive, settings: Settings, name: str, kept: str
) -> None:
    reason_of_another = archive.filed(2).with_name("bad.pdf.reason.json").read_bytes()
    place = fail(archive, settings, name)
    assert (place.name, place.read_bytes()) == (kept, f"this is {name}".encode())
    assert place.with_name(f"{kept}.reason.json").exists()
    assert archive.filed(2).with_name("bad.pdf.reason.json").read_bytes() == reason_of_another
    assert archive.codes() == []


@pytest.mark.parametrize("name", ["letter.docx", "notes", "x.reason.json"])
def test_check_and_repair_see_it_as_they_see_a_pdf(archive: Archive, settings: Settings, name: str) -> None:
    place = fail(archive, settings, name)
    content = place.read_bytes()
    place.rename(place.with_name("renamed.odt"))
    assert archive.codes() == ["failed_missing"]
    assert archive.repair()[1] == []
    assert archive.filed(3).name == "renamed.odt"
    archive.filed(3).write_bytes(b"other bytes")
    assert archive.codes() == ["failed_missing"]
    archive.folders.claim_of(archive.row(3).sha256_hex).write_bytes(content)
    archive.repair()
    assert archive.filed(3).read_bytes() == content


@pytest.mark.parametrize("name", ["letter.docx", "notes", "x.reason.json"])
def test_a_lost_row_of_it_comes_back(archive: Archive, settings: Settings, name: str) -> None:
    place = fail(archive, settings, name)
    lose_rows(archive)
    mended, left = archive.repair()
    assert (mended, left) == (["file_unknown"] * 3, [])
    assert rows(archive)[place.name] is DocumentStatus.FAILED


@pytest.mark.parametrize("name", ["letter.docx", "notes"])
def test_it_is_retried_from_its_copy_and_comes_back_to_it(
    archive: Archive, settings: Settings, manager: DatabaseManager, name: str
) -> None:
    place = fail(archive, settings, name)
    before = files_in(archive.folders.failed)
    with App(settings, manager) as app:
        assert (app.retry(3).error or "").startswith("not_a_pdf")
    assert (archive.filed(3), files_in(archive.folders.failed)) == (place, before)


def test_a_note_of_a_person_in_failed_is_nobodys_document(archive: Archive) -> None:
    (archive.folders.failed / "ask Anna.txt").write_text("about these")
    (archive.folders.failed / ".DS_Store").write_bytes(b"\0")
    assert archive.codes() == []


def test_a_pdf_of_another_name_fails_as_the_pdf_that_it_is(archive: Archive, settings: Settings) -> None:
    outside = settings.inbox_dir.parent / "bill.docx"
    outside.write_bytes(b"%PDF-1.4 damaged")
    with App(settings, archive.manager) as app:
        number = app.process(outside).document_id or 0
    assert archive.filed(number).name == "bill.pdf"
    assert archive.row(number).original_filename == "bill.docx"


def test_a_pdf_that_comes_again_by_another_name_lies_among_the_duplicates_as_a_pdf(
    archive: Archive, settings: Settings
) -> None:
    (settings.inbox_dir / "b.docx").write_bytes(pdf_of())
    with App(settings, archive.manager) as app:
        app.process(settings.inbox_dir / "b.docx")
    assert files_in(archive.folders.processed / "duplicates") == ["b.pdf"]


def test_an_archive_of_which_only_such_a_file_is_left_is_seen(archive: Archive, settings: Settings) -> None:
    fail(archive, settings, "letter.docx")
    for folder in (archive.folders.inbox, archive.folders.processed, archive.folders.failed):
        for name in files_in(folder):
            if not name.startswith("letter"):
                (folder / name).unlink()
    for folder in (archive.folders.inbox, archive.folders.processed, archive.folders.failed):
        (folder / ".autod-archive").unlink(missing_ok=True)
    (archive.folders.claimed / ".autod-archive").unlink(missing_ok=True)
    assert where_archive_lies(archive.folders) == archive.folders.failed
