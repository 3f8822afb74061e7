"""What must not leave this machine does not, whatever lane is open; what leaves is on record first."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from autod.app import App
from autod.assembly.archive import utc_now
from autod.assembly.service import open_client, open_egress
from autod.assembly.vector_store import open_vector_store
from autod.config import OpenAIServer, Settings, VectorStoreChoice
from autod.db import disclosures, documents
from autod.db.manager import DatabaseManager
from autod.db.models import Disclosure, Document
from autod.domain.privacy import Purpose, Sending, SentForm, Share
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import DatabaseError, PrivacyError
from autod.vectors.base import Filter
from tests.openai.stub import Stub, Trouble
from tests.paid import Open, apps, paid_service, paid_settings
from tests.paper import MEDICAL_REPORT, pdf_of

EVERYDAY = (
    "Northfield Supplies Ltd",
    "INVOICE",
    "Invoice number: NF-2026-0117",
    "Invoice date: 3 March 2026",
    "Due date: 2 April 2026",
    "Total GBP        240.00",
)
UNCLEAR = ("blue seven window", "green eleven door")
SAID = {"issuer": {"value": "Northfield Supplies Ltd", "page": 1, "quote": "Northfield Supplies Ltd"}}
MEDICAL_STAYS = "medical: local"


@pytest.fixture
def manager(sqlite_url: str) -> Iterator[DatabaseManager]:
    """tests/db/test_disclosures.py does the same on PostgreSQL; here a database of one kind is enough."""
    with DatabaseManager(sqlite_url) as opened:
        yield opened


@pytest.fixture
def stub() -> Iterator[Stub]:
    with paid_service(SAID) as stub:
        yield stub


@pytest.fixture
def settings(
    tmp_path: Path, manager: DatabaseManager, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setattr("autod.extract.openai.pacing.POLL_SECONDS", 0.1)
    return paid_settings(tmp_path, manager, stub)


@pytest.fixture
def opened(settings: Settings, manager: DatabaseManager) -> Iterator[Open]:
    with apps(settings, manager) as opened:
        yield opened


def done(app: App, lines: tuple[str, ...], name: str = "a.pdf") -> Document:
    path = app.folders.inbox / name
    path.write_bytes(pdf_of(lines))
    result = app.process(path)
    assert result.success, result.error
    with app.manager.get_session(read_only=True) as session:
        return documents.require(session, result.document_id or 0)


def sendings(manager: DatabaseManager) -> list[Disclosure]:
    with manager.get_session(read_only=True) as session:
        return disclosures.list_all(session)[::-1]


LANES: list[dict[str, Any]] = [
    {"openai_paying_once": "background"},
    {"openai_paying_once": "conversation"},
    {"openai_paying_once": "direct"},
    {"openai_form": "file"},
    {"vector_store": VectorStoreChoice.OPENAI},
]


@pytest.mark.parametrize("lane", LANES, ids=lambda lane: "-".join(map(str, lane.values())))
def test_a_document_of_a_local_class_sends_nothing_while_another_does(
    opened: Open, stub: Stub, lane: dict[str, Any]
) -> None:
    app = opened(privacy=MEDICAL_STAYS, **lane)
    report = done(app, MEDICAL_REPORT)
    assert (report.engine, report.doc_type) == ("local", "medical")
    assert stub.requests == []
    assert sendings(app.manager) == []
    done(app, EVERYDAY, "b.pdf")
    assert {row.document_id for row in sendings(app.manager)} == {2}
    assert stub.requests


def test_in_doubt_it_stays(opened: Open, stub: Stub) -> None:
    app = opened(privacy=MEDICAL_STAYS)
    assert done(app, UNCLEAR).engine == "local"
    assert stub.requests == []


def test_without_a_policy_doubt_is_no_reason_to_stay(opened: Open, stub: Stub) -> None:
    assert done(opened(), UNCLEAR).engine == "openai"
    assert stub.billed


def test_a_policy_that_is_made_later_can_tell_old_documents_apart(opened: Open, settings: Settings) -> None:
    app = opened()
    report, everyday = done(app, MEDICAL_REPORT), done(app, EVERYDAY, "b.pdf")
    egress = open_egress(settings.model_copy(update={"privacy": MEDICAL_STAYS}), app.manager)
    share = Share(Purpose.STORE, SentForm.FILE, everyday.sha256_hex)
    egress.before(Sending("api.openai.com", 1, True, (share,)))
    with pytest.raises(PrivacyError, match="medical"):
        egress.before(
            Sending("api.openai.com", 1, True, (dataclasses.replace(share, sha256=report.sha256_hex),))
        )


def test_history_says_why_it_stayed(opened: Open) -> None:
    app = opened(privacy=MEDICAL_STAYS)
    report = done(app, MEDICAL_REPORT)
    with app.manager.get_session(read_only=True) as session:
        events = documents.history(session, report.id)
    (event,) = [event for event in events if event.kind is EventKind.KEPT_HERE]
    assert event.detail == {"class": "medical"}


def test_a_persons_word_for_the_kind_settles_it(opened: Open, stub: Stub) -> None:
    app = opened(privacy=MEDICAL_STAYS)
    everyday = done(app, EVERYDAY)
    with app.manager.get_session() as session:
        documents.correct(session, everyday.id, "doc_type", "medical", utc_now())
    sent = len(stub.requests)
    share = Share(Purpose.READ, SentForm.TEXT, everyday.sha256_hex, 1)
    with pytest.raises(PrivacyError):
        app.egress.before(Sending("api.openai.com", 1, True, (share,)))
    assert len(stub.requests) == sent


def test_a_policy_made_stricter_on_the_way_is_obeyed(opened: Open, stub: Stub) -> None:
    """The document was looked at under a policy that let it go; the door knows the one of today."""
    app = opened()
    strict = dataclasses.replace(app.egress, policy=app.settings.model_copy(
        update={"privacy": "everything: local"}).privacy_policy)  # fmt: skip
    assert app.client is not None
    app.client.egress = strict
    everyday = done(app, EVERYDAY)
    assert (everyday.engine, everyday.status) == ("local", DocumentStatus.COMPLETED)
    assert not any(body for _, _, body in stub.requests), "an empty conversation is made, and removed"
    assert stub.desk.conversations == {}


def test_what_leaves_is_on_record_with_where_what_for_and_how_much(opened: Open) -> None:
    app = opened(vector_store=VectorStoreChoice.OPENAI)
    document = done(app, EVERYDAY)
    read, stored, attributes = sendings(app.manager)
    assert {row.sha256_hex for row in (read, stored, attributes)} == {document.sha256_hex}
    assert {row.document_id for row in (read, stored, attributes)} == {document.id}
    assert {row.host for row in (read, stored, attributes)} == {"127.0.0.1"}
    assert (read.purpose, read.form, read.pages) == (Purpose.READ, SentForm.TEXT, 1)
    assert (stored.purpose, stored.form, stored.pages) == (Purpose.STORE, SentForm.FILE, 1)
    assert (attributes.purpose, attributes.form) == (Purpose.STORE, SentForm.ATTRIBUTES)
    assert stored.size_bytes == document.file_size
    assert read.size_bytes > 1000
    assert {row.outcome for row in (read, stored, attributes)} == {"answered"}


def test_deletion_is_noted_when_the_service_confirms_it(opened: Open, settings: Settings, stub: Stub) -> None:
    app = opened(vector_store=VectorStoreChoice.OPENAI)
    done(app, EVERYDAY)
    read, stored, attributes = sendings(app.manager)
    assert read.kept and read.deleted_at is not None
    assert stored.kept and stored.deleted_at is None
    assert attributes.kept and attributes.deleted_at is None
    store = open_vector_store(
        settings.model_copy(update={"vector_store": VectorStoreChoice.OPENAI}), app.manager
    )
    assert store.purge() == 1
    assert all(row.deleted_at is not None for row in sendings(app.manager))
    assert stub.kept_files.files == {}


@pytest.mark.parametrize(
    ("way", "kept", "deleted"),
    [("background", True, True), ("conversation", True, True), ("direct", False, False)],
)
def test_nothing_is_left_at_the_service_after_reading(
    opened: Open, stub: Stub, way: str, kept: bool, deleted: bool
) -> None:
    app = opened(openai_paying_once=way)
    done(app, EVERYDAY)
    (read,) = sendings(app.manager)
    assert (read.kept, read.deleted_at is not None) == (kept, deleted)
    assert stub.desk.responses == {} and stub.desk.conversations == {}
    (asked,) = stub.asked("POST", "/responses")
    assert asked["store"] is kept


def test_what_the_service_would_not_delete_is_still_listed_as_kept(opened: Open, stub: Stub) -> None:
    app = opened()
    stub.meet(Trouble(method="DELETE", path="/conversations", status=403, code="forbidden"))
    done(app, EVERYDAY)
    with app.manager.get_session(read_only=True) as session:
        (kept,) = disclosures.list_all(session, still_kept=True)
    assert kept.kept_at == "/conversations/conv_1"


def test_what_was_refused_or_never_arrived_is_on_record_as_such(
    opened: Open, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 1)
    app = opened()
    stub.meet(Trouble(status=400, code="bad", kind="invalid_request_error"))
    path = app.folders.inbox / "a.pdf"
    path.write_bytes(pdf_of())
    assert not app.process(path).success
    assert [row.outcome for row in sendings(app.manager)] == ["openai_request_refused"]


def test_what_cannot_be_put_on_record_does_not_leave(
    settings: Settings, manager: DatabaseManager, stub: Stub
) -> None:
    client = open_client(settings, open_egress(settings, manager))
    with manager.get_session() as session:
        session.execute(text("DROP TABLE disclosures"))
    share = Share(Purpose.READ, SentForm.TEXT, "a" * 64)
    with pytest.raises(DatabaseError):
        client.send("POST", "/responses", body={"input": "secret"}, shares=[share])
    assert stub.requests == []


def test_a_request_that_does_not_say_whose_content_it_carries_is_refused(
    settings: Settings, manager: DatabaseManager, stub: Stub
) -> None:
    """So that a lane that is added later cannot go round the policy, even by mistake."""
    client = open_client(settings, open_egress(settings, manager))
    for path in ("/responses", "/responses/input_tokens", "/chat/completions", "/files", "/embeddings"):
        with pytest.raises(PrivacyError) as caught:
            client.send("POST", path, body={"input": "secret"})
        assert caught.value.code == "privacy_unnamed"
    with pytest.raises(PrivacyError):
        client.send("POST", "/batches", body={}, upload=("a", b"secret", "text/plain"))
    client.egress = None
    share = Share(Purpose.READ, SentForm.TEXT, "a" * 64)
    with pytest.raises(PrivacyError) as caught:
        client.send("POST", "/responses", body={"input": "secret"}, shares=[share])
    assert caught.value.code == "privacy_no_door"
    assert stub.requests == []


def test_a_document_that_nobody_looked_at_is_unknown_and_stays(
    settings: Settings, manager: DatabaseManager
) -> None:
    egress = open_egress(settings.model_copy(update={"privacy": MEDICAL_STAYS}), manager)
    share = Share(Purpose.COUNT, SentForm.FILE, "f" * 64)
    with pytest.raises(PrivacyError, match="unknown"):
        egress.before(Sending("api.openai.com", 1, False, (share,)))


def test_one_that_must_stay_holds_back_the_whole_request(opened: Open) -> None:
    app = opened(privacy=MEDICAL_STAYS)
    everyday = done(app, EVERYDAY)
    report = done(app, MEDICAL_REPORT, "b.pdf")
    before = len(sendings(app.manager))
    shares = tuple(Share(Purpose.READ, SentForm.TEXT, document.sha256_hex) for document in (everyday, report))
    with pytest.raises(PrivacyError):
        app.egress.before(Sending("api.openai.com", 1, True, shares))
    assert len(sendings(app.manager)) == before


@pytest.mark.parametrize(
    ("url", "model", "stays"),
    [
        ("http://127.0.0.1:11434/v1", "qwen3:8b", True),
        ("http://localhost:11434/v1", "qwen3:8b", True),
        ("http://[::1]:11434/v1", "qwen3:8b", True),
        ("http://192.168.1.20:11434/v1", "qwen3:8b", False),
        ("http://localhost.example.com/v1", "qwen3:8b", False),
        ("http://127.0.0.1:11434/v1", "gpt-oss:120b-cloud", False),
    ],
)
def test_only_a_server_of_our_own_on_this_machine_is_here(
    settings: Settings, manager: DatabaseManager, url: str, model: str, stays: bool
) -> None:
    own = {"openai_server": OpenAIServer.OLLAMA, "openai_base_url": url, "openai_model": model}
    assert open_egress(settings.model_copy(update=own), manager).service_is_local is stays


def test_openai_behind_a_proxy_on_this_machine_is_not_here(
    settings: Settings, manager: DatabaseManager
) -> None:
    assert not open_egress(settings, manager).service_is_local


def test_a_model_on_this_machine_may_read_what_must_not_leave(opened: Open, stub: Stub) -> None:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": json.dumps(SAID)},
        "finish_reason": "stop",
    }
    stub.chat = {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice]}
    own = {"openai_server": OpenAIServer.OLLAMA, "openai_model": "qwen3:8b"}
    app = opened(privacy="everything: local", **own)
    assert done(app, MEDICAL_REPORT).engine == "openai"
    assert [row.host for row in sendings(app.manager)] == ["127.0.0.1"]


def test_a_server_of_our_own_on_another_host_is_not_even_called_for_a_local_class(opened: Open) -> None:
    own = {"openai_server": OpenAIServer.VLLM, "openai_base_url": "http://192.0.2.1:9/v1"}
    app = opened(privacy=MEDICAL_STAYS, **own)
    assert done(app, MEDICAL_REPORT).engine == "local"
    assert sendings(app.manager) == []


def test_a_search_at_the_service_is_on_record_without_a_document(
    settings: Settings, manager: DatabaseManager, stub: Stub
) -> None:
    store = open_vector_store(settings.model_copy(update={"vector_store": VectorStoreChoice.OPENAI}), manager)
    store.search("copper pipe", Filter(), 5)
    (row,) = sendings(manager)
    assert (row.purpose, row.document_id, row.kept) == (Purpose.SEARCH, None, False)
