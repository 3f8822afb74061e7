"""Make the virtual environment and install the pinned packages, with progress.

Usage: ``python scripts/set_up.py FOLDER REQUIREMENTS``. Standard library only: it runs before anything is
installed. The whole output of pip is kept in ``FOLDER/pip.log``.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
TELL_EVERY = 10
LAST_LINES = 15


class SetUpFailed(Exception):
    """The environment could not be made; the message says what to do."""


def make_environment(folder: Path) -> Path:
    """Create the virtual environment, or keep the one that works; returns its interpreter.

    Raises:
        SetUpFailed: this Python has no venv or no ensurepip.
    """
    interpreter = folder / "bin" / "python"
    if interpreter.exists() and _answers(interpreter):
        return interpreter
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetUpFailed(
            f"{sys.executable} cannot make a virtual environment: the venv module is not complete.\n"
            f"  Debian, Ubuntu: sudo apt install python{version}-venv\n"
            f"  then the same command again.\n{made.stdout}{made.stderr}"
        )
    return interpreter


def _answers(interpreter: Path) -> bool:
    """Whether pip runs there: a half-made environment, or one whose Python has gone, is made again."""
    try:
        asked = subprocess.run([interpreter, "-m", "pip", "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return asked.returncode == 0


def install(interpreter: Path, requirements: Path, log: Path, screen: TextIO) -> None:
    """Install what ``requirements`` pins, telling ``screen`` how far it is.

    Raises:
        SetUpFailed: pip failed; the message ends with its last lines.
    """
    command = [str(interpreter), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += [
        "--progress-bar",
        "off",
        "--no-compile",
        "--require-hashes",
        "--requirement",
        str(requirements),
    ]
    with log.open("w", encoding="utf-8") as kept:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        total = len(set(PINNED.findall(requirements.read_text(encoding="utf-8"))))
        lines = _kept(process.stdout or (), kept)
        for line in progress(lines, total, overwrite=screen.isatty()):
            screen.write(line)
            screen.flush()
        failed = process.wait()
    if failed:
        tail = "\n".join(log.read_text(encoding="utf-8").splitlines()[-LAST_LINES:])
        raise SetUpFailed(
            f"pip could not install the packages (everything it said: {log}):\n{tail}\n"
            "  Check the network and the free space (1 GB), then the same command again:"
            " what was fetched is kept."
        )


def _kept(lines: Iterable[str], log: TextIO) -> Iterator[str]:
    for line in lines:
        log.write(line)
        yield line


def progress(pip_lines: Iterable[str], total: int, *, overwrite: bool) -> Iterator[str]:
    """What to show for pip's output: one line that changes, or one line for every ten packages.

    Args:
        pip_lines: pip's own lines as they come.
        total: how many packages are pinned.
        overwrite: the screen is a terminal, so that a line can be written over.
    """
    fetched = 0
    for line in pip_lines:
        if line.startswith(("Collecting ", "Processing ")):
            fetched += 1
            name = re.split(r"[=<>!~\s\[;]", line.split()[1].rpartition("/")[2], maxsplit=1)[0]
            if overwrite:
                yield f"\r\033[K  fetching {fetched}/{total}: {name}"
            elif fetched % TELL_EVERY == 0:
                yield f"  fetched {fetched} of {total} packages\n"
        elif line.startswith("Installing collected packages"):
            clear = "\r\033[K" if overwrite else ""
            yield f"{clear}  installing {line.count(',') + 1} packages (about half a minute)\n"


def link_project(interpreter: Path, project: Path, log: Path) -> None:
    """Put the command ``autod`` into the environment, running from this folder.

    Raises:
        SetUpFailed: pip failed.
    """
    command = [
        str(interpreter),
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--quiet",
    ]
    command += ["--no-deps", "--no-index", "--no-build-isolation", "--editable", str(project)]
    with log.open("a", encoding="utf-8") as kept:
        linked = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=kept, stderr=subprocess.STDOUT, check=False
        )
    if linked.returncode:
        raise SetUpFailed(f"the command autod could not be installed; see {log}")
    make_links_relative(interpreter.parent.parent, project)


def make_links_relative(environment: Path, project: Path) -> None:
    """Have the environment's Pythons find ``project`` by a path relative to themselves.

    pip writes an absolute one. Where the locale is plain C and the path holds more than ASCII, a Python that
    meets it does not start at all.
    """
    for link in environment.glob("lib/python*/site-packages/*.pth"):
        place = link.read_bytes().strip()
        if place == os.fsencode(project):
            link.write_text(
                os.path.relpath(project.resolve(), link.parent.resolve()) + "\n", encoding="ascii"
            )


def compile_ahead(interpreter: Path, project: Path) -> None:
    """Compile now what the first reading process would wait for; if that fails, it is done then."""
    subprocess.run(
        [str(interpreter), "-c", "from autod.child.bytecode import compile_once; compile_once()"],
        cwd=project,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def _recorded(error: Exception, log: Path) -> str:
    """Where the traceback is kept: at the end of ``log``, or nowhere."""
    try:
        with log.open("a", encoding="utf-8", errors="backslashreplace") as kept:
            kept.write("".join(traceback.format_exception(error)))
    except OSError:
        return "this message; it could not be written down."
    return f"the end of {log}."


def main(arguments: list[str]) -> int:
    folder, requirements = Path(arguments[0]), Path(arguments[1])
    begun = time.monotonic()
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        print(
            "Two packages have no wheels for Intel Macs; pip will try to build them and may fail.",
            file=sys.stderr,
        )
    print(f"Setting up {folder} with Python {platform.python_version()} (once)")
    try:
        interpreter = make_environment(folder)
        install(interpreter, requirements, folder / "pip.log", sys.stdout)
        project = Path(__file__).resolve().parent.parent
        link_project(interpreter, project, folder / "pip.log")
        compile_ahead(interpreter, project)
    except SetUpFailed as failure:
        print(f"\nSet-up failed: {failure}", file=sys.stderr)
        return 1
    except Exception as error:  # noqa: BLE001 - nobody should see a traceback
        print(f"\nSet-up failed [internal_error]: {type(error).__name__}: {error}", file=sys.stderr)
        print(f"  → Report it with {_recorded(error, folder / 'pip.log')}", file=sys.stderr)
        return 1
    print(f"  ready after {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
