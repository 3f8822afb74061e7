"""What the runbook's names, columns and log lines promise, seen on an archive at work, on both databases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from autod.assembly.service import client_options
from autod.config import get_config, load_settings
from autod.errors import ConfigurationError
from src.api_client import ResponsesAPIClient
from src.database import DatabaseManager
from src.models import Document
from tests.runbook.archive import COMPLETED, NOT_UPLOADED
from tests.runbook.blocks import PAGE
from tests.runbook.installation import ROOT, Installation
from tests.torture.paper import good

DOCUMENTS = ("RUNBOOK", "DAEMON_MODE", "CODE_ARCHITECTURE", "PROCESSOR_GUIDE", "TROUBLESHOOTING")
CLIENTS = """
from src.api_client import ResponsesAPIClient
from src.vector_store import VectorStoreManager
client = ResponsesAPIClient()
assert VectorStoreManager().get_or_create_vector_store()
"""


@pytest.fixture
def documents(archive: Installation) -> Iterator[list[Document]]:
    """The completed documents, as ``src.models`` has them."""
    with DatabaseManager(archive.url) as db, db.get_session() as session:
        yield session.query(Document).filter(Document.status == "completed").all()


@pytest.fixture
def records(archive: Installation) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.system.places.log.read_text("utf-8").splitlines()]


def test_columns_have_the_names_and_values_that_reports_rely_on(documents: list[Document]) -> None:
    assert len(documents) >= COMPLETED
    paid = [document for document in documents if document.total_cost_usd]
    assert len(paid) >= COMPLETED
    for document in paid:
        assert document.id > 0
        assert re.fullmatch("[0-9a-f]{64}", document.sha256_hex)
        assert document.original_filename.endswith(".pdf")
        assert re.fullmatch(r"\d+\.\d{4}", f"{document.total_cost_usd:.4f}")
        assert document.prompt_tokens > 0
        assert document.doc_type == "invoice"
    stored = [document for document in paid if document.vector_store_file_id]
    assert len(stored) >= COMPLETED - NOT_UPLOADED
    assert sum(document.total_cost_usd for document in documents) > 0


def test_no_row_lacks_its_cost(archive: Installation) -> None:
    with DatabaseManager(archive.url) as db, db.get_session() as session:
        assert session.query(Document).filter(Document.total_cost_usd.is_(None)).count() == 0


def test_a_naive_local_time_finds_what_was_processed_since(archive: Installation) -> None:
    with DatabaseManager(archive.url) as db, db.get_session() as session:

        def since(hours: int) -> int:
            moment = datetime.now() - timedelta(hours=hours)  # noqa: DTZ005 - as the runbook types it
            return session.query(Document).filter(Document.processed_at >= moment).count()

        assert since(1) >= COMPLETED
        assert since(-1) == 0


def test_every_line_of_the_log_is_an_object_with_message_time_and_level(
    records: list[dict[str, Any]],
) -> None:
    for record in records:
        assert all(isinstance(record[key], str) for key in ("message", "timestamp", "level")), record
        assert datetime.fromisoformat(record["timestamp"]).utcoffset() == UTC.utcoffset(None)
        if record["level"] == "ERROR":
            assert re.fullmatch("[a-z0-9_]+", record["error"]), record


def test_the_log_tells_each_completed_document_once_with_cost_time_and_tokens(
    records: list[dict[str, Any]], documents: list[Document]
) -> None:
    complete = [record for record in records if record["message"] == "Processing complete"]
    told = [record["sha256"] for record in complete]
    assert len(told) == len(set(told))
    assert {document.sha256_hex for document in documents if document.total_cost_usd} <= set(told)
    for record in complete:
        for key in ("cost_usd", "processing_time", "prompt_tokens", "cached_tokens"):
            assert isinstance(record[key], int | float), record
        assert 0 < record["processing_time"] < 600
    assert all("cost_usd" not in record for record in records if record not in complete)


def test_an_upload_that_failed_is_in_the_log(records: list[dict[str, Any]]) -> None:
    failed = [record for record in records if "Vector store upload failed" in record["message"]]
    assert len(failed) >= NOT_UPLOADED
    assert all(record["level"] == "ERROR" and record["error"] for record in failed)


def test_clients_need_no_arguments_and_print_nothing(archive: Installation) -> None:
    done = archive.shell(f"python3 - <<'END'\n{CLIENTS}END")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_client_without_a_key_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", " ")
    get_config.cache_clear()
    with pytest.raises(ConfigurationError, match="no OpenAI API key is set"):
        ResponsesAPIClient()
    get_config.cache_clear()
    assert capsys.readouterr().out == ""


def test_a_changed_file_is_a_new_document_and_the_same_bytes_are_not(archive: Installation) -> None:
    sheet = good(901)
    for name, content in (("a", sheet.content), ("b", sheet.content + b"\n"), ("c", sheet.content)):
        path = archive.folder / "inbox" / f".{name}.part"
        path.write_bytes(content)
        path.rename(archive.folder / "inbox" / f"contract-{name}.pdf")
        assert archive.wait(archive.system.idle)
    with DatabaseManager(archive.url) as db, db.get_session() as session:
        rows = session.query(Document).filter(Document.original_filename.like("contract-%")).all()
        assert sorted(row.original_filename for row in rows) == ["contract-a.pdf", "contract-b.pdf"]


def test_defaults_are_those_of_the_runbook() -> None:
    settings = load_settings(None)
    assert settings.paper_autopilot_db_url == "sqlite:///paper_autopilot.db"
    assert str(settings.log_file) == "logs/paper_autopilot.log"
    folders = (settings.inbox_dir, settings.processed_dir, settings.failed_dir)
    assert tuple(map(str, folders)) == ("inbox", "processed", "failed")
    assert settings.vector_store_max_mb == 10
    assert "psql paper_autopilot " in PAGE.read_text(encoding="utf-8")


def test_time_out_and_model_are_settings() -> None:
    settings = load_settings(
        None, openai_api_key="sk-made-up", openai_timeout_seconds=7, openai_model="gpt-5-mini"
    )
    assert client_options(settings)["timeout_seconds"] == 7
    assert settings.openai_model == "gpt-5-mini"


def test_what_the_seed_names_is_there() -> None:
    for name in DOCUMENTS:
        assert (ROOT / "docs" / f"{name}.md").is_file()
    assert (ROOT / "packaging/systemd/paper-autopilot.service").is_file()
    assert (ROOT / "packaging/launchd/com.paper-autopilot.daemon.plist").is_file()
    assert "ScanSnap" in (ROOT / "docs/DAEMON_MODE.md").read_text(encoding="utf-8")
