"""Every line of the log is one JSON object that the runbook's commands can use, without secrets."""

from __future__ import annotations

import functools
import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from autod import logs, repeats
from autod.logs import configure_logging
from autod.repeats import Condensing
from tests.waiting import until


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


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Outage(Exception):
    """A trouble that is known."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(
        logs,
        "Condensing",
        functools.partial(Condensing, monotonic=clock),
    )
    return clock


@pytest.fixture
def condensing(clock: Clock, tmp_path: Path) -> Iterator[Path]:
    """The log's file, with a clock of the test's own and one trouble that is known."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    path = tmp_path / "log"

    def known(trouble: BaseException) -> str | None:
        return "database_unavailable" if isinstance(trouble, Outage) else None

    configure_logging(path, "INFO", 1, 2, code_of=known)
    yield path
    for handler in root.handlers[:]:
        if handler not in before:
            handler.close()
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


def test_a_repeated_record_becomes_one_a_minute_with_its_count(condensing: Path, clock: Clock) -> None:
    log = structlog.get_logger("autod.x")
    for _ in range(600):
        log.error("The inbox waits", error="database_unavailable")
        clock.now += 0.5
    log.info("it goes on")
    found = records(condensing)
    assert [record.get("repeated") for record in found] == [None, 119, 120, 120, 120, 120, None]
    assert {record["error"] for record in found[:-1]} == {"database_unavailable"}
    assert {record["message"] for record in found[:-1]} == {"The inbox waits"}


def test_a_weekend_without_a_database_leaves_the_log_in_place(condensing: Path, clock: Clock) -> None:
    log, library = structlog.get_logger("autod.x"), logging.getLogger("dbos")
    structlog.get_logger("autod.x").info("before the weekend")
    for second in range(0, 2 * 86_400, 5):
        clock.now += 5
        log.error("The inbox waits", error="database_unavailable")
        try:
            raise Outage("connection refused")
        except Outage:
            library.warning("attempt %d failed", second, exc_info=True)
    assert records(condensing)[0]["message"] == "before the weekend" or condensing.with_name("log.1").exists()
    size = sum(path.stat().st_size for path in condensing.parent.glob("log*"))
    assert size < 3_000_000


def test_a_known_trouble_has_one_traceback_and_its_code_whoever_tells_it(
    condensing: Path, clock: Clock
) -> None:
    names = ("dbos", "sqlalchemy.pool", "apscheduler", "urllib3", "watchdog")
    for turn in range(20):
        for name in names:
            try:
                raise Outage("connection refused")
            except Outage as outage:
                logging.getLogger(name).error("%s broke %d", name, turn, exc_info=True)
                logging.getLogger(name).warning(f"trouble {turn}: {outage}")
                structlog.get_logger("autod.x").exception("a task broke")
        clock.now += 1
    found = records(condensing)
    assert len(found) == 2
    assert [("exception" in record) for record in found] == [True, False]
    assert {record["error"] for record in found} == {"database_unavailable"}


def test_surprises_keep_their_traceback(condensing: Path, clock: Clock) -> None:
    for number in range(3):
        try:
            raise ValueError(number)
        except ValueError:
            structlog.get_logger("autod.x").exception(f"surprise {'abc'[number]}")
    assert ["exception" in record for record in records(condensing)] == [True] * 3


def test_what_is_told_of_each_document_is_never_counted_together(condensing: Path) -> None:
    log = structlog.get_logger("autod.pipeline")
    for number in range(50):
        log.info(logs.PROCESSING_COMPLETE, document_id=number, cost_usd=0.0)
        log.error(logs.DOCUMENT_FAILED, document_id=number, error="pdf_damaged")
        log.error(logs.UPLOAD_FAILED, document_id=number, error="upload_failed")
        log.warning(logs.COUNT_NOT_BELIEVED, call=number, error="openai_usage_unbelievable")
    assert len(records(condensing)) == 200


def test_troubles_of_different_codes_are_different(condensing: Path) -> None:
    log = structlog.get_logger("autod.x")
    for code in ("disk_full", "read_only", "disk_full"):
        log.error("The inbox waits", error=code)
    assert [record["error"] for record in records(condensing)] == ["disk_full", "read_only"]


