"""Work that waits or is in flight under one version is finished under the next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from autod import app as app_module
from autod.app import App
from autod.config import Settings
from autod.db.manager import DatabaseManager
from autod.db.schema import MIGRATIONS, SchemaState, upgrade
from autod.pipeline import engine, membership, steps, upkeep
from autod.pipeline.checkpoints import End
from autod.pipeline.durable import PIPELINE_VERSION, Durable
from autod.pipeline.steps import Steps
from autod.pipeline.workflow import live
from tests.openai.stub import Stub
from tests.paid import paid_service, paid_settings
from tests.paper import INVOICE, pdf_of
from tests.waiting import until

NEVER = 10**6
NEXT = f"{PIPELINE_VERSION} and one more"


@pytest.fixture
def stub() -> Iterator[Stub]:
    with paid_service() as stub:
        stub.desk.polls_until_done = NEVER
        yield stub


@pytest.fixture
def settings(
    tmp_path: Path, manager: DatabaseManager, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setattr("autod.extract.openai.pacing.POLL_SECONDS", 0.1)
    return paid_settings(
        tmp_path,
        manager,
        stub,
        openai_paying_once="background",
        openai_concurrency=1,
        stop_seconds=0.5,
        claimed_dir=tmp_path / "claimed",
    )


@pytest.fixture
def hashes(
    settings: Settings, manager: DatabaseManager, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Of what was left behind: one is being asked about, one waits for its turn, and one was not begun."""
    with monkeypatch.context() as patch:
        patch.setattr(engine, "CLAIMS_PER_WORKER", 0)
        with App(settings, manager) as app:
            hashes = [receive(app, number) for number in range(3)]
            waiting = ["ENQUEUED", "ENQUEUED", "PENDING", "PENDING", "PENDING"]
            until(lambda: statuses(manager) == waiting and attached(manager) == 1)
    with stub.lock:
        stub.desk.polls_until_done = 0
        for kept in stub.desk.responses.values():
            kept["left"] = 0
    return hashes


def receive(app: App, number: int) -> str:
    path = app.folders.inbox / f"{number}.pdf"
    path.write_bytes(pdf_of((*INVOICE, f"copy {number}")))
    return app.intake.receive(path).sha256


def statuses(manager: DatabaseManager) -> list[str]:
    with manager.get_session(read_only=True) as session:
        return sorted(session.scalars(sa.text("SELECT status FROM workflow_status")))


def attached(manager: DatabaseManager) -> int:
    with manager.get_session(read_only=True) as session:
        found = session.scalar(sa.text("SELECT count(*) FROM api_calls WHERE handle LIKE 'background:resp%'"))
        return int(found or 0)


def outcomes(app: App, hashes: list[str]) -> list[str]:
    return [app.engine.result(sha256)["outcome"] for sha256 in hashes]


def test_what_one_version_of_the_pipeline_left_behind_is_finished_by_the_next_and_paid_once(
    hashes: list[str],
    settings: Settings,
    manager: DatabaseManager,
    stub: Stub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    greeted: list[str] = []

    def newer(durable: Durable, steps: Steps, sha256: str) -> End:
        """One step more, for those that had not begun."""

        def greet() -> None:
            greeted.append(sha256)

        if durable.patched("greeting"):
            durable.step("greet", greet)
        return live(durable, steps, sha256)

    for module in (engine, upkeep, steps, membership):
        monkeypatch.setattr(module, "PIPELINE_VERSION", NEXT)
    monkeypatch.setattr(app_module, "live", newer)
    with App(settings, manager) as app:
        assert outcomes(app, hashes) == ["completed"] * 3
        with manager.get_session(read_only=True) as session:
            versions = set(session.scalars(sa.text("SELECT application_version FROM workflow_status")))
        assert versions == {NEXT}
    assert greeted == hashes[2:]
    assert len(stub.billed) == 3


def test_the_schema_is_upgraded_while_work_waits_and_the_work_is_finished(
    hashes: list[str], settings: Settings, manager: DatabaseManager, stub: Stub
) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = manager.url
    command.downgrade(config, "0001")
    assert manager.schema_state() is SchemaState.OUTDATED
    upgrade(manager.url)
    with App(settings, manager) as app:
        assert outcomes(app, hashes) == ["completed"] * 3
    assert len(stub.billed) == 3
