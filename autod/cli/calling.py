"""How this installation is called, so that a next step can be typed as it is printed."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from functools import cache
from pathlib import Path

NAME = "autod"
_QUOTED = re.compile(r"`[^`\n]+`")
_COMMAND = re.compile(r"((?:`|&& |\|\| |[;|] )(?:[A-Z_]+=\S+ )*)autod(?=[ `])")
"""Where a command begins: at once, or after another one."""


@cache
def program() -> str:
    """What to type here for ``autod``: its name where that is found on PATH, else how its Python runs it."""
    script, python = _found(NAME), _found("python3")
    beside = Path(sys.executable).parent
    if script and (script.parent == beside or _is_running(script)):
        return NAME
    if _is_running(Path(sys.argv[0])):
        return shlex.quote(sys.argv[0])
    ours = python is not None and python.parent == beside
    return f"{'python3' if ours else shlex.quote(sys.executable)} -m {NAME}"


def as_typed(text: str) -> str:
    """``text`` with the commands that it names in backticks as they are typed here."""
    return _QUOTED.sub(lambda quoted: _COMMAND.sub(lambda found: found[1] + program(), quoted[0]), text)


def _found(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found).absolute() if found else None


def _is_running(script: Path) -> bool:
    """Whether it is the console script that this process was started by."""
    started = Path(sys.argv[0])
    return started.name == NAME and started.exists() and script.exists() and script.samefile(started)
