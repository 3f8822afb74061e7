"""A reading process finds its libraries compiled, although it may write nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "from autod.child.bytecode import compile_once; compile_once()"


def test_libraries_and_our_own_code_are_compiled_before_the_first_document(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**kept, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(tmp_path)}
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True)
    compiled = {path.name.partition(".")[0] for path in tmp_path.rglob("*.pyc")}
    assert {"reader", "understand", "candidates", "langid"} <= compiled


def test_who_wants_no_compiled_code_gets_none(tmp_path: Path) -> None:
    wish = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **wish}
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True)
    assert [path for path in tmp_path.rglob("*.pyc") if "autod" in path.parts] == []
