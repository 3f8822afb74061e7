"""The engine's records of finished work are forgotten in time, but not what somebody may still need."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from autod.app import App
from autod.assembly.archive import utc_now
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.durable import upkeep
from autod.durable.upkeep import Needed
from tests.paper import INVOICE, pdf_of
from tests.settings import settings_in


@pytest.fixture
def app(tmp_path: Path, manager: DatabaseManager) -> Iterator[App]:
    with App(settings_in(tmp_path, manager.url), manager) as app:
        yield app


def process(app: App, number: int, content: bytes | None = None) -> None:
    path = app.folders.inbox / f"{number}.pdf"
    path.write_bytes(content or pdf_of((*INVOICE, f"copy {number}")))
    app.process(path)


def left(app: App) -> int:
    with app.manager.get_session(read_only=True) as session:
        return int(session.scalar(sa.text("SELECT count(*) FROM workflow_status")) or 0)


def test_what_is_old_and_done_is_forgotten_in_batches_and_the_documents_stay(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "MOST_PRUNED", 2)
    for number in range(3):
        process(app, number)
    assert app.duties.prune() == 0
    monkeypatch.setattr("autod.duties.utc_now", lambda: utc_now() + timedelta(days=31))
    assert [app.duties.prune(), app.duties.prune(), app.duties.prune()] == [2, 1, 0]
    assert left(app) == 0
    path = app.folders.inbox / "again.pdf"
    path.write_bytes(pdf_of((*INVOICE, "copy 0")))
    assert app.process(path).duplicate_of == 1


@pytest.mark.parametrize(("pruned", "seconds"), [(200, 10), (199, 60)])
def test_after_a_whole_batch_the_next_one_comes_soon(
    app: App, monkeypatch: pytest.MonkeyPatch, pruned: int, seconds: int
) -> None:
    asked: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: moment)

    def prune() -> int:
        asked.append(moment)
        return pruned

    monkeypatch.setattr(app.duties, "prune", prune)
    monkeypatch.setattr("autod.duties.time", clock)
    start = time.monotonic() + 3600
    for moment in (start, start + seconds - 1, start + seconds):  # noqa: B007 - the clock reads it
        app.duties.look()
    assert asked == [start, start + seconds]


def test_what_is_needed_is_passed_over_however_much_of_it_is_older(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "MOST_PRUNED", 1)
    for number in range(3):
        process(app, number)
    with app.manager.get_session(read_only=True) as session:
        first = [documents.require(session, number).sha256_hex for number in (1, 2)]
    later = utc_now() + timedelta(days=1)
    keep = Needed(lives=set(first), answers=set())
    assert app.engine.upkeep.prune(later, lambda _: keep) == 1
    assert left(app) == 2


def test_a_failed_document_whose_life_was_forgotten_can_still_be_retried(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    process(app, 1, b"<html>")
    with monkeypatch.context() as patch:
        patch.setattr("autod.duties.utc_now", lambda: utc_now() + timedelta(days=31))
        assert app.duties.prune() == 1
    assert (app.retry(1).error or "").startswith("not_a_pdf")
