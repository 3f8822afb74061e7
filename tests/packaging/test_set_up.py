"""The first run: which Python, what is shown, and what is said when it fails."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.set_up import (
    SetUpFailed,
    compile_ahead,
    install,
    make_environment,
    make_links_relative,
    progress,
)

ROOT = Path(__file__).parents[2]


def fake_python(folder: Path, name: str, script: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def find_python(path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{path}:/usr/bin:/bin"} | variables
    return subprocess.run(
        ["sh", str(ROOT / "scripts" / "find_python.sh")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_does_not_start_is_passed_over(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.13", "exit 127")
    fake_python(tmp_path, "python3.12", f'exec {sys.executable} "$@"')
    assert find_python(tmp_path).stdout == f"{tmp_path}/python3.12\n"


def test_too_old_a_python_is_refused_with_what_to_install(tmp_path: Path) -> None:
    fake_python(tmp_path, "old", "exit 1")
    found = find_python(tmp_path, PYTHON="old")
    assert (found.returncode, found.stdout) == (1, "")
    assert "needs Python 3.11" in found.stderr
    assert "apt install" in found.stderr


def test_a_python_in_a_folder_whose_name_has_blanks_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "My Python  3"
    folder.mkdir()
    fake_python(folder, "python", f'exec {sys.executable} "$@"')
    assert find_python(tmp_path, PYTHON=f"{folder}/python").stdout == f"{folder}/python\n"


@pytest.mark.parametrize("part", ["sqlite3", "ssl", "ensurepip", "venv"])
def test_a_python_that_lacks_a_part_is_passed_over_and_the_part_is_named(tmp_path: Path, part: str) -> None:
    lame = f"import sys; sys.modules['{part}'] = None; exec(sys.argv.pop(2))"
    fake_python(tmp_path, "python3.13", f'exec {sys.executable} -c "{lame}" "$@"')
    alone = find_python(tmp_path, PYTHON="python3.13")
    assert (alone.returncode, alone.stdout) == (1, "")
    assert part in alone.stderr
    fake_python(tmp_path, "python3.12", f'exec {sys.executable} "$@"')
    assert find_python(tmp_path).stdout == f"{tmp_path}/python3.12\n"


def test_missing_venv_module_names_the_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_python(tmp_path, "python", "echo 'ensurepip is not available'; exit 1")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(SetUpFailed, match=r"apt install python3\.\d+-venv"):
        make_environment(tmp_path / "environment")


def test_environment_that_works_is_kept(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    fake_python(tmp_path / "bin", "python", "exit 0")
    assert make_environment(tmp_path) == tmp_path / "bin" / "python"


def test_failed_install_shows_the_last_lines_and_the_log(tmp_path: Path) -> None:
    fake_python(tmp_path, "python", "echo 'Collecting one==1'; echo 'ERROR: no network'; exit 1")
    (tmp_path / "pins.txt").write_text("one==1 \\\n    --hash=sha256:00\n")
    with pytest.raises(SetUpFailed, match=r"(?s)pip\.log.*ERROR: no network"):
        install(tmp_path / "python", tmp_path / "pins.txt", tmp_path / "pip.log", io.StringIO())


@pytest.mark.parametrize("name", ["plain", "Größe & Maß", "Бумаги 紙", "100% sure?"])
def test_the_environment_starts_in_a_folder_of_any_name_under_the_c_locale(tmp_path: Path, name: str) -> None:
    project = tmp_path / name
    (project / "product").mkdir(parents=True)
    (project / "product" / "__init__.py").touch()
    environment = project / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "_product.pth").write_bytes(os.fsencode(project))  # as pip writes it
    make_links_relative(environment, project)
    started = subprocess.run(
        [environment / "bin" / "python", "-c", "import product; print('it is found')"],
        cwd=tmp_path,
        env={"LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (started.returncode, started.stdout, started.stderr) == (0, "it is found\n", "")
    assert (packages / "_product.pth").read_bytes() == b"../../../..\n"


PIP_LINES = [
    "Collecting alembic==1.20.1 (from -r requirements-dev.txt (line 3))\n",
    "  Downloading alembic-1.20.1-py3-none-any.whl (1 kB)\n",
    "Processing /mirror/babel-2.18.0-py3-none-any.whl (from -r requirements-dev.txt (line 9))\n",
    "Installing collected packages: babel, alembic\n",
]


def test_terminal_sees_one_line_that_changes() -> None:
    shown = list(progress(PIP_LINES, 2, overwrite=True))
    assert shown[0] == "\r\033[K  fetching 1/2: alembic"
    assert "2/2: babel" in shown[1]
    assert shown[2].startswith("\r\033[K  installing 2 packages")


def test_log_file_sees_a_line_for_ten_packages_and_no_control_characters() -> None:
    shown = list(progress([PIP_LINES[0]] * 25 + PIP_LINES[3:], 25, overwrite=False))
    assert shown[:2] == ["  fetched 10 of 25 packages\n", "  fetched 20 of 25 packages\n"]
    assert len(shown) == 3
    assert not any("\r" in line or "\033" in line for line in shown)


def make(*arguments: str) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    done = subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_make_alone_lists_every_command() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert phony is not None
    listed = re.findall(r"^  make ([a-z-]+) +\S", make(), flags=re.MULTILINE)
    assert sorted(listed) == sorted(phony[1].split())


@pytest.mark.parametrize(
    ("target", "program"),
    [("demo", "python -m demo.run"), ("test", "python -m pytest"), ("check", "lint-imports")],
)
def test_command_runs_its_program_in_the_environment(target: str, program: str) -> None:
    assert f".venv/bin/{program}" in make("--dry-run", target)


def test_ci_runs_the_test_command_of_the_readme_and_then_the_checks() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("make ")] == [
        "make test",
        "make test-long",
        "make test-pythons",
        "make check",
    ]
    # Not through make, which has one exit code for all: an audit that could not look fails nothing.
    assert any(line.startswith(".venv/bin/python -m scripts.audit") for line in lines)
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_the_first_document_would_wait_for_is_compiled_at_set_up(tmp_path: Path) -> None:
    package = tmp_path / "autod" / "child"
    package.mkdir(parents=True)
    (tmp_path / "autod" / "__init__.py").touch()
    (package / "bytecode.py").write_text("def compile_once():\n    open('compiled', 'w').close()\n")
    compile_ahead(Path(sys.executable), tmp_path)
    assert (tmp_path / "compiled").exists()
    (package / "bytecode.py").write_text("broken(")
    compile_ahead(Path(sys.executable), tmp_path)
