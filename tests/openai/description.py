"""The published description of the API, against which every exchange with the stub is checked."""

from __future__ import annotations

import gzip
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[3] / "shared" / "openai" / "spec.json.gz"
"""Not part of the repository; without it the exchanges are not checked, and a test says so."""


def present() -> bool:
    return FILE.exists()


@lru_cache(maxsize=1)
def _spec() -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    return spec


@lru_cache(maxsize=1)
def _registry() -> Any:
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    return Registry().with_resource("urn:openai", Resource.from_contents(_spec(), DRAFT202012))


@lru_cache(maxsize=64)
def _validator(pointer: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator({"$ref": f"urn:openai#{pointer}"}, registry=_registry())


def _template(path: str) -> str | None:
    if path in _spec()["paths"]:
        return path
    for template in _spec()["paths"]:
        if re.fullmatch(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template)), path):
            return str(template)
    return None


def violations(method: str, path: str, request: Any, media_type: str, status: int, answer: Any) -> list[str]:
    """What in one exchange contradicts the description; ``path`` is below ``/v1``."""
    template = _template(path)
    if template is None or method.lower() not in _spec()["paths"][template]:
        return [] if path.startswith("/conversations") else [f"{method} {path} is not described"]
    operation = _spec()["paths"][template][method.lower()]
    place = "/paths/" + template.replace("~", "~0").replace("/", "~1") + "/" + method.lower()
    found = []
    body = operation.get("requestBody", {}).get("content", {})
    if request is not None and media_type in body:
        kind = media_type.replace("/", "~1")
        found += _errors(f"{place}/requestBody/content/{kind}/schema", request, f"{method} {path} request")
    elif request is not None:
        found.append(f"{method} {path} takes no {media_type}")
    if status >= 400:
        found += _errors("/components/schemas/ErrorResponse", answer, f"{method} {path} error")
    elif "content" in operation["responses"].get("200", {}):
        found += _errors(
            f"{place}/responses/200/content/application~1json/schema", answer, f"{method} {path} answer"
        )
    return found


def _errors(pointer: str, value: Any, what: str) -> list[str]:
    return [
        f"{what}: {error.json_path}: {error.message[:200]}"
        for error in _validator(pointer).iter_errors(value)
    ]
