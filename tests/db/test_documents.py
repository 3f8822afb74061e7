"""A document's row from admission to correction."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.db import documents, fields
from autod.db.documents import DocumentFilter, PageText
from autod.db.manager import DatabaseManager
from autod.db.models import Document, FieldValue, PageRow
from autod.domain.extraction import Usage
from autod.domain.kinds import DocType
from autod.domain.metadata import Metadata, MeterReading
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import UsageError
from tests.db.samples import INVOICE, NOW, admitted, extraction, filed, recorded

UPDATE = "UPDATE documents SET"
REASON = {"code": "disk_full", "message": "no space", "next_step": "free some"}


def test_the_same_bytes_are_admitted_once(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        first = documents.admit(
            session, sha256="a" * 64, original_filename="a.pdf", source_path="/a", size=1, now=NOW
        )
        second = documents.admit(
            session, sha256="a" * 64, original_filename="b.pdf", source_path="/b", size=1, now=NOW
        )
    assert (first.created, second.created) == (True, False)
    assert first.document_id == second.document_id
    assert second.status is DocumentStatus.WAITING


def test_of_many_callers_at_once_exactly_one_creates_the_row(manager: DatabaseManager) -> None:
    together = threading.Barrier(6)
    created: list[bool] = []

    def admit() -> None:
        together.wait()
        with manager.get_session() as session:
            created.append(
                documents.admit(
                    session, sha256="a" * 64, original_filename="a", source_path="/a", size=1, now=NOW
                ).created
            )

    threads = [threading.Thread(target=admit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(created) == [False] * 5 + [True]


def test_the_database_itself_refuses_a_second_row_for_a_hash(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        admitted(session)
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            session.add(
                Document(
                    sha256_hex="a" * 64,
                    original_filename="x",
                    source_path="x",
                    file_size=1,
                    status=DocumentStatus.WAITING,
                    received_at=NOW,
                )
            )
            session.flush()


def test_each_attempt_is_counted(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = admitted(session)
        document = documents.by_sha(session, "a" * 64)
        assert document is not None
        documents.mark_processing(session, documents.locked(session, number))
        documents.mark_processing(session, documents.locked(session, number))
        assert (document.attempts, document.status) == (2, DocumentStatus.PROCESSING)


def test_what_was_found_comes_back_unchanged(manager: DatabaseManager) -> None:
    found = INVOICE.model_copy(update={"meter_readings": (MeterReading(value=Decimal("12.5"), unit="kWh"),)})
    with manager.get_session() as session:
        recorded(session, number := admitted(session), extraction(found), ("one", "two"))
    with manager.get_session() as session:
        document = documents.require(session, number)
        assert fields.metadata_of(document) == found
        assert document.doc_type == "invoice"
        assert document.total_amount == Decimal("1234.56")
        assert document.total_cost_usd == Decimal("0.0125")
        assert f"{document.total_cost_usd:.4f}" == "0.0125"
        assert (document.prompt_tokens, document.output_tokens, document.cached_tokens) == (10, 5, 2)
        assert document.confidence == 0.9
        assert [(p.number, p.text) for p in documents.page_texts(session, number)] == [(1, "one"), (2, "two")]


def test_a_new_document_has_cost_and_tokens_of_zero(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = admitted(session)
    with manager.get_session() as session:
        document = documents.require(session, number)
        assert (document.total_cost_usd, document.prompt_tokens) == (Decimal(0), 0)
        assert session.scalar(sa.select(sa.func.sum(Document.total_cost_usd))) == Decimal(0)


def test_current_fields_carry_their_evidence(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        recorded(session, number := admitted(session))
        by_name = {row.field: row for row in documents.current_fields(session, number)}
    issuer = by_name["issuer"]
    assert (issuer.value, issuer.source, issuer.locked) == ("Müller & Söhne GmbH", "local", False)
    assert issuer.evidence["quote"] == "quote of issuer"
    assert "iban" not in by_name
    assert next(iter(by_name)) == "doc_type"


def test_recording_the_same_again_adds_nothing(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        recorded(session, number := admitted(session), pages=("one", "two"))
        before = session.scalar(sa.select(sa.func.count()).select_from(FieldValue))
        recorded(session, number, pages=("one", "two"))
        assert session.scalar(sa.select(sa.func.count()).select_from(FieldValue)) == before
        assert session.scalar(sa.select(sa.func.count()).select_from(PageRow)) == 2


def test_a_changed_value_is_added_and_the_old_one_kept(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        recorded(session, number := admitted(session))
        recorded(session, number, extraction(INVOICE.model_copy(update={"issuer": None})))
        rows = session.scalars(
            sa.select(FieldValue).where(FieldValue.field == "issuer").order_by(FieldValue.id)
        )
        assert [row.value for row in rows] == ["Müller & Söhne GmbH", None]
        assert documents.require(session, number).issuer is None


def test_a_persons_value_stands_whatever_a_later_run_finds(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        unsure = extraction(needs_review=("issuer", "title"))
        recorded(session, number := admitted(session), unsure)
        documents.correct(session, number, "issuer", "Stadtwerke", NOW)
        assert documents.require(session, number).needs_review == ["title"]
    with manager.get_session() as session:
        metadata = recorded(session, number, unsure)
        document = documents.require(session, number)
        assert (metadata.issuer, document.issuer) == ("Stadtwerke", "Stadtwerke")
        assert document.needs_review == ["title"]
        holds = {row.field: row for row in documents.current_fields(session, number)}
        assert (holds["issuer"].source, holds["issuer"].locked) == ("person", True)
        assert [e.kind for e in documents.history(session, number)] == [EventKind.CORRECTED]


def test_a_person_can_say_that_there_is_no_value(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        recorded(session, number := admitted(session))
        documents.correct(session, number, "total_amount", "", NOW)
        recorded(session, number)
        assert documents.require(session, number).total_amount is None


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        ("total_amount", "84.20", Decimal("84.20")),
        *(("total_amount", f"1{space}234,56 €", Decimal("1234.56")) for space in " \u00a0\u202f\u2009"),
        ("total_amount", "1 234.56", Decimal("1234.56")),
        ("due_date", "2026-12-31", date(2026, 12, 31)),
        ("language", "DE", "de"),
        ("doc_type", "Utility_Bill", "utility_bill"),
        ("currency", "eur", "EUR"),
        ("iban", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("tags", "house; heating;", ["house", "heating"]),
        ("tags", '["a;b"]', ["a;b"]),
        ("tags", "", []),
        ("meter_readings", '[{"value": "7.5", "unit": "m³"}]', [
            {"meter": None, "value": "7.5", "unit": "m³", "read_on": None}]),
        ("doc_type", "", "other"),
    ],
)  # fmt: skip
def test_a_correction_is_understood(manager: DatabaseManager, field: str, raw: str, value: object) -> None:
    with manager.get_session() as session:
        documents.correct(session, number := admitted(session), field, raw, NOW)
    with manager.get_session() as session:
        assert getattr(documents.require(session, number), field) == value


@pytest.mark.parametrize(
    ("field", "raw", "code"),
    [
        ("colour", "red", "unknown_field"),
        ("sha256_hex", "b" * 64, "unknown_field"),
        ("total_amount", "a lot", "bad_value"),
        ("total_amount", "NaN", "bad_value"),
        ("total_amount", "1e40", "bad_value"),
        ("due_date", "tomorrow", "bad_value"),
        ("doc_type", "novel", "bad_value"),
        ("currency", "Euro", "bad_value"),
        ("currency", "XXZ", "bad_value"),
        ("language", "deutsch", "bad_value"),
        *(("due_date", raw, "bad_value") for raw in ("1767225600", "1e9", "2026-12-31T00:00:00")),
        *(("total_amount", raw, "bad_value") for raw in ("1e3", "1_000", "1E+3", "infinity", ".5e1")),
        ("tags", "[1", "bad_value"),
        ("tags", "[" * 5000, "bad_value"),
        ("line_items", "milk; bread", "bad_value"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    manager: DatabaseManager, field: str, raw: str, code: str
) -> None:
    with manager.get_session() as session:
        number = admitted(session)
        with pytest.raises(UsageError) as caught:
            documents.correct(session, number, field, raw, NOW)
        assert caught.value.code == code
        assert session.scalar(sa.select(sa.func.count()).select_from(FieldValue)) == 0


def test_an_unknown_document_is_a_usage_error(manager: DatabaseManager) -> None:
    with manager.get_session() as session, pytest.raises(UsageError) as caught:
        documents.correct(session, 42, "issuer", "x", NOW)
    assert caught.value.code == "unknown_document"


def test_hostile_text_is_stored(manager: DatabaseManager) -> None:
    nasty = "a\x00b\ud800c" + "x" * 5000
    with manager.get_session() as session:
        hostile = Metadata(title=nasty, issuer=nasty, tags=(nasty,), total_amount=Decimal("9" * 30))
        number = admitted(session, name="n\x00\udcff.pdf")
        recorded(session, number, extraction(hostile), (nasty,))
        documents.add_event(
            session, EventKind.READ, document_id=number, sha256=None, detail={"x\x00": [nasty]}, now=NOW
        )
    with manager.get_session() as session:
        document = documents.require(session, number)
        assert document.issuer is not None
        assert document.issuer.startswith("ab?c")
        assert len(document.issuer) <= 500
        assert document.total_amount is None
        assert "total_amount" in document.needs_review
        assert "amount_out_of_range" in document.checks
        assert documents.page_texts(session, number)[0].text.startswith("ab?c")


@pytest.mark.parametrize("text", ["0.01", "-1234.5678", "99999999999.9999", "0", "1200"])
def test_amounts_survive_exactly(manager: DatabaseManager, text: str) -> None:
    with manager.get_session() as session:
        number = filed(session, total_amount=Decimal(text))
    with manager.get_session() as session:
        amount = documents.require(session, number).total_amount
        assert amount == Decimal(text)
        found = session.scalars(sa.select(Document.id).where(Document.total_amount == Decimal(text)))
        assert list(found) == [number]
    assert str(amount) == text or format(amount, "f") == f"{Decimal(text):.2f}"


def test_a_life_reads_and_writes_its_row_once_in_each_transaction(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = admitted(session)
    said: list[str] = []

    @sa.event.listens_for(manager.engine, "before_cursor_execute")
    def note(_: object, __: object, statement: str, *___: object) -> None:
        said.append(" ".join(statement.split()[:3]))

    def begin(session: Session) -> None:
        document = documents.locked_by_sha(session, "a" * 64)
        assert document is not None
        documents.mark_processing(session, document)

    def record(session: Session) -> None:
        recorded(session, number, extraction())

    def complete(session: Session) -> None:
        documents.complete(session, number, filed_path="/p/a.pdf", processing_seconds=1.5, now=NOW)

    for transaction in (begin, record, complete):
        said.clear()
        with manager.get_session() as session:
            transaction(session)
        of_the_row = [what for what in said if what in ("SELECT documents.id, documents.sha256_hex,", UPDATE)]
        assert of_the_row == ["SELECT documents.id, documents.sha256_hex,", UPDATE]


def test_completion_sets_the_time_and_clears_the_error(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = admitted(session)
        documents.postpone(session, number, **REASON, retry_at=NOW)
        documents.complete(session, number, filed_path="/p/a.pdf", processing_seconds=1.5, now=NOW)
    with manager.get_session() as session:
        document = documents.require(session, number)
        assert document.status is DocumentStatus.COMPLETED
        assert document.processed_at == NOW
        assert document.processed_at.tzinfo is UTC
        assert (document.error_code, document.retry_at) == (None, None)
        assert (document.filed_path, document.processing_seconds) == ("/p/a.pdf", 1.5)


def test_a_failed_document_has_its_reason_and_no_processing_time(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = admitted(session)
        documents.fail(session, number, **REASON, filed_path=None, now=NOW)
    with manager.get_session() as session:
        document = documents.require(session, number)
        assert (document.status, document.error_code) == (DocumentStatus.FAILED, "disk_full")
        assert (document.processed_at, document.failed_at, document.filed_path) == (None, NOW, None)


def test_a_reopened_document_starts_afresh(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = admitted(session)
        documents.mark_processing(session, documents.locked(session, number))
        documents.fail(session, number, **REASON, filed_path="/failed/a.pdf", now=NOW)
        documents.reopen(session, number, source_path="/inbox/b.pdf")
        document = documents.require(session, number)
        assert (document.status, document.attempts, document.error_code) == (DocumentStatus.WAITING, 0, None)
        assert (document.source_path, document.failed_at) == ("/inbox/b.pdf", None)
        documents.refile(session, number, filed_path="/elsewhere/a.pdf")
        assert document.filed_path == "/elsewhere/a.pdf"


def test_a_postponed_document_is_handed_out_once_when_its_time_has_come(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = admitted(session)
        documents.postpone(session, number, **REASON, retry_at=NOW)
        assert documents.unfinished(session, 10) == {}
        assert documents.take_due(session, NOW - timedelta(seconds=1)) == []
        assert documents.take_due(session, NOW) == ["a" * 64]
        assert documents.take_due(session, NOW) == []


@pytest.mark.parametrize(("waits", "model", "hastened"), [(3, None, True), (0, "m", True), (0, None, False)])
def test_who_waits_for_trouble_outside_of_it_comes_soon_when_another_one_got_through(
    manager: DatabaseManager, waits: int, model: str | None, hastened: bool
) -> None:
    far, soon = NOW + timedelta(minutes=50), NOW + documents.SOON
    with manager.get_session() as session:
        held, capped, own, through = (admitted(session, sha256=letter * 64) for letter in "abcd")
        documents.postpone(session, held, **REASON, retry_at=far, counts_as_attempt=False, waits=5)
        documents.postpone(session, capped, **REASON, retry_at=far, counts_as_attempt=False)
        documents.postpone(session, own, **REASON, retry_at=far)
        documents.require(session, through).model = model
        documents.postpone(session, through, **REASON, retry_at=NOW, waits=waits)
        documents.mark_processing(session, documents.locked(session, through))
        documents.complete(session, through, filed_path="/p", processing_seconds=1, now=NOW)
    with manager.get_session() as session:
        due = [documents.require(session, number).retry_at for number in (held, capped, own)]
        assert due == [soon if hastened else far, far, far]
        assert documents.require(session, held).waits == 5
        assert documents.require(session, through).waits == 0


def test_a_document_that_was_handed_out_but_not_begun_is_due_again(manager: DatabaseManager) -> None:
    later = NOW + documents.START_LEASE
    with manager.get_session() as session:
        number = admitted(session)
        documents.postpone(session, number, **REASON, retry_at=NOW)
        documents.take_due(session, NOW)
        assert documents.take_due(session, later) == ["a" * 64]
        documents.mark_processing(session, documents.locked(session, number))
        assert documents.take_due(session, later + documents.START_LEASE) == []
        assert list(documents.unfinished(session, 10).values()) == ["a" * 64]


def test_moments_are_compared_as_local_when_naive_and_loaded_as_utc(
    manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        local = datetime.now()  # noqa: DTZ005 - the runbook's own expression
        with manager.get_session() as session:
            number = admitted(session)
            documents.complete(session, number, filed_path="/p", processing_seconds=1, now=local)
        with manager.get_session() as session:
            moment = documents.require(session, number).processed_at
            assert moment is not None
            assert moment.utcoffset() == timedelta(0)
            assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)
            assert documents.counts(session, local - timedelta(minutes=1)).completed == 1
            assert documents.counts(session, local + timedelta(minutes=1)).completed == 0
    finally:
        monkeypatch.undo()
        time.tzset()


def test_counts_tell_what_was_done_and_what_waits(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        for letter in "abcde":
            admitted(session, sha256=letter * 64)
        one, two, three, four, _ = (d.id for d in reversed(documents.list_documents(session)))
        recorded(session, one, extraction(needs_review=("issuer",)))
        documents.complete(session, one, filed_path="/p", processing_seconds=1, now=NOW)
        recorded(session, two)
        documents.complete(session, two, filed_path="/p", processing_seconds=1, now=NOW - timedelta(days=2))
        documents.fail(session, three, **REASON, filed_path=None, now=NOW)
        documents.mark_processing(session, documents.locked(session, four))
        documents.add_event(session, EventKind.DUPLICATE, document_id=one, sha256=None, detail={}, now=NOW)
        counts = documents.counts(session, NOW - timedelta(days=1))
    assert counts == documents.Counts(
        completed=1,
        failed=1,
        duplicates=1,
        waiting=1,
        processing=1,
        needs_review=1,
        cost_usd=Decimal("0.0125"),
    )


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (DocumentFilter(), ["b", "a"]),
        (DocumentFilter(doc_type="invoice"), ["a"]),
        (DocumentFilter(doc_type=DocType.LETTER), ["b"]),
        (DocumentFilter(issuer="müller"), ["a"]),
        (DocumentFilter(issuer="MULLER SOHNE"), ["a"]),
        (DocumentFilter(issuer="mül"), []),
        (DocumentFilter(date_from=date(2026, 11, 1)), ["a"]),
        (DocumentFilter(date_to=date(2026, 10, 31)), ["b"]),
        (DocumentFilter(needs_review=True), ["b"]),
        (DocumentFilter(needs_review=False), ["a"]),
        (DocumentFilter(status=DocumentStatus.COMPLETED), ["a"]),
        (DocumentFilter(text="rechnung 2026/17"), ["a"]),
        (DocumentFilter(text="100%_"), []),
    ],
)
def test_documents_are_listed_by_filter(
    manager: DatabaseManager, filters: DocumentFilter, expected: list[str]
) -> None:
    with manager.get_session() as session:
        recorded(session, number := admitted(session))
        documents.complete(session, number, filed_path="/p", processing_seconds=1, now=NOW)
        letter = Metadata(doc_type=DocType.LETTER, primary_date=date(2026, 10, 1))
        recorded(session, admitted(session, sha256="b" * 64), extraction(letter, needs_review=("title",)))
        found = documents.list_documents(session, filters)
        assert [document.sha256_hex[0] for document in found] == expected


def test_a_list_can_be_paged(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        numbers = [admitted(session, sha256=letter * 64) for letter in "abc"]
        page = documents.list_documents(session, limit=1, offset=1)
    assert [document.id for document in page] == [numbers[1]]


def test_a_service_that_does_not_say_its_cached_tokens_leaves_them_unknown(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        recorded(session, number := admitted(session), extraction(usage=Usage(7, 3, None)))
        assert documents.require(session, number).cached_tokens is None


def test_pages_are_replaced(manager: DatabaseManager, tmp_path: Path) -> None:
    with manager.get_session() as session:
        recorded(session, number := admitted(session), pages=("one", "two"))
        documents.record(
            session,
            number,
            extraction(),
            [PageText(1, "only", "ocr")],
            pipeline_version="2",
            page_count=1,
            ocr_pages=1,
            now=NOW,
        )
        assert [(p.text, p.source) for p in documents.page_texts(session, number)] == [("only", "ocr")]
        assert documents.require(session, number).pipeline_version == "2"
