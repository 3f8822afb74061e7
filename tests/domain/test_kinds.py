"""One row for each kind of document, a reader for each column, and no second table anywhere."""

from __future__ import annotations

import ast
import dataclasses
import re
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from autod.domain import kind_columns
from autod.domain.kind_columns import Kind
from autod.domain.kinds import CATEGORIES, KINDS, DocType, kind_of

AUTOD = Path(kind_columns.__file__).parents[1]
THE_TABLE = {AUTOD / "domain" / "kinds.py", AUTOD / "domain" / "kind_columns.py"}
WORDS = {AUTOD / "extract" / "local" / "kind_totals.py"}
COLUMNS = [column.name for column in dataclasses.fields(Kind)]


def test_every_kind_has_one_row() -> None:
    assert list(KINDS) == list(DocType)


@pytest.mark.parametrize("name", DocType)
def test_every_column_of_a_row_holds_what_it_is_declared_to_hold(name: DocType) -> None:
    declared = typing.get_type_hints(Kind)
    for column in COLUMNS:
        value, kind = getattr(KINDS[name], column), declared[column]
        if typing.get_origin(kind) is tuple:
            assert all(isinstance(part, str) and part for part in value), column
        elif isinstance(kind, type):
            assert isinstance(value, kind), column
    assert KINDS[name].area is None or all(KINDS[name].area)


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_tells_kinds_apart_and_has_a_reader(column: str) -> None:
    assert len({getattr(row, column) for row in KINDS.values()}) > 1
    readers = [
        path
        for path in AUTOD.rglob("*.py")
        if path != AUTOD / "domain" / "kind_columns.py"
        and re.search(rf"\.{column}\b", path.read_text(encoding="utf-8"))
    ]
    assert readers


def test_only_what_is_of_no_kind_has_no_area() -> None:
    assert [row.name for row in KINDS.values() if row.area is None] == [DocType.OTHER]
    assert "" not in CATEGORIES


@pytest.mark.parametrize("name", [None, "", "a kind of nobody's", "INVOICE"])
def test_an_unknown_name_is_a_document_of_no_known_kind(name: str | None) -> None:
    assert kind_of(name) is KINDS[DocType.OTHER]


@pytest.mark.parametrize("name", DocType)
def test_a_kind_is_found_by_its_member_and_by_its_word(name: DocType) -> None:
    assert kind_of(name) is kind_of(name.value) is KINDS[name]


def test_no_module_keeps_a_table_of_kinds_of_its_own() -> None:
    kept = [
        f"{path.relative_to(AUTOD)}:{line}"
        for path in sorted({*AUTOD.rglob("*.py")} - THE_TABLE - WORDS)
        for line in _tables_and_questions(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert kept == []


def _tables_and_questions(module: ast.Module) -> Iterator[int]:
    """Lines with collections keyed by kinds, or that ask for one kind other than ``other``."""
    for node in ast.walk(module):
        if isinstance(node, ast.Set | ast.Tuple | ast.List):
            entries: list[ast.expr] = node.elts
        elif isinstance(node, ast.Dict):
            entries = [key for key in node.keys if key is not None]
        elif isinstance(node, ast.Compare) and isinstance(
            node.ops[0], ast.Is | ast.IsNot | ast.Eq | ast.NotEq
        ):
            asked = [member for part in (node.left, *node.comparators) if (member := _member(part))]
            if any(member != DocType.OTHER.name for member in asked):
                yield node.lineno
            continue
        else:
            continue
        if sum(_member(entry) is not None for entry in entries) > 1:
            yield node.lineno


def _member(node: ast.expr) -> str | None:
    """The name in ``DocType.NAME``, or in the short ``D.NAME``."""
    named = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    if not named or not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    return node.attr if node.value.id in ("DocType", "D") and node.attr in DocType.__members__ else None
