"""Every code an operator can meet is in the troubleshooting guide, and none there is made up."""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autod.errors import ProtectedDocument, UnreadableDocument
from autod.read.limits import ReadLimits
from autod.read.opening import checked_bytes
from autod.read.sandbox import PRINT_ANEW

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


def tables() -> Iterator[list[list[str]]]:
    """The guide's tables of codes, each a list of rows of cells."""
    for block in re.findall(r"(?:^\|.*\n)+", GUIDE, flags=re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines()]
        if rows[0][0] == "code":
            yield rows[2:]


def test_no_table_explains_a_code_twice() -> None:
    for rows in tables():
        named = [code for row in rows for code in re.findall(r"`([a-z_]+)`", row[0])]
        assert sorted(named) == sorted(set(named))


def step_for(content: bytes) -> str:
    """What the program says of a file with this in it."""
    with tempfile.TemporaryFile() as file, pytest.raises(UnreadableDocument) as caught:
        file.write(content)
        file.flush()
        checked_bytes(file.fileno(), ReadLimits())
    return caught.value.next_step


@pytest.mark.parametrize(
    ("code", "step"),
    [
        ("file_empty", step_for(b"")),
        ("not_a_pdf", step_for(b"a letter")),
        ("reader_crashed", PRINT_ANEW),
        ("reader_failed", PRINT_ANEW),
        ("pdf_encrypted", ProtectedDocument.next_step),
        ("pdf_damaged", UnreadableDocument.next_step),
    ],
)
def test_guide_and_program_give_the_same_advice(code: str, step: str) -> None:
    (advice,) = (row[2] for rows in tables() for row in rows if f"`{code}`" in row[0])
    verb = r"\b(save|scan|convert|print)\b"
    assert re.findall(verb, advice.lower())[:1] == re.findall(verb, step.lower())[:1] != []
