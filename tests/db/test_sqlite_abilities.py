"""One file serves every Python and every SQLite that can do what is needed; others are refused in words."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import dbos
import pytest
import sqlalchemy as sa

from autod.app import App
from autod.assembly.archive import utc_now
from autod.db import sqlite_abilities
from autod.db.engine import create_engine, create_library_engine
from autod.db.manager import DatabaseManager
from autod.db.schema import SchemaState, upgrade
from autod.doctor import installation
from autod.errors import DatabaseError
from autod.health import State, checks
from tests.other_python import dbos_of
from tests.paper import INVOICE, pdf_of
from tests.settings import settings_in

MADE_AND_USED = [((3, 11), (3, 14)), ((3, 14), (3, 11)), ((3, 14), (3, 14))]
"""DBOS asks SQLite for the time in one way up to 3.11, and in another from 3.12 on."""

ENGINES: dict[str, Callable[[str], sa.Engine | None]] = {
    "ours": create_engine,
    "the library's": lambda url: create_library_engine(url, pool_size=1),
    "one that the library makes": lambda url: sa.create_engine(
        sqlite_abilities.WithFunctions.named_in(sa.make_url(url))
    ),
}


@pytest.fixture(params=[True, False], ids=["old SQLite", "this SQLite"])
def sqlite_without_fractions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on a machine with a new SQLite ours has to work."""
    if request.param:
        monkeypatch.setattr(sqlite_abilities, "has_seconds_with_fraction", lambda: False)


@pytest.mark.usefixtures("sqlite_without_fractions")
@pytest.mark.parametrize("kind", ENGINES)
def test_every_connection_tells_the_seconds_with_their_fraction(kind: str, sqlite_url: str) -> None:
    engine = ENGINES[kind](sqlite_url)
    assert engine is not None
    before = time.time()
    with engine.connect() as connection:
        told = connection.scalar(sa.text("SELECT unixepoch('subsec')"))
        whole = connection.scalar(sa.text("SELECT unixepoch('now')"))
        nonsense = connection.scalar(sa.text("SELECT unixepoch('some day')"))
    engine.dispose()
    assert before - 1 < told < time.time() + 1
    assert isinstance(told, float) and isinstance(whole, int | None) and nonsense is None


def test_the_engine_asks_for_the_time_in_no_other_way() -> None:
    """A new release of DBOS that asks in another way has to be looked at."""
    sources = (path.read_text(encoding="utf-8") for path in Path(dbos.__file__).parent.rglob("*.py"))
    code = re.sub(r"^\s*#.*$", "", "\n".join(sources), flags=re.MULTILINE)
    assert set(re.findall(r"unixepoch\(([^)]*)\)", code)) == {"'subsec'", '"subsec"'}
    assert set(re.findall(r"(?:func\.|\()strftime\((['\"]%[^)]*)\)", code)) == {"'%s','now'", '"%s", "now"'}


@pytest.mark.parametrize(("maker", "user"), MADE_AND_USED, ids=str)
def test_a_database_made_under_one_python_works_under_another_with_work_in_flight(
    maker: tuple[int, int], user: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_abilities, "has_seconds_with_fraction", lambda: False)
    url = f"sqlite:///{tmp_path / 'paper_autopilot.db'}"
    settings = settings_in(tmp_path, url, quiet_seconds=0)
    with dbos_of(maker):
        upgrade(url)
        with DatabaseManager(url) as manager, App(settings, manager) as app:
            one = app.folders.inbox / "one.pdf"
            one.write_bytes(pdf_of())
            assert app.process(one).error is None
            app.engine.finish(5)
            late = app.folders.inbox / "late.pdf"
            late.write_bytes(pdf_of((*INVOICE, "late")))
            waiting = app.intake.receive(late)
    with dbos_of(user):
        upgrade(url)
        with DatabaseManager(url) as manager, App(settings, manager) as app:
            assert app.engine.result(waiting.sha256)["outcome"] == "completed"
    with closing(sqlite3.connect(tmp_path / "paper_autopilot.db")) as plain:
        # Whoever knows nothing of our functions can look at the file, check it and copy it.
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute("SELECT count(*) FROM workflow_status").fetchone() == (2,)
        plain.execute("VACUUM INTO ?", [str(tmp_path / "copy.db")])


@pytest.fixture
def too_old(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    sqlite_abilities.lacking.cache_clear()
    monkeypatch.setitem(sqlite_abilities.ABILITIES, "time travel", "SELECT tomorrow()")
    yield
    sqlite_abilities.lacking.cache_clear()


def test_this_sqlite_serves() -> None:
    assert sqlite_abilities.lacking() == ()


@pytest.mark.usefixtures("too_old")
def test_a_sqlite_that_cannot_do_what_is_needed_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'paper_autopilot.db'}"
    with pytest.raises(DatabaseError) as refused:
        upgrade(url)
    assert (refused.value.code, refused.value.exit_code) == ("sqlite_too_old", 3)
    assert "time travel" in refused.value.message and sqlite_abilities.OLDEST in refused.value.next_step
    with DatabaseManager(url) as manager, pytest.raises(DatabaseError, match="cannot do what is needed"):
        manager.engine.connect()
    assert list(tmp_path.iterdir()) == []
    assert create_engine("postgresql://nobody@127.0.0.1:1/none") is not None


@pytest.mark.usefixtures("too_old")
def test_health_names_the_sqlite_that_is_too_old(sqlite_url: str, tmp_path: Path) -> None:
    with DatabaseManager(sqlite_url) as manager:
        said = checks.database(checks.Subject(settings_in(tmp_path, sqlite_url), manager, utc_now()))
        assert manager.schema_state() is SchemaState.UNREACHABLE
    assert said.state is State.FAILED
    assert "sqlite_too_old" in said.detail and sqlite_abilities.OLDEST in said.next_step


@pytest.mark.usefixtures("too_old")
def test_doctor_names_the_sqlite_that_is_too_old() -> None:
    (finding,) = [finding for finding in installation.look() if finding.topic == "SQLite"]
    assert finding.state is State.WARNING and "lacks: time travel [sqlite_too_old]" in finding.what
