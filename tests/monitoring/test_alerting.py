"""Each alert fires in a running pipeline and arrives; the database's own although it is down."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autod import config
from autod.alerts.message import Message
from autod.app import App
from autod.assembly.archive import utc_now
from autod.cli.main import cli
from autod.config import Settings
from autod.db.manager import DatabaseManager
from autod.domain.status import EventKind
from autod.errors import ConfigurationError, DatabaseError
from autod.health import Examiner, Report
from autod.monitoring import alerting as module
from autod.monitoring.alert_settings import alert_limits, open_channels
from autod.monitoring.alerting import Alerting, telling_of_failed_start
from tests.alerts.test_channels import hook
from tests.db.test_figures import called, event
from tests.settings import settings_in


@dataclass
class Told:
    """A channel that remembers."""

    name: str = "told"
    messages: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def short(self) -> list[tuple[str, str, str]]:
        return [(one.severity.value, one.name, one.notice.value) for one in self.messages]


@dataclass
class Watched:
    """A pipeline whose alerts are looked for by hand, at a time of the test's."""

    settings: Settings
    app: App
    told: Told
    alerting: Alerting
    clock: list[datetime]
    report: list[Report | None]

    def look(self, minutes: float = 0) -> list[tuple[str, str, str]]:
        """Let time pass and look; what was said since the last look."""
        self.clock[0] += timedelta(minutes=minutes)
        before = len(self.told.messages)
        manager = self.app.manager
        self.report[0] = Examiner(self.settings, manager, daemon=lambda: None).examine(self.clock[0])
        self.alerting.round()
        return self.told.short[before:]


def watched_by(settings: Settings, app: App, monkeypatch: pytest.MonkeyPatch) -> Watched:
    told, clock, report = Told(), [utc_now()], list[Report | None]([None])
    monkeypatch.setattr(module, "open_channels", lambda _: [told])
    alerting = Alerting(settings, app, lambda: report[0], now=lambda: clock[0])
    return Watched(settings, app, told, alerting, clock, report)


@pytest.fixture
def settings(tmp_path: Path, manager: DatabaseManager) -> Settings:
    return settings_in(tmp_path, manager.url, monitor_port=0)


@pytest.fixture
def watched(
    settings: Settings, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watched]:
    with App(settings, manager) as app:
        yield watched_by(settings, app, monkeypatch)


