"""The doctor names what is wrong, why it matters and what to do, and breaks at nothing."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

from autod import config
from autod.cli.main import cli
from autod.db import documents
from autod.db.guard import single_process
from autod.db.manager import DatabaseManager
from autod.doctor import Diagnosis, Finding, diagnose, installation
from autod.doctor.diagnosis import WHY
from autod.health import State, checks
from autod.health.examining import BEFORE_FIGURES, CHECKS
from autod.inbox.untaken import untaken
from tests.openai.stub import KEY, Stub, Trouble, serving

Examine = Callable[..., Diagnosis]


@pytest.fixture
def place(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a migrated database and no settings of its own."""
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.upper().startswith(("PAPER_AUTOPILOT_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PAPER_AUTOPILOT_DB_URL", sqlite_url)
    monkeypatch.setenv("PAPER_AUTOPILOT_MONITOR_PORT", "0")
    return tmp_path


@pytest.fixture
def seen(place: Path, monkeypatch: pytest.MonkeyPatch) -> Examine:
    def look(offline: bool = False, now: datetime | None = None, **settings: str) -> Diagnosis:
        for name, value in settings.items():
            monkeypatch.setenv(config.variable_name(name), value)
        return diagnose(lambda: now or datetime.now(UTC), offline=offline)

    return look


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    with serving() as (stub, url):
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        yield stub
        assert stub.violations == []


def about(diagnosis: Diagnosis, topic: str) -> Finding:
    (finding,) = [f for f in diagnosis.findings if f.topic == topic and f.state is not State.OK] or [
        f for f in diagnosis.findings if f.topic == topic
    ]
    return finding


def complete(finding: Finding) -> bool:
    return bool(finding.what and finding.why and finding.next_step)


def test_a_sound_set_up_is_told_so_offline(seen: Examine) -> None:
    diagnosis = seen()
    assert not diagnosis.broken, [f for f in diagnosis.findings if f.state is State.FAILED]
    assert about(diagnosis, "Models").state is State.OFF


def test_every_finding_that_is_not_well_says_why_and_what_to_do(seen: Examine) -> None:
    diagnosis = seen(db_url="sqlite:///nowhere/at/all.db", ocr_engine="off", openai_api_key_file="nokey",
                     engine="openai", processed_dir="inbox/processed")  # fmt: skip
    bad = [f for f in diagnosis.findings if f.state in (State.WARNING, State.FAILED)]
    assert {"Database", "OCR", "OpenAI API", "Folder processed"} <= {f.topic for f in bad}
    assert [f for f in bad if not complete(f)] == []


def test_each_wrong_setting_is_a_line_of_its_own(seen: Examine) -> None:
    diagnosis = seen(workers="many", privacy="medcal: local", log_level="LOUD", wrokers="2")
    lines = [f.what for f in diagnosis.findings if f.topic == "Settings"]
    assert [line.partition(":")[0] for line in lines] == [
        "PAPER_AUTOPILOT_WROKERS",
        "PAPER_AUTOPILOT_WORKERS",
        "PAPER_AUTOPILOT_PRIVACY",
        "PAPER_AUTOPILOT_LOG_LEVEL",
    ]
    assert diagnosis.settings_wrong


def test_every_check_of_health_has_its_reason() -> None:
    assert {*BEFORE_FIGURES, *CHECKS} <= WHY.keys()


def test_an_outdated_database_is_explained(seen: Examine, place: Path) -> None:
    found = about(seen(db_url=f"sqlite:///{place / 'new.db'}"), "Database")
    assert found.state is State.FAILED and "alembic upgrade head" in found.next_step


def test_a_folder_inside_the_inbox_is_broken(seen: Examine) -> None:
    assert about(seen(work_dir="inbox/work"), "Folder work").state is State.FAILED


def test_a_folder_that_cannot_be_used_is_broken(seen: Examine, place: Path) -> None:
    (place / "file").write_text("")
    (place / "link").symlink_to(place / "gone")
    diagnosis = seen(processed_dir="file", failed_dir="link")
    assert about(diagnosis, "Folder processed").state is State.FAILED
    assert "gone" in about(diagnosis, "Folder failed").what


def test_what_nobody_takes_from_the_inbox_is_named(
    seen: Examine, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "inbox").mkdir()
    (place / "inbox" / "..pdf").write_bytes(b"%PDF-1.7")
    monkeypatch.setattr(checks, "untaken", partial(untaken, settled_seconds=-1))
    found = about(seen(offline=True), "Inbox")
    assert found.state is State.WARNING
    assert "..pdf" in found.what
    assert complete(found)


def test_looking_leaves_nothing_behind(seen: Examine, place: Path) -> None:
    (place / "inbox").mkdir()
    before = sorted(place.rglob("*"))
    seen()
    assert [path for path in sorted(place.rglob("*")) if path not in before and "db-" not in path.name] == []


def test_a_database_on_a_network_share_is_broken(seen: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        psutil, "disk_partitions", lambda **_: [SimpleNamespace(mountpoint="/", fstype="nfs4")]
    )
    assert about(seen(), "Database file").state is State.FAILED


def test_a_key_that_others_can_read_is_noticed(seen: Examine, place: Path) -> None:
    env = place / ".env"
    env.write_text("OPENAI_API_KEY=sk-test-0123456789abcdef\n")
    env.chmod(0o644)
    found = about(seen(offline=True), "File .env")
    assert found.state is State.WARNING and "chmod 600" in found.next_step
    env.chmod(0o600)
    assert about(seen(offline=True), "File .env").state is State.OK


def test_a_key_file_that_others_can_read_is_refused(seen: Examine, place: Path) -> None:
    key = place / "key"
    key.write_text("sk-test-0123456789abcdef")
    key.chmod(0o644)
    found = about(seen(openai_api_key_file=str(key)), "OpenAI API")
    assert found.state is State.FAILED and "chmod 600" in found.next_step


def test_a_port_that_another_program_has_is_noticed(seen: Examine) -> None:
    with TCPServer(("127.0.0.1", 0), BaseRequestHandler) as taken:  # it hangs up on everybody
        threading.Thread(target=taken.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        found = about(seen(monitor_port=str(taken.server_address[1])), "Port")
        taken.shutdown()
    assert found.state is State.WARNING


def test_who_works_here_and_what_was_left_over_is_told(seen: Examine, place: Path) -> None:
    claimed = place / ".autod" / "claimed"
    claimed.mkdir(parents=True)
    (claimed / f"{'a' * 64}.pdf").write_bytes(b"%PDF")
    assert about(seen(), "Unfinished work").state is State.WARNING
    with single_process(place / ".autod" / "process"):
        diagnosis = seen()
    assert str(os.getpid()) in about(diagnosis, "Lock").what
    assert about(diagnosis, "Unfinished work").state is State.OK


def test_what_waits_for_a_time_to_come_is_no_work_that_was_broken_off(
    seen: Examine, place: Path, sqlite_url: str
) -> None:
    claimed = place / ".autod" / "claimed"
    claimed.mkdir(parents=True)
    now = datetime.now(UTC)
    with DatabaseManager(sqlite_url) as manager, manager.get_session() as session:
        for letter in "ab":
            sha256 = letter * 64
            (claimed / f"{sha256}.pdf").write_bytes(b"%PDF")
            number = documents.admit(
                session, sha256=sha256, original_filename="a.pdf", source_path="/a.pdf", size=4, now=now
            ).document_id
            due = now + timedelta(hours=1)
            documents.postpone(
                session, number, code="openai_key_refused", message="m", next_step="n", retry_at=due
            )
    waiting = about(seen(offline=True), "Unfinished work")
    assert waiting.state is State.OK
    assert waiting.what.startswith("0 document(s) in work, 2 wait for a time to come")
    (claimed / f"{'c' * 64}.pdf").write_bytes(b"%PDF")
    left = about(seen(offline=True), "Unfinished work")
    assert left.state is State.WARNING
    assert left.what.startswith("1 document(s) were in work when the program ended, 2 wait")


def test_missing_and_other_packages_are_named(tmp_path: Path) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text(
        "typer==0.0.1 \\\n    --hash=sha256:0\nnever-heard-of==1.0\n"
        "windows-thing==1 ; sys_platform == 'win32'\n"
    )
    (found,) = [f for f in installation.look(pins) if f.topic == "Packages"]
    assert found.state is State.FAILED and "never-heard-of" in found.what and "windows" not in found.what
    pins.write_text("typer==0.0.1\n")
    (found,) = [f for f in installation.look(pins) if f.topic == "Packages"]
    assert found.state is State.WARNING and "0.0.1" in found.what


def test_models_are_listed_with_their_end_and_successor(seen: Examine, stub: Stub) -> None:
    diagnosis = seen()
    models = {model.name: model for model in diagnosis.models}
    assert models["gpt-6-luna"].configured and models["gpt-6-luna"].shutdown is None
    assert str(models["gpt-5-mini"].shutdown) == "2026-12-11"
    assert models["gpt-5-mini"].successor == "gpt-5.6-terra"
    assert about(diagnosis, "Models").state is State.OK
    assert stub.billed == [] and {method for method, _, _ in stub.requests} == {"GET"}


def test_the_model_in_use_that_ends_soon_is_a_warning_and_then_broken(seen: Examine, stub: Stub) -> None:
    before = datetime(2026, 11, 26, 12, tzinfo=UTC)
    found = about(seen(openai_model="gpt-5-mini", now=before), "Model gpt-5-mini")
    assert found.state is State.WARNING
    assert "2026-12-11" in found.what and "gpt-5.6-terra" in found.next_step
    after = about(seen(openai_model="gpt-5-mini", now=before + timedelta(days=15)), "Model gpt-5-mini")
    assert after.state is State.FAILED


def test_a_model_that_nobody_here_knows_is_doubtful_and_broken_only_where_a_cap_needs_its_price(
    seen: Examine, stub: Stub, place: Path
) -> None:
    capped = seen(openai_model="my-deployment")
    assert about(capped, "Model in use").state is State.FAILED
    assert "input:" in about(capped, "Model in use").next_step
    assert about(capped, "OpenAI API").state is State.FAILED

    file = place / "prices.yaml"
    file.write_text("version: 1\nmodels: {my-deployment: {input: 1, output: 2}}\n")
    priced = seen(openai_price_file=str(file))
    assert about(priced, "Model in use").state is State.WARNING
    assert about(priced, "OpenAI API").state is State.WARNING
    assert about(priced, "Models").state is State.WARNING  # a gateway's list may leave it out


def test_a_model_that_the_account_does_not_offer_is_broken(seen: Examine, stub: Stub) -> None:
    found = about(seen(openai_model="gpt-6-sol"), "Models")
    assert found.state is State.FAILED and "gpt-6-luna" in found.next_step


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble(method="GET", path="/models", status=401, code="invalid_api_key"), "openai_key_refused"),
        (Trouble(method="GET", path="/models", status=500), "openai_failing"),
        (Trouble(method="GET", path="/models", drop="before"), "openai_unreachable"),
    ],
)
def test_a_service_that_does_not_answer_well_is_told_with_its_code(
    seen: Examine, stub: Stub, trouble: Trouble, code: str
) -> None:
    stub.meet(trouble)
    found = about(seen(), "Models")
    assert found.state is State.FAILED and code in found.what and found.next_step


