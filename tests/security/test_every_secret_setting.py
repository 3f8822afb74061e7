"""Whatever is declared secret or is an address is filled with markers, and every way out is searched."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import structlog

from autod.alerts.hysteresis import Notice
from autod.alerts.message import message_of
from autod.alerts.rules import AlertName, Verdict
from autod.cli.main import report
from autod.cli.output import clean, print_json
from autod.config import Settings, load_settings, secrets_of, shown_value, variable_name
from autod.db.manager import DatabaseManager
from autod.errors import AutodError
from autod.extract.openai.client import ResponsesAPIClient
from autod.monitoring.alert_settings import open_channels
from autod.monitoring.pages import application
from autod.monitoring.port import listening
from tests.cli.test_help import LEAVES
from tests.monitoring.test_port import Still, ask
from tests.nothing_hidden import nothing_hidden
from tests.test_logs import log_file

__all__ = ["log_file", "nothing_hidden"]

ROOT = Path(__file__).resolve().parents[2]
SCHEMES = {"db_url": "postgresql", "alert_smtp_url": "smtps", "alert_apprise_url": "jsons"}
PATHS = {"db_url": "/paper_autopilot", "alert_smtp_url": ""}
"""Of addresses whose path is no secret and has to be one that works."""
ARGUMENTS = {
    "show": ["1"], "search": ["word"], "correct": ["1", "issuer=x"], "retry": ["1"], "extract": ["none.pdf"],
    "process": ["none.pdf"], "restore": ["none.tar"], "vectors purge": ["--yes"],
}  # fmt: skip


def is_secret(name: str) -> bool:
    return "SecretStr" in str(Settings.model_fields[name].annotation)


def is_address(name: str) -> bool:
    default = Settings.model_fields[name].default
    text = default.get_secret_value() if hasattr(default, "get_secret_value") else default
    return name.endswith(("url", "endpoint")) or "://" in str(text)


WATCHED = [name for name in Settings.model_fields if is_secret(name) or is_address(name)]


def marked(name: str, part: str) -> str:
    return f"mark.{name}/{part}&zq"


def quoted(name: str, part: str) -> str:
    return marked(name, part).replace("/", "%2F").replace("&", "%26")


def filled(name: str) -> str:
    """A value of the setting with a marker wherever an address can hold a secret."""
    if not is_address(name):
        return marked(name, "value")
    path = PATHS.get(name, f"/services/{quoted(name, 'path')}" if is_secret(name) else "/v1")
    query = "&".join(f"{key}={quoted(name, key)}" for key in ("password", "api_key", "access_token", "sig"))
    scheme = SCHEMES.get(name, "https")
    return f"{scheme}://me:{quoted(name, 'user')}@127.0.0.1:9{path}?sslmode=prefer&{query}"


VALUES = {name: filled(name) for name in WATCHED}
TRACE = re.compile(r"mark\.\w+(?:/|%2F)\w+")


@pytest.fixture
def settings() -> Settings:
    return load_settings(None, **VALUES)


def test_there_is_something_to_watch_and_every_secret_is_filled() -> None:
    assert len(WATCHED) >= 7
    assert all(TRACE.search(value) for value in VALUES.values())


def test_every_marker_is_known_as_a_secret_in_each_way_of_writing(settings: Settings) -> None:
    secrets = secrets_of(settings)
    for value in VALUES.values():
        for trace in re.findall(r"mark\.\w+(?:/|%2F)\w+(?:&|%26)zq", value):
            assert trace in secrets
            assert trace.replace("%2F", "/").replace("%26", "&") in secrets


def ways_of_saying(value: str) -> list[str]:
    """A value as it is, in the middle of words, and by the parts that a library may tell."""
    traces = re.findall(r"mark\.\w+(?:/|%2F)\w+(?:&|%26)zq", value)
    return [value, f"cannot reach {value}: refused", *traces, *(unquote(trace) for trace in traces)]


@pytest.mark.parametrize("name", WATCHED)
def test_no_marker_leaves_through_settings_reprs_log_errors_alerts_json_or_the_port(
    name: str, settings: Settings, log_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [repr(settings), str(settings), shown_value(name, getattr(settings, name))]
    log = structlog.get_logger("autod.x")
    for text in ways_of_saying(VALUES[name]):
        said.append(clean(text))
        log.error(text, error="x", nested={text: [text]}, thing=RuntimeError(text))
        try:
            raise RuntimeError(text)
        except RuntimeError:
            log.exception("broke")
        report(AutodError(text, next_step=text))
        print_json({"a": [text, {text: Path(text)}]})
        verdict = Verdict(AlertName.DATABASE_DOWN, True, text)
        said.append(json.dumps(message_of(verdict, Notice.RAISED, "here", datetime.now(UTC)).to_dict()))
    output = capsys.readouterr()
    everything = "\n".join([*said, output.out, output.err, log_file.read_text()])
    assert TRACE.findall(everything) == []


@pytest.mark.parametrize("name", WATCHED)
def test_no_marker_leaves_through_the_daemons_port(name: str, settings: Settings) -> None:
    class Loud(Still):
        def hindrances(self) -> list[str]:
            return ways_of_saying(VALUES[name])

        def metrics(self) -> bytes:
            return "\n".join(ways_of_saying(VALUES[name])).encode()

    with listening(application(Loud(), None), "127.0.0.1", 0) as port:
        assert port is not None
        for page in ("/health/ready", "/metrics", "/health"):
            assert TRACE.findall(ask(port, page)[1]) == []


def test_the_reprs_of_what_settings_make_tell_none(settings: Settings) -> None:
    mail = {"alert_email_to": "a@example.com", "alert_command": f"true {marked('command', 'word')}"}
    user = f"me:{quoted('openai_base_url', 'user')}@"  # refused there
    made: list[Any] = [
        DatabaseManager(settings.paper_autopilot_db_url),
        ResponsesAPIClient("sk-x-0123456789", base_url=VALUES["openai_base_url"].replace(user, "")),
        *open_channels(settings.model_copy(update=mail)),
    ]
    assert TRACE.findall(repr(made)) == []


@pytest.mark.parametrize(
    ("command", "database"),
    [(" ".join(path), "away" if path == ("run",) else "here") for path, _ in sorted(LEAVES)]
    + [(command, "away") for command in ("list", "health", "doctor", "db upgrade", "backup")],
)
def test_no_command_prints_one(command: str, database: str, sqlite_template: Path, tmp_path: Path) -> None:
    environment = {variable_name(name): value for name, value in VALUES.items()}
    if database == "here":
        environment["PAPER_AUTOPILOT_DB_URL"] = f"sqlite:///{sqlite_template}"
    environment |= {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PAPER_AUTOPILOT_LOG_LEVEL": "DEBUG",
        "PAPER_AUTOPILOT_VECTOR_STORE": "openai",
    }  # fmt: skip
    said = []
    for extra in ([], ["--json"]) if command == "config" else (["--json"] * takes_json(command),):
        done = subprocess.run(
            [sys.executable, "-m", "autod", *command.split(), *ARGUMENTS.get(command, []), *extra],
            cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        said += [done.stdout, done.stderr]
    log = tmp_path / "logs" / "paper_autopilot.log"
    said.append(log.read_text() if log.exists() else "")
    assert TRACE.findall("\n".join(said)) == []


def takes_json(command: str) -> bool:
    (found,) = (one for path, one in LEAVES if " ".join(path) == command)
    return any("--json" in parameter.opts for parameter in found.params)
