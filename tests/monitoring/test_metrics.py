"""Every figure can be scraped from a daemon at work, and nothing of a document is in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from autod.app import App
from autod.assembly.archive import utc_now
from autod.config import Settings
from autod.db.manager import DatabaseManager
from autod.db.schema import SchemaState, Seen
from autod.errors import DatabaseError
from autod.health import Report
from autod.inbox.watch import Watch
from autod.metrics import BY_NAME, LABELS, METRICS, MetricKind
from autod.monitoring.figures_cache import FiguresCache
from autod.monitoring.measured import step_label
from autod.monitoring.overseeing import OUTDATED_SECONDS, Overseer, overseen
from tests.paper import encrypted_pdf, pdf_of
from tests.settings import settings_in

OURS = re.compile(r"^autod_")


@pytest.fixture
def settings(tmp_path: Path, manager: DatabaseManager) -> Settings:
    return settings_in(tmp_path, manager.url, monitor_port=0)


@pytest.fixture
def app(settings: Settings, manager: DatabaseManager) -> Iterator[App]:
    with App(settings, manager) as app:
        yield app


@pytest.fixture
def overseer(settings: Settings, app: App) -> Overseer:
    return Overseer(settings, app, app.daemon(Watch(app.folders.inbox)))


def scraped(overseer: Overseer) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample of ours: by name and label values, in the order of the labels' names."""
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(overseer.metrics().decode())
        for sample in family.samples
        if OURS.match(sample.name)
    }


def test_work_shows_in_the_metrics_and_its_documents_do_not(app: App, overseer: Overseer) -> None:
    for name, content in (
        ("secret-name.pdf", pdf_of()),
        ("again.pdf", pdf_of()),
        ("locked.pdf", encrypted_pdf()),
    ):
        (app.folders.inbox / name).write_bytes(content)
        app.process(app.folders.inbox / name)
    overseer.look()
    values = scraped(overseer)
    assert values["autod_documents", ("completed",)] == 1
    assert values["autod_documents", ("failed",)] == 1
    assert values["autod_events_total", ("received",)] == 2
    assert values["autod_events_total", ("duplicate",)] == 1
    assert values["autod_window_completed", ("hour",)] == 1
    assert values["autod_error_ratio", ("day",)] == 0.5
    assert values["autod_duplicate_ratio", ("month",)] == pytest.approx(1 / 3)
    assert values["autod_processing_seconds_mean", ("hour",)] > 0
    assert values["autod_step_seconds_count", ("ok", "read")] == 1
    assert values["autod_step_seconds_count", ("failed", "read")] == 1
    assert values["autod_step_seconds_count", ("ok", "file")] == 1
    assert values["autod_step_seconds_count", ("ok", "record")] == 1
    assert values["autod_step_seconds_count", ("ok", "document")] == 2
    assert values["autod_database_up", ()] == 1
    assert (values["autod_alive", ()], values["autod_ready", ()]) == (1, 1)
    text = overseer.metrics().decode()
    assert "secret-name" not in text
    assert "Northfield" not in text
    assert "process_resident_memory_bytes" in text


def test_what_is_scraped_is_what_the_list_says(app: App, overseer: Overseer) -> None:
    with app.step_clock.step("read"):
        overseer.look()
    for family in text_string_to_metric_families(overseer.metrics().decode()):
        if not OURS.match(family.name):
            continue
        name = family.name + ("_total" if family.type == "counter" else "")
        metric = BY_NAME[name]
        assert (family.type, family.documentation) == (metric.kind.value, metric.meaning)
        for sample in family.samples:
            labels = {key: value for key, value in sample.labels.items() if key != "le"}
            assert set(labels) == set(metric.labels)
            assert all(value in LABELS[key] for key, value in labels.items() if key != "version")


