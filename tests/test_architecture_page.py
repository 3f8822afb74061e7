"""docs/CODE_ARCHITECTURE.md names what is there, and every room of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "CODE_ARCHITECTURE.md"
FLOORS = re.compile(r"## Rooms and floors\n(.*?)\n## ", re.DOTALL)
IN_CODE = re.compile(r"`([\w/]+(?:\.\w+)*/?)`")


def paths_named(text: str) -> list[str]:
    """What stands between backquotes and is a path: it has a slash, or ends as a Python file."""
    return [name for name in IN_CODE.findall(text) if "/" in name or name.endswith(".py")]


@pytest.mark.parametrize("name", sorted(set(paths_named(PAGE.read_text(encoding="utf-8")))))
def test_every_path_that_the_page_names_is_there(name: str) -> None:
    below = ("", "autod", "autod/extract/local", "autod/extract")
    pattern = name.replace("LANG", "*")
    assert any(any((ROOT / place).glob(pattern)) for place in below), name


def test_the_table_of_rooms_names_every_room_that_a_reader_may_look_for() -> None:
    (floors,) = FLOORS.findall(PAGE.read_text(encoding="utf-8"))
    named = {name.rstrip("/") for name in paths_named(floors)}
    rooms = {path.name for path in (ROOT / "autod").iterdir() if (path / "__init__.py").exists()}
    assert rooms - named == set()
    own = {path.name for path in (ROOT / "autod" / "extract" / "local").iterdir() if path.is_dir()}
    assert own - named - {"__pycache__"} == set()


def test_every_name_said_to_be_in_a_module_is_in_it() -> None:
    """Sentences of the form "`name` in `autod/…/module.py`"."""
    said = re.findall(r"`([\w.]+)` in `(autod/[\w/]+\.py)`", PAGE.read_text(encoding="utf-8"))
    assert said
    missing = [
        (name, path)
        for name, path in said
        if not re.search(rf"\b{name}\b", (ROOT / path).read_text(encoding="utf-8"))
    ]
    assert missing == []
