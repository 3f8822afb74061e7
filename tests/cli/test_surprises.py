"""Nobody sees a traceback: what is unforeseen is a code and the place of its record, whatever is run."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import structlog
import typer

from autod import config, logs, masking
from autod.cli import main as program
from autod.cli import surprises
from tests.cli.test_help import LEAVES

ROOT = Path(__file__).parents[2]
SECRET = "sk-made-up-0123456789"
PLACE = re.compile(r"^  → Report it with its record: grep ([0-9a-f]{8}) (.+)$", re.MULTILINE)


class Unforeseen(Exception):
    """What no code here expects."""


@pytest.fixture(autouse=True)
def restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command line takes the process over; give it back. Its log lies in a place of the test."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(logs, "configured", lambda: False)
    monkeypatch.setattr(os, "umask", lambda _: 0)
    monkeypatch.setattr(surprises.tempfile, "tempdir", str(tmp_path))
    settings = config.load_settings(None, log_file=tmp_path / "logs" / "log")
    monkeypatch.setattr(config, "get_config", lambda: settings)
    with logging_left_alone():
        yield


@contextlib.contextmanager
def logging_left_alone() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, raises = root.handlers[:], root.level, logging.raiseExceptions
    try:
        yield
    finally:
        for handler in root.handlers[:]:
            if handler not in handlers:
                handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)
        root.propagate, logging.raiseExceptions = True, raises
        structlog.reset_defaults()


def record_named_in(told: str) -> str:
    """The text that the message's own command finds."""
    named = PLACE.search(told)
    assert named is not None, told
    mark, place = named[1], Path(shlex.split(named[2])[0])
    lines = place.read_text(encoding="utf-8").splitlines()
    if place.suffix == ".txt":
        assert lines[0] == mark
        return "\n".join(lines)
    (line,) = [line for line in lines if mark in line]
    return line


def broken(_work: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(_work)
    def raising(*_: Any, **__: Any) -> None:
        raise Unforeseen(f"the service said {SECRET} \x1b[2J")

    return raising


def break_commands(monkeypatch: pytest.MonkeyPatch, app: typer.Typer) -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        monkeypatch.setattr(command, "callback", broken(command.callback))
    for group in app.registered_groups:
        below = group.typer_instance
        assert below is not None
        if below.registered_callback is not None and below.registered_callback.callback is not None:
            own = below.registered_callback
            monkeypatch.setattr(own, "callback", broken(own.callback))
        break_commands(monkeypatch, below)


def needed(command: click.Command) -> list[str]:
    """As little as the command can be called with."""
    given: list[str] = []
    for parameter in command.params:
        if parameter.required:
            given += [*([] if parameter.param_type_name == "argument" else [parameter.opts[0]]), "1"]
    return given


@pytest.mark.parametrize(
    ("path", "command"), LEAVES, ids=lambda v: " ".join(v) if isinstance(v, tuple) else ""
)
def test_every_command_tells_a_surprise_by_code_and_the_place_of_its_record(
    path: tuple[str, ...],
    command: click.Command,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    masking.hide(SECRET)
    break_commands(monkeypatch, program.cli)
    monkeypatch.setattr(sys, "argv", ["autod", *path, *needed(command)])
    with pytest.raises(SystemExit) as ended:
        program.main()
    printed = capfd.readouterr()
    assert ended.value.code == 1, printed.err
    assert "error [internal_error]: something unforeseen happened (Unforeseen," in printed.err
    assert "Traceback" not in printed.out + printed.err
    record = record_named_in(printed.err)
    assert "Traceback" in record and "Unforeseen" in record
    for told in (printed.err, record):
        assert SECRET not in told and "\x1b" not in told


# Every way in that a person types, and how far it gets before something breaks that nobody expects.
ENTRIES = (
    "python3 run_daemon.py",
    "python3 -m autod list",
    "python3 -m autod process",
    "python3 -m src.processor",
    "scripts/health_check.sh",
    "alembic upgrade head",
    'python3 -c "from src.config import get_config; get_config()"',
)
BREAK = {
    "settings": "import autod.config; autod.config.load_settings = broken",
    "imports": "sys.modules['autod.config'] = None",
}
SABOTAGE = """
import sys
def broken(*_, **__):
    raise LookupError('nobody expects this')
{}
"""


@pytest.fixture
def saboteur(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / "sabotage"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SABOTAGE.format(BREAK[request.param]))
    return folder


@pytest.fixture
def typed(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    place = tmp_path / "clone"
    place.mkdir()
    for name in ("autod", "src", "alembic.ini", "run_daemon.py", "scripts"):
        (place / name).symlink_to(ROOT / name)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "python3").symlink_to(sys.executable)

    def run(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PAPER_AUTOPILOT_", "OPENAI_"))}
        places = (str(Path(sys.executable).parent), kept["PATH"])
        return subprocess.run(
            ["bash", "-c", command],
            cwd=place,
            env={**kept, "PATH": os.pathsep.join(places), "TMPDIR": str(tmp_path), **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.mark.parametrize("saboteur", ["settings", "imports"], indirect=True)
@pytest.mark.parametrize("entry", ENTRIES)
def test_every_way_in_tells_a_surprise_without_a_traceback(
    entry: str, saboteur: Path, typed: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    told = typed(entry, PYTHONPATH=f"{saboteur}{os.pathsep}{ROOT}")
    assert told.returncode == 1, told.stdout + told.stderr
    assert "error [internal_error]: something unforeseen happened" in told.stderr
    assert "Traceback" not in told.stdout + told.stderr
    assert "Traceback" in record_named_in(told.stderr)


@pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if not entry.startswith(("alembic", "scripts"))]
)
def test_every_way_in_without_the_packages_names_what_to_run(
    entry: str, typed: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    told = typed(entry.replace("python3 ", "python3 -S ", 1))
    assert told.returncode == 2, told.stdout + told.stderr
    assert "error [packages_missing]: the package " in told.stderr and "requirements.txt" in told.stderr
    assert "Traceback" not in told.stdout + told.stderr


def test_a_python_that_is_too_old_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(surprises, "OLDEST_PYTHON", (9, 9))
    assert surprises.guarded(lambda: pytest.fail("nothing may be imported")) == 2
    assert "error [python_too_old]: this is Python 3." in capsys.readouterr().err


def test_a_log_that_cannot_be_written_does_not_hide_what_happened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    assert surprises.guarded(broken(print)) == 1
    record = record_named_in(capsys.readouterr().err)
    assert "Unforeseen" in record


def test_a_record_that_can_be_kept_nowhere_leaves_at_least_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    monkeypatch.setattr(surprises.tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert surprises.guarded(broken(print)) == 1
    told = capsys.readouterr().err
    assert "could not be written anywhere" in told and "test_surprises.py:" in told


def test_a_thread_that_dies_is_told_in_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        thread = threading.Thread(target=broken(print))
        thread.start()
        thread.join()

    assert surprises.guarded(work) == 0
    told = capsys.readouterr().err
    assert "internal_error" in told and "Traceback" not in told
    assert "Unforeseen" in record_named_in(told)


def test_an_interruption_is_no_surprise(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    assert surprises.guarded(interrupted) == 130
    assert capsys.readouterr().err == ""
