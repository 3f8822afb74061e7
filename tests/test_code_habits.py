"""What a reader of the code relies on and no other tool looks at."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Iterable, Iterator
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


NOT_READ = {
    ("cli/extract.py", "extract", "engine"): "typer checks it: there is one engine to choose",
    ("cli/main.py", "options", "version"): "typer answers it before the command begins",
    ("config.py", "settings_customise_sources", "file_secret_settings"): "pydantic gives it by this name",
}
"""What functions take and do not read, and why they must."""


def test_no_function_takes_what_it_does_not_read() -> None:
    """What another has to be able to give has ``_`` before its name; Python's own methods are Python's."""
    protocols = signatures_of_protocols(module for _, module in modules())
    found = {
        (name, function, parameter)
        for name, module in modules()
        for function, parameter in unread_parameters(module, protocols)
    }
    assert found == set(NOT_READ)


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    of = function.args
    return tuple(
        one.arg for one in [*of.posonlyargs, *of.args, of.vararg, *of.kwonlyargs, of.kwarg] if one is not None
    )


def signatures_of_protocols(trees: Iterable[ast.Module]) -> set[tuple[str, tuple[str, ...]]]:
    """Whoever implements one is called with what it names, read or not."""
    return {
        (method.name, parameters(method))
        for tree in trees
        for kind in ast.walk(tree)
        if isinstance(kind, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in kind.bases)
        for method in kind.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def unread_parameters(
    tree: ast.Module, protocols: set[tuple[str, tuple[str, ...]]]
) -> Iterator[tuple[str, str]]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or function.name.startswith("__"):
            continue
        if (function.name, parameters(function)) in protocols:
            continue
        statements = [node for line in function.body for node in ast.walk(line)]
        read = {
            node.id for node in statements if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        for parameter in parameters(function):
            if parameter not in read | {"self", "cls"} and not parameter.startswith("_"):
                yield function.name, parameter


@pytest.mark.parametrize(
    "taking",
    [
        "def f(page, frame): return page",
        "def f(page, *, frame): return page",
        "def f(page, *frame): return page",
        "def f(page, **frame): return page",
        "async def f(page, frame): return page.frame",
        "def f(page, frame):\n    frame = page\n",
        "class A:\n    def f(self, frame): return self.frame",
    ],
)
def test_every_way_to_take_and_not_read_is_seen(taking: str) -> None:
    assert ("f", "frame") in set(unread_parameters(ast.parse(taking), set()))
    assert not set(unread_parameters(ast.parse(taking.replace("frame", "_frame")), set())) - {("f", "page")}


def test_what_a_thing_keeps_is_declared_on_its_type() -> None:
    hidden = [
        (name, node.lineno)
        for name, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "vars"
    ]
    assert hidden == []


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
    errors = names_of_errors(module for _, module in modules())
    assert [(name, changed) for name, module in modules() for changed in changed_errors(module, errors)] == []


def names_of_errors(trees: Iterable[ast.Module]) -> frozenset[str]:
    """The classes of errors: Python's, and all that are made from them here."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    errors = {
        name
        for name, what in vars(builtins).items()
        if isinstance(what, type) and issubclass(what, BaseException)
    }
    while made := {name for name, of in bases.items() if of & errors} - errors:
        errors |= made
    return frozenset(errors)


def changed_errors(tree: ast.Module, errors: frozenset[str]) -> Iterator[str]:
    """The attributes that code sets of an error it caught, was given, or was answered with."""
    for scope in ast.walk(tree):
        if isinstance(scope, ast.ExceptHandler):
            held = {scope.name}
        elif isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs]
            annotated = [(one.arg, one.annotation) for one in arguments]
            annotated += [
                (ast.unparse(node.target), node.annotation)
                for node in ast.walk(scope)
                if isinstance(node, ast.AnnAssign)
            ]
            held = {name for name, of in annotated if of is not None and names_in(of) & errors}
        else:
            continue
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Attribute) and ast.unparse(target.value) in held:
                        yield ast.unparse(target)
            elif (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) in ("setattr", "delattr")
                and ast.unparse(node.args[0]) in held
            ):
                yield ast.unparse(node)


def names_in(annotation: ast.expr) -> set[str]:
    return set(re.findall(r"\w+", ast.unparse(annotation)))


@pytest.mark.parametrize(
    "changing",
    [
        "try:\n    work()\nexcept OSError as error:\n    error.filename = name",
        "def told(trouble: DatabaseError) -> DatabaseError:\n    trouble.next_step = step",
        "def told(trouble: DatabaseError | None) -> None:\n    if trouble: trouble.code = other",
        "def told(*, trouble: 'DatabaseError') -> None:\n    setattr(trouble, 'code', other)",
        "def told() -> None:\n    trouble: DatabaseError = look()\n    trouble.code = other",
    ],
)
def test_every_way_to_change_an_error_is_seen(changing: str) -> None:
    ours = ast.parse("class AutodError(Exception): ...\nclass DatabaseError(AutodError): ...")
    assert list(changed_errors(ast.parse(changing), names_of_errors([ours])))


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
