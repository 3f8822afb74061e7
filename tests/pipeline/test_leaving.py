"""May it leave this machine? A step of its own; and how a life began is how it goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from autod import flushing
from autod.app import App
from autod.assembly.archive import folders_of
from autod.child import calls
from autod.child.sandbox import Sandbox
from autod.config import Settings, VectorStoreChoice
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus, EventKind
from autod.durable.results import Parked
from autod.errors import DatabaseError
from autod.files import custody
from autod.pipeline import readings
from autod.pipeline import steps as steps_module
from autod.pipeline.readings import Readings
from autod.pipeline.steps import Steps
from autod.read.limits import ReadLimits
from tests.openai.stub import Stub
from tests.paid import paid_service, paid_settings
from tests.paper import INVOICE, MEDICAL_REPORT, pdf_of
from tests.settings import settings_in
from tests.waiting import until

SAID = {"issuer": {"value": "Northfield Supplies Ltd", "page": 1, "quote": "Northfield Supplies Ltd"}}
STRICT = {"privacy": "medical: local"}
PLACES = {"vector_store": VectorStoreChoice.OPENAI}


@pytest.fixture
def stub() -> Iterator[Stub]:
    with paid_service(SAID) as stub:
        yield stub


@pytest.fixture
def free(tmp_path: Path, manager: DatabaseManager) -> Settings:
    return settings_in(tmp_path, manager.url, quiet_seconds=0)


@pytest.fixture
def paid(tmp_path: Path, manager: DatabaseManager, stub: Stub) -> Settings:
    return paid_settings(tmp_path, manager, stub, quiet_seconds=0)


def drop(app: App, lines: tuple[str, ...] = INVOICE) -> str:
    path = app.folders.inbox / "a.pdf"
    path.write_bytes(pdf_of(lines))
    return app.intake.receive(path).sha256


def steps_of(sha256: str) -> list[str]:
    from dbos import DBOS

    return [step["function_name"] for step in DBOS.list_workflow_steps(f"doc:{sha256}")]


def ended(app: App) -> tuple[DocumentStatus, str | None]:
    with app.manager.get_session(read_only=True) as session:
        document = documents.require(session, 1)
        return document.status, document.engine


def kinds(app: App) -> list[EventKind]:
    with app.manager.get_session(read_only=True) as session:
        return [event.kind for event in documents.history(session, 1)]


@pytest.fixture
def died() -> threading.Event:
    return threading.Event()


def dying(died: threading.Event) -> Any:
    """A step in which the process dies."""

    def work(*_: object) -> None:
        died.set()
        raise Parked

    return work


def as_it_read_before(withheld_for: str | None, states_all: bool) -> Any:
    """The step ``read`` of an earlier version, which decided in the same breath."""
    really = Steps.read

    def read(self: Steps, document: Any) -> Any:
        return {**really(self, document), "keeps_here": withheld_for, "states_all": states_all}

    return read


def as_it_began_before() -> Any:
    really = Steps.begin

    def begin(self: Steps, *arguments: Any) -> Any:
        begun: dict[str, Any] = dict(really(self, *arguments))
        return {key: value for key, value in begun.items() if key != "sends"}

    return begin


def test_a_life_that_can_send_to_nobody_does_not_ask_what_may_leave(
    free: Settings, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("looked at")

    monkeypatch.setattr(steps_module, "classify_reading", never)
    with App(free, manager) as app:
        sha256 = drop(app)
        assert app.engine.result(sha256)["outcome"] == "completed"
        assert steps_of(sha256) == ["begin", "understand", "record", "file", "complete"]


@pytest.mark.parametrize(
    ("lines", "way"),
    [
        (INVOICE, ["begin", "read", "may_leave", "prepare"]),
        (MEDICAL_REPORT, ["begin", "read", "may_leave", "understand", "record", "file", "complete"]),
    ],
    ids=["it may", "it may not"],
)
def test_the_decision_stands_between_reading_and_asking(
    paid: Settings, manager: DatabaseManager, lines: tuple[str, ...], way: list[str]
) -> None:
    with App(paid.model_copy(update=STRICT), manager) as app:
        sha256 = drop(app, lines)
        assert app.engine.result(sha256)["outcome"] == "completed"
        assert steps_of(sha256)[: len(way)] == way
        assert (EventKind.KEPT_HERE in kinds(app)) is (lines is MEDICAL_REPORT)


@pytest.mark.parametrize(
    ("withheld_for", "states_all", "event"),
    [("medical", False, EventKind.KEPT_HERE), (None, True, EventKind.NOT_ASKED)],
)
@pytest.mark.parametrize("broken", ["understand", "record", "file"])
def test_what_an_earlier_version_decided_while_reading_still_holds(
    paid: Settings,
    manager: DatabaseManager,
    stub: Stub,
    monkeypatch: pytest.MonkeyPatch,
    withheld_for: str | None,
    states_all: bool,
    event: EventKind,
    broken: str,
    died: threading.Event,
) -> None:
    with monkeypatch.context() as before, App(paid, manager) as app:
        before.setattr(Steps, "begin", as_it_began_before())
        before.setattr(Steps, "read", as_it_read_before(withheld_for, states_all))
        before.setattr(Steps, broken, dying(died))
        sha256 = drop(app)
        until(died.is_set)
    with App(paid, manager) as app:
        assert app.engine.result(sha256)["outcome"] == "completed"
        assert ended(app) == (DocumentStatus.COMPLETED, "local")
        assert "may_leave" not in steps_of(sha256) and event in kinds(app)
    assert stub.requests == []


def test_a_life_of_an_earlier_version_that_was_not_read_yet_is_decided_about_now(
    paid: Settings,
    manager: DatabaseManager,
    stub: Stub,
    monkeypatch: pytest.MonkeyPatch,
    died: threading.Event,
) -> None:
    strict = paid.model_copy(update=STRICT)
    with monkeypatch.context() as before, App(strict, manager) as app:
        before.setattr(Steps, "begin", as_it_began_before())
        before.setattr(Steps, "read", dying(died))
        sha256 = drop(app, MEDICAL_REPORT)
        until(died.is_set)
    with App(strict, manager) as app:
        assert app.engine.result(sha256)["outcome"] == "completed"
        assert ended(app) == (DocumentStatus.COMPLETED, "local")
    assert stub.requests == []


@pytest.mark.parametrize("more", [{}, PLACES], ids=["a reader", "a reader and a store"])
@pytest.mark.parametrize("broken", ["understand", "record", "file"])
def test_a_life_that_began_before_anybody_could_be_asked_is_finished_without_asking(
    free: Settings,
    paid: Settings,
    manager: DatabaseManager,
    stub: Stub,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    more: dict[str, Any],
    died: threading.Event,
) -> None:
    with monkeypatch.context() as patch, App(free, manager) as app:
        patch.setattr(Steps, broken, dying(died))
        sha256 = drop(app)
        until(died.is_set)
    with App(paid.model_copy(update=more), manager) as app:
        assert app.engine.result(sha256)["outcome"] == "completed"
        assert ended(app) == (DocumentStatus.COMPLETED, "local")
    assert [path for method, path, _ in stub.requests if method == "POST"] == []


@pytest.mark.parametrize("broken", ["understand", "record"])
def test_a_life_that_asked_somebody_who_is_gone_begins_anew_and_is_read_here(
    free: Settings,
    paid: Settings,
    manager: DatabaseManager,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    died: threading.Event,
) -> None:
    with monkeypatch.context() as patch, App(paid, manager) as app:
        patch.setattr(Steps, broken, dying(died))
        sha256 = drop(app)
        until(died.is_set)
    with App(free, manager) as app:
        with pytest.raises(DatabaseError, match="while the document was in work"):
            app.engine.result(sha256)
        app.engine.upkeep.revive([sha256])
        assert app.engine.result(sha256)["outcome"] == "completed"
        assert ended(app) == (DocumentStatus.COMPLETED, "local")
        assert steps_of(sha256) == ["begin", "understand", "record", "file", "complete"]


@pytest.mark.parametrize("broken", ["read", "understand", "record", "file"])
def test_a_life_of_an_earlier_version_that_asks_nobody_is_finished_in_its_own_order(
    free: Settings,
    manager: DatabaseManager,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    died: threading.Event,
) -> None:
    with monkeypatch.context() as before, App(free, manager) as app:
        before.setattr(Steps, "begin", as_it_began_before())
        before.setattr(Steps, broken, dying(died))
        sha256 = drop(app)
        until(died.is_set)
    with App(free, manager) as app:
        assert app.engine.result(sha256)["outcome"] == "completed"
        assert steps_of(sha256) == ["begin", "read", "understand", "record", "file", "complete"]


@pytest.mark.parametrize("broken", ["read", "understand", "record", "file", "complete"])
def test_a_life_that_asks_nobody_goes_on_wherever_it_died_and_reads_once(
    free: Settings,
    manager: DatabaseManager,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    died: threading.Event,
) -> None:
    read: list[Any] = []
    really = calls.read_pdf

    def counted(*arguments: Any) -> Any:
        read.append(arguments)
        return really(*arguments)

    monkeypatch.setattr(readings, "read_pdf", counted)
    with monkeypatch.context() as before, App(free, manager) as app:
        before.setattr(Steps, broken, dying(died))
        sha256 = drop(app)
        until(died.is_set)
    with App(free, manager) as app:
        assert app.engine.result(sha256)["outcome"] == "completed"
        assert steps_of(sha256) == ["begin", "understand", "record", "file", "complete"]
    assert len(read) == 1


@pytest.mark.parametrize(
    ("ocr_pages", "relied_on", "survives"),
    [(0, False, False), (1, False, True), (0, True, True)],
    ids=["text, looked at once", "through OCR", "a checkpoint relies on it"],
)
def test_a_reading_is_flushed_where_making_it_again_is_dear_or_a_checkpoint_relies_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ocr_pages: int, relied_on: bool, survives: bool
) -> None:
    flushed: list[Path] = []
    really = flushing.flush_files

    def watched(*paths: Path) -> list[str]:
        flushed.extend(paths)
        return really(*paths)

    def written(_: object, __: object, ___: Path, path: str) -> Any:
        Path(path).write_text("{}")
        return {"pages": 1, "ocr_pages": ocr_pages, "notes": []}

    monkeypatch.setattr(flushing, "flush_files", watched)
    monkeypatch.setattr(readings, "read_pdf", written)
    folders = folders_of(settings_in(tmp_path, f"sqlite:///{tmp_path}/a.db"))
    source = tmp_path / "a.pdf"
    source.write_bytes(pdf_of(INVOICE))
    sha256 = custody.claim(source, folders.claimed).sha256
    known = Readings(folders, cast(Sandbox, None), ReadLimits()).have(sha256, relied_on=relied_on)
    assert flushing.is_whole(folders.reading_of(sha256), known["is"])
    assert (flushed == [folders.reading_of(sha256)]) is survives
