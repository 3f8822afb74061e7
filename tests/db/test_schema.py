"""Creating, upgrading and comparing the schema."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from autod.db import schema
from autod.db.manager import DatabaseManager
from autod.db.models import Base, Document
from autod.domain.metadata import Metadata
from autod.errors import DatabaseError

ROOT = Path(__file__).parents[2]


def alembic(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=ROOT,
        env={**os.environ, "PAPER_AUTOPILOT_DB_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


def statements(url: str) -> list[str]:
    """Everything the schema consists of, as comparable text."""
    engine = schema.open_for_migration(url)
    inspector = sa.inspect(engine)
    found = [
        f"{table}.{column['name']} {column['type']}"
        for table in inspector.get_table_names()
        for column in inspector.get_columns(table)
    ]
    engine.dispose()
    return sorted(found)


def test_alembic_upgrades_an_empty_database_from_the_repository_root(empty_database_url: str) -> None:
    done = alembic(empty_database_url, "upgrade", "head")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with DatabaseManager(empty_database_url) as manager:
        assert manager.schema_state() == "current"
        assert manager.health_check() is True


def test_what_alembic_is_called_with_wrongly_is_told_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = alembic("postgresql://nobody@127.0.0.1:1/none", "upgrade", "head")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error [database_unavailable]: ") and "Traceback" not in done.stderr
    folder = alembic(f"sqlite:///{tmp_path}/nowhere/a.db", "upgrade", "head")
    assert folder.returncode == 3 and f"Create {tmp_path}/nowhere" in folder.stderr
    monkeypatch.setenv("PAPER_AUTOPILOT_WORKERS", "many")
    setting = alembic(f"sqlite:///{tmp_path}/a.db", "upgrade", "head")
    assert setting.returncode == 2 and "Traceback" not in setting.stderr
    assert "error [configuration_invalid]: PAPER_AUTOPILOT_WORKERS" in setting.stderr


def test_upgrading_a_current_database_changes_nothing(database_url: str) -> None:
    before = statements(database_url)
    assert alembic(database_url, "upgrade", "head").returncode == 0
    schema.upgrade(database_url)
    assert statements(database_url) == before


def test_models_and_migrations_agree(database_url: str) -> None:
    checked = alembic(database_url, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "No new upgrade operations detected" in checked.stdout


def test_check_notices_a_difference(sqlite_url: str) -> None:
    engine = schema.open_for_migration(sqlite_url)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE documents ADD COLUMN stray TEXT"))
    engine.dispose()
    assert alembic(sqlite_url, "check").returncode != 0


def test_the_known_revisions_are_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert tuple(r.revision for r in reversed(list(script.walk_revisions()))) == schema.REVISIONS


def test_downgrading_removes_our_tables(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.attributes["url"] = database_url
    command.downgrade(config, "base")
    left = {line.split(".")[0] for line in statements(database_url)}
    assert left.isdisjoint(Base.metadata.tables)


def test_every_field_of_the_metadata_has_a_column() -> None:
    assert set(Metadata.model_fields) <= set(Document.__table__.columns.keys())


def test_an_untouched_database_is_empty_and_stays_untouched(empty_database_url: str) -> None:
    with DatabaseManager(empty_database_url) as manager:
        assert manager.schema_state() == "empty"
        assert manager.health_check() is False
        if manager.sqlite_path:
            assert not manager.sqlite_path.exists()


@pytest.mark.parametrize("missing", ["dbos_migrations", "dbos_datasource_migrations"])
def test_a_database_without_the_engines_tables_is_outdated(database_url: str, missing: str) -> None:
    engine = schema.open_for_migration(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP TABLE {missing}"))
    engine.dispose()
    with DatabaseManager(database_url) as manager:
        assert manager.schema_state() == "outdated"
        assert manager.health_check() is False


def test_a_newer_database_is_recognised_and_not_upgraded(
    database_url: str, set_revision: Callable[[str, str], None]
) -> None:
    set_revision(database_url, "9999")
    with DatabaseManager(database_url) as manager:
        assert manager.schema_state() == "newer"
    with pytest.raises(DatabaseError) as caught:
        schema.upgrade(database_url)
    assert caught.value.code == "schema_newer"


@pytest.fixture
def set_revision() -> Callable[[str, str], None]:
    def change(url: str, revision: str) -> None:
        engine = schema.open_for_migration(url)
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
        engine.dispose()

    return change


def test_a_missing_folder_is_named_in_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError) as caught:
        schema.upgrade(f"sqlite:///{tmp_path}/nowhere/a.db")
    assert f"{tmp_path}/nowhere" in caught.value.next_step


def test_maintenance_statements_of_the_runbook_succeed(database_url: str) -> None:
    engine = schema.open_for_migration(database_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE documents"))
        connection.execute(
            sa.text("CREATE INDEX IF NOT EXISTS idx_doc_type_processed ON documents(doc_type, processed_at)")
        )
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE documents"))
    names = {index["name"] for index in sa.inspect(engine).get_indexes("documents")}
    engine.dispose()
    assert "idx_doc_type_processed" in names


def test_the_migrations_travel_with_the_package() -> None:
    assert (Path(schema.__file__).parent / "migrations" / "versions" / "0001_first.py").is_file()
