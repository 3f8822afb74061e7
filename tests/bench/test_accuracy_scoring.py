"""How the accuracy bench scores, on made-up truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.accuracy import Job, Result, calibration, tally
from bench.scoring import Outcome, Score, compare, score_document
from bench.truth import Truth, load_set, read_row

ROW = {
    "file": "a.pdf",
    "fields": {
        "counterparty": "Harlow KG",
        "issuer_address": "Weg 1, 10115 Berlin",
        "total_amount": "20.00",
        "currency": "EUR",
        "jurisdiction": "Delaware",
    },
    "null_fields": ["due_date", "term"],
    "dataset_level_fields": ["currency"],
    "truth_checked_in_text": {"total": False, "adv_ok": True},
}


def truth(**row: Any) -> Truth:
    return read_row({**ROW, **row}, Path("/sets/one"))


def outcomes(truth: Truth, metadata: dict[str, Any], *, page_only: bool = True) -> dict[str, Outcome]:
    return {s.field: s.outcome for s in score_document(truth, metadata, {}, page_only=page_only)}


def test_a_row_of_truth_is_read_under_the_schemas_names() -> None:
    read = truth()

    assert set(read.values) == {"recipient", "addresses", "total_amount", "currency"}
    assert read.nulls == {"due_date"}
    assert read.set_level == {"currency"}
    assert read.not_on_page == {"total_amount"}
    assert read.not_in_schema == {"jurisdiction", "term"}


def test_a_field_without_truth_is_not_scored() -> None:
    assert "issuer" not in outcomes(truth(), {"issuer": "Anybody"})


def test_a_null_field_is_right_only_when_nothing_was_found() -> None:
    assert outcomes(truth(), {})["due_date"] is Outcome.CORRECT
    assert outcomes(truth(), {"due_date": "2026-01-01"})["due_date"] is Outcome.WRONG


def test_a_value_that_is_not_on_the_page_is_not_scored_on_the_page() -> None:
    assert "total_amount" not in outcomes(truth(), {"total_amount": "20.00"})
    assert "total_amount" in outcomes(truth(), {"total_amount": "20.00"}, page_only=False)


def test_set_level_fields_are_marked() -> None:
    scores = score_document(truth(), {"currency": "EUR"}, {}, page_only=True)

    assert {s.field: s.set_level for s in scores}["currency"] is True
    assert {s.field: s.set_level for s in scores}["recipient"] is False


def test_the_first_address_counts() -> None:
    found = {"addresses": ["Weg 1, 10115 Berlin, DE", "elsewhere"]}

    assert outcomes(truth(), found)["addresses"] is Outcome.CLOSE
    assert outcomes(truth(), {"addresses": ["elsewhere"]})["addresses"] is Outcome.WRONG


@pytest.mark.parametrize(
    ("name", "expected", "value", "outcome"),
    [
        ("total_amount", "20.00", "20.0", Outcome.CORRECT),
        ("total_amount", "20.00", "-20.00", Outcome.WRONG),
        ("total_amount", "20.00", None, Outcome.MISSING),
        ("primary_date", "2026-03-03", "2026-03-03", Outcome.CORRECT),
        ("primary_date", "2026-03-03", "2026-03-04", Outcome.WRONG),
        ("reference_number", "RE-1/2", "re 1/2", Outcome.CORRECT),
        ("reference_number", "RE-1/2", "RE-1/23", Outcome.WRONG),
        ("iban", "DE12 1234", "DE121234", Outcome.CORRECT),
        ("issuer", "Harlow, S.A. DE C.V.", "HARLOW SA de CV", Outcome.CORRECT),
        ("issuer", "Harlow & Finch Partners", "Harlow & Finch Partner", Outcome.CLOSE),
        ("issuer", "Harlow & Finch", "Northfield", Outcome.WRONG),
        ("issuer", "Harlow", "", Outcome.MISSING),
        ("doc_type", "corrected_invoice", "credit_note", Outcome.CORRECT),
        ("doc_type", "order", "purchase_order", Outcome.CORRECT),
        ("doc_type", "invoice", "receipt", Outcome.WRONG),
        ("parties", ["A Corp", "B Inc."], ["B, Inc", "A Corp"], Outcome.CORRECT),
        ("parties", ["A Corp", "B Inc."], ["A Corp"], Outcome.MISSING),
        ("parties", ["A Corp", "B Inc."], ["A Corp", "Somebody"], Outcome.WRONG),
        ("parties", ["A Corp", "B Inc."], ["A Corp", "A Corp"], Outcome.WRONG),
    ],
)
def test_values_are_compared_by_what_they_mean(
    name: str, expected: Any, value: Any, outcome: Outcome
) -> None:
    assert compare(name, expected, value) is outcome


def score(outcome: Outcome, confidence: float | None = None) -> Score:
    return Score("issuer", outcome, "a", "b", confidence, False)


def test_the_share_of_wrong_is_taken_among_the_answered() -> None:
    table = tally([score(o) for o in (Outcome.CORRECT, Outcome.CLOSE, Outcome.WRONG, Outcome.MISSING)])

    assert table["issuer"] == {
        "correct": 1,
        "close": 1,
        "wrong": 1,
        "missing": 1,
        "wrong_of_answered": 0.333,
    }


def test_confidence_is_held_against_what_was_right() -> None:
    job = Job("one", truth(), Path("a.pdf"), page_only=True)
    scores = [score(Outcome.CORRECT, 0.95), score(Outcome.WRONG, 0.91), score(Outcome.CORRECT, 1.0)]

    assert calibration([Result(job, scores, 0.1)]) == [{"from": 0.9, "values": 3, "right": 0.667}]


def test_a_folder_without_truth_is_no_set(tmp_path: Path) -> None:
    assert load_set(tmp_path) == []
    (tmp_path / "truth.jsonl").write_text(json.dumps(ROW) + "\n\n")
    assert [t.path for t in load_set(tmp_path)] == [tmp_path / "a.pdf"]


def test_the_bench_skips_saying_so_without_data(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bench.accuracy import main

    monkeypatch.setattr("sys.argv", ["accuracy", "/nowhere/at/all"])

    assert main() == 0
    assert capsys.readouterr().out == "skipped: /nowhere/at/all does not exist\n"
