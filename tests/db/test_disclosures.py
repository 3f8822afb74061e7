"""The record of what left this machine, on both databases."""

from __future__ import annotations

from datetime import timedelta

from autod.db import disclosures, documents
from autod.db.disclosures import PORTION
from autod.db.manager import DatabaseManager
from autod.domain.privacy import Purpose, Sending, SentForm, Share
from tests.db.samples import NOW, filed

HOST = "api.openai.com"


def noted(manager: DatabaseManager, sha256: str | None, kept_at: str | None = None) -> int:
    """One sending that was answered; its number."""
    purpose = Purpose.READ if sha256 else Purpose.SEARCH
    shares = (Share(purpose, SentForm.TEXT, sha256, 2),)
    with manager.get_session() as session:
        (number,) = disclosures.note(session, Sending(HOST, 1234, kept_at is not None, shares), NOW)
        disclosures.note_outcome(session, [number], "answered", kept_at)
    return number


def sha_of(manager: DatabaseManager, number: int) -> str:
    with manager.get_session(read_only=True) as session:
        return documents.require(session, number).sha256_hex


def test_a_departure_names_document_host_purpose_form_and_size(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = filed(session, "the golden needle")
    noted(manager, sha_of(manager, number), "/responses/r1")
    with manager.get_session(read_only=True) as session:
        (row,) = disclosures.of_document(session, number)
    assert (row.host, row.purpose, row.form, row.pages) == (HOST, Purpose.READ, SentForm.TEXT, 2)
    assert (row.size_bytes, row.at, row.outcome, row.kept_at) == (1234, NOW, "answered", "/responses/r1")


def test_a_batch_of_very_many_documents_is_noted_whole(manager: DatabaseManager) -> None:
    shares = tuple(Share(Purpose.READ, SentForm.TEXT, f"{number:064x}") for number in range(2 * PORTION + 1))
    with manager.get_session() as session:
        numbers = disclosures.note(session, Sending(HOST, 1, True, shares), NOW)
        disclosures.note_outcome(session, numbers, "answered", "/files/f1")
    with manager.get_session(read_only=True) as session:
        rows = disclosures.list_all(session, still_kept=True)
    assert len(rows) == len(shares) and {row.kept_at for row in rows} == {"/files/f1"}


def test_the_record_outlives_its_document(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = filed(session, "the golden needle")
    sha256 = sha_of(manager, number)
    noted(manager, sha256)
    with manager.get_session() as session:
        session.delete(documents.require(session, number))
    with manager.get_session(read_only=True) as session:
        (row,) = disclosures.list_all(session)
    assert (row.document_id, row.sha256_hex) == (None, sha256)


def test_a_deletion_is_noted_once_for_the_thing_and_all_below_it_on_that_host(
    manager: DatabaseManager,
) -> None:
    noted(manager, "a" * 64, "/vector_stores/vs_1/files/f1")
    noted(manager, "a" * 64, "/vector_stores/vs_1")
    noted(manager, "a" * 64, "/vector_stores/vsX1/files/f2")
    with manager.get_session() as session:
        disclosures.note_deleted(session, "elsewhere.example", "/vector_stores/vs_1", NOW)
        assert len(disclosures.list_all(session, still_kept=True)) == 3
        disclosures.note_deleted(session, HOST, "/vector_stores/vs_1", NOW)
        disclosures.note_deleted(session, HOST, "/vector_stores/vs_1", NOW + timedelta(days=1))
    with manager.get_session(read_only=True) as session:
        rows = disclosures.list_all(session)
    assert [row.deleted_at for row in rows] == [None, NOW, NOW]


def test_the_list_is_the_newest_first_and_can_be_cut(manager: DatabaseManager) -> None:
    numbers = [noted(manager, None) for _ in range(3)]
    with manager.get_session(read_only=True) as session:
        assert [row.id for row in disclosures.list_all(session, limit=2)] == numbers[:0:-1]
        assert disclosures.list_all(session, since=NOW + timedelta(seconds=1)) == []


def test_what_a_document_may_be_is_unknown_until_somebody_looked(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = filed(session, "the golden needle")
        sha256 = documents.require(session, number).sha256_hex
        assert disclosures.classes_of(session, sha256)[0] == "unknown"
        disclosures.note_kinds(session, sha256, ["invoice", "medical"])
    with manager.get_session() as session:
        assert disclosures.classes_of(session, sha256) == ["invoice", "medical"]
        documents.correct(session, number, "doc_type", "letter", NOW)
        assert disclosures.classes_of(session, sha256) == ["letter"]
        assert disclosures.classes_of(session, "f" * 64) == ["unknown"]