def test_the_list_names_each_metric_once_by_the_rules() -> None:
    assert len(BY_NAME) == len(METRICS)
    for metric in METRICS:
        assert re.fullmatch(r"autod_[a-z_]+[a-z]", metric.name)
        assert metric.name.endswith("_total") == (metric.kind is MetricKind.COUNTER)
        assert set(metric.labels) <= set(LABELS)


def test_every_check_has_its_label(overseer: Overseer) -> None:
    overseer.look()
    report = overseer.report()
    assert isinstance(report, Report)
    assert tuple(check.name for check in report.checks) == LABELS["check"]


def test_an_unknown_step_does_not_make_a_label() -> None:
    assert (step_label("read"), step_label("anything")) == ("read", "other")


def test_prometheus_own_tool_accepts_what_is_scraped(overseer: Overseer) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    overseer.look()
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=overseer.metrics(), capture_output=True, check=False
    )
    assert (checked.returncode, checked.stderr.decode()) == (0, "")


def test_without_its_database_a_daemon_still_tells_of_itself(
    app: App, overseer: Overseer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(DatabaseManager, "get_session", down)
    monkeypatch.setattr(
        DatabaseManager, "look", lambda _: Seen(SchemaState.UNREACHABLE, DatabaseError("gone"))
    )
    overseer.look()
    values = scraped(overseer)
    assert (values["autod_alive", ()], values["autod_ready", ()], values["autod_database_up", ()]) == (
        1,
        0,
        0,
    )
    assert ("autod_documents", ("completed",)) not in values
    assert overseer.hindrances() == ["Database: FAILED (gone [database_unavailable])"]


def test_a_daemon_is_ready_when_looked_at_and_not_when_stopping(settings: Settings, app: App) -> None:
    seconds = [0.0]
    daemon = app.daemon(Watch(app.folders.inbox))
    overseer = Overseer(settings, app, daemon, monotonic=lambda: seconds[0])
    assert overseer.hindrances() == ["nobody has looked yet"]
    overseer.look()
    assert overseer.hindrances() == []
    seconds[0] += OUTDATED_SECONDS + 1
    assert overseer.hindrances() == ["nobody has looked yet"]
    daemon.stop()
    assert overseer.hindrances() == ["the daemon is stopping"]


def test_figures_are_counted_seldom_when_counting_is_slow(manager: DatabaseManager) -> None:
    seconds, asked = [0.0], []

    def now() -> object:
        asked.append(seconds[0])
        seconds[0] += 3  # counting takes three seconds
        return utc_now()

    cache = FiguresCache(manager, now, lambda: seconds[0])  # type: ignore[arg-type]
    first = cache.latest()
    assert first is not None
    seconds[0] += 59
    assert cache.latest() is first
    seconds[0] += 2
    later = cache.latest()
    assert later is not None
    assert later is not first
    assert len(asked) == 2
    assert later.at - first.at < timedelta(minutes=1)


def test_a_running_daemon_answers_autod_health(
    settings: Settings, manager: DatabaseManager, tmp_path: Path
) -> None:
    from autod.health.daemon import ask_daemon
    from tests.monitoring.free_port import free_port

    listening = settings_in(tmp_path, manager.url, monitor_port=free_port())
    with App(listening, manager) as app, Watch(app.folders.inbox) as watch:
        daemon = app.daemon(watch)
        with overseen(listening, app, daemon):
            loop = threading.Thread(target=daemon.run)
            loop.start()
            said = ask_daemon(listening)
            other = settings_in(
                tmp_path, manager.url, monitor_port=listening.monitor_port, work_dir=tmp_path / "o"
            )
            foreign = ask_daemon(other)
            daemon.stop()
            loop.join(10)
    assert said is not None
    assert (said.alive, said.in_work, said.stopping) == (True, 0, False)
    assert json.loads(json.dumps(said.to_dict()))["version"] == said.version
    assert foreign is None
    begun = time.monotonic()
    assert ask_daemon(listening) is None
    assert time.monotonic() - begun < 60
