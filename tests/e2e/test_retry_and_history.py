"""Failed documents are started again from their kept copies, and the custody record tells of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from autod.app import App
from autod.config import Settings, load_settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import DatabaseError, UsageError
from tests.listing import files_in
from tests.paper import pdf_of
from tests.typed import typed

ROOT = Path(__file__).resolve().parents[2]
Autod = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def settings(tmp_path: Path, manager: DatabaseManager) -> Settings:
    return settings_in(tmp_path, manager)


def settings_in(place: Path, manager: DatabaseManager, *, max_file_mb: float = 100) -> Settings:
    return load_settings(
        None,
        db_url=manager.url,
        inbox_dir=place / "inbox",
        processed_dir=place / "processed",
        failed_dir=place / "failed",
        work_dir=place / "work",
        log_file=place / "logs" / "log",
        patience_seconds=0.1,
        quiet_seconds=0,
        ocr_engine="off",
        workers=1,
        max_file_mb=max_file_mb,
    )


@pytest.fixture
def variables(tmp_path: Path, manager: DatabaseManager) -> dict[str, str]:
    return {
        "PAPER_AUTOPILOT_DB_URL": manager.url,
        "PAPER_AUTOPILOT_WORK_DIR": str(tmp_path / "work"),
        "PAPER_AUTOPILOT_OCR_ENGINE": "off",
        "NO_COLOR": "1",
    }


@pytest.fixture
def autod(tmp_path: Path, variables: dict[str, str]) -> Autod:
    """The command line, in the folder and on the database of the test."""
    return partial(typed, tmp_path, variables)


@pytest.fixture
def autod_apart(tmp_path: Path, variables: dict[str, str]) -> Autod:
    """The same in a process of its own, for when another one is at work here."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PAPER_AUTOPILOT_", "OPENAI_"))}
        return subprocess.run(
            [sys.executable, "-m", "autod", *arguments],
            cwd=tmp_path,
            env={**kept, "PYTHONPATH": str(ROOT), **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


def too_large() -> bytes:
    """Fails while the limit is 1 MB, and is a good PDF when it is raised."""
    return pdf_of() + b"%" + b" " * 1_100_000 + b"\n%%EOF\n"


def fail(place: Path, manager: DatabaseManager, name: str = "big.pdf", content: bytes | None = None) -> int:
    with App(settings_in(place, manager, max_file_mb=1), manager) as app:
        path = app.folders.inbox / name
        path.write_bytes(too_large() if content is None else content)
        result = app.process(path)
    assert not result.success
    return result.document_id or 0


def test_a_failed_document_whose_cause_is_gone_is_filed_from_its_copy(
    tmp_path: Path, settings: Settings, manager: DatabaseManager
) -> None:
    number = fail(tmp_path, manager)
    with App(settings, manager) as app:
        result = app.retry(number)
        assert (result.success, result.document_id, result.error) == (True, number, None)
        with manager.get_session() as session:
            document = documents.require(session, number)
            kinds = [event.kind for event in documents.history(session, number)]
        assert document.status is DocumentStatus.COMPLETED
        assert Path(document.filed_path or "").read_bytes() == too_large()
        assert Path(document.filed_path or "").is_relative_to(app.folders.processed)
        assert kinds == [
            EventKind.RECEIVED, EventKind.FAILED, EventKind.RETRIED, EventKind.RECORDED, EventKind.FILED,
        ]  # fmt: skip
        assert files_in(app.folders.failed) == files_in(app.folders.claimed) == []


def test_a_document_that_fails_again_is_set_aside_again_once(
    tmp_path: Path, settings: Settings, manager: DatabaseManager
) -> None:
    number = fail(tmp_path, manager, "bad.pdf", b"no pdf")
    with App(settings, manager) as app:
        result = app.retry(number)
        assert (result.error or "").startswith("not_a_pdf")
        assert files_in(app.folders.failed) == ["bad.pdf", "bad.pdf.reason.json"]
        assert (app.folders.failed / "bad.pdf").read_bytes() == b"no pdf"
        assert files_in(app.folders.claimed) == []


def test_a_copy_with_other_bytes_is_neither_taken_nor_removed(
    tmp_path: Path, settings: Settings, manager: DatabaseManager
) -> None:
    number = fail(tmp_path, manager, "bad.pdf", b"no pdf")
    (tmp_path / "failed" / "bad.pdf").write_bytes(b"something else")
    with App(settings, manager) as app:
        assert (app.retry(number).error or "").startswith("custody_lost")
    assert (tmp_path / "failed" / "bad.pdf").read_bytes() == b"something else"
    with manager.get_session() as session:
        assert documents.require(session, number).status is DocumentStatus.FAILED


def test_a_copy_that_stayed_in_the_claimed_store_serves_as_well(
    tmp_path: Path, settings: Settings, manager: DatabaseManager
) -> None:
    number = fail(tmp_path, manager)
    with App(settings, manager) as app:
        with manager.get_session() as session:
            sha256 = documents.require(session, number).sha256_hex
        (app.folders.failed / "big.pdf").rename(app.folders.claim_of(sha256))
        assert app.retry(number).success


def test_only_failed_documents_are_retried(settings: Settings, manager: DatabaseManager) -> None:
    with App(settings, manager) as app:
        (app.folders.inbox / "a.pdf").write_bytes(pdf_of())
        number = app.process(app.folders.inbox / "a.pdf").document_id or 0
        for wrong, code in ((number, "not_failed"), (99, "unknown_document")):
            with pytest.raises(UsageError) as caught:
                app.retry(wrong)
            assert caught.value.code == code


def test_the_command_retries_all_and_the_history_tells_each_event(
    tmp_path: Path, manager: DatabaseManager, autod: Autod
) -> None:
    good = fail(tmp_path, manager)
    bad = fail(tmp_path, manager, "bad.pdf", b"no pdf")
    result = autod("retry", "--all-failed", "--json")
    assert result.returncode == 4, result.stderr
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert (first["document_id"], first["success"], first["file"]) == (good, True, "big.pdf")
    assert (second["document_id"], second["success"]) == (bad, False)

    lines = autod("show", str(good), "--history").stdout.splitlines()
    assert [line.split()[2] for line in lines] == ["received", "failed", "retried", "recorded", "filed"]
    assert "too_large" in lines[1] and "failed/big.pdf" in lines[2]
    told = json.loads(autod("show", str(good), "--history", "--json").stdout)["history"]
    assert [event["kind"] for event in told] == ["received", "failed", "retried", "recorded", "filed"]
    assert told[-1]["detail"]["path"] in told[-1]["what"]

    assert autod("retry").returncode == 2
    refused = autod("retry", str(good))
    assert refused.returncode == 2 and "not_failed" in refused.stderr
    one = autod("retry", str(bad))
    assert one.returncode == 4 and one.stdout.startswith("✗ bad.pdf: not_a_pdf")


def test_while_a_daemon_runs_it_is_the_daemon_that_retries(
    tmp_path: Path,
    settings: Settings,
    manager: DatabaseManager,
    autod_apart: Autod,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = fail(tmp_path, manager)
    monkeypatch.setattr("autod.duties.REVIVAL_SECONDS", 0.0)
    ended = threading.Event()
    with App(settings, manager) as app, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_look_until, ended, app)
        result = autod_apart("retry", str(number), "--json")
        ended.set()
        waiting.result()
        assert files_in(app.folders.failed) == []
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["success"] is True


def _look_until(ended: threading.Event, app: App) -> None:
    while not ended.wait(0.1):
        app.duties.look()


def test_two_processes_on_one_database_file_are_refused_with_the_reason(
    tmp_path: Path, settings: Settings, manager: DatabaseManager
) -> None:
    if manager.sqlite_path is None:
        return
    elsewhere = settings.model_copy(update={"work_dir": tmp_path / "other work"})
    with App(settings, manager), pytest.raises(DatabaseError, match="another process") as refused:
        App(elsewhere).__enter__()
    assert refused.value.code == "database_in_use"
    assert "need PostgreSQL" in refused.value.next_step
