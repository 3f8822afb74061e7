"""The answer's shape, made from ``Metadata``: every fact with the page and the words it stands on.

The same bytes for every document: the schema is part of the prompt prefix that the service caches.
"""

from __future__ import annotations

import types
import typing
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from autod.domain.metadata import Metadata

Json = dict[str, Any]

NAME = "document_metadata"

DERIVED = frozenset({"category", "subcategory", "tags", "key_points", "urgency", "suggested_file_name"})
"""Not asked for: our own code makes them from the verified values."""

FREE_WORDS = frozenset({"summary"})
"""Words about the document, without a quote of their own; checked against the whole text."""

_WHERE: Json = {
    "page": {"type": "integer", "description": "Number of the page the words stand on, from 1."},
    "quote": {"type": "string", "description": "The words themselves, exactly as printed, on one line."},
}


def asked_fields() -> tuple[str, ...]:
    """The fields of ``Metadata`` that the service is asked for."""
    return tuple(name for name in Metadata.model_fields if name not in DERIVED)


@lru_cache(maxsize=1)
def answer_schema() -> Json:
    """The strict JSON schema of an answer; do not change what is returned."""
    kinds = {
        "text": {"type": "string"},
        "date": {"type": "string", "format": "date"},
        "amount": {"type": "number"},
    }
    definitions: Json = {kind: _object({"value": value, **_WHERE}) for kind, value in kinds.items()}
    properties = {}
    for name in asked_fields():
        field = Metadata.model_fields[name]
        if name in FREE_WORDS:
            properties[name] = {"type": ["string", "null"], "description": field.description or ""}
        else:
            properties[name] = {"description": field.description or "", **_fact(field.annotation)}
    return {**_object(properties), "$defs": definitions}


def _object(properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _fact(annotation: Any) -> Json:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple:
        return {"type": "array", "items": _row(arguments[0])}
    kind = _bare(annotation)
    if isinstance(kind, type) and issubclass(kind, Enum):
        value = {"type": "string", "enum": [member.value for member in kind]}
        return {"anyOf": [_object({"value": value, **_WHERE}), {"type": "null"}]}
    return {"anyOf": [{"$ref": f"#/$defs/{_kind_of(kind)}"}, {"type": "null"}]}


def _row(kind: Any) -> Json:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        cells = {name: _cell(field.annotation) for name, field in kind.model_fields.items()}
        return _object({**cells, **_WHERE})
    return {"$ref": f"#/$defs/{_kind_of(kind)}"}


def _cell(annotation: Any) -> Json:
    plain = {"text": "string", "date": "string", "amount": "number"}[_kind_of(_bare(annotation))]
    optional = type(None) in typing.get_args(annotation)
    cell: Json = {"type": [plain, "null"] if optional else plain}
    return {**cell, "format": "date"} if _bare(annotation) is date else cell


def _bare(annotation: Any) -> Any:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next(part for part in typing.get_args(annotation) if part is not type(None))
    return annotation


def _kind_of(kind: Any) -> str:
    return {str: "text", date: "date", Decimal: "amount"}[kind]
