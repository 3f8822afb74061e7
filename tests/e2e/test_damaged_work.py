"""The claimed store is damaged between two steps: the step before is done again, or the loss is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autod.app import App
from autod.config import Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.domain.status import DocumentStatus, EventKind
from autod.files import custody
from autod.files.folders import Folders
from autod.pipeline import steps
from autod.pipeline.steps import Steps
from autod.search import fulltext
from tests.listing import files_in
from tests.paper import pdf_of
from tests.settings import settings_in

Damage = Callable[[Path], object]

DAMAGES: dict[str, Damage] = {
    "gone": lambda path: path.unlink(missing_ok=True),
    "emptied": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-40] if path.exists() else b"{"),
    "zeroed": lambda path: path.write_bytes(b"\0" * 500),
    "of another document": lambda path: path.write_bytes(b'{"pages": []}'),
}
SIDECARS = {"reading": Folders.reading_of, "summary": Folders.summary_of}


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 1)
    return settings_in(tmp_path, sqlite_url, patience_seconds=0.1, quiet_seconds=0)


@pytest.fixture
def app(settings: Settings, sqlite_url: str) -> Iterator[App]:
    with DatabaseManager(sqlite_url) as manager, App(settings, manager) as app:
        yield app


def drop(app: App, content: bytes, name: str = "a.pdf") -> Path:
    path = app.folders.inbox / name
    path.write_bytes(content)
    return path


def before(monkeypatch: pytest.MonkeyPatch, step: str, harm: Callable[[Folders], object]) -> None:
    """Do ``harm`` once, just before ``step`` is done for the first time."""
    done: list[str] = []
    method = getattr(Steps, step)

    def run(self: Steps, *arguments: object) -> object:
        if not done:
            done.append(step)
            harm(self.folders)
        return method(self, *arguments)

    monkeypatch.setattr(Steps, step, run)


def document(app: App) -> Document:
    with app.manager.get_session() as session:
        return documents.require(session, 1)


def files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.rglob("*.pdf"))]


@pytest.mark.parametrize("step", ["understand", "record", "file"])
@pytest.mark.parametrize("sidecar", SIDECARS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_good_document_is_filed_whatever_happens_to_what_was_read(
    app: App, monkeypatch: pytest.MonkeyPatch, damage: str, sidecar: str, step: str
) -> None:
    content = pdf_of()
    sha256 = custody.sha256_of(drop(app, content))
    before(monkeypatch, step, lambda folders: DAMAGES[damage](SIDECARS[sidecar](folders, sha256)))
    assert app.process(app.folders.inbox / "a.pdf").success
    assert (document(app).page_count, str(document(app).total_amount)) == (1, "240.00")
    with app.manager.get_session() as session:
        assert [hit.document_id for hit in fulltext.search(session, "copper pipe")] == [1]
    assert files(app.folders.processed) == [content]
    assert files_in(app.folders.claimed) == files_in(app.folders.failed) == []


@pytest.mark.parametrize("step", ["read", "file"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_claimed_copy_is_made_good_from_the_inbox(
    app: App, monkeypatch: pytest.MonkeyPatch, damage: str, step: str
) -> None:
    content = pdf_of()
    sha256 = custody.sha256_of(drop(app, content))
    before(monkeypatch, step, lambda folders: DAMAGES[damage](folders.claim_of(sha256)))
    assert app.process(app.folders.inbox / "a.pdf").success
    assert files(app.folders.processed) == [content]
    assert files(app.folders.inbox) == files(app.folders.failed) == files(app.folders.claimed) == []


@pytest.mark.parametrize("step", ["read", "file"])
@pytest.mark.parametrize("damage", ["emptied", "cut", "zeroed"])
def test_bytes_that_are_nowhere_any_more_are_told_and_never_called_a_success(
    app: App, monkeypatch: pytest.MonkeyPatch, damage: str, step: str
) -> None:
    path = drop(app, pdf_of())
    sha256 = custody.sha256_of(path)

    def harm(folders: Folders) -> None:
        DAMAGES[damage](folders.claim_of(sha256))
        path.unlink()

    before(monkeypatch, step, harm)
    result = app.process(path)
    assert not result.success
    assert (document(app).status, document(app).filed_path) == (DocumentStatus.FAILED, None)
    assert document(app).error_code == ("claim_damaged" if step == "read" else "custody_lost")
    assert files(app.folders.processed) == files(app.folders.failed) == []


def test_a_bad_document_goes_to_failed_with_its_own_bytes_when_the_claimed_copy_is_damaged(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"<html>not paper</html>"
    sha256 = custody.sha256_of(drop(app, content))
    before(monkeypatch, "set_aside", lambda folders: folders.claim_of(sha256).write_bytes(b""))
    app.process(app.folders.inbox / "a.pdf")
    assert document(app).status is DocumentStatus.FAILED
    assert files(app.folders.failed) == [content]
    assert files(app.folders.inbox) == []


@pytest.mark.parametrize("damage", ["emptied", "cut"])
def test_a_file_that_is_seen_again_makes_its_damaged_claimed_copy_good(app: App, damage: str) -> None:
    path = drop(app, pdf_of())
    sha256 = custody.claim(path, app.folders.claimed).sha256
    with app.manager.get_session() as session:
        documents.admit(
            session,
            sha256=sha256,
            original_filename="a.pdf",
            source_path="/gone/a.pdf",
            size=1,
            now=app.intake.now(),
        )
    DAMAGES[damage](app.folders.claim_of(sha256))
    assert app.process(path).success
    assert set(files(app.folders.processed)) == {pdf_of()}


def test_what_an_earlier_version_understood_is_understood_again(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    understand = Steps.understand
    asked: list[int] = []

    def as_it_was(self: Steps, *arguments: object) -> object:
        said = understand(self, *arguments)  # type: ignore[arg-type]
        asked.append(1)
        return {key: value for key, value in said.items() if key != "pages"} if len(asked) == 1 else said

    monkeypatch.setattr(Steps, "understand", as_it_was)
    path = drop(app, pdf_of())
    assert str(app.process(path).error).startswith("understood_earlier")
    app.engine.again(document(app).sha256_hex)
    app.engine.result(document(app).sha256_hex)
    assert document(app).status is DocumentStatus.COMPLETED


def test_a_page_with_characters_that_no_database_takes_is_kept_without_them(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = steps.understand_reading

    def odd(*arguments: Any, **named: Any) -> Any:
        said = really(*arguments, **named)
        said["pages"][0][1] += " \ud800\0 afterwards"
        return said

    monkeypatch.setattr(steps, "understand_reading", odd)
    assert app.process(drop(app, pdf_of())).success
    with app.manager.get_session() as session:
        [page] = documents.page_texts(session, 1)
    assert page.text.endswith("afterwards")


def test_a_start_lets_go_of_claimed_copies_that_a_power_cut_brought_back_and_of_no_others(
    settings: Settings, sqlite_url: str
) -> None:
    contents = [pdf_of(), pdf_of(("Some letter",)), b"<html>"]
    with DatabaseManager(sqlite_url) as manager:
        with App(settings, manager) as app:
            for number, content in enumerate(contents):
                app.process(drop(app, content, f"{number}.pdf"))
            for number, content in enumerate(contents):
                path = app.folders.inbox.parent / f"{number}.pdf"
                path.write_bytes(content)
                sha256 = custody.claim(path, app.folders.claimed).sha256
                app.folders.reading_of(sha256).write_text("{}")
            with manager.get_session() as session:
                lost = Path(documents.require(session, 2).filed_path or "")
            lost.write_bytes(b"damaged")
            claimed = app.folders.claimed
        with App(settings, manager):
            assert files(claimed) == [contents[1]]
            with manager.get_session() as session:
                kinds = [event.kind for event in documents.history(session, 1)]
    assert kinds == [EventKind.RECEIVED, EventKind.RECORDED, EventKind.FILED]
