"""What a reader of the code relies on and no other tool looks at."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent / "autod"


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


def test_an_error_that_was_caught_goes_on_as_it_is_or_as_another() -> None:
    changed = [
        (name, ast.unparse(target))
        for name, module in modules()
        for handler in ast.walk(module)
        if isinstance(handler, ast.ExceptHandler) and handler.name
        for node in ast.walk(handler)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and ast.unparse(target.value) == handler.name
    ]
    assert changed == []


REPLACED = {
    ("nothing_hidden.py", "_hidden"): "a process forgets no secret, and the next test must",
}
"""What tests replace of another's inner parts, and why it cannot be otherwise."""


def test_no_test_replaces_what_belongs_to_the_inside_of_a_module() -> None:
    """Faults go through ``tests/torture/hooks.py``, other choices through arguments."""
    found = {
        (path.relative_to(TESTS).as_posix(), name)
        for path in sorted(TESTS.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in replaced_by(node)
        if re.fullmatch(r"_[A-Za-z]\w*", name)
    }
    assert found == set(REPLACED)


def replaced_by(node: ast.AST) -> Iterator[str]:
    """The names of others' attributes that a statement or a call gives another value."""
    if isinstance(node, ast.Assign):
        targets = [part for target in node.targets for part in getattr(target, "elts", [target])]
        for target in targets:
            own = isinstance(target, ast.Attribute) and ast.unparse(target.value) in ("self", "cls")
            if isinstance(target, ast.Attribute) and not own:
                yield target.attr
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
        ("setattr", "delattr", "patch.object")
    ):
        for argument in node.args[:2]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value.rpartition(".")[2]


@pytest.mark.parametrize(
    "replacing",
    [
        "module._copy = other",
        "one, module._copy = two",
        "monkeypatch.setattr(module, '_copy', other)",
        "patch.setattr('autod.module._copy', other)",
        "setattr(module, '_copy', other)",
        "mock.patch.object(module, '_copy', other)",
    ],
)
def test_every_way_to_replace_is_seen(replacing: str) -> None:
    assert "_copy" in [name for node in ast.walk(ast.parse(replacing)) for name in replaced_by(node)]


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


STANDS_TWICE = {
    "ResponsesAPIClient": "the same one for those who use the library, made from the settings",
}
"""Public class names that two modules give, and why they must be the same."""


def test_no_public_class_name_stands_twice() -> None:
    """One word, one meaning: a reader who looks for a name finds one class."""
    given = Counter(
        node.name
        for _, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert {name for name, times in given.items() if times > 1} == set(STANDS_TWICE)
