"""Does an answer have the shape that was asked for? Servers of our own may not keep to the schema.

Looks at the subset of JSON Schema that ``answer_schema`` uses. A field that is left out counts as unknown,
which is what it means.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from autod.extract.openai.answer_json import answer_object
from autod.extract.openai.api_json import ApiJson
from autod.extract.openai.schema import answer_schema

MOST_FAULTS = 10
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?")
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float, Decimal),
    "integer": (int,),
    "null": (type(None),),
    "object": (dict,),
    "array": (list,),
}


def faults_of(text: str) -> list[str]:
    """What is wrong with an answer, a few words each, without quoting it; empty when it fits."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return ["it is not JSON"]
    schema = answer_schema()
    return _faults(data, schema, schema["$defs"], "answer")[:MOST_FAULTS]


def any_field_fits(text: str) -> bool:
    """Whether something in an answer can be used; what does not fit is dropped field by field."""
    data = answer_object(text)
    if data is None:
        return False
    schema = answer_schema()
    known = schema["properties"]
    return any(
        name in known and not _faults(value, known[name], schema["$defs"], name)
        for name, value in data.items()
    )


def _faults(value: Any, schema: ApiJson, kinds: ApiJson, where: str) -> list[str]:
    if "$ref" in schema:
        return _faults(value, kinds[schema["$ref"].rpartition("/")[2]], kinds, where)
    if "anyOf" in schema:
        tried = [_faults(value, option, kinds, where) for option in schema["anyOf"]]
        return [] if [] in tried else tried[0]
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_is(value, kind) for kind in wanted):
        return [f"{where} must be {' or '.join(wanted)}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where} must be one of the listed words"]
    if isinstance(value, dict):
        known = schema.get("properties", {})
        missing = [f"{where}.{name} is missing" for name in _evidence_of(known) if name not in value]
        inside = [
            fault
            for name, part in value.items()
            if name in known
            for fault in _faults(part, known[name], kinds, f"{where}.{name}")
        ]
        return missing + inside
    if isinstance(value, list):
        items = enumerate(value[:MOST_FAULTS])
        return [
            fault for at, item in items for fault in _faults(item, schema["items"], kinds, f"{where}[{at}]")
        ]
    return []


def _is(value: Any, kind: str) -> bool:
    if kind in ("number", "integer") and isinstance(value, str):
        # "240.00" is as good as 240.00: our own code reads both.
        return _NUMBER.fullmatch(value.strip()) is not None
    return isinstance(value, _TYPES[kind]) and not (isinstance(value, bool) and kind != "boolean")


def _evidence_of(properties: ApiJson) -> list[str]:
    """A fact without the words it stands on is of no use."""
    return [name for name in ("value", "page", "quote") if name in properties]
