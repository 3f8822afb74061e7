"""An answer is looked at again: its shape, not its truth, which the page decides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autod.extract.openai.shape import MOST_FAULTS, faults_of

FACT = {"value": "Acme", "page": 1, "quote": "Acme"}


def faults(**fields: Any) -> list[str]:
    return faults_of(json.dumps(fields))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"issuer": None},
        {"issuer": FACT},
        {"issuer": FACT, "something_else": 3},
        {"total_amount": {"value": 240, "page": 1, "quote": "240.00"}},
        {"addresses": [FACT], "line_items": []},
        {"doc_type": {"value": "invoice", "page": 1, "quote": "INVOICE"}},
        {"summary": "A bill."},
    ],
)
def test_what_fits_has_no_faults(fields: dict[str, Any]) -> None:
    assert faults(**fields) == []


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"issuer": "Acme"}, "answer.issuer must be object"),
        ({"issuer": {"value": "Acme"}}, "answer.issuer.page is missing"),
        (
            {"total_amount": {"value": "two", "page": 1, "quote": "240"}},
            "answer.total_amount.value must be number",
        ),
        (
            {"total_amount": {"value": True, "page": 1, "quote": "240"}},
            "answer.total_amount.value must be number",
        ),
        ({"addresses": FACT}, "answer.addresses must be array"),
        ({"addresses": ["here"]}, "answer.addresses[0] must be object"),
        ({"doc_type": {"value": "poem", "page": 1, "quote": "x"}}, "answer.doc_type.value must be one of"),
    ],
)
def test_what_does_not_fit_is_named_without_quoting_it(fields: dict[str, Any], fault: str) -> None:
    (said,) = [one for one in faults(**fields) if one.startswith(fault)]
    assert "Acme" not in said and "poem" not in said


def test_what_is_no_json_object_is_a_fault() -> None:
    assert faults_of("Here you are") == ["it is not JSON"]
    assert faults_of("[]") == ["answer must be object"]
    assert faults_of("[" * 100_000) == ["it is not JSON"]


def test_only_so_many_faults_are_told() -> None:
    assert len(faults(addresses=["x"] * 500, issuer="x")) <= MOST_FAULTS
