"""One row for each field, and whoever does something to every field reads it there."""

from __future__ import annotations

import ast
import json
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import Date, String

from autod import domain
from autod.cli.output import summary_of
from autod.db import documents, field_columns, search_texts
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.db.types import DecimalNumber
from autod.domain.extraction import EvidenceSource, Found
from autod.domain.field_columns import About, Asked, Grammar, Scored
from autod.domain.fields import FIELDS, MetadataField, names_where
from autod.domain.left_out import LeftOut, left_out_of
from autod.domain.metadata import LineItem, Metadata, MeterReading
from autod.extract.openai.merging import merge
from autod.extract.openai.schema import answer_schema
from autod.search.fulltext import TEXT_COLUMNS, search
from autod.vectors.attributes import MOST_ATTRIBUTES, attributes_of
from autod.verify.grounding import ground
from autod.verify.page_index import DocumentIndex
from bench.truth import SCORED
from tests.db.samples import NOW, admitted, extraction, recorded
from tests.domain.names_in_code import entries_among, parts_of, words_among
from tests.verify.drafts import reading

AUTOD = Path(domain.__file__).parents[1]
PERIOD = "a period has two ends, which are found together"
SIDES = "a letter has two sides, and each name is put on one"
SUMS = "which amounts make which sum is arithmetic"
SEARCHED = "columns of the search table, two of which are called as the field that they hold"
NAMES_FIELDS = {
    "db/search_texts.py:WEIGHTS": SEARCHED,
    "search/fulltext.py:TEXT_COLUMNS": SEARCHED,
    "domain/reasons.py:OF_DOCUMENT": "the table of checks: each row names the fields that its check compares",
    "extract/local/dates/fields.py:_from_form": PERIOD,
    "extract/local/dates/fields.py:_period": PERIOD,
    "extract/local/dates/fields.py:_range_found": PERIOD,
    "extract/local/parties/labels.py:captioned": SIDES,
    "verify/embedded.py:_OTHER_PARTY": SIDES,
    "verify/grounding.py:_TIDIED": "numbers that have one spelling of their own, whatever the page prints",
    "extract/local/parties/labels.py:_labels": SIDES,
    "extract/local/parties/labels.py:labelled": SIDES,
    "extract/swiss_qr.py:_LEFT_OPEN": "the standard lets a slip leave these to be filled in by hand",
    "verify/arithmetic.py:check_sums": SUMS,
    "verify/witnesses.py:_differ": "judgements on the whole document, where the service reads better",
    "verify/witnesses.py:_deadline": "a deadline may be nothing but the last day to pay",
}
"""Where code names several fields together, and why it is no list of what is done to every field."""
ROWS = {
    LineItem: LineItem(description="Pump", amount=Decimal(3)),
    MeterReading: MeterReading(value=Decimal(7)),
}
STANDARD = {"currency": "EUR", "iban": "DE89370400440532013000", "language": "de"}


def is_choice(field: MetadataField) -> bool:
    return issubclass(field.kind, Enum)


def value_of(field: MetadataField, number: int = 1) -> Any:
    """A value of the field's own type, another one for each ``number``."""
    value: Any = STANDARD.get(field.name, f"word{number}x{field.name.replace('_', '')}")
    if is_choice(field):
        value = list(field.kind)[number % 3]
    elif field.kind is date:
        value = date(2026, 3, number % 28 + 1)
    elif field.is_amount:
        value = Decimal(f"{1000 + number}.25")
    elif issubclass(field.kind, BaseModel):
        value = ROWS[field.kind]
    return (value,) if field.is_list else value


FULL = {name: value_of(field, number) for number, (name, field) in enumerate(FIELDS.items())}
every_field = pytest.mark.parametrize("field", FIELDS.values(), ids=list(FIELDS))


def test_every_field_of_the_schema_has_one_row() -> None:
    assert list(FIELDS) == list(Metadata.model_fields)
    for field in Metadata.model_fields.values():
        assert [type(item) for item in field.metadata if isinstance(item, About)] == [About]


