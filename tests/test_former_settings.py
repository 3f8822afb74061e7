"""Names that an earlier autoD read are told, wherever they are set, and never ignored in silence."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autod.config import PREFIX, Settings, load_settings, variable_name
from autod.errors import ConfigurationError
from autod.former_settings import BUILT_IN, FORMER, former_settings

ROOT = Path(__file__).resolve().parents[1]
TOLD = sorted(name for name in FORMER if not name.startswith(PREFIX) or name in BUILT_IN)
REFUSED = sorted(FORMER.keys() - TOLD)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in os.environ if n.upper() in FORMER or n.upper().startswith((PREFIX, "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", sorted(FORMER))
def test_what_takes_the_place_of_a_former_setting_is_a_setting_and_the_former_is_none(name: str) -> None:
    known = {variable_name(field) for field in Settings.model_fields}
    assert name not in known
    named = re.findall(rf"{PREFIX}\w+", FORMER[name])
    assert set(named) <= known
    assert named or FORMER[name].startswith("nothing takes its place")
    assert name not in BUILT_IN or FORMER[name].startswith("nothing takes its place: ")


@pytest.mark.parametrize("written", [str.upper, str.lower])
@pytest.mark.parametrize("name", TOLD)
def test_a_former_setting_is_told_by_name_in_the_file_and_in_the_environment(
    name: str, written: type[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"{written(name)}=secret-value\n")
    (said,) = former_settings(tmp_path / ".env")
    assert written(name) in said and ".env" in said and FORMER[name] in said and "secret-value" not in said
    monkeypatch.setenv(written(name), "secret-value")
    assert len(former_settings(tmp_path / ".env")) == 2
    assert "the environment" in former_settings(None)[0]
    load_settings(tmp_path / ".env")


@pytest.mark.parametrize("name", REFUSED)
def test_a_former_setting_whose_value_is_needed_elsewhere_is_refused_with_what_to_use(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(ConfigurationError) as refused:
        load_settings(None)
    assert refused.value.message == f"{name}: no longer read; {FORMER[name]}"


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_a_misspelled_name_is_refused_with_the_right_one(field: str, tmp_path: Path) -> None:
    name = variable_name(field)
    if not name.startswith(PREFIX):
        return
    (tmp_path / ".env").write_text(f"{name}X=1\n")
    with pytest.raises(ConfigurationError, match=rf"{name}X: no such setting; did you mean {name}\?"):
        load_settings(tmp_path / ".env")


def autod(*arguments: str, place: Path, database: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "LOG_LEVEL": "DEBUG"}
    environment |= {"PAPER_AUTOPILOT_DB_URL": database, "PAPER_AUTOPILOT_PATIENCE_SECONDS": "0"}
    return subprocess.run(
        [sys.executable, "-m", "autod", *arguments],
        cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    "command", [("config",), ("config", "--json"), ("process",), ("doctor", "--offline")]
)
def test_commands_tell_of_former_settings_and_keep_their_output_clean(
    command: tuple[str, ...], tmp_path: Path, sqlite_url: str
) -> None:
    (tmp_path / ".env").write_text("OPENAI_MODEL=gpt-5-mini\nPAPER_AUTOPILOT_LOG_KEEP=9\n")
    result = autod(*command, place=tmp_path, database=sqlite_url)
    said = result.stdout + result.stderr
    assert "OPENAI_MODEL, set in .env, is no longer read: use PAPER_AUTOPILOT_OPENAI_MODEL" in said
    assert "PAPER_AUTOPILOT_LOG_KEEP, set in .env, is no longer read: nothing takes its place: 5 " in said
    assert "LOG_LEVEL, set in the environment, is no longer read" in said
    if "--json" in command:
        assert json.loads(result.stdout)["PAPER_AUTOPILOT_OPENAI_MODEL"] == "gpt-6-luna"
    if command == ("process",):
        assert "A setting is no longer read" in (tmp_path / "logs" / "paper_autopilot.log").read_text()
