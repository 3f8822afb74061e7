"""The answer's shape, made from the table of fields: every fact with the page and the words it stands on.

The same bytes for every document: the schema is part of the prompt prefix that the service caches.
"""

from __future__ import annotations

import typing
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from autod.domain.field_columns import Asked
from autod.domain.fields import FIELDS, MetadataField, bare, names_where
from autod.extract.openai.api_json import ApiJson

NAME = "document_metadata"

_WHERE: ApiJson = {
    "page": {"type": "integer", "description": "Number of the page the words stand on, from 1."},
    "quote": {"type": "string", "description": "The words themselves, exactly as printed, on one line."},
}

_ASKED = names_where(lambda field: field.about.asked is not Asked.NOT)


def asked_fields() -> tuple[str, ...]:
    """The fields of ``Metadata`` that the service is asked for."""
    return _ASKED


@lru_cache(maxsize=1)
def answer_schema() -> ApiJson:
    """The strict JSON schema of an answer; do not change what is returned."""
    kinds = {
        "text": {"type": "string"},
        "date": {"type": "string", "format": "date"},
        "amount": {"type": "number"},
    }
    definitions: ApiJson = {kind: _object({"value": value, **_WHERE}) for kind, value in kinds.items()}
    properties = {}
    for name in asked_fields():
        field = FIELDS[name]
        properties[name] = {"description": field.about.text, **_fact(field)}
    return {**_object(properties), "$defs": definitions}


def _object(properties: ApiJson) -> ApiJson:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _fact(field: MetadataField) -> ApiJson:
    if field.is_list:
        return {"type": "array", "items": _row(field.kind)}
    if issubclass(field.kind, Enum):
        value = {"type": "string", "enum": [member.value for member in field.kind]}
        return {"anyOf": [_object({"value": value, **_WHERE}), {"type": "null"}]}
    return {"anyOf": [{"$ref": f"#/$defs/{_kind_of(field.kind)}"}, {"type": "null"}]}


def _row(kind: Any) -> ApiJson:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        cells = {name: _cell(field.annotation) for name, field in kind.model_fields.items()}
        return _object({**cells, **_WHERE})
    return {"$ref": f"#/$defs/{_kind_of(kind)}"}


def _cell(annotation: Any) -> ApiJson:
    plain = {"text": "string", "date": "string", "amount": "number"}[_kind_of(bare(annotation))]
    optional = type(None) in typing.get_args(annotation)
    cell: ApiJson = {"type": [plain, "null"] if optional else plain}
    return {**cell, "format": "date"} if bare(annotation) is date else cell


def _kind_of(kind: Any) -> str:
    return {str: "text", date: "date", Decimal: "amount"}[kind]
