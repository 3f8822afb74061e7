"""Answers of every shape: understood, or a coded failure; never a document with nothing, never a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autod.errors import AutodError
from autod.extract.openai.answer import Answer, read_response
from autod.extract.openai.answer_json import answer_object
from autod.extract.openai.drafting import AnswerExtractor, PartAnswer
from autod.extract.openai.schema import asked_fields
from tests.openai.test_openai_drafting import INVOICE, fact

SAID = {
    "issuer": fact("Northfield Supplies Ltd", "Northfield Supplies Ltd"),
    "total_amount": fact(400.0, "400.00"),
}
PLAIN = json.dumps(SAID)
DRESSED = {
    "plain": PLAIN,
    "fenced": f"```json\n{PLAIN}\n```",
    "fenced with words": f"Here is what I found:\n\n```\n{PLAIN}\n```\nAnything else?",
    "after words": f"I looked at the page. {PLAIN}",
    "after another object": '{"step": "thinking"}\n' + PLAIN,
    "after a draft": json.dumps({"issuer": None}) + "\n" + PLAIN,
    "thought about": "<think>{maybe}</think>" + PLAIN,
    "encoded twice": json.dumps(PLAIN),
    "encoded thrice": json.dumps(json.dumps(PLAIN)),
    "in a list": json.dumps([SAID]),
    "in an object": json.dumps({"document_metadata": SAID}),
    "in an object as text": json.dumps({"result": PLAIN}),
    "with more than was asked": json.dumps({**SAID, "colour": "blue", "iban2": {"a": [1]}}),
}
USELESS = {
    "words": "I am sorry, I cannot read this.",
    "nothing": "",
    "a number": "42",
    "null": "null",
    "an empty list": "[]",
    "an empty object": "{}",
    "another object": '{"status": "ok", "data": {"hello": "world"}}',
    "fields of wrong types": '{"issuer": 5, "total_amount": "much", "line_items": {"a": 1}, "summary": [1]}',
    "another schema with a name of ours": json.dumps(
        {"vendor": "Muster GmbH", "invoice_number": "INV-1", "due_date": None, "total": 23.8}
    ),
    "another schema with names of ours, empty": json.dumps(
        {"vendor": "Muster GmbH", "due_date": None, "currency": None, "language": None}
    ),
    "names of ours with plain values": '{"issuer": "Muster GmbH", "doc_type": "invoice"}',
    "all names of ours with plain values": json.dumps(
        dict.fromkeys(asked_fields()) | {"issuer": "Muster GmbH", "total_amount": 23.8}
    ),
    "an error with a name of ours": '{"error": {"summary": "I am sorry"}}',
    "a summary alone": '{"summary": "I am sorry"}',
    "one fact among foreign names": json.dumps(
        {"issuer": SAID["issuer"], "a": 1, "b": 2, "c": 3, "error": "stopped"}
    ),
    "half": PLAIN[:40],
    "deep": "[" * 50_000,
    "deep objects": '{"issuer":' * 50_000,
}


@pytest.mark.parametrize("text", DRESSED.values(), ids=list(DRESSED))
def test_an_answer_is_understood_however_it_is_dressed(text: str) -> None:
    draft = AnswerExtractor([PartAnswer(text)]).extract(INVOICE)
    assert draft.found["issuer"].value == "Northfield Supplies Ltd"


FORMED = {
    "nothing found": dict.fromkeys(asked_fields()),
    "one fact alone": {"issuer": SAID["issuer"]},
    "without the pages": {
        name: {"value": said["value"], "quote": said["quote"]} for name, said in SAID.items()
    },
    "facts among plain values": {**SAID, "currency": "EUR", "due_date": "2026-11-01", "language": "en"},
    "rows alone": {"addresses": [fact("Main Street 1", "Main Street 1")]},
}


@pytest.mark.parametrize("data", FORMED.values(), ids=list(FORMED))
def test_an_answer_of_a_server_that_does_not_keep_to_the_schema_is_ours_by_its_form(data: Any) -> None:
    assert answer_object(json.dumps(data)) is not None
    assert answer_object(json.dumps({"result": data})) is not None


FOREIGN = st.sampled_from(("vendor", "total", "items", "error", "message", "status", "data", "choices"))
PLAIN_VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.lists(st.text(max_size=9))


@given(st.dictionaries(FOREIGN, PLAIN_VALUES, min_size=1), st.sampled_from(asked_fields()), PLAIN_VALUES)
def test_a_foreign_object_is_not_ours_for_one_name_that_fits(
    foreign: dict[str, Any], name: str, value: Any
) -> None:
    assert answer_object(json.dumps({**foreign, name: value})) is None
    assert answer_object(json.dumps({"answer": {**foreign, name: value}})) is None


@pytest.mark.parametrize("text", USELESS.values(), ids=list(USELESS))
def test_what_is_no_answer_is_a_coded_failure(text: str) -> None:
    with pytest.raises(AutodError) as caught:
        AnswerExtractor([PartAnswer(text)]).extract(INVOICE)
    assert caught.value.code == "openai_answer_invalid"


def message(text: str, phase: str | None = None) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    told = {"phase": phase} if phase else {}
    return {"type": "message", "role": "assistant", "status": "completed", "content": content, **told}


def said(*output: dict[str, Any]) -> Answer:
    return read_response({"id": "resp_1", "status": "completed", "model": "m", "output": list(output)}, None)


@pytest.mark.parametrize(
    "output",
    [
        (message("Let me look.", "commentary"), message(PLAIN, "final_answer")),
        (message(PLAIN, "final_answer"), message("That was all.", "commentary")),
        (message("Let me look."), message(PLAIN)),
        (message(PLAIN), message("That was all.")),
        (message(json.dumps({"issuer": None})), message(PLAIN)),
        (message(PLAIN[:30]), message(PLAIN[30:])),
    ],
)
def test_the_final_one_of_several_messages_counts(output: tuple[dict[str, Any], ...]) -> None:
    answer = said(*output)
    assert answer.trouble is None
    assert answer_object(answer.text) == answer_object(PLAIN)


HOSTILE = st.text(st.characters() | st.sampled_from("\x00\ud800\udfff\u0007\u202e\x85"), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | HOSTILE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(HOSTILE, inner, max_size=4),
    max_leaves=12,
)
FACTS = st.fixed_dictionaries({"value": VALUES, "page": VALUES, "quote": VALUES}) | VALUES
OBJECTS = st.dictionaries(st.sampled_from(asked_fields()) | HOSTILE, FACTS, max_size=8)


@given(OBJECTS | VALUES, st.booleans())
def test_no_answer_breaks_the_reader_and_what_it_makes_can_be_stored(data: Any, twice: bool) -> None:
    text = json.dumps(data)
    try:
        draft = AnswerExtractor([PartAnswer(json.dumps(text) if twice else text)]).extract(INVOICE)
    except AutodError as error:
        assert error.code == "openai_answer_invalid"
        return
    for found in draft.found.values():
        stored = repr(found.value) + found.quote if found.quote else repr(found.value)
        stored.encode("utf-8")
        assert "\x00" not in str(found.value)


@given(VALUES)
def test_no_response_breaks_the_reader(data: Any) -> None:
    for response in (
        data if isinstance(data, dict) else {},
        {"output": data},
        {"usage": data, "status": data},
    ):
        answer = read_response(response, None)
        assert Answer.from_dict(json.loads(json.dumps(answer.to_dict()))) == answer
