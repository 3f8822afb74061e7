"""An installation of every release, killed at its work, is opened by this version and loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autod.app import App
from autod.assembly.archive import folders_of
from autod.config import Settings
from autod.db.manager import DatabaseManager
from autod.db.schema import upgrade
from autod.files import custody
from tests.backup.place import differences
from tests.settings import settings_in
from tests.upgrade.place import (
    DATABASE,
    EXECUTOR,
    INSTALLATIONS,
    bring_back,
    hash_of,
    hashes_in,
    unpacked,
)
from tests.waiting import until

RELEASES = sorted(path.name.removesuffix("-sqlite.tar.gz") for path in INSTALLATIONS.glob("*-sqlite.tar.gz"))


@pytest.fixture(params=[f"{release}-{kind}" for release in RELEASES for kind in ("sqlite", "postgresql")])
def settings(
    request: pytest.FixtureRequest, new_postgres: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """The installation, its database upgraded."""
    with unpacked(INSTALLATIONS / f"{request.param}.tar.gz") as place:
        url = f"sqlite:///{place / DATABASE}"
        if request.param.endswith("postgresql"):
            url = new_postgres("template0")
            bring_back(place, url)
        monkeypatch.setattr(custody, "LEAVING_SECONDS", 0.0)  # unpacking made every file look new
        upgrade(url)
        yield settings_in(place, url, quiet_seconds=0, patience_seconds=0)


def finish(settings: Settings) -> None:
    """Work until nothing waits and nothing is in work; what was postponed has come due long ago."""
    with (
        DatabaseManager(settings.paper_autopilot_db_url) as manager,
        App(settings, manager, identify=lambda _: EXECUTOR) as app,
    ):
        for path in app.settled_files():
            app.process(path)

        def all_ended() -> bool:
            app.duties.look()
            with manager.engine.connect() as connection:
                query = "SELECT count(*) FROM documents WHERE status IN ('waiting', 'processing')"
                return connection.exec_driver_sql(query).scalar_one() == 0

        until(all_ended)


def test_an_installation_killed_at_work_is_opened_and_loses_nothing(settings: Settings) -> None:
    place = Path(settings.inbox_dir).parent
    handed_in = hashes_in(place)
    finish(settings)
    files = [path for folder in ("processed", "failed") for path in (place / folder).rglob("*.pdf")]
    held = [hash_of(path.read_bytes()) for path in files]
    assert set(held) == set(handed_in)
    twice = {sha256 for sha256 in held if held.count(sha256) > 1}
    assert twice == {hash_of((place / "processed/duplicates/copy of a.pdf").read_bytes())}
    assert [path.name for path in (place / "inbox").glob("*.pdf")] == []
    with DatabaseManager(settings.paper_autopilot_db_url) as manager, manager.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT sha256_hex, status FROM documents").fetchall()
    assert sorted(row[0] for row in rows) == sorted(handed_in)
    assert sum(row[1] == "failed" for row in rows) == 2
    assert differences(settings.paper_autopilot_db_url, folders_of(settings)) == []
