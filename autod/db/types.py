"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

CENT = Decimal("0.01")

# 15 significant digits survive the way through a double and back: 11 before the point, 4 after it.
MONEY_SCALE = 4
LARGEST_MONEY = Decimal(10) ** 11

BigId = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Bound naive values are local time, as ``datetime.now()`` is; loaded ones are aware UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class DecimalNumber(TypeDecorator[Decimal]):
    """A ``Decimal`` in a NUMERIC column; on SQLite a number, so that plain SQL compares and sums it.

    docs/decisions/0002-money-in-the-database.md has the reasons.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int = 18, scale: int = MONEY_SCALE) -> None:
        super().__init__(precision, scale)
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Numeric(18, self.scale, asdecimal=False))
        return dialect.type_descriptor(Numeric(18, self.scale))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        rounded = round(Decimal(value), self.scale)
        return float(rounded) if dialect.name == "sqlite" else rounded

    def process_result_value(self, value: Any, _dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        number = round(Decimal(repr(value) if isinstance(value, float) else value), self.scale)
        cents = number.quantize(CENT)
        return cents if cents == number else number.normalize()


class Cost(DecimalNumber):
    """US dollars with nine digits after the point: a single token has a price."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(18, 9)
