"""The columns of ``documents`` that hold what is believed: one a field, made from the table of fields."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, String, Text, text
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from autod.db.types import DecimalNumber, Json
from autod.domain.fields import FIELDS, MetadataField

EMPTY_LIST = text("'[]'")


def _column(field: MetadataField) -> MappedColumn[Any]:
    if field.is_list:
        return mapped_column(Json, nullable=False, default=list, server_default=EMPTY_LIST)
    if field.kind is date:
        return mapped_column(Date(), nullable=True)
    if field.is_amount:
        return mapped_column(DecimalNumber(), nullable=True)
    return mapped_column(String(field.about.width) if field.about.width else Text(), nullable=True)


if TYPE_CHECKING:

    class FieldColumns:
        """The types of those that code names; a field that nobody names needs no line here."""

        doc_type: Mapped[str | None]
        subtype: Mapped[str | None]
        title: Mapped[str | None]
        summary: Mapped[str | None]
        issuer: Mapped[str | None]
        recipient: Mapped[str | None]
        primary_date: Mapped[date | None]
        due_date: Mapped[date | None]
        total_amount: Mapped[Decimal | None]
        amount_due: Mapped[Decimal | None]
        currency: Mapped[str | None]
        reference_number: Mapped[str | None]
        category: Mapped[str | None]
        subcategory: Mapped[str | None]
        tags: Mapped[list[Any]]
        line_items: Mapped[list[Any]]

else:
    FieldColumns = type("FieldColumns", (), {name: _column(field) for name, field in FIELDS.items()})
