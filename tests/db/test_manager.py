"""The database manager: sessions, state, errors and what it leaves behind."""

from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.errors import DatabaseError
from tests.db.samples import NOW, admitted

ROOT = Path(__file__).parents[2]


def test_a_session_commits_when_its_block_ends(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        assert isinstance(session, Session)
        number = admitted(session)
    with manager.get_session() as session:
        assert documents.require(session, number).original_filename == "scan.pdf"


def test_a_session_rolls_back_when_its_block_raises(manager: DatabaseManager) -> None:
    with pytest.raises(RuntimeError), manager.get_session() as session:
        admitted(session)
        raise RuntimeError
    with manager.get_session() as session:
        assert documents.list_documents(session) == []


def test_objects_stay_usable_after_the_session(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        document = documents.require(session, admitted(session))
    assert document.status == "waiting"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all.db",
        "postgresql://nobody:hush@127.0.0.1:1/none",
        "mysql://localhost/x",
        "sqlite://",
        "no url",
        "",
    ],
)
def test_health_of_an_unreachable_database_is_false(url: str) -> None:
    with DatabaseManager(url) as manager:
        assert manager.health_check() is False


def test_health_of_a_file_that_is_no_database_is_false(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"certainly no database, but long enough to look like one" * 30)
    with DatabaseManager(f"sqlite:///{tmp_path}/a.db") as manager:
        assert manager.schema_state() == "unreachable"
        with pytest.raises(DatabaseError) as caught, manager.get_session() as session:
            documents.list_documents(session)
    assert caught.value.code == "database_damaged"


def test_using_a_missing_sqlite_file_fails_and_creates_none(tmp_path: Path) -> None:
    with (
        DatabaseManager(f"sqlite:///{tmp_path}/a.db") as manager,
        pytest.raises(DatabaseError) as caught,
        manager.get_session() as session,
    ):
        documents.list_documents(session)
    assert caught.value.code == "database_unavailable"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_table_is_an_outdated_schema(empty_database_url: str, tmp_path: Path) -> None:
    if empty_database_url.startswith("sqlite"):
        (tmp_path / "paper_autopilot.db").touch()
    with (
        DatabaseManager(empty_database_url) as manager,
        pytest.raises(DatabaseError) as caught,
        manager.get_session() as session,
    ):
        documents.list_documents(session)
    assert caught.value.code == "schema_outdated"
    assert "upgrade" in caught.value.next_step


def test_a_missing_postgres_database_is_named_as_such(postgres_server: str) -> None:
    url = postgres_server.replace("/postgres?", "/paper_autopilot_missing?")
    with (
        DatabaseManager(url) as manager,
        pytest.raises(DatabaseError) as caught,
        manager.get_session() as session,
    ):
        documents.list_documents(session)
    assert caught.value.code == "database_missing"


def test_an_error_tells_neither_values_nor_password(manager: DatabaseManager) -> None:
    with pytest.raises(DatabaseError) as caught, manager.get_session() as session:
        admitted(session, name="very private.pdf")
        session.execute(
            sa.insert(Document).values(
                sha256_hex="a" * 64, original_filename="very private.pdf", source_path="x", file_size=1
            )
        )
    shown = f"{caught.value} {caught.value.next_step}"
    assert caught.value.code == "database_error"
    assert "private" not in shown
    assert caught.value.__suppress_context__


def test_the_password_is_not_in_the_representation() -> None:
    manager = DatabaseManager("postgresql://me:hunter2@host/db")
    assert "hunter2" not in repr(manager)
    assert "hunter2" in manager.url


def test_many_managers_leak_no_connection(database_url: str) -> None:
    def open_connections() -> int:
        gc.collect()
        process = psutil.Process()
        return len(process.net_connections("unix")) + process.num_fds()

    def use() -> None:
        assert DatabaseManager(database_url).health_check()

    use()
    before = open_connections()
    for _ in range(20):
        use()
    assert open_connections() <= before + 1


def test_closing_one_manager_leaves_another_alone(database_url: str) -> None:
    first, second = DatabaseManager(database_url), DatabaseManager(database_url)
    with second.get_session() as session:
        first.health_check()
        first.close()
        assert documents.list_documents(session) == []
    assert first.health_check()
    first.close()
    second.close()


