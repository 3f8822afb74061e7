"""What modules hand each other has types; only where JSON meets the outside is it a plain dictionary."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from autod.child import calls

ROOT = Path(__file__).resolve().parents[1] / "autod"
LOOSE = re.compile(r"\b(?:dict|Dict|Mapping|MutableMapping)\[str, (?:Any|object)\]")

VENDORS = {
    "extract.openai": "requests and answers of a service, in the vendor's own shape",
    "vectors": "requests and answers of a service, in the vendor's own shape",
}
"""Packages that may hand ``ApiJson`` around inside, and to nobody else; one module of each names it."""

READ_AT_THE_EDGE = {
    ("words", "section"): "the compiled words: each table knows its own section",
}

PRINTED = {
    ("cli.output", "summary_of"): "the listed rows of the table of fields, by name",
    ("doctor.diagnosis", "Diagnosis.to_dict"): "the dataclasses of a diagnosis, as they are",
    ("health.daemon", "DaemonReport.to_dict"): "one dataclass, as it is",
    ("monitoring.standing_alerts", "StandingAlert.to_dict"): "one dataclass, as it is",
}
"""What is printed as JSON, or told over HTTP, at once, and read by no module."""

ON_THE_WIRE = {
    ("extract.openai.client", "ResponsesAPIClient.send"),
    ("extract.openai.egress", "sending_of"),
    ("extract.openai.egress", "kept_at"),
    ("extract.openai.profiles", "Profile.extra"),
    ("vectors.service", "Service.send"),
}
"""What a service is sent, in the vendor's own shape, where it is only passed on and never changed."""

CHILD_FUNCTION = re.compile(r"autod(\.\w+)+:\w+")

TREES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
        path.read_text(encoding="utf-8")
    )
    for path in sorted(ROOT.rglob("*.py"))
}


def names_for_it() -> dict[str, set[str]]:
    """Names that modules have for a plain dictionary, by module."""
    return {
        module: {
            node.targets[0].id
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and LOOSE.search(ast.unparse(node.value))
        }
        for module, tree in TREES.items()
    }


NAMES = names_for_it()


def known_in(module: str) -> set[str]:
    """The names by which a module knows a plain dictionary, imported ones included."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in NAMES.get((node.module or "").removeprefix("autod."), ())
    }
    return NAMES[module] | imported


def annotations(body: list[ast.stmt], of: str = "") -> Iterator[tuple[str, str]]:
    """Everything that others can see: parameters, results and attributes, with the types that are written."""
    for node in body:
        if isinstance(node, ast.FunctionDef) and (not node.name.startswith("_") or node.name == "__init__"):
            given = node.args
            for one in [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]:
                if one is not None and one.annotation is not None:
                    yield of + node.name, ast.unparse(one.annotation)
            if node.returns is not None:
                yield of + node.name, ast.unparse(node.returns)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from annotations(node.body, f"{node.name}.")
        elif isinstance(node, ast.AnnAssign) and of and re.fullmatch(r"[a-z]\w*", ast.unparse(node.target)):
            yield of + ast.unparse(node.target), ast.unparse(node.annotation)


def unnamed() -> set[tuple[str, str]]:
    """What hands plain dictionaries to other modules, or takes them, and writes so without a name for it."""
    return {
        (module, what)
        for module, tree in TREES.items()
        for what, annotation in annotations(tree.body)
        if LOOSE.search(annotation)
    }


def loose() -> set[tuple[str, str]]:
    """The same, and what does so by a name."""
    found = unnamed()
    for module, tree in TREES.items():
        names = known_in(module)
        for what, annotation in annotations(tree.body):
            if set(re.findall(r"\w+", annotation)) & names:
                found.add((module, what))
    return found


def vendor_of(module: str) -> str | None:
    return next((package for package in VENDORS if module.startswith(f"{package}.")), None)


def test_no_module_hands_another_a_plain_dictionary() -> None:
    found = {one for one in loose() if vendor_of(one[0]) is None}
    assert found == READ_AT_THE_EDGE.keys() | PRINTED.keys()


def test_a_vendors_json_has_one_name_in_its_package_and_stays_there() -> None:
    named = [(module, name) for module, names in NAMES.items() for name in names]
    assert sorted(named) == [("extract.openai.api_json", "ApiJson"), ("vectors.service", "ApiJson")]
    in_vendors = {one for one in loose() if vendor_of(one[0])}
    assert {one for one in in_vendors if one in unnamed()} == ON_THE_WIRE
    inside = {(module, what.partition(".")[0]) for module, what in in_vendors - ON_THE_WIRE}
    left = {
        (module, f"{node.module}.{alias.name}")
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        for at, what in inside
        if (node.module, alias.name) == (f"autod.{at}", what) and vendor_of(module) != vendor_of(at)
    }
    assert left == set()


def strings(tree: ast.Module) -> Iterator[str]:
    yield from (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def test_the_functions_of_reading_processes_are_named_in_one_module() -> None:
    naming = {
        module for module, tree in TREES.items() for text in strings(tree) if CHILD_FUNCTION.fullmatch(text)
    }
    assert naming == {calls.__name__.removeprefix("autod.")}


def test_each_call_of_a_reading_process_fits_the_function_that_it_names() -> None:
    made = [
        (ast.literal_eval(node.value.args[0]), ast.unparse(node.annotation), node.value)
        for node in ast.walk(TREES[calls.__name__.removeprefix("autod.")])
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call) and node.value.args
    ]
    assert len(made) == 8
    for name, result, call in made:
        module, _, function = name.partition(":")
        annotated = getattr(importlib.import_module(module), function).__annotations__
        given = {one.arg for one in call.keywords if one.arg not in (None, "descriptors", "more_seconds")}
        assert given <= annotated.keys(), name
        assert annotated["return"] == result, name


AT_THE_EDGE = ("config",)
"""Where settings name the service."""


def test_no_neutral_layer_decides_by_a_vendors_code() -> None:
    named = {
        module
        for module, tree in TREES.items()
        if not module.startswith(("extract.openai.", "codes", *AT_THE_EDGE))
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr.startswith("OPENAI_"))
        or (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.startswith("openai_")
        )
    }
    assert named == {"domain.fates"}