@every_field
def test_every_row_says_what_the_field_is(field: MetadataField) -> None:
    assert field.about.heading[:1].isupper() and field.about.text.endswith((".", "…"))
    assert Metadata.model_validate({field.name: FULL[field.name]}) != Metadata() or is_choice(field)


@every_field
def test_every_field_has_its_column(field: MetadataField) -> None:
    column = Document.__table__.columns[field.name]
    assert column.nullable is not field.is_list
    if not field.is_list:
        wanted = {date: Date, Decimal: DecimalNumber}.get(field.kind, String)
        assert isinstance(column.type, wanted)


def test_columns_that_code_names_are_declared_with_the_types_that_they_have() -> None:
    module = ast.parse(Path(field_columns.__file__).read_text(encoding="utf-8"))
    declared = {
        line.target.id: ast.unparse(line.annotation)
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
        for line in node.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    }
    assert declared
    for name, annotation in declared.items():
        field = FIELDS[name]
        plain = "str" if is_choice(field) else field.kind.__name__
        assert annotation == ("Mapped[list[Any]]" if field.is_list else f"Mapped[{plain} | None]"), name


def test_places_of_what_is_searched_are_taken_once() -> None:
    taken = [(found.column, found.place) for row in FIELDS.values() if (found := row.about.search)]
    assert len(taken) == len(set(taken))
    assert (
        {column for column, _ in taken} == set(search_texts.WEIGHTS) - {"body"} == {*TEXT_COLUMNS} - {"body"}
    )


