"""What nobody works on is found among many, and what others have the files of does not stand in the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod import app as app_module
from autod.app import App
from autod.assembly.archive import utc_now
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.files import custody
from tests.db.samples import admitted
from tests.paper import INVOICE, pdf_of
from tests.settings import settings_in

OTHER = pdf_of((*INVOICE, "other bytes"))


@pytest.fixture
def app(tmp_path: Path, manager: DatabaseManager) -> Iterator[App]:
    with App(settings_in(tmp_path, manager.url, quiet_seconds=0), manager) as app:
        yield app


def drop(app: App, name: str, content: bytes) -> Path:
    path = app.folders.inbox / name
    path.write_bytes(content)
    return path


def test_a_lost_thread_is_noticed_also_when_others_were_looked_at_in_between(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.process(drop(app, "a.pdf", pdf_of()))
    app.process(drop(app, "b.pdf", OTHER))
    with app.manager.get_session() as session:
        first, second = (documents.require(session, number).sha256_hex for number in (1, 2))
        session.execute(sa.text("UPDATE workflow_status SET status = 'PENDING', queue_name = NULL"))
    started: list[Any] = []
    from dbos import DBOS

    monkeypatch.setattr(DBOS, "resume_workflows", lambda names, **_: started.append(names))
    for sha256 in (first, second, first):
        app.engine.upkeep.revive([sha256])
    assert started == [[f"doc:{first}"]]
    with app.manager.get_session() as session:
        session.execute(sa.text("UPDATE workflow_status SET status = 'SUCCESS'"))


def elsewhere(session: Session, letter: str) -> str:
    """The hash of a document whose bytes another machine has."""
    documents.admit(
        session,
        sha256=letter * 64,
        original_filename="x.pdf",
        source_path="/another machine/inbox/x.pdf",
        size=1,
        now=utc_now(),
    )
    return letter * 64


def test_documents_whose_bytes_others_have_keep_none_of_ours_from_being_revived(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "MOST_REVIVED", 2)
    settings = settings_in(tmp_path, postgres_url, quiet_seconds=0)
    with DatabaseManager(postgres_url) as manager, App(settings, manager) as app:
        claim = custody.claim(drop(app, "a.pdf", pdf_of()), app.folders.claimed)
        with manager.get_session() as session:
            for letter in "abc":
                elsewhere(session, letter)
            documents.admit(
                session,
                sha256=claim.sha256,
                original_filename="a.pdf",
                source_path=str(app.folders.inbox / "a.pdf"),
                size=claim.size,
                now=utc_now(),
            )
        app.duties.revive()
        app.duties.revive()
        assert app.engine.result(claim.sha256)["outcome"] == "completed"


def test_what_is_within_reach_is_asked_in_one_query_however_many_are_not(app: App) -> None:
    path = drop(app, "a.pdf", pdf_of())
    here = custody.claim(path, app.folders.claimed).sha256
    with app.manager.get_session() as session:
        others = [elsewhere(session, letter) for letter in "abc"]
        documents.fail(
            session,
            3,
            code="c",
            message="m",
            next_step="n",
            filed_path="/another machine/x.pdf",
            now=utc_now(),
        )
    asked: list[str] = []
    sa.event.listen(app.manager.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    reached = app.intake.within_reach([here, *others])
    assert reached == {here, others[2]}  # what has ended needs no bytes
    assert len([text for text in asked if "source_path" in text]) == 1


@pytest.mark.parametrize("shared", [True, False])
def test_what_a_store_that_all_share_lacks_has_its_place_and_can_be_gone_on_with(
    tmp_path: Path, manager: DatabaseManager, shared: bool
) -> None:
    """Its worker died after the last copy had been filed, and before that was written down."""
    store = {"claimed_dir": tmp_path / "claimed"} if shared else {}
    with App(settings_in(tmp_path, manager.url, **store), manager) as app:
        sha256 = "c" * 64
        with manager.get_session() as session:
            admitted(session, sha256=sha256)
        assert app.intake.within_reach([sha256]) == ({sha256} if shared else set())
