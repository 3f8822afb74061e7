"""Every code an operator can meet is in the troubleshooting guide, and none there is made up."""

from __future__ import annotations

import ast
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from autod.child.sandbox import PRINT_ANEW
from autod.codes import Code, Reason
from autod.errors import ProtectedDocument, UnreadableDocument
from autod.read.limits import ReadLimits
from autod.read.opening import checked_bytes

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "TROUBLESHOOTING.md").read_text(encoding="utf-8")
MEANS_SOMETHING_ELSE = {
    ("domain/extraction.py", "usage"),  # keys and labels of their own
    ("extract/openai/answer.py", "usage"),
    ("extract/openai/profiles.py", "usage"),
    ("extract/openai/answer.py", "invalid"),
    ("paying/billing.py", "usage"),
    ("paying/batch_clerk.py", "batch:"),
    ("child/understand.py", "usage"),
    ("pipeline/workflow.py", "usage"),
    ("db/inventory.py", "no_pages"),
    ("alerts/rules.py", "database_damaged"),
    ("cli/surprises.py", "internal_error"),  # an old Python, which has no such enums, must get that far
    ("cli/surprises.py", "packages_missing"),
    ("cli/surprises.py", "python_too_old"),
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    """The modules of the package, by their path in it."""
    for path in (ROOT / "autod").rglob("*.py"):
        name = path.relative_to(ROOT / "autod").as_posix()
        if name != "codes.py" and "migrations" not in name:
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def test_no_code_stands_as_a_bare_string() -> None:
    codes = set(Code)
    bare = {
        (name, node.value)
        for name, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.rstrip(":") in codes
    }
    assert bare - MEANS_SOMETHING_ELSE == set()


def test_every_exception_is_one() -> None:
    strings = {
        (name, node.value)
        for name, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert MEANS_SOMETHING_ELSE - strings == set()


def test_nothing_but_a_code_is_given_as_one() -> None:
    given = {
        (name, value.value)
        for name, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.keyword) and node.arg in ("code", "error", "error_code")
        for value in _possible(node.value)
    }
    assert given - MEANS_SOMETHING_ELSE == set()


TAKE_CODES = ("fail", "fail_of", "LeftOut", "dropped.append", "notes.append")
HOLD_CODES = ("checks", "notes", "dropped", "lacks", "left_out")


def test_no_check_stands_as_a_bare_string_either() -> None:
    found = {(name, bare) for name, tree in sources() for bare in bare_checks(tree)}
    assert found - MEANS_SOMETHING_ELSE == set()


def bare_checks(tree: ast.Module) -> Iterator[str]:
    """What is written as a check or a note of a document and is no ``Code``; ``one:FIELD`` too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            begins = node.values[0] if node.values else None
            if isinstance(begins, ast.Constant) and re.fullmatch(r"[a-z]+(_[a-z]+)*:", str(begins.value)):
                yield str(begins.value)
        elif isinstance(node, ast.Call):
            if ast.unparse(node.func).endswith(TAKE_CODES):
                yield from _literals(node.args[:1])
            for keyword in node.keywords:
                if keyword.arg in HOLD_CODES:
                    yield from _literals([keyword.value])
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if ast.unparse(target).rpartition(".")[2].lower() in HOLD_CODES:
                    yield from _literals([node.value])


def _literals(values: Iterable[ast.expr]) -> Iterator[str]:
    """The strings that stand in expressions, not those of the keys and names that they look up."""
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value
        elif isinstance(value, ast.Tuple | ast.List | ast.Set):
            yield from _literals(part for part in value.elts if not isinstance(part, ast.Tuple))
        elif isinstance(value, ast.Starred):
            yield from _literals([value.value])
        elif isinstance(value, ast.BinOp):
            yield from _literals([value.left, value.right])
        elif isinstance(value, ast.IfExp):
            yield from _literals([value.body, value.orelse])


@pytest.mark.parametrize(
    "written",
    [
        "findings.fail('rows_odd', 'line_items')",
        "findings.fail(f'rows_odd:{name}', name)",
        "check = f'rows_odd:{name}'",
        "LeftOut('rows_odd', 3)",
        "dropped.append('rows_odd')",
        "Extraction(checks=(*checks, 'rows_odd'))",
        "Extraction(checks=(*checks, *(['rows_odd'] if odd else [])))",
        "document.checks = [*document.checks, 'rows_odd']",
        "found.checks += ('rows_odd',)",
    ],
)
def test_every_way_to_write_a_bare_check_is_seen(written: str) -> None:
    assert [bare.rstrip(":") for bare in bare_checks(ast.parse(written))] == ["rows_odd"]


def _possible(value: ast.expr) -> Iterator[ast.Constant]:
    """The literals that an expression may have as its value."""
    if isinstance(value, ast.IfExp):
        yield from (*_possible(value.body), *_possible(value.orelse))
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value


def test_every_code_is_used() -> None:
    used = {
        node.attr
        for _, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Code"
    }
    used |= {value.upper() for name, value in MEANS_SOMETHING_ELSE if name == "cli/surprises.py"}
    assert {code.name for code in Code} - used == set()


@pytest.mark.parametrize("code", list(Code))
def test_a_code_is_in_the_troubleshooting_guide_with_its_sentence(code: Code) -> None:
    told = [row[1] for rows in tables() for row in rows if f"`{code}`" in row[0]]
    assert code.sentence in told


def test_the_guide_names_no_code_that_does_not_exist() -> None:
    named = {c for rows in tables() for row in rows for c in re.findall(r"`([a-z_]+)`", row[0])}
    assert named - set(Code) - set(Reason) == set()


def test_a_code_is_its_value_wherever_it_is_written() -> None:
    for code in Code:
        assert code.name == code.upper() and deepcopy(code) is code
        assert json.loads(json.dumps({code: code})) == {str(code): str(code)} == {code: f"{code}"}


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