def test_a_database_that_is_down_is_told_although_it_is_down(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watched.look() == []
    with monkeypatch.context() as broken:

        def down(*_: Any, **__: Any) -> None:
            raise DatabaseError("gone")

        broken.setattr(DatabaseManager, "get_session", down)
        broken.setattr(DatabaseManager, "engine", property(down))
        assert watched.look() == []
        assert watched.look(2) == [("P0", "database_down", "raised")]
        assert watched.look(60) == []
        said = watched.told.messages[0].summary
        assert said == "The database is down: FAILED (gone [database_unavailable])"
    assert watched.look() == []
    assert watched.look(6) == [("P0", "database_down", "resolved")]


def test_a_full_disk_is_told(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "free_bytes", lambda _: 1_000_000_000)
    assert (watched.look(), watched.look(2)) == ([], [("P2", "disk_low", "raised")])
    monkeypatch.setattr(module, "free_bytes", lambda _: 9_000_000_000)
    assert (watched.look(), watched.look(6)) == ([], [("P2", "disk_low", "resolved")])


def test_a_full_disk_is_told_although_the_database_cannot_be_written(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watched.look() == []

    def refused(*_: Any) -> None:
        raise DatabaseError("database or disk is full")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(module, "free_bytes", lambda _: 0)
        broken.setattr(module.ArchiveMemory, "due", refused)
        broken.setattr(Path, "write_text", full)
        assert (watched.look(), watched.look(2), watched.look(2)) == ([], [("P2", "disk_low", "raised")], [])
    assert (watched.look(), watched.look(6)) == ([], [("P2", "disk_low", "resolved")])


def test_a_day_that_costs_too_much_is_told(watched: Watched) -> None:
    watched.clock[0] = watched.clock[0].replace(hour=12)
    with watched.app.manager.get_session() as session:
        for letter in "abcdefghijklmnop":
            called(session, letter, watched.clock[0])  # 0.25 each: four dollars, four fifths of the cap
    assert (watched.look(), watched.look(2)) == ([], [("P2", "cost_high", "raised")])
    assert (watched.look(24 * 60), watched.look(6)) == ([], [("P2", "cost_high", "resolved")])


def test_uploads_that_fail_are_told(watched: Watched) -> None:
    with watched.app.manager.get_session() as session:
        for reason in ("openai_unreachable", "openai_failing", "file_too_large", "openai_failing"):
            event(session, EventKind.UPLOAD_FAILED, watched.clock[0], reason=reason)
    assert (watched.look(), watched.look(2)) == ([], [("P3", "vector_store_failures", "raised")])
    assert (watched.look(61), watched.look(6)) == ([], [("P3", "vector_store_failures", "resolved")])


def test_a_service_that_fails_is_told(
    tmp_path: Path, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "http://127.0.0.1:9/v1"
    settings = settings_in(
        tmp_path, manager.url, monitor_port=0, openai_api_key="sk-test", openai_base_url=address
    )
    with App(settings, manager) as app:
        watched = watched_by(settings, app, monkeypatch)
        with manager.get_session() as session:
            for _ in range(6):
                event(session, EventKind.POSTPONED, watched.clock[0], code="openai_unreachable")
            for letter in "abc":
                called(session, letter, watched.clock[0])
        assert (watched.look(), watched.look(2)) == ([], [("P1", "api_errors", "raised")])
        assert watched.look(30) == []  # nobody asks: that proves nothing
        with manager.get_session() as session:
            for letter in "defg":
                called(session, letter, watched.clock[0])
        assert (watched.look(), watched.look(6)) == ([], [("P1", "api_errors", "resolved")])


def test_two_daemons_of_one_archive_tell_once(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = watched_by(watched.settings, watched.app, monkeypatch)
    with watched.app.manager.get_session() as session:
        for _ in range(3):
            event(session, EventKind.UPLOAD_FAILED, watched.clock[0], reason="openai_failing")
    for _ in range(4):
        watched.look(1)
        second.look(1)
    assert watched.told.short + second.told.short == [("P3", "vector_store_failures", "raised")]


def test_a_daemon_that_cannot_start_tells_of_its_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_in(tmp_path, "postgresql://nobody@127.0.0.1:9/none")
    told, begun = Told(), utc_now()
    monkeypatch.setattr(module, "open_channels", lambda _: [told])
    for seconds in (0, 30, 61, 90):
        with (
            pytest.raises(DatabaseError),
            telling_of_failed_start(
                settings,
                lambda later=seconds: begun + timedelta(seconds=later),  # type: ignore[misc]
            ),
            App(settings),
        ):
            pass
    assert told.short == [("P0", "database_down", "raised")]


def test_a_second_daemon_that_is_refused_is_no_alert(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    monkeypatch.setattr(module, "open_channels", lambda _: [told])
    for minutes in (0, 9):
        with (
            pytest.raises(DatabaseError),
            telling_of_failed_start(
                settings,
                lambda later=minutes: utc_now() + timedelta(minutes=later),  # type: ignore[misc]
            ),
        ):
            raise DatabaseError("another process is at work", code="database_in_use")
    assert told.messages == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"alert_command": "no-such-program-anywhere --x"},
        {"alert_command": "cat 'unbalanced"},
        {"alert_webhook_url": "file:///etc/passwd"},
        {"alert_email_to": "nobody"},
        {"alert_email_to": "a@example.com", "alert_smtp_url": "http://x"},
    ],
)
def test_channels_that_cannot_work_are_refused(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        open_channels(settings_in(tmp_path, "sqlite:///x.db", **wrong))


def test_channels_and_limits_follow_the_settings(tmp_path: Path) -> None:
    chosen = settings_in(
        tmp_path, "sqlite:///x.db", alert_command="cat -", alert_email_to="a@example.com, b@example.com",
        alert_webhook_url="https://chat.example/hook", cap_day_usd="10",
    )  # fmt: skip
    assert [channel.name for channel in open_channels(chosen)] == ["log", "command", "email", "webhook"]
    assert alert_limits(chosen).cost_usd == Decimal(8)
    assert alert_limits(settings_in(tmp_path, "sqlite:///x.db", alert_cost_day_usd="3")).cost_usd == 3


@pytest.fixture
def program(tmp_path: Path, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory where commands find a database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAPER_AUTOPILOT_DB_URL", manager.url)
    config.get_config.cache_clear()
    yield tmp_path
    config.get_config.cache_clear()


def test_the_test_message_goes_to_every_channel(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hook() as (url, posted):
        monkeypatch.setenv("PAPER_AUTOPILOT_ALERT_WEBHOOK_URL", url)
        done = CliRunner().invoke(cli, ["alerts", "test"])
    assert (done.exit_code, done.output) == (0, "✅ log: sent\n✅ webhook: sent\n")
    assert posted[0]["status"] == "test"
    assert "Alert test" in (program / "logs" / "paper_autopilot.log").read_text()


def test_a_channel_that_does_not_work_is_named(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPER_AUTOPILOT_ALERT_COMMAND", "false")
    done = CliRunner().invoke(cli, ["alerts", "test"])
    assert "❌ command: the alert command ended with exit code 1" in done.output
    assert getattr(done.exception, "exit_code", None) == 5


def test_the_list_shows_where_each_alert_stands(
    watched: Watched, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPER_AUTOPILOT_WORK_DIR", str(watched.settings.work_dir))
    config.get_config.cache_clear()
    monkeypatch.setattr(module, "free_bytes", lambda _: 1_000_000_000)
    watched.look()
    watched.look(2)
    text = CliRunner().invoke(cli, ["alerts", "list"]).output
    firsts = [line.split()[0] for line in text.splitlines() if line.strip().startswith("P")]
    assert firsts == ["P0", "P0", "P1", "P1", "P2", "P2", "P3"]
    assert "firing" in text
    rows = [
        json.loads(line) for line in CliRunner().invoke(cli, ["alerts", "list", "--json"]).output.splitlines()
    ]
    assert {row["phase"] for row in rows if row["name"] == "disk_low"} == {"firing"}
