"""The part of JSON schema that the service's strict mode takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

ALLOWED = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "$ref", "$defs",
     "description", "format", "const"}
)  # fmt: skip
MOST_PROPERTIES, DEEPEST, MOST_ENUM_VALUES = 5000, 10, 1000


def lint(schema: Json) -> list[str]:
    """What the service's strict mode would refuse, each with its place; empty when nothing."""
    found = [] if schema.get("type") == "object" and "anyOf" not in schema else ["root: must be an object"]
    properties = values = 0
    for place, depth, node in _nodes(schema, "root", 1):
        found += [f"{place}: {word} is not allowed" for word in sorted(node.keys() - ALLOWED)]
        properties += len(node.get("properties", ()))
        values += len(node.get("enum", ()))
        if depth > DEEPEST:
            found.append(f"{place}: deeper than {DEEPEST} levels")
        if node.get("type") == "object":
            if node.get("additionalProperties") is not False:
                found.append(f"{place}: additionalProperties must be false")
            if set(node.get("required", ())) != set(node.get("properties", ())):
                found.append(f"{place}: all properties must be required")
    if properties > MOST_PROPERTIES:
        found.append(f"root: {properties} properties, more than {MOST_PROPERTIES}")
    if values > MOST_ENUM_VALUES:
        found.append(f"root: {values} enum values, more than {MOST_ENUM_VALUES}")
    return found


def _nodes(schema: Json, place: str, depth: int) -> Iterator[tuple[str, int, Json]]:
    yield place, depth, schema
    for name, part in {**schema.get("properties", {}), **schema.get("$defs", {})}.items():
        yield from _nodes(part, f"{place}.{name}", depth + 1)
    if isinstance(schema.get("items"), dict):
        yield from _nodes(schema["items"], f"{place}[]", depth + 1)
    for number, part in enumerate(schema.get("anyOf", ())):
        yield from _nodes(part, f"{place}|{number}", depth)
