"""The runbook's quick start works as typed, from the repository's root, on a fresh database."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import KINDS
from tests.e2e.conftest import Shell
from tests.paper import pdf_of

pytestmark = pytest.mark.parametrize("database", KINDS, indirect=True)

CONFIG_CHECK = (
    "python3 -c \"from src.config import get_config; config = get_config(); print('✅ Config OK')\""
)


def test_the_quick_start_ends_with_a_processed_document(checkout: Path, shell: Shell, database: str) -> None:
    (checkout / "test.pdf").write_bytes(pdf_of())
    for command in (
        "cp .env.example .env",
        "alembic upgrade head",
        "alembic upgrade head",
        "alembic check",
        CONFIG_CHECK,
        "mkdir -p inbox processed failed logs",
        "python3 -m src.processor --file test.pdf",
    ):
        result = shell(command)
        assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
        if command == CONFIG_CHECK:
            assert result.stdout == "✅ Config OK\n"
    assert "document 1" in result.stdout
    assert (checkout / "paper_autopilot.db").exists() is (database == "sqlite")
    assert [p.suffix for p in (checkout / "processed").rglob("[!.]*") if p.is_file()] == [".pdf"]
    records = [json.loads(line) for line in (checkout / "logs/paper_autopilot.log").read_text().splitlines()]
    complete = [r for r in records if r["message"] == "Processing complete"]
    assert len(complete) == 1
    assert complete[0]["cost_usd"] == 0.0 and complete[0]["processing_time"] > 0
    assert {"prompt_tokens", "cached_tokens"} <= complete[0].keys()

    again = shell("python3 -m src.processor --file test.pdf")
    assert again.returncode == 0 and "duplicate of document 1" in again.stdout
    (checkout / "bad.pdf").write_bytes(b"no pdf")
    bad = shell("python3 -m src.processor --file bad.pdf")
    assert bad.returncode == 4
    assert "not_a_pdf: The file is not a PDF. Convert it" in bad.stdout + bad.stderr
    errors = [
        json.loads(line)
        for line in (checkout / "logs/paper_autopilot.log").read_text().splitlines()
        if json.loads(line)["level"] == "ERROR"
    ]
    assert [error["error"] for error in errors] == ["not_a_pdf"]

    health = shell("scripts/health_check.sh")
    assert health.returncode == 0, health.stdout + health.stderr
    lines = health.stdout.splitlines()
    assert lines[0] == "=== autoD Health Check ===" and lines[-1] == "=== Health Check Complete ==="
    for start in ("Timestamp:", "Database: ✅", "OpenAI API:", "Vector Store:", "Disk Space:", "Log File:"):
        assert any(line.startswith(start) for line in lines), start
    assert "Docs (24h): 1 processed" in lines


def test_the_looking_commands_print_tables_and_json(checkout: Path, shell: Shell) -> None:
    (checkout / "test.pdf").write_bytes(pdf_of())
    assert shell("alembic upgrade head && python3 -m autod process test.pdf").returncode == 0
    assert "Northfield" in shell("python3 -m autod list").stdout
    listed = json.loads(shell("python3 -m autod list --type invoice --json").stdout)
    assert (listed["id"], listed["total_amount"], listed["currency"]) == (1, "240.00", "GBP")
    shown = json.loads(shell("python3 -m autod show 1 --json").stdout)
    assert shown["fields"]["total_amount"]["evidence"]["page"] == 1
    assert "240.00" in shell("python3 -m autod show 1").stdout
    assert "copper pipe" in shell("python3 -m autod show 1 --text").stdout.lower()
    found = json.loads(shell("python3 -m autod search 'copper pi*' --json").stdout)
    assert found["id"] == 1 and "Copper" in found["snippet"]
    assert shell("python3 -m autod correct 1 issuer='Other & Co'").returncode == 0
    assert json.loads(shell("python3 -m autod list --json").stdout)["issuer"] == "Other & Co"
    unknown = shell("python3 -m autod correct 1 nonsense=1")
    assert unknown.returncode == 2 and "unknown_field" in unknown.stderr
    missing = shell("python3 -m autod show 99")
    assert missing.returncode == 2 and "unknown_document" in missing.stderr


def test_extract_prints_one_object_a_file_and_touches_nothing(checkout: Path, shell: Shell) -> None:
    (checkout / "a.pdf").write_bytes(pdf_of())
    (checkout / "b.pdf").write_bytes(b"no pdf")
    result = shell("python3 -m autod extract a.pdf b.pdf gone.pdf")
    assert result.returncode == 4
    first, second, third = (json.loads(line) for line in result.stdout.splitlines())
    assert first["metadata"]["total_amount"] == "240.00"
    assert set(first) >= {
        "file", "engine", "metadata", "evidence", "needs_review", "usage", "cost_usd", "seconds",
    }  # fmt: skip
    assert set(first["evidence"]["total_amount"]) == {"page", "quote", "box", "confidence", "source"}
    assert (second["file"], second["error"]["code"]) == ("b.pdf", "not_a_pdf")
    assert third["error"]["code"] == "file_vanished"
    assert sorted(p.name for p in checkout.iterdir() if not p.is_symlink()) == ["a.pdf", "b.pdf"]


def test_nothing_starts_on_an_empty_database_and_says_what_to_run(checkout: Path, shell: Shell) -> None:
    for command in ("python3 run_daemon.py", "python3 -m autod process", "python3 -m autod list"):
        result = shell(command)
        assert result.returncode == 3
        assert "schema_empty" in result.stderr and "alembic upgrade head" in result.stderr
    assert not (checkout / "paper_autopilot.db").exists()
    health = shell("scripts/health_check.sh")
    assert health.returncode == 3 and "Database: ❌" in health.stdout


def test_a_wrong_setting_is_one_line_each_without_a_traceback(shell: Shell) -> None:
    result = shell(CONFIG_CHECK, PAPER_AUTOPILOT_WORKERS="many", PAPER_AUTOPILOT_LOG_LEVEL="loud")
    assert result.returncode != 0
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    for name in ("PAPER_AUTOPILOT_WORKERS", "PAPER_AUTOPILOT_LOG_LEVEL"):
        assert sum(name in line for line in result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "module", ["config", "database", "models", "processor", "api_client", "vector_store"]
)
def test_importing_a_runbook_module_prints_nothing(shell: Shell, module: str) -> None:
    result = shell(f"python3 -c 'import src.{module}'")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_the_daemon_processes_what_is_dropped_and_stops_cleanly(
    checkout: Path, shell: Shell, environment: dict[str, str], stop: signal.Signals
) -> None:
    assert shell("alembic upgrade head").returncode == 0
    daemon = subprocess.Popen(
        ["python3", "run_daemon.py"], cwd=checkout, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert daemon.stderr is not None
        assert daemon.stderr.readline().startswith("Watching")
        (checkout / "inbox" / "part.tmp").write_bytes(pdf_of())
        (checkout / "inbox" / "part.tmp").rename(checkout / "inbox" / "dropped.pdf")
        assert "dropped.pdf" in daemon.stderr.readline()
        busy = shell("python3 -m autod process")
        assert busy.returncode == 3 and "database_in_use" in busy.stderr
        assert "Northfield" in shell("python3 -m autod list").stdout
        daemon.send_signal(stop)
        assert daemon.wait(timeout=60) == 0
    finally:
        daemon.kill()
        daemon.wait()
    assert list((checkout / "inbox").glob("[!.]*")) == []
