"""The store at OpenAI: found before made, never twice, honest about files it cannot take."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from autod import logs
from autod.domain.kinds import DocType
from autod.domain.metadata import Metadata
from autod.errors import Retry, ServiceError
from autod.vectors.attributes import LONGEST_TEXT, MOST_ATTRIBUTES, attributes_of, service_filter
from autod.vectors.base import Entry, Filter
from autod.vectors.openai import MARK, IndexingPatience, OpenAIVectorStore
from autod.vectors.uploading import UploadOutcome, Uploads, entry_for, upload
from tests.openai.conftest import Service
from tests.openai.stub import RATE_LIMITED, SPOILT, Trouble, serving

PDF = b"%PDF-1.7 copper pipe"


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as (stub, url):
        running = Service(stub, url)
        yield running
        for client in running.clients:
            client.close()
        assert stub.violations == []


def store_at(service: Service, **options: Any) -> OpenAIVectorStore:
    standard: dict[str, Any] = {"name": "papers", "sleep": service.sleep, "clock": service.clock}
    return OpenAIVectorStore(service.client(), **{**standard, **options})


def entry(sha256: str = "a" * 64, content: bytes = PDF, **attributes: Any) -> Entry:
    return Entry(sha256, ".pdf", content, {"sha256": sha256, **attributes})


def test_store_is_made_once_and_found_by_the_next_process(service: Service) -> None:
    first = store_at(service)
    assert first.get_or_create() == first.get_or_create() == store_at(service).get_or_create()
    assert len(service.stub.kept_files.stores) == 1


def test_store_is_found_beyond_the_first_page_of_the_list(service: Service) -> None:
    wanted = store_at(service).get_or_create()
    for number in range(5):
        service.client().send("POST", "/vector_stores", body={"name": f"other {number}", "metadata": MARK})
    assert store_at(service).get_or_create() == wanted


def test_store_of_that_name_which_somebody_else_made_is_left_alone(service: Service) -> None:
    theirs = service.client().send("POST", "/vector_stores", body={"name": "papers"}).data["id"]
    assert store_at(service).get_or_create() != theirs


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(path="/vector_stores", drop="after"),
        Trouble(path="/vector_stores", drop="before"),
        Trouble(path="/vector_stores", status=500),
        Trouble(path="/vector_stores", status=504),
        Trouble(path="/vector_stores", **RATE_LIMITED),
    ],
    ids=["lost answer", "lost request", "500", "504", "429"],
)
def test_passing_trouble_never_makes_a_second_store(service: Service, trouble: Trouble) -> None:
    service.stub.meet(trouble)
    assert store_at(service).get_or_create() in service.stub.kept_files.stores
    assert len(service.stub.kept_files.stores) == 1


def test_empty_second_store_of_a_race_is_removed(service: Service) -> None:
    for _ in range(2):
        service.client().send("POST", "/vector_stores", body={"name": "papers", "metadata": MARK})
    assert store_at(service).get_or_create() == "vs_1"
    assert list(service.stub.kept_files.stores) == ["vs_1"]


def test_refused_key_is_not_tried_over_and_over(service: Service) -> None:
    service.stub.meet(Trouble("GET", "/vector_stores", status=401, code="invalid_api_key"))
    with pytest.raises(ServiceError):
        store_at(service).get_or_create()
    assert len(service.stub.requests) == 1


def test_configured_store_is_honoured_or_missed_with_a_clear_message(service: Service) -> None:
    made = service.client().send("POST", "/vector_stores", body={"name": "mine"}).data["id"]
    assert store_at(service, store_id=made).get_or_create() == made
    with pytest.raises(ServiceError) as caught:
        store_at(service, store_id="vs_99").get_or_create()
    assert caught.value.code == "vector_store_missing"
    assert caught.value.retry is Retry.PERSON


def test_document_is_uploaded_attached_and_waited_for(service: Service) -> None:
    store = store_at(service)
    file = store.put(entry(doc_type="invoice"))
    assert file is not None
    placed = service.stub.kept_files.attached[store.get_or_create()][file]["shown"]
    assert placed["status"] == "completed"
    assert placed["attributes"]["doc_type"] == "invoice"
    assert service.stub.kept_files.files[file]["filename"] == "a" * 64 + ".pdf"
    assert service.stub.kept_files.files[file]["purpose"] == "user_data"


def test_putting_a_document_again_uploads_nothing(service: Service) -> None:
    assert store_at(service).put(entry()) == store_at(service).put(entry())
    assert len(service.stub.kept_files.files) == 1
    assert len(service.stub.asked("POST", "/files")) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(path="/files", drop="after"),
        Trouble(path="/files", status=500),
        Trouble(path="/vector_stores/vs_1/files", drop="after"),
        Trouble(path="/vector_stores/vs_1/files", status=503),
    ],
    ids=["lost file", "file 500", "lost place", "place 503"],
)
def test_passing_trouble_never_uploads_a_second_file(service: Service, trouble: Trouble) -> None:
    store = store_at(service)
    store.get_or_create()
    service.stub.meet(trouble)
    store.put(entry())
    assert len(service.stub.kept_files.files) == 1


@pytest.mark.parametrize("spoilt", list(SPOILT))
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/files"), ("GET", "/files"), ("GET", "/vector_stores"), ("POST", "/vector_stores")],
)
def test_what_arrives_in_place_of_an_answer_makes_nothing_twice_and_is_the_services_trouble(
    service: Service, method: str, path: str, spoilt: str
) -> None:
    service.stub.meet(Trouble(method=method, path=path, spoilt=spoilt))
    store = store_at(service)
    with contextlib.suppress(ServiceError):
        store.put(entry())
    store.put(entry())
    assert (len(service.stub.kept_files.files), len(service.stub.kept_files.stores)) == (1, 1)


def test_file_the_store_cannot_read_is_removed_and_reported_under_the_runbooks_message(
    service: Service,
) -> None:
    service.stub.kept_files.failures.append("unsupported_file")
    store = store_at(service)
    with capture_logs() as records:
        result = upload(store, entry(), file_size=len(PDF), most_mb=10)
    assert (result.outcome, result.reason) == (UploadOutcome.FAILED, "vector_file_failed")
    assert logs.UPLOAD_FAILED in [record["event"] for record in records]
    assert service.stub.kept_files.files == {}
    assert service.stub.kept_files.attached[store.get_or_create()] == {}


def test_passing_failure_of_the_store_may_be_tried_again(service: Service) -> None:
    service.stub.kept_files.failures.append("server_error")
    store = store_at(service)
    assert upload(store, entry(), file_size=1, most_mb=10).outcome is UploadOutcome.POSTPONED
    assert upload(store, entry(), file_size=1, most_mb=10).outcome is UploadOutcome.PLACED


def test_store_that_takes_too_long_keeps_its_file_for_the_next_try(service: Service) -> None:
    service.stub.kept_files.polls_until_done = 10_000
    store = store_at(service, patience=IndexingPatience(seconds=20, poll=1))
    result = upload(store, entry(), file_size=1, most_mb=10)
    assert (result.outcome, result.reason) == (UploadOutcome.POSTPONED, "vector_file_slow")
    assert len(service.stub.kept_files.files) == 1


def test_file_over_the_limit_is_skipped_with_a_reason_and_nothing_is_sent(service: Service) -> None:
    result = upload(store_at(service), entry(), file_size=10_000_001, most_mb=10)
    assert (result.outcome, result.reason) == (UploadOutcome.SKIPPED, "file_too_large")
    assert service.stub.requests == []
    assert (
        upload(store_at(service), entry(), file_size=10_000_000, most_mb=10).outcome is UploadOutcome.PLACED
    )


def test_document_without_any_text_is_skipped(service: Service) -> None:
    scan = entry_for("a" * 64, PDF, ["", "  "], as_text=True, attributes={})
    assert upload(store_at(service), scan, file_size=1, most_mb=10).reason == "no_text"


def test_scan_is_uploaded_as_its_text_and_a_born_digital_file_as_it_is() -> None:
    scan = entry_for("a" * 64, PDF, ["page one", "page two"], as_text=True, attributes={})
    assert (scan.name, scan.content) == ("a" * 64 + ".txt", b"page one\n\npage two")
    assert entry_for("a" * 64, PDF, ["x"], as_text=False, attributes={}).content == PDF


@pytest.mark.parametrize(("checks", "ending"), [((), ".pdf"), (("hidden_text",), ".txt")])
def test_a_document_with_hidden_text_is_placed_as_what_it_shows(
    tmp_path: Path, checks: tuple[str, ...], ending: str
) -> None:
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(PDF)
    placed: list[Entry] = []
    uploads = Uploads(Keeping(placed), most_mb=10)  # type: ignore[arg-type]
    uploads.place(1, "a" * 64, pdf, [("what is seen", "text_layer")], Metadata(), checks)
    assert [entry.name[64:] for entry in placed] == [ending]


class Keeping:
    """A store that keeps what it is given."""

    def __init__(self, placed: list[Entry]) -> None:
        self.put = placed.append


def test_attaching_takes_its_turn(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autod.vectors.openai.ATTACHED_A_MINUTE", 2)
    service.stub.kept_files.polls_until_done = 0
    store = store_at(service)
    for number in range(3):
        store.put(entry(f"{number}" * 64))
    assert service.slept == [60.0]


def test_what_a_document_is_found_by_is_brought_up_to_date_without_sending_it_again(service: Service) -> None:
    store = store_at(service)
    file = store.put(entry(issuer="Old Ltd"))
    assert store.put(entry(issuer="New Ltd")) == file
    (stored,) = store.contents()
    assert (stored.file_id, stored.attributes["issuer"]) == (file, "New Ltd")
    assert len(service.stub.asked("POST", "/files")) == 1


def test_a_scan_that_was_read_anew_replaces_its_old_text(service: Service) -> None:
    store = store_at(service)
    old = store.put(Entry("a" * 64, ".txt", b"coper pip", {"sha256": "a" * 64}))
    new = store.put(Entry("a" * 64, ".txt", b"copper pipe", {"sha256": "a" * 64}))
    assert old != new
    assert list(service.stub.kept_files.files) == [new]
    assert [stored.file_id for stored in store.contents()] == [new]


def test_looking_for_a_store_makes_none(service: Service) -> None:
    store = store_at(service)
    assert store.find() is None
    assert store.contents() == []
    store.remove("file_1")
    assert service.stub.kept_files.stores == {}


def test_removed_document_is_gone_from_store_and_files(service: Service) -> None:
    store = store_at(service)
    file = store.put(entry()) or ""
    store.remove(file)
    store.remove(file)
    assert service.stub.kept_files.files == {}
    assert service.stub.kept_files.attached[store.get_or_create()] == {}


def test_purge_deletes_all_that_is_ours_and_nothing_else(service: Service) -> None:
    theirs = service.client().send("POST", "/vector_stores", body={"name": "theirs"}).data["id"]
    store = store_at(service)
    for number in range(5):
        store.put(entry(f"{number}" * 64))
    assert store.purge() == 5
    assert list(service.stub.kept_files.stores) == [theirs]
    assert service.stub.kept_files.files == {}


def test_purge_of_a_configured_store_empties_it_and_keeps_it(service: Service) -> None:
    made = service.client().send("POST", "/vector_stores", body={"name": "mine"}).data["id"]
    store = store_at(service, store_id=made)
    store.put(entry())
    assert store.purge() == 1
    assert list(service.stub.kept_files.stores) == [made]


def test_files_of_somebody_else_in_a_configured_store_are_left_alone(service: Service) -> None:
    made = service.client().send("POST", "/vector_stores", body={"name": "mine"}).data["id"]
    theirs = service.stub.kept_files.keep("their notes", "user_data", "notes.txt")
    service.client().send("POST", f"/vector_stores/{made}/files", body={"file_id": theirs})
    store = store_at(service, store_id=made)
    store.put(entry())
    assert [stored.sha256 for stored in store.contents()] == ["a" * 64]
    assert store.purge() == 1
    assert list(service.stub.kept_files.files) == [theirs]


def test_search_is_restricted_by_kind_and_dates(service: Service) -> None:
    store = store_at(service)
    store.put(entry("a" * 64, doc_type="invoice", primary_date=20260303))
    store.put(entry("b" * 64, doc_type="invoice", primary_date=20251231))
    store.put(entry("c" * 64, doc_type="letter", primary_date=20260303))
    wanted = Filter(doc_type="invoice", since=date(2026, 1, 1), until=date(2026, 12, 31))
    assert [hit.sha256 for hit in store.search("copper", wanted, 500)] == ["a" * 64]
    assert {hit.sha256 for hit in store.search("copper", Filter(), 10)} == {"a" * 64, "b" * 64, "c" * 64}


def test_attributes_stay_within_the_services_limits_and_dates_are_numbers() -> None:
    full = Metadata(
        doc_type=DocType.INVOICE, issuer="x" * 2000, recipient="r", language="en", category="c",
        primary_date=date(2026, 3, 3), due_date=date(2026, 4, 2), total_amount=Decimal("240.00"),
        currency="GBP", reference_number="1", customer_number="2", account_number="3",
    )  # fmt: skip
    found = attributes_of(full, sha256="a" * 64, document_id=7)
    assert len(found) <= MOST_ATTRIBUTES
    assert found["primary_date"] == 20260303
    assert found["total_amount"] == 240.0
    assert len(str(found["issuer"])) == LONGEST_TEXT
    assert "due_date" not in attributes_of(Metadata(), sha256="a" * 64, document_id=7)


def test_one_restriction_needs_no_bracket_around_it() -> None:
    assert service_filter(Filter()) is None
    assert service_filter(Filter(issuer="A")) == {"type": "eq", "key": "issuer", "value": "A"}
