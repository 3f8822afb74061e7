"""Every command explains itself with examples, and errors say what to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer
from typer.testing import CliRunner

from autod.cli.main import cli, report
from autod.errors import AutodError, DatabaseError


def commands(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if hasattr(command, "commands"):
        for name, child in command.commands.items():
            yield from commands(child, (*path, name))


ALL = list(commands(typer.main.get_command(cli)))
LEAVES = [
    (path, command)
    for path, command in ALL
    if not hasattr(command, "commands") or getattr(command, "invoke_without_command", False)
]
"""What does something when it is typed: also a command that has others below it."""


def autod(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autod", *arguments], capture_output=True, text=True, cwd=cwd, check=False
    )


@pytest.mark.parametrize("path", [path for path, _ in ALL], ids=lambda p: " ".join(p) or "autod")
def test_help_of_every_command_prints_and_exits_zero(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_the_program_prints_its_help_in_a_process_of_its_own() -> None:
    result = autod("--help")
    assert result.returncode == 0
    assert "Usage:" in result.stdout


@pytest.mark.parametrize(
    ("path", "command"), LEAVES, ids=lambda v: " ".join(v) if isinstance(v, tuple) else ""
)
def test_every_command_has_examples_and_every_option_a_description(
    path: tuple[str, ...], command: click.Command
) -> None:
    assert "Examples:" in (command.help or "")
    assert f"autod {' '.join(path)}" in (command.help or "")
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{parameter.name} has no help"


def test_the_commands_are_those_of_the_design() -> None:
    names = {" ".join(path) for path, _ in LEAVES}
    assert names >= {
        "run", "process", "extract", "show", "list", "search", "correct", "costs", "health", "config",
        "db upgrade", "retry", "check", "backup", "restore", "verify-backup",
    }  # fmt: skip


def test_an_unknown_command_exits_two() -> None:
    assert autod("nonsense").returncode == 2


def test_an_error_prints_code_message_and_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(DatabaseError("the database cannot be reached")) == 3
    printed = capsys.readouterr().err
    assert "database_unavailable" in printed and "cannot be reached" in printed and "→" in printed


def test_every_error_class_has_a_code_an_exit_code_and_a_next_step() -> None:
    def tree(kind: type[AutodError]) -> Iterator[type[AutodError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from tree(child)

    kinds = list(dict.fromkeys(tree(AutodError)))  # one may stand below two
    # A base that is never raised itself leaves its code to those below it.
    codes = [vars(kind)["code"] for kind in kinds if "code" in vars(kind)]
    assert len(set(codes)) == len(codes)
    for kind in kinds:
        assert kind.exit_code > 0 and kind.next_step.endswith(".") and kind.retry


def test_a_wrong_setting_is_one_clear_line_and_exit_two(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PAPER_AUTOPILOT_WORKERS=none\n")
    root = Path(__file__).resolve().parents[2]
    result = subprocess.run(
        [sys.executable, "-m", "autod", "list"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root)},
        check=False,
    )
    assert result.returncode == 2
    assert "PAPER_AUTOPILOT_WORKERS" in result.stderr
    assert "Traceback" not in result.stderr
