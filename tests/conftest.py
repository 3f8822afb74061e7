"""Shared fixtures: databases of both kinds, empty or migrated, a fresh one for each test."""

from __future__ import annotations

import itertools
import logging
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from tenacity import nap

from autod.db.manager import DatabaseManager
from autod.db.schema import upgrade
from tests import postgres
from tests.quick import quicken
from tests.scratch import use_memory
from tests.warm_readers import kept_warm

KINDS = ("sqlite", "postgres")
TEMPLATE = "autod_template"

LONG = (
    "tests/backup/test_page.py",
    "tests/e2e/test_batch_life.py",
    "tests/e2e/test_check.py",
    "tests/e2e/test_damaged_work.py",
    "tests/e2e/test_docs.py",
    "tests/e2e/test_footing.py",
    "tests/e2e/test_left_out_told.py",
    "tests/e2e/test_library.py",
    "tests/e2e/test_network_cut.py",
    "tests/e2e/test_odd_folders.py",
    "tests/e2e/test_outage_in_the_log.py",
    "tests/e2e/test_paid_life.py",
    "tests/e2e/test_privacy.py",
    "tests/e2e/test_quick_start.py",
    "tests/e2e/test_vector_sync.py",
    "tests/e2e/test_stated_life.py",
    "tests/e2e/test_stopping.py",
    "tests/e2e/test_writers_that_pause.py",
    "tests/extract/test_growth.py",
    "tests/extract/test_growth_across.py",
    "tests/fleet/",
    "tests/forging/test_every_forgery.py",
    "tests/gameday/",
    "tests/openai/test_openai_batches.py",
    "tests/packaging/test_wheel.py",
    "tests/durable/test_upgrade.py",
    "tests/runbook/",
    "tests/security/",
    "tests/torture/",
    "tests/upgrade/",
)
"""Whole installations, typed into, killed or watched: `make test-long` runs them, `make test` the others."""

OF_EITHER_KIND = ("database", "database_url", "empty_database_url")
"""The fixtures that give a test a database of each kind."""

KINDS_DIFFER = (
    "tests/backup/",
    "tests/db/",
    "tests/durable/",
    "tests/files/",
    "tests/pipeline/",
    "tests/search/",
)
"""Where the two kinds have statements, locks or programs of their own: `make test` runs these tests on both.
The others reach a database through what is tested there; on PostgreSQL `make test-long` runs them."""

COLD = ("tests/e2e/test_hostile.py", "tests/read/", "tests/child/")
"""What tests how reading processes start and end: there each sandbox has children of its own."""

_numbers = itertools.count()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Each of the two runs imports as few as possible of the files in which it has no test."""
    chosen = config.getoption("markexpr")
    if chosen not in ("long", "not long") or not collection_path.name.startswith("test_"):
        return None
    place = _place(collection_path, config)
    if chosen == "not long":
        return True if place.startswith(LONG) else None
    return None if place.startswith(LONG) or _may_have_repetitions(place, collection_path) else True


@cache
def _may_have_repetitions(place: str, path: Path) -> bool:
    """Whether tests in a file may be run on a second kind of database by the long run alone."""
    if place.startswith(KINDS_DIFFER):
        return False
    words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return not words.isdisjoint((*OF_EITHER_KIND, "manager"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        place = _place(item.path, config)
        repeated = _on_postgres(item) and not place.startswith(KINDS_DIFFER)
        if repeated and not _may_have_repetitions(place, item.path):
            raise pytest.UsageError(f"{place} would have tests in neither run: see _may_have_repetitions")
        if repeated or place.startswith(LONG):
            item.add_marker("long")


def _on_postgres(item: pytest.Item) -> bool:
    chosen = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return any(chosen.get(name) == "postgres" for name in OF_EITHER_KIND)


def _place(path: Path, config: pytest.Config) -> str:
    return path.relative_to(config.rootpath).as_posix()


def pytest_configure(config: pytest.Config) -> None:
    use_memory()
    config.stash[_FOLDER] = postgres.prepare()


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = config.stash.get(_FOLDER, None)
    if folder is not None:
        postgres.clean_up(folder)


_FOLDER = pytest.StashKey[Path | None]()


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """What a test that starts the program's logging changes is changed back for the next one."""
    places = (logging.getLogger(), logging.getLogger("autod"))
    before = [(place, place.handlers[:], place.level, place.propagate) for place in places]
    yield
    for place, handlers, level, propagate in before:
        for handler in place.handlers:
            if handler not in handlers:
                handler.close()
        place.handlers[:], place.level, place.propagate = handlers, level, propagate


@pytest.fixture(autouse=True)
def naps_as_before() -> Iterator[None]:
    """Retries of requests sleep for real again after a test that gave them a clock of its own."""
    yield
    nap.time = time


@pytest.fixture(autouse=True)
def warm_readers(request: pytest.FixtureRequest) -> Iterator[None]:
    """A document is read by a child that earlier tests have warmed up, see ``tests/warm_readers.py``."""
    if request.path.relative_to(request.config.rootpath).as_posix().startswith(COLD):
        yield
        return
    with kept_warm():
        yield


@pytest.fixture(autouse=True)
def quick_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipelines of this process look for work more often than the product, see ``tests/quick.py``."""
    quicken(monkeypatch)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The URL of the server's maintenance database, as its superuser."""
    return postgres.server_url()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a migrated PostgreSQL database to copy."""
    with postgres.locked(postgres.folder() / "template.lock"):
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone()
            if not known:
                connection.execute(f"CREATE DATABASE {TEMPLATE}")
        upgrade(_named(postgres_server, TEMPLATE))
    return TEMPLATE


def _named(server: str, database: str) -> str:
    return sa.make_url(server).set(database=database).render_as_string(hide_password=False)


@pytest.fixture
def new_postgres(postgres_server: str) -> Iterator[Callable[[str], str]]:
    """Creates databases from a template; they are dropped after the test."""
    made: list[str] = []

    def create(template: str) -> str:
        name = f"test_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            # Not through the log, as is standard since version 15: that writes and makes much more.
            how = "STRATEGY file_copy" if connection.info.server_version >= 150000 else ""
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {how}")
        made.append(name)
        return _named(postgres_server, name)

    yield create
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A migrated SQLite database."""
    path = tmp_path / "paper_autopilot.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(new_postgres: Callable[[str], str], postgres_template: str) -> str:
    """A migrated PostgreSQL database."""
    return new_postgres(postgres_template)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database, once of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables, once of each kind; the SQLite file does not exist yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'paper_autopilot.db'}"
    return str(request.getfixturevalue("new_postgres")("template1"))


@pytest.fixture
def manager(database_url: str) -> Iterator[DatabaseManager]:
    """A migrated database's manager, once of each kind."""
    with DatabaseManager(database_url) as opened:
        yield opened
