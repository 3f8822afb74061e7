"""A next step can be typed as it is printed, however this installation is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autod.cli import calling

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A console script as pip writes it."""
    path = tmp_path / "my bin" / "autod"
    path.parent.mkdir()
    path.write_text(
        f"#!{sys.executable}\nfrom autod.cli.main import main\n\nif __name__ == '__main__':\n    main()\n"
    )
    path.chmod(0o755)
    return path


def hint(*command: str | Path, path: str = "/nowhere") -> str:
    """The next step of a wrong call."""
    said = subprocess.run(
        [*map(str, command), "retry"],
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert said.returncode == 2
    return said.stderr.splitlines()[-1].strip()


def test_without_a_script_on_path_it_is_named_by_its_python() -> None:
    assert hint(sys.executable, "-m", "autod") == f"→ See `{sys.executable} -m autod retry --help`."


def test_where_python3_is_the_one_that_runs_it_that_is_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = tmp_path / "python3"
    python.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert calling.program.__wrapped__() == "python3 -m autod"


def test_a_script_on_path_is_named_alone(script: Path) -> None:
    assert hint(script, path=str(script.parent)) == "→ See `autod retry --help`."


def test_a_setting_before_a_command_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "program", lambda: "python3 -m autod")
    said = "Stop it: `PAPER_AUTOPILOT_ENGINE=local autod retry ID`; autod and `autodoc` stay."
    assert calling.as_typed(said) == said.replace("local autod", "local python3 -m autod")


@pytest.mark.parametrize("between", [" && ", " || ", "; ", " | ", " && A=1 B=2 ", " && sudo -v && "])
def test_every_command_of_a_line_is_named(monkeypatch: pytest.MonkeyPatch, between: str) -> None:
    monkeypatch.setattr(calling, "program", lambda: "python3 -m autod")
    stays = "; autod, `cat autod` and `x-autod` stay."
    said = f"Run `autod backup{between}autod verify-backup{between}autod`{stays}"
    for command in ("backup", "verify-backup", "`"):
        blank = "" if command == "`" else " "
        assert f"python3 -m autod{blank}{command}" in calling.as_typed(said)
    assert calling.as_typed(said).endswith(f"`{stays}")


def test_a_script_elsewhere_is_named_as_it_was_typed(script: Path) -> None:
    assert hint(script) == f"→ See `'{script}' retry --help`."


def test_the_script_of_another_installation_is_not_named(script: Path) -> None:
    said = hint(sys.executable, "-m", "autod", path=str(script.parent))
    assert said == f"→ See `{sys.executable} -m autod retry --help`."
