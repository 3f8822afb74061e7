"""Every line of the log is one JSON object that the runbook's commands can use, without secrets."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from autod.logs import configure_logging


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    path = tmp_path / "logs" / "paper_autopilot.log"
    configure_logging(path, "INFO", 1, 2)
    yield path
    for handler in root.handlers[:]:
        if handler not in before:
            handler.close()
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_our_records_and_those_of_libraries_have_message_timestamp_and_level(log_file: Path) -> None:
    structlog.get_logger("autod.x").info("ours", pages=3)
    logging.getLogger("library").warning("theirs %d", 7)
    ours, theirs = records(log_file)
    assert (ours["message"], ours["level"], ours["pages"]) == ("ours", "INFO", 3)
    assert (theirs["message"], theirs["level"]) == ("theirs 7", "WARNING")
    for record in (ours, theirs):
        stamp = datetime.fromisoformat(record["timestamp"])
        assert stamp.tzinfo is not None and stamp.utcoffset() == UTC.utcoffset(None)


def test_a_traceback_stays_inside_its_line_and_errors_carry_a_code(log_file: Path) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        structlog.get_logger("autod.x").exception("it broke")
        logging.getLogger("library").exception("it broke too")
    ours, theirs = records(log_file)
    assert "ValueError" in ours["exception"]
    assert ours["level"] == theirs["level"] == "ERROR"
    assert ours["error"] == theirs["error"] == "internal_error"


def test_the_code_of_an_error_is_kept(log_file: Path) -> None:
    structlog.get_logger("autod.x").error("failed", error="pdf_damaged")
    assert records(log_file)[0]["error"] == "pdf_damaged"


def test_debug_records_are_left_out_at_info(log_file: Path) -> None:
    structlog.get_logger("autod.x").debug("chatter")
    logging.getLogger("library").debug("chatter")
    assert log_file.read_text() == ""


def test_no_secret_and_no_word_for_one_reaches_the_file(log_file: Path) -> None:
    log = structlog.get_logger("autod.x")
    log.info("key is sk-proj-abcdefghijklmnop", url="postgresql://me:hunter2@db/paper")
    log.info("calling", headers={"Authorization": "Bearer abcdef123456"}, note=["my password: hunter2x"])
    logging.getLogger("library").error("api key sk-abcdefghijk was refused, secret=1")
    text = log_file.read_text()
    for secret in ("abcdefghijk", "hunter2@", "abcdef123456"):
        assert secret not in text
    assert not re.search(r"api.*key|password|secret", text, re.IGNORECASE)


def test_the_log_rotates(log_file: Path) -> None:
    log = structlog.get_logger("autod.x")
    for _ in range(40):
        log.info("x" * 50_000)
    assert log_file.stat().st_size <= 1_000_000
    assert log_file.with_name(log_file.name + ".1").exists()
