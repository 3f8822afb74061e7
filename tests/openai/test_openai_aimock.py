"""Our client and pipeline against a mock of the service that others wrote (npm: @copilotkit/aimock)."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from autod.app import App
from autod.config import Settings
from autod.db import documents
from autod.db.models import ApiCall, CallState
from autod.paying.batch_lane import BATCH_LANE
from tests.e2e.test_paid_life import SAID, drop
from tests.settings import settings_in

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
"""Where ``npm install --no-save @copilotkit/aimock`` puts it; .ci/run does so."""

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists() or shutil.which("node") is None, reason="aimock is not installed"
)
PATIENCE = 30.0


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A running aimock that knows one document."""
    fixture = tmp_path / "fixtures.json"
    usage = {"input_tokens": 2400, "output_tokens": 90, "total_tokens": 2490}
    answer = {"content": json.dumps(SAID), "usage": usage}
    known = {"match": {"userMessage": "Northfield"}, "response": answer}
    fixture.write_text(json.dumps({"fixtures": [known]}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["node", str(PROGRAM), "-p", str(port), "-f", str(fixture), "--log-level", "silent"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as mock:
        try:
            _until_it_answers(f"http://127.0.0.1:{port}/v1/models")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            mock.kill()


def _until_it_answers(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urlopen(url, timeout=5).close()  # noqa: S310 - our own loopback address
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str, address: str) -> Settings:
    """It keeps no answers, so a call is one exchange."""
    return settings_in(
        tmp_path,
        sqlite_url,
        openai_api_key=SecretStr("sk-mock-0123456789"),
        openai_base_url=address,
        openai_paying_once="direct",
    )


def test_a_document_is_read_and_paid_for(settings: Settings) -> None:
    with App(settings) as app:
        result = app.process(drop(app))
        assert result.success, result.error
        with app.manager.get_session(read_only=True) as session:
            document = documents.require(session, 1)
            (call,) = session.scalars(select(ApiCall)).all()
    assert (document.issuer, document.engine) == ("Northfield Supplies Ltd", "openai")
    assert document.reference_number == "NF-2026-0117"  # what is printed, not what the model said
    assert call.state is CallState.SETTLED and call.cost_usd == document.total_cost_usd > 0


def test_a_batch_is_handed_in_collected_and_cleared_up(settings: Settings) -> None:
    """Its batches answer with a sentence of their own, which is paid for and no use to us."""
    with App(settings) as app:
        app.process(drop(app), lane=BATCH_LANE)
        ended: list[str | None] = []
        deadline = time.monotonic() + PATIENCE
        while not ended and time.monotonic() < deadline:
            ended = [result.error for _, result in app.collect()]
        assert [(error or "").partition(":")[0] for error in ended] == ["openai_answer_invalid"]
        assert app.clerk is not None and not app.clerk.round().anything
        with app.manager.get_session(read_only=True) as session:
            (call,) = session.scalars(select(ApiCall)).all()
    assert (call.state, call.tier) == (CallState.SETTLED, "batch")
