"""Every code an operator can meet is in the troubleshooting guide, and none there is made up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "TROUBLESHOOTING.md").read_text(encoding="utf-8")
# A wrong call is explained where it happens, by the message itself.
EXPLAINED_BY_THEIR_MESSAGE = re.compile(r"unknown_|bad_|usage|internal_error|document_failed|service_failed")


def codes() -> Iterator[str]:
    """String values of every ``code=`` argument and ``code = `` attribute in the package."""
    for path in (ROOT / "autod").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant):
                yield node.value.value
            if isinstance(node, ast.ClassDef) and node.name != "AutodError":
                for item in node.body:
                    if (
                        isinstance(item, ast.Assign)
                        and isinstance(item.targets[0], ast.Name)
                        and item.targets[0].id == "code"
                        and isinstance(item.value, ast.Constant)
                    ):
                        yield item.value.value


CODES = sorted({code for code in codes() if not EXPLAINED_BY_THEIR_MESSAGE.match(code)})


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_in_the_troubleshooting_guide(code: str) -> None:
    assert f"`{code}`" in GUIDE


def test_the_guide_names_no_code_that_does_not_exist() -> None:
    listed = re.findall(r"^\|\s*(`[^|]+)\|", GUIDE, flags=re.MULTILINE)
    named = {code for cell in listed for code in re.findall(r"`([a-z_]+)`", cell)}
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "autod").rglob("*.py"))
    assert {code for code in named if f'"{code}"' not in source} == set()
