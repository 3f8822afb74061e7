"""On PostgreSQL the daemon works with nothing but the GRANTs that the runbook prints."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.domain.status import EventKind
from autod.errors import DatabaseError
from autod.search.fulltext import search
from tests import postgres
from tests.db.samples import NOW, filed

GRANTS = """
    CREATE USER autod_readonly WITH PASSWORD 'secure_password';
    GRANT CONNECT ON DATABASE {database} TO autod_readonly;
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO autod_readonly;
    CREATE USER autod_app WITH PASSWORD 'secure_password';
    GRANT CONNECT ON DATABASE {database} TO autod_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO autod_app;
"""
DROP = "DROP OWNED BY autod_app, autod_readonly; DROP USER autod_app, autod_readonly;"


@pytest.fixture
def granted_url(postgres_url: str) -> Iterator[str]:
    """A migrated database whose owner has run the runbook's GRANTs; its URL as ``autod_app``."""
    url = sa.make_url(postgres_url)
    with (
        postgres.locked(postgres.folder() / "roles.lock"),
        psycopg.connect(postgres_url, autocommit=True) as owner,
    ):
        owner.execute(GRANTS.format(database=url.database))
        yield url.set(username="autod_app", password="secure_password").render_as_string(hide_password=False)
        owner.execute(DROP)


def test_the_application_role_can_do_all_of_the_daemons_work(granted_url: str) -> None:
    with DatabaseManager(granted_url) as manager:
        assert manager.health_check()
        with manager.get_session() as session:
            number = filed(session, "the golden needle")
            documents.correct(session, number, "issuer", "Acme", NOW)
            documents.complete(session, number, filed_path="/p", processing_seconds=1, now=NOW)
            documents.add_event(
                session, EventKind.COMPLETED, document_id=number, sha256=None, detail={}, now=NOW
            )
        with manager.get_session() as session:
            assert [hit.document_id for hit in search(session, "needle")] == [number]
            session.delete(documents.require(session, number))


def test_the_application_role_cannot_change_the_schema(granted_url: str) -> None:
    with (
        DatabaseManager(granted_url) as manager,
        pytest.raises(DatabaseError) as caught,
        manager.get_session() as session,
    ):
        session.execute(sa.text("ALTER TABLE documents ADD COLUMN x TEXT"))
    assert caught.value.code == "database_refused"


def test_the_read_only_role_can_report_and_nothing_else(granted_url: str) -> None:
    with DatabaseManager(granted_url) as manager, manager.get_session() as session:
        filed(session, "the golden needle")
    with DatabaseManager(granted_url.replace("autod_app", "autod_readonly")) as manager:
        assert manager.health_check()
        with manager.get_session() as session:
            assert documents.counts(session, NOW).waiting == 1
            assert len(search(session, "needle")) == 1
        with pytest.raises(DatabaseError) as caught, manager.get_session() as session:
            session.execute(sa.text("DELETE FROM documents"))
    assert caught.value.code == "database_refused"


# In a process of its own, because DBOS is one global instance.
ENGINE_AT_WORK = """
import json, sys
from dbos import DBOS, DBOSPortableJSONSerializer, SQLAlchemyDatasource, SetWorkflowID
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.schema import ENGINE_SCHEMA
from tests.db.samples import filed

url = sys.argv[1]
manager = DatabaseManager(url)
serializer = DBOSPortableJSONSerializer()
DBOS(config={"name": "autod", "system_database_url": url, "dbos_system_schema": ENGINE_SCHEMA,
    "executor_id": "test", "application_version": "1", "serializer": serializer, "run_migrations": False,
    "use_listen_notify": False, "enable_otlp": False, "log_level": "ERROR"})
source = SQLAlchemyDatasource.create(url, engine=manager.engine, schema=ENGINE_SCHEMA,
    serializer=serializer, run_migrations=False)

def write(name):
    return {"id": filed(source.sql_session(), "the golden needle", name=name)}

def life(name):
    first = source.run_tx_step({"name": "write"}, write, name)
    DBOS.set_event("seen", "yes")
    return {**first, "step": DBOS.run_step({"name": "step"}, lambda: 1)}

workflow = DBOS.workflow(name="life")(life)
DBOS.launch()
DBOS.register_queue("documents", worker_concurrency=2, polling_interval_sec=0.05)
with SetWorkflowID("doc:1"):
    handle = DBOS.enqueue_workflow("documents", workflow, "a.pdf")
result = handle.get_result(polling_interval_sec=0.02)
DBOS.rewind_workflow("doc:1", queue_name="documents", start_step=3)
again = DBOS.retrieve_workflow("doc:1").get_result(polling_interval_sec=0.02)
with manager.get_session() as session:
    rows = len(documents.list_documents(session))
DBOS.destroy(destroy_registry=True)
print(json.dumps([result["id"] == again["id"], result["step"], rows]))
"""


def _run_engine(url: str) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", ENGINE_AT_WORK, url],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: list[object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_the_durable_engine_works_with_the_application_roles_grants(granted_url: str) -> None:
    assert _run_engine(granted_url) == [True, 1, 1]


def test_the_durable_engine_shares_the_sqlite_file(sqlite_url: str) -> None:
    assert _run_engine(sqlite_url) == [True, 1, 1]