def test_a_document_is_found_by_every_field_that_is_searched_and_no_other(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = admitted(session, name="a.pdf")
        recorded(session, number, extraction(Metadata.model_validate(FULL)))
    with manager.get_session(read_only=True) as session:
        for name, field in FIELDS.items():
            value = FULL[name][0] if field.is_list else FULL[name]
            if field.is_amount or (field.kind is str and name not in STANDARD):
                hits = [hit.document_id for hit in search(session, str(value))]
                assert hits == ([number] if field.about.search else []), name


def test_every_field_can_be_corrected_and_shown_in_the_order_of_the_table(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = admitted(session)
        recorded(session, number)
        for name, value in Metadata.model_validate(FULL).model_dump(mode="json").items():
            said = "[]" if value == [] else value if isinstance(value, str) else _written(value)
            documents.correct(session, number, name, f" {said} ", NOW)
    with manager.get_session() as session:
        shown = documents.current_fields(session, number)
        assert [row.field for row in shown] == list(FIELDS)
        believed = Metadata.model_validate({row.field: row.value for row in shown})
        assert believed == Metadata.model_validate(FULL)
        assert documents.fields.metadata_of(documents.require(session, number)) == believed


def _written(value: Any) -> str:
    return json.dumps(value)


@every_field
def test_every_field_is_grounded_by_its_rule(field: MetadataField) -> None:
    value, index = FULL[field.name], DocumentIndex(reading("Nothing of that kind stands here"))
    bare = ground(field.name, Found(value, 0.9, EvidenceSource.TEXT, 1, ""), index)
    beside = ground(field.name, Found(value, 0.9, EvidenceSource.TEXT, 1, "stands here"), index)
    elsewhere = ground(field.name, Found(value, 0.9, EvidenceSource.TEXT, 1, "not on this page"), index)
    assert (bare is not None) is (field.about.grammar is Grammar.JUDGED)
    assert (beside is not None) is (field.about.grammar in (Grammar.JUDGED, Grammar.ROWS))
    assert elsewhere is None


def test_a_paid_reader_is_asked_for_every_field_that_we_do_not_make_ourselves() -> None:
    asked = names_where(lambda field: field.about.asked is not Asked.NOT)
    properties = answer_schema()["properties"]
    assert tuple(properties) == asked
    assert [properties[name]["description"] for name in asked] == [FIELDS[name].about.text for name in asked]


@every_field
def test_parts_of_an_answer_are_merged_for_every_field(field: MetadataField) -> None:
    first, last = (
        {field.name: Found(value_of(field, number), 0.9, EvidenceSource.TEXT, number, "words")}
        for number in (1, 2)
    )
    merged = merge([first, last])[field.name]
    if field.is_list:
        assert set(merged.value) == {*first[field.name].value, *last[field.name].value}
    else:
        assert merged.value == (last if field.about.at_the_end else first)[field.name].value


def test_a_store_can_filter_by_every_attribute() -> None:
    wanted = names_where(lambda field: field.about.attribute)
    found = attributes_of(Metadata.model_validate(FULL), sha256="a" * 64, document_id=1)
    assert set(found) == {"sha256", "document_id", *wanted}
    assert len(found) <= MOST_ATTRIBUTES


def test_lists_give_the_facts_that_the_table_marks() -> None:
    document = Document(id=1, status=documents.DocumentStatus.COMPLETED, needs_review=[], **FULL)
    listed = names_where(lambda field: field.about.listed)
    assert {name: summary_of(document)[name] for name in listed} == {name: FULL[name] for name in listed}


@pytest.mark.parametrize(
    "name", [n for n, row in FIELDS.items() if row.is_list and row.about.asked is not Asked.NOT]
)
def test_entries_of_any_list_that_a_limit_keeps_out_are_told_in_words(name: str) -> None:
    item = LeftOut.of_field(name, 3, 500)
    assert left_out_of(item.check) == item
    assert (
        item.sentence()
        == f"3 of 503 {FIELDS[name].about.heading.lower()} were not taken over. Look at them in the PDF."
    )


def test_the_benchmark_scores_what_the_table_marks() -> None:
    assert SCORED - {"parties"} == set(names_where(lambda field: field.about.scored is not Scored.NO))


def test_no_module_keeps_a_list_of_fields_of_its_own() -> None:
    once_only = AUTOD / "db" / "migrations"
    assert once_only.is_dir()
    kept = {
        f"{path.relative_to(AUTOD).as_posix()}:{name}"
        for path in sorted(AUTOD.rglob("*.py"))
        if once_only not in path.parents
        for name, part in parts_of(ast.parse(path.read_text(encoding="utf-8")))
        if named_fields(part)
    }
    assert kept == set(NAMES_FIELDS), "a list of its own, or an exception that nothing needs"


@pytest.mark.parametrize(
    "code",
    [
        'ZZ = {"issuer", "tags", "title"}',
        'ZZ = {"issuer": 1, "tags": 2}',
        "ZZ = dict(issuer=1, tags=2)",
        'name in ("issuer", "tags")',
        'name == "issuer" or name == "tags"',
        'if name == "issuer":\n    pass\nelif name != "tags":\n    pass',
        'match name:\n    case "issuer" | "tags": pass',
        'match name:\n    case "issuer": pass\n    case "tags": pass',
        'names = "issuer tags".split()',
    ],
)
def test_every_way_to_name_fields_is_seen(code: str) -> None:
    assert named_fields(ast.parse(code)) == {"issuer", "tags"} | ({"title"} if "title" in code else set())


@pytest.mark.parametrize(
    "code", ['name == "issuer"', 'keys = ("issuer", "body")', 'fields["issuer"] = fields["tags"]']
)
def test_what_names_one_field_at_a_time_is_let_be(code: str) -> None:
    assert named_fields(ast.parse(code)) == set()


def named_fields(tree: ast.AST) -> set[str]:
    """Fields that code treats alike or apart by name: two or more in a collection, a ``match``, comparisons.

    One at a time is no list: every finder, rule and sentence is about a field and must call it by its name.
    """
    compared: set[str] = set()
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            compared |= words_among(FIELDS, node.left, *node.comparators)
        elif isinstance(node, ast.MatchValue):
            compared |= words_among(FIELDS, node.value)
        elif len(together := entries_among(FIELDS, node)) > 1:
            named |= together
    return named | (compared if len(compared) > 1 else set())