@pytest.mark.parametrize(
    "told",
    [
        [{"detail": "OPENAI_MODEL is no longer read"}, {"detail": "API_TIMEOUT_SECONDS is no longer read"}],
        [{"model": "gpt-6-luna", "detail": "ends soon"}, {"model": "gpt-7-luna", "detail": "ends soon"}],
        [{"setting": "LOG_LEVEL"}, {"setting": "MAX_RETRIES"}],
        [{"detail": "the disk is full"}, {"detail": "the disk is read-only"}],
        [{"channel": "email"}, {"channel": "webhook"}],
        [{"task": "batches"}, {"task": "vector store"}],
    ],
)
def test_records_about_different_things_are_different(
    told: list[dict[str, str]], condensing: Path, clock: Clock
) -> None:
    log = structlog.get_logger("autod.settings")
    for _ in range(3):
        for fields in told:
            log.warning("A thing to know", **fields)
    clock.now += 61
    log.info("later")
    found = records(condensing)
    kept = [{key: one.get(key) for key in told[0]} for one in found]
    assert kept == [*told, *told, dict.fromkeys(told[0])]
    assert [one.get("repeated") for one in found] == [None, None, 2, 2, None]


@pytest.mark.parametrize(
    "detail",
    [
        "connection to 127.0.0.1 port {n} refused",
        "no answer for {n}.5 s",
        "request req_{n:08x}a gave no answer",
        "session 5e{n:02x}b2c0-{n:04x}-4a1f-8eab-{n:012x} is gone",
        "cannot reach [fe80::{n:x}]:5432",
        "at 2026-11-29T00:{m:02d}:00Z the server was away",
        "the file 'letter from {word}.pdf' is away",
        'the file "letter from {word}.pdf" is away',
    ],
)
def test_an_outage_told_with_other_numbers_each_time_is_one(detail: str, condensing: Path) -> None:
    for number in range(1, 200):
        word = "".join("abcdefghij"[int(digit)] for digit in str(number))
        text = detail.format(n=number, m=number % 60, word=word)
        structlog.get_logger("autod.x").error(
            "Work waits", error="away", detail=text, retry_at=str(number), next_step=f"autod retry {number}"
        )
    assert len(records(condensing)) == 1


def test_what_is_about_ever_new_things_becomes_a_count_too(condensing: Path, clock: Clock) -> None:
    for number in range(500):
        word = "".join("ghijklmnop"[int(digit)] for digit in str(number))
        structlog.get_logger("autod.x").error("Work waits", error="away", detail=f"{word} is away")
    assert len(records(condensing)) == repeats.MOST_SUBJECTS + 1
    clock.now += 61
    structlog.get_logger("autod.x").info("later")
    assert records(condensing)[-2]["repeated"] == 500 - repeats.MOST_SUBJECTS - 1


def test_a_count_is_dated_as_every_record_is(condensing: Path, clock: Clock) -> None:
    for _ in range(2):
        structlog.get_logger("autod.x").error("again", error="away")
    clock.now += 61
    structlog.get_logger("autod.x").info("later")
    shapes = {re.sub(r"\d", "0", record["timestamp"]) for record in records(condensing)}
    assert len(records(condensing)) == 3
    assert shapes == {"0000-00-00T00:00:00.000000Z"}


def test_a_count_names_the_files_it_is_about(condensing: Path, clock: Clock) -> None:
    for number in range(4):
        structlog.get_logger("autod.x").error("cannot be taken", error="disk_full", file=f"{number}.pdf")
    clock.now += 61
    structlog.get_logger("autod.x").info("later")
    assert records(condensing)[1]["files"] == ["1.pdf", "2.pdf", "3.pdf"]


def test_counts_are_told_when_the_log_is_closed(condensing: Path) -> None:
    for _ in range(5):
        logging.getLogger("library").warning("again")
    next(h for h in logging.getLogger().handlers if isinstance(h, Condensing)).close()
    assert [record.get("repeated") for record in records(condensing)] == [None, 4]


def test_counts_are_told_when_nobody_says_anything_more(
    condensing: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "LOOK_SECONDS", 0.01)
    for _ in range(5):
        logging.getLogger("library").warning("again")
    clock.now += 61
    until(lambda: len(records(condensing)) == 2)
    assert records(condensing)[1]["repeated"] == 4


def test_a_record_in_many_words_does_not_make_the_memory_grow(condensing: Path) -> None:
    (handler,) = (h for h in logging.getLogger().handlers if isinstance(h, Condensing))
    for number in range(3_000):
        letters = "".join(chr(97 + int(digit)) for digit in str(number))
        logging.getLogger("library").warning("said in its own way: %s", letters)
    assert len(handler._windows) <= repeats.MOST_KINDS
