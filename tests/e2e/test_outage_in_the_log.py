"""An outage leaves a few lines in the log, whoever meets it, and none of a document is left out."""

from __future__ import annotations

import contextlib
import json
import logging
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from autod import logs
from autod.app import App
from autod.assembly.logging import start_logging
from autod.config import Settings
from autod.files import custody
from autod.inbox.watch import Watch
from autod.monitoring.overseeing import overseen
from autod.repeats import Condensing
from tests.paper import pdf_of
from tests.settings import settings_in
from tests.torture.databases import Postgres
from tests.torture.faults import Do, Fault
from tests.torture.hooks import Torturer, lay
from tests.waiting import until

ENOUGH = 15
"""Repetitions that are waited for: the first seconds of an outage; later a daemon at rest asks seldom."""


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server of the test's own, to be stopped; its user cannot reach pytest's folders."""
    with tempfile.TemporaryDirectory(prefix="autod-outage-") as place:
        folder = Path(place) / "server"
        folder.mkdir()
        server = Postgres(folder)
        yield server
        server.close()


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    for handler in root.handlers[:]:
        if handler not in before:
            handler.close()
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


@contextlib.contextmanager
def at_work(settings: Settings) -> Iterator[App]:
    """A daemon with everything that watches over it."""
    start_logging(settings)
    with App(settings) as app:
        daemon = app.daemon(stack_watch := Watch(app.folders.inbox))
        thread = threading.Thread(target=daemon.run)
        with stack_watch, overseen(settings, app, daemon):
            thread.start()
            try:
                yield app
            finally:
                daemon.stop()
                thread.join()


def repetitions() -> int:
    (handler,) = (one for one in logging.getLogger().handlers if isinstance(one, Condensing))
    return sum(window.count for window in list(handler._windows.values()))


def drop(app: App, name: str) -> None:
    scratch = app.folders.inbox / f".{name}.part"
    scratch.write_bytes(pdf_of([name]))
    scratch.replace(app.folders.inbox / name)


def records(settings: Settings) -> list[dict[str, Any]]:
    lines = settings.log_file.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def completed(settings: Settings) -> int:
    return sum(record["message"] == logs.PROCESSING_COMPLETE for record in records(settings))


def assert_calm(told: list[dict[str, Any]], code: str) -> None:
    troubles = [record for record in told if record["level"] in ("WARNING", "ERROR")]
    kinds = Counter((record["message"].partition("\n")[0][:60], "repeated" in record) for record in troubles)
    assert troubles and set(kinds.values()) == {1}, kinds
    assert sum("exception" in record for record in troubles) <= 1
    assert code in {record.get("error") for record in troubles}
    assert all(record.get("error") or record.get("reason") for record in troubles)


def test_a_database_that_goes_away_is_told_once_and_counted(server: Postgres, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    settings = settings_in(place, server.fresh(place), quiet_seconds=0, patience_seconds=0.1, monitor_port=0)
    with at_work(settings) as app:
        drop(app, "before.pdf")
        until(lambda: completed(settings) == 1)
        with server.gone():
            drop(app, "meanwhile.pdf")
            until(lambda: repetitions() >= ENOUGH)
        until(lambda: completed(settings) == 2)
    logging.shutdown()
    told = records(settings)
    assert_calm(told, "database_unavailable")
    assert sum(record.get("repeated", 0) for record in told) >= ENOUGH


def test_a_disk_that_is_full_is_told_once_and_counted(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_in(tmp_path, sqlite_url, quiet_seconds=0, patience_seconds=0.1, monitor_port=0)
    full = Torturer([Fault("custody._copy:before", Do.NO_SPACE, seconds=3600)], {})
    lay(full, custody, "_copy", monkeypatch.setattr)
    with at_work(settings) as app:
        for number in range(20):
            drop(app, f"{number}.pdf")
        until(lambda: repetitions() >= 19)
        full.mend()
        until(lambda: completed(settings) == 20)
    logging.shutdown()
    told = records(settings)
    assert_calm(told, "disk_full")
    counted = [record for record in told if "repeated" in record]
    assert [record["repeated"] for record in counted] == [19]
    assert len(counted[0]["files"]) == 10
