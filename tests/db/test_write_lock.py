"""Writers of one SQLite file wait for one another in turn, whoever begins their transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from autod.db.engine import FOR_CHECKPOINTS, READ_ONLY, create_engine, create_library_engine
from autod.db.manager import DatabaseManager
from autod.errors import DatabaseError

ADD = sa.text("INSERT INTO seen VALUES (1)")
COUNT = sa.text("SELECT count(*) FROM seen")
SEEN = sa.table("seen", sa.column("x"))


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    engine = create_engine(url, create=True)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE seen (x INTEGER)"))
    engine.dispose()
    return url


@pytest.fixture
def ours(url: str) -> Iterator[sa.Engine]:
    engine = create_engine(url, pool_size=20)
    yield engine
    engine.dispose()


@pytest.fixture
def library(url: str) -> Iterator[sa.Engine]:
    engine = create_library_engine(url, pool_size=20)
    assert engine is not None
    yield engine
    engine.dispose()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as pool:
        yield pool


def add(engine: sa.Engine, begun: threading.Event | None = None) -> None:
    with engine.begin() as connection:
        if begun is not None:
            begun.set()
        connection.execute(sa.insert(SEEN).values(x=1))


def count(engine: sa.Engine) -> int:
    with engine.execution_options(**READ_ONLY).connect() as connection:
        return int(connection.execute(COUNT).scalar_one())


def test_whoever_wants_to_write_waits_until_the_writer_before_has_ended(
    ours: sa.Engine, library: sa.Engine, pool: ThreadPoolExecutor
) -> None:
    with ours.begin() as connection:
        connection.execute(ADD)
        later: list[Future[None]] = [pool.submit(add, engine) for engine in (ours, library) * 5]
        assert count(library) == count(ours) == 0
        assert not any(waiting.done() for waiting in later)
    for waiting in later:
        waiting.result(timeout=30)
    assert count(ours) == 11


def test_the_turn_is_passed_on_by_whoever_fails_to_write(ours: sa.Engine, library: sa.Engine) -> None:
    for engine in (ours, library):
        with pytest.raises(ZeroDivisionError), engine.begin() as connection:
            connection.execute(sa.insert(SEEN).values(x=1))
            raise ZeroDivisionError
        with pytest.raises(sa.exc.OperationalError), engine.begin() as connection:
            connection.execute(sa.insert(sa.table("nowhere", sa.column("x"))).values(x=1))
    add(ours)
    add(library)
    assert count(ours) == 2


def test_the_turn_is_passed_on_by_whoever_meets_the_writer_of_another_process(
    ours: sa.Engine, url: str, pool: ThreadPoolExecutor
) -> None:
    impatient = create_engine(url, busy_timeout_seconds=0.05)
    other = sa.create_engine(url)
    with other.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            add(impatient)
        waiting = pool.submit(add, ours)
        connection.rollback()
    waiting.result(timeout=30)
    add(impatient)
    assert count(ours) == 2
    other.dispose()
    impatient.dispose()


def test_waiting_too_long_for_the_turn_is_a_busy_database(ours: sa.Engine, url: str) -> None:
    with ours.begin(), DatabaseManager(url, busy_timeout_seconds=0.05) as impatient:  # noqa: SIM117 - inside
        with pytest.raises(DatabaseError) as caught, impatient.get_session() as session:
            session.execute(ADD)
    assert caught.value.code == "database_busy"


def test_a_library_that_looks_something_up_waits_for_nobody(ours: sa.Engine) -> None:
    checkpoints = ours.execution_options(**FOR_CHECKPOINTS)
    with ours.begin() as connection:
        connection.execute(ADD)
        with checkpoints.connect() as looking:
            assert looking.execute(COUNT).scalar_one() == 0


def test_a_library_that_names_an_isolation_level_waits_before_it_reads(
    ours: sa.Engine, pool: ThreadPoolExecutor
) -> None:
    checkpoints = ours.execution_options(**FOR_CHECKPOINTS)

    def read_and_write() -> int:
        with checkpoints.connect().execution_options(isolation_level="SERIALIZABLE") as connection:
            found = int(connection.execute(COUNT).scalar_one())
            connection.execute(ADD)
            connection.commit()
            return found

    with ours.begin() as connection:
        connection.execute(ADD)
        reading = pool.submit(read_and_write)
        assert not reading.done()
    assert reading.result(timeout=30) == 1


def test_two_files_are_written_side_by_side(ours: sa.Engine, tmp_path: Path) -> None:
    other = create_engine(f"sqlite:///{tmp_path / 'other.db'}", create=True)
    with ours.begin(), other.begin() as connection:
        connection.execute(sa.text("CREATE TABLE seen (x INTEGER)"))
    add(other)
    other.dispose()


def test_a_library_that_writes_at_once_waits_for_its_turn_without_asking_sqlite(
    ours: sa.Engine, pool: ThreadPoolExecutor
) -> None:
    library = ours.execution_options(**FOR_CHECKPOINTS)
    with ours.begin() as writer:
        writer.execute(sa.insert(SEEN).values(x=1))
        with library.connect() as second, second.begin():
            # SQLite's own waiting would be heard of in the driver's error: there is none to wait for.
            second.exec_driver_sql("PRAGMA busy_timeout = 0")
            waiting = pool.submit(second.execute, sa.delete(SEEN))
            assert not waiting.done()
            writer.commit()
            waiting.result(timeout=60)

    assert count(ours) == 0
