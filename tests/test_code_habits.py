"""What a reader of the code relies on and no other tool looks at."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1] / "autod"


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for name, module in modules():
        yield from ((name, node) for node in ast.walk(module) if isinstance(node, ast.FunctionDef))


def test_no_docstring_has_quotes_of_strings_that_were_joined() -> None:
    broken = [
        (name, function.name)
        for name, function in functions()
        if re.search(r'"\s*\n\s*"', ast.get_docstring(function) or "")
    ]
    assert broken == []


def test_no_function_takes_what_it_throws_away() -> None:
    thrown = [
        (name, function.name)
        for name, function in functions()
        for first in [*function.body[:2]]
        if isinstance(first, ast.Delete)
    ]
    assert thrown == []


def test_no_command_imports_one_that_imports_it() -> None:
    imports = {
        name: {
            node.module.removeprefix("autod.cli.")
            for node in ast.walk(module)
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith("autod.cli.")
            and node.module
        }
        for name, module in modules()
        if name.startswith("cli/")
    }
    known = {name.removeprefix("cli/").removesuffix(".py"): wanted for name, wanted in imports.items()}
    assert [
        (one, other) for one, wanted in known.items() for other in wanted if one in known.get(other, ())
    ] == []


def test_no_rule_of_the_embedded_engine_weighs_with_a_figure_that_has_no_name() -> None:
    """Weights stand in their table, sizes in constants: a bare figure is neither understood nor fitted."""
    bare = [
        (name, figure.lineno, figure.value)
        for name, module in modules()
        if name.startswith("extract/local/")
        for function in ast.walk(module)
        if isinstance(function, ast.FunctionDef | ast.Lambda)
        for figure in ast.walk(function)
        if isinstance(figure, ast.Constant)
        and isinstance(figure.value, float)
        and figure.value not in (0.0, 0.5, 1.0)
    ]
    assert bare == []
