"""Whether a value has the shape of its field."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from autod.domain.metadata import Metadata


def fits_schema(name: str, value: Any) -> bool:
    try:
        Metadata(**{name: value})
    except ValidationError:
        return False
    return True
