"""However loud it gets, no secret reaches the log, the terminal or an error."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from autod import masking
from autod.config import Settings, load_settings, secrets_of
from tests.openai.stub import Stub, Trouble, serving
from tests.paper import INVOICE, pdf_of
from tests.test_logs import log_file, records

__all__ = ["log_file"]

ROOT = Path(__file__).resolve().parents[2]
KEY = "zeta.Key-0123456789.unlike-any-other"
PASSWORD = "Tr0ub4dor&3/horse"
TOKEN = "battery-staple-token-42"
SECRETS = (KEY, PASSWORD, "Tr0ub4dor%263%2Fhorse", TOKEN)
HOSTILE_NAMES = (
    f"my {KEY}.pdf",
    "line\nbreak.pdf",
    '", "level": "INFO", "message": "Processing complete", "cost_usd": 99, "x": "\n.pdf',
    "\x1b[2J\x1b[31mred\x1b]0;title\x07.pdf",
    "\u202efdp.exe\u202c.pdf",
    f"password={PASSWORD.replace('/', '_')}.pdf",
    "$(touch hacked) `touch hacked`.pdf",
    "bytes \udcff\udcfe.pdf",
)


@pytest.fixture
def hidden() -> Iterator[None]:
    """What is hidden here is hidden for this test."""
    before = set(masking._hidden)
    yield
    masking._hidden.clear()
    masking._hidden.update(before)


@pytest.fixture
def stub() -> Iterator[tuple[Stub, str]]:
    """A service that refuses our key and says it back in every way it can."""
    with serving() as (stub, url):
        echo = json.dumps(
            {"error": {"message": f"Incorrect API key provided: {KEY}", "type": KEY, "code": KEY}}
        )
        stub.meet(
            *(Trouble(method=m, path="", status=401, code=KEY, kind=KEY, param=KEY) for m in ("GET", "POST"))
        )
        stub.meet(Trouble(path="", status=500, raw=echo.encode()), Trouble(path="", status=400, code=KEY))
        yield stub, url


def run(place: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PAPER_AUTOPILOT_LOG_LEVEL": "DEBUG",
        "PAPER_AUTOPILOT_OCR_ENGINE": "off",
        "PAPER_AUTOPILOT_QUIET_SECONDS": "0",
        "PAPER_AUTOPILOT_PATIENCE_SECONDS": "0",
        "PAPER_AUTOPILOT_MONITOR_TOKEN": TOKEN,
        "OPENAI_API_KEY": KEY,
        **changes,
    }
    return subprocess.run(
        [sys.executable, "-m", "autod", *arguments],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        timeout=120,
    )


def assert_silent(place: Path, outputs: list[subprocess.CompletedProcess[str]]) -> str:
    """No secret and nothing that steers a terminal; returns the log."""
    log = (place / "logs" / "paper_autopilot.log").read_text(encoding="utf-8")
    everything = "\n".join([log, *(text for output in outputs for text in (output.stdout, output.stderr))])
    for secret in SECRETS:
        assert secret not in everything
        assert secret[:12] not in everything
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", everything)
    return log


def test_a_noisy_run_with_hostile_names_and_a_service_that_echoes_the_key(
    tmp_path: Path, stub: tuple[Stub, str]
) -> None:
    service, url = stub
    (tmp_path / "inbox").mkdir()
    for number, name in enumerate(HOSTILE_NAMES):
        (tmp_path / "inbox" / name).write_bytes(pdf_of((*INVOICE, f"number {number}")))
    (tmp_path / "inbox" / f"bad {KEY}.pdf").write_bytes(b"no paper")
    (tmp_path / "inbox" / "link.pdf").symlink_to("/etc/passwd")
    outputs = [run(tmp_path, "db", "upgrade")]
    outputs.append(run(tmp_path, "process", OPENAI_BASE_URL=url))
    assert outputs[-1].returncode == 4, outputs[-1].stderr
    outputs += [run(tmp_path, command, OPENAI_BASE_URL=url) for command in ("list", "health", "check")]
    assert service.requests
    log = assert_silent(tmp_path, outputs)
    lines = [json.loads(line) for line in log.splitlines()]
    assert all({"timestamp", "level", "message"} <= line.keys() for line in lines)
    assert {line["error"] for line in lines if line["level"] == "ERROR"} >= {"symlink_refused"}
    # A name that looks like a record is a value within one, and forges none.
    assert [line for line in lines if line.get("cost_usd") == 99] == []
    assert not re.search(r"(?i)password|secret", log)
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize("command", ["db upgrade", "list", "run", "backup"])
def test_a_database_that_is_away_is_told_without_its_password(tmp_path: Path, command: str) -> None:
    url = "postgresql://autod_app:Tr0ub4dor%263%2Fhorse@127.0.0.1:9/paper_autopilot"
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "paper_autopilot.log").touch()
    output = run(tmp_path, *command.split(), PAPER_AUTOPILOT_DB_URL=url)
    assert output.returncode in (3, 1, 6)
    assert_silent(tmp_path, [output])


def test_wrong_settings_are_told_without_their_values(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "paper_autopilot.log").touch()
    output = run(
        tmp_path, "config", PAPER_AUTOPILOT_DB_URL=f"mysql://me:{PASSWORD}@x/y", PAPER_AUTOPILOT_WORKERS=KEY
    )
    assert output.returncode == 2
    assert_silent(tmp_path, [output])


def test_every_secret_setting_is_hidden() -> None:
    settings = load_settings(
        None,
        db_url="postgresql://me:Tr0ub4dor%263%2Fhorse@db/x",
        openai_api_key=KEY,
        monitor_token=TOKEN,
    )
    assert set(secrets_of(settings)) >= set(SECRETS)
    secret = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
    assert len(secret) >= 3
    for name in secret:
        assert str(getattr(settings, name)) in ("**********", "None")


def test_a_hidden_value_is_masked_in_messages_values_objects_and_tracebacks(
    log_file: Path, hidden: None
) -> None:
    class Loud:
        def __repr__(self) -> str:
            return f"Loud({KEY})"

    masking.hide(KEY, "short")
    log = structlog.get_logger("autod.x")
    log.info(
        f"say {KEY}", url=KEY, nested={"a": [KEY, {KEY: KEY}]}, thing=Loud(), path=Path(KEY), short="short"
    )
    try:
        raise ValueError(f"with {KEY}", Loud())
    except ValueError:
        log.exception("broke")
        logging.getLogger("library").exception("broke %s %r", KEY, Loud())
    assert KEY not in log_file.read_text()
    assert records(log_file)[0]["short"] == "short"


def test_numbers_and_nothing_stay_what_they_are(log_file: Path) -> None:
    structlog.get_logger("autod.x").info("figures", cost_usd=0.25, pages=3, ok=True, none=None)
    (record,) = records(log_file)
    assert (record["cost_usd"], record["pages"], record["ok"], record["none"]) == (0.25, 3, True, None)


def test_an_error_nobody_expected_is_shown_without_secrets(tmp_path: Path) -> None:
    code = (
        "from autod import masking; from autod.cli import main\n"
        f"masking.hide({KEY!r})\n"
        f"def broken(): raise RuntimeError('the service said {KEY} \\x1b[2J')\n"
        "main.cli = broken\n"
        "main.main()"
    )
    log = tmp_path / "log"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PAPER_AUTOPILOT_LOG_FILE": str(log)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "internal_error" in done.stderr and "the service said" not in done.stderr
    kept = log.read_text().partition("RuntimeError: ")[2]
    assert masking.MASK in kept and KEY not in kept and "\x1b" not in kept