def test_sqlite_is_in_wal_mode_with_a_busy_timeout_and_full_safety(sqlite_url: str) -> None:
    with DatabaseManager(sqlite_url, busy_timeout_seconds=7) as manager, manager.get_session() as session:
        pragmas = ("journal_mode", "busy_timeout", "synchronous", "fullfsync", "foreign_keys")
        values = [session.scalar(sa.text(f"PRAGMA {name}")) for name in pragmas]
    assert values == ["wal", 7000, 2, 1, 1]


def test_reading_first_and_writing_later_never_meets_a_lock(sqlite_url: str) -> None:
    failures: list[DatabaseError] = []

    def count_up(manager: DatabaseManager, number: int) -> None:
        try:
            for _ in range(25):
                with manager.get_session() as session:
                    document = documents.require(session, number)
                    document.prompt_tokens = document.prompt_tokens + 1
        except DatabaseError as error:
            failures.append(error)

    with DatabaseManager(sqlite_url, busy_timeout_seconds=60) as manager:
        with manager.get_session() as session:
            number = admitted(session)
        threads = [threading.Thread(target=count_up, args=(manager, number)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with manager.get_session() as session:
            assert documents.require(session, number).prompt_tokens == 100
    assert failures == []


def test_a_serializable_transaction_takes_the_write_lock_at_its_start_too(sqlite_url: str) -> None:
    with (
        DatabaseManager(sqlite_url, busy_timeout_seconds=0.05) as manager,
        Session(manager.engine) as session,
        session.begin(),
    ):
        session.connection(execution_options={"isolation_level": "SERIALIZABLE"})
        documents.list_documents(session)
        with pytest.raises(DatabaseError) as caught, manager.get_session() as second:
            admitted(second)
    assert caught.value.code == "database_busy"


def test_a_reading_session_does_not_wait_for_a_writer(sqlite_url: str) -> None:
    with (
        DatabaseManager(sqlite_url, busy_timeout_seconds=0.05) as manager,
        manager.get_session() as writer,
    ):
        admitted(writer)
        with manager.get_session(read_only=True) as reader:
            assert documents.list_documents(reader) == []


def test_the_pool_size_bounds_the_connections(database_url: str) -> None:
    with DatabaseManager(database_url, pool_size=2) as manager:
        pool = manager.engine.pool
        assert isinstance(pool, sa.QueuePool)
        assert pool.size() == 2
        assert pool._max_overflow == 2


def test_a_relative_sqlite_path_is_fixed_when_the_manager_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with DatabaseManager("sqlite:///paper_autopilot.db") as manager:
        monkeypatch.chdir("/")
        assert manager.health_check()
        assert manager.sqlite_path == tmp_path / "paper_autopilot.db"


def test_a_path_with_odd_characters_works(tmp_path: Path, sqlite_url: str) -> None:
    odd = tmp_path / "a ? b#c%20 ü.db"
    (tmp_path / "paper_autopilot.db").rename(odd)
    with DatabaseManager(sa.URL.create("sqlite", database=str(odd)).render_as_string()) as manager:
        assert manager.health_check()


def test_plain_sql_sums_costs_and_compares_amounts(sqlite_url: str, tmp_path: Path) -> None:
    with DatabaseManager(sqlite_url) as manager, manager.get_session() as session:
        for letter, cost in (("a", "0.0001"), ("b", "0.0002")):
            document = documents.require(session, admitted(session, sha256=letter * 64))
            document.total_cost_usd = Decimal(cost)
            document.total_amount = Decimal("19.99")
    connection = sqlite3.connect(tmp_path / "paper_autopilot.db")
    with connection:
        total, same = connection.execute(
            "SELECT SUM(total_cost_usd), SUM(total_amount = 19.99) FROM documents"
        ).fetchone()
    connection.close()
    assert (f"{total:.4f}", same) == ("0.0003", 2)


def test_importing_the_runbooks_names_prints_nothing_and_imports_nothing_heavy() -> None:
    program = (
        "import sys; from src.database import DatabaseManager; from src.models import Document; "
        "sys.exit(any(m in sys.modules for m in ('alembic', 'dbos', 'psycopg')))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_runbooks_query_works_with_a_naive_local_time(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = admitted(session)
        documents.complete(session, number, filed_path="/p", processing_seconds=1.0, now=NOW)
    local = NOW.astimezone().replace(tzinfo=None)
    with manager.get_session() as session:
        query = session.query(Document)
        assert query.filter(Document.processed_at >= local - timedelta(minutes=1)).count() == 1
        assert query.filter(Document.processed_at >= local + timedelta(minutes=1)).count() == 0
