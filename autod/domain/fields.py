"""Reading the table of fields, the rows of ``Metadata``: whoever does something to every field asks here."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from autod.domain.field_columns import About
from autod.domain.metadata import Metadata


@dataclass(frozen=True, slots=True)
class MetadataField:
    """One row. ``kind`` is the value's type, of one entry if it is a list; ``default`` stands for none."""

    name: str
    kind: type
    is_list: bool
    default: Any
    about: About

    @property
    def is_amount(self) -> bool:
        return self.kind is Decimal


def bare(annotation: Any) -> Any:
    """The type of a value that may be missing: ``date`` of ``date | None``."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next(part for part in typing.get_args(annotation) if part is not type(None))
    return annotation


def _rows() -> dict[str, MetadataField]:
    rows = {}
    for name, field in Metadata.model_fields.items():
        (about,) = (item for item in field.metadata if isinstance(item, About))
        is_list = typing.get_origin(field.annotation) is tuple
        kind = typing.get_args(field.annotation)[0] if is_list else bare(field.annotation)
        rows[name] = MetadataField(name, kind, is_list, field.default, about)
    return rows


FIELDS: Final = _rows()
"""By name, in the order in which they are shown."""


def names_where(holds: Callable[[MetadataField], bool]) -> tuple[str, ...]:
    """The names of the fields of which something holds, in order."""
    return tuple(name for name, field in FIELDS.items() if holds(field))