def test_offline_asks_nothing_and_says_so(seen: Examine, stub: Stub) -> None:
    found = about(seen(offline=True), "Models")
    assert found.state is State.OFF and "--offline" in found.what
    assert stub.requests == []


def test_a_clock_that_is_wrong_is_seen_by_the_services_own(seen: Examine, stub: Stub) -> None:
    assert about(seen(), "Clock (service)").state is State.OK
    found = about(seen(now=datetime.now(UTC) + timedelta(hours=1)), "Clock (service)")
    assert found.state is State.FAILED and "NTP" in found.next_step


def run(*arguments: str) -> Any:
    config.get_config.cache_clear()
    return CliRunner().invoke(cli, ["doctor", *arguments])


def test_the_vector_store_is_looked_for_and_none_is_made(seen: Examine, stub: Stub) -> None:
    found = about(seen(vector_store="openai"), "Vector Store")
    assert found.state is State.OK and "none yet" in found.what
    assert stub.kept_files.stores == {}
    assert about(seen(vector_store_id="vs_of_somebody"), "Vector Store").state is State.FAILED
    asked = len(stub.requests)
    assert about(seen(offline=True), "Vector Store").state is State.OK
    assert len(stub.requests) == asked


def test_exit_codes_tell_settings_from_the_rest(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["healthy"] is True
    monkeypatch.setenv("PAPER_AUTOPILOT_WORK_DIR", "inbox/work")
    assert run().exit_code == 3
    monkeypatch.setenv("PAPER_AUTOPILOT_WORKERS", "none")
    result = run()
    assert result.exit_code == 2
    assert "PAPER_AUTOPILOT_WORKERS" in result.stdout and "Traceback" not in result.stdout


def test_people_see_models_in_a_table_and_no_key(place: Path, stub: Stub) -> None:
    result = run()
    assert "gpt-5.6-terra" in result.stdout and "gpt-6-luna *" in result.stdout
    assert KEY not in result.stdout
