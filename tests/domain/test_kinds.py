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
from tests.domain.names_in_code import entries_among, parts_of, words_among

AUTOD = Path(kind_columns.__file__).parents[1]
THE_TABLE = {AUTOD / "domain" / "kinds.py", AUTOD / "domain" / "kind_columns.py"}
WORDS = {kind.value for kind in DocType} - {DocType.OTHER.value}
NAMES_KINDS = {
    "extract/einvoice/values.py:TYPE_CODES": "the standard's numbers for kinds, whose keys are not ours",
    "extract/einvoice/values.py:Sheet": "a correction below nothing is by that standard a credit note",
    "extract/einvoice/ubl.py:read_ubl": "the file's root element names its kind",
    "extract/swiss_qr.py:_put_slip": "what it has read is a payment slip by that standard",
}
"""Where kinds are named outside their table, and why: what a file states for machines is what it is."""
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
    kept = {
        f"{path.relative_to(AUTOD).as_posix()}:{name}"
        for path in sorted({*AUTOD.rglob("*.py")} - THE_TABLE)
        for name, part in parts_of(ast.parse(path.read_text(encoding="utf-8")))
        if any(named_kinds(part))
    }
    assert kept == set(NAMES_KINDS), "a table of its own, or an exception that nothing needs"


def test_what_is_exempted_exists() -> None:
    assert all(path.is_file() for path in THE_TABLE)


@pytest.mark.parametrize(
    "code",
    [
        'ZZ = {"invoice": 1, "receipt": 2}',
        "ZZ = {DocType.INVOICE: 1}",
        'ZZ = {1: ("invoice", "receipt")}',
        'kind in ("invoice", "receipt")',
        'kind in ("invoice", "receipt") or kind == "quote"',
        'kind == "quote"',
        "kind == DocType.QUOTE.value",
        "DocType.QUOTE is not kind",
        'match kind:\n    case "invoice" | "receipt": pass',
        "match kind:\n    case D.INVOICE: pass",
        "dict(invoice=1, receipt=2)",
        'scores["invoice"] += scores["receipt"]',
        "scores[DocType.RECEIPT] += 1",
        'kind.startswith(("invoice", "receipt"))',
        'kinds = "invoice receipt".split()',
    ],
)
def test_every_way_to_ask_for_kinds_by_name_is_seen(code: str) -> None:
    assert any(named_kinds(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    ["kind is DocType.OTHER", 'kind == "other"', 'keys = ("invoice", "issue")', "kind_of(name).to_pay"],
)
def test_what_names_no_kind_is_let_be(code: str) -> None:
    assert not any(named_kinds(ast.parse(code)))


def named_kinds(tree: ast.AST) -> Iterator[str]:
    """Kinds other than ``other`` that code treats by name, be it as member or as word.

    A word alone may mean anything: it counts where something is compared with it, and beside another one
    where it is a key or an entry.
    """
    keys = {
        word
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        for word in words_among(WORDS, node.slice)
    }
    if len(keys) > 1:
        yield from keys
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (member := _member(node)):
            yield member
        elif isinstance(node, ast.Compare):
            yield from words_among(WORDS, node.left, *node.comparators)
        elif isinstance(node, ast.MatchValue):
            yield from words_among(WORDS, node.value)
        elif len(words := entries_among(WORDS, node)) > 1:
            yield from words


def _member(node: ast.Attribute) -> str | None:
    """The name in ``DocType.NAME``, or in the short ``D.NAME``; none in ``OTHER``."""
    named = isinstance(node.value, ast.Name) and node.value.id in ("DocType", "D")
    return node.attr if named and node.attr in DocType.__members__ and node.attr != "OTHER" else None
