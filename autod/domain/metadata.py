"""The one schema of what a document says: prompt, validation, columns and pages come from it.

Money is ``Decimal`` and goes with ``currency`` (ISO 4217); dates are dates; unknown is ``None`` or empty.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from autod.domain.kinds import DocType


class Urgency(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LineItem(_Value):
    """One row of an invoice or receipt."""

    description: str
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None


class MeterReading(_Value):
    """One meter on a utility bill."""

    meter: str | None = None
    value: Decimal
    unit: str | None = None
    read_on: date | None = None


class Metadata(_Value):
    """What one document says. Every fact here has an entry in the evidence beside it."""

    doc_type: DocType = Field(DocType.OTHER, description="What kind of document this is.")
    subtype: str | None = Field(None, description="A narrower kind, in free words.")
    title: str | None = Field(None, description="The document's own heading.")
    summary: str | None = Field(None, description="One to three sentences: who, what, how much, when.")
    language: str | None = Field(None, description="ISO 639-1 code of the main language.")
    issuer: str | None = Field(None, description="Who made the document: seller, bank, authority.")
    recipient: str | None = Field(None, description="Whom it is addressed to: buyer, account holder.")
    primary_date: date | None = Field(None, description="The date the document bears.")
    due_date: date | None = Field(None, description="Last day to pay.")
    period_start: date | None = Field(None, description="First day of the period it covers.")
    period_end: date | None = Field(None, description="Last day of the period it covers.")
    total_amount: Decimal | None = Field(None, description="Grand total, taxes included.")
    amount_due: Decimal | None = Field(None, description="What remains to be paid.")
    tax_amount: Decimal | None = Field(None, description="Sum of the taxes shown.")
    currency: str | None = Field(None, description="ISO 4217 code of all amounts.")
    reference_number: str | None = Field(None, description="The document's own number.")
    account_number: str | None = Field(None, description="Account the document is about.")
    customer_number: str | None = Field(None, description="The recipient's number at the issuer.")
    iban: str | None = Field(None, description="IBAN to pay to, or of the account, without spaces.")
    tax_id: str | None = Field(None, description="The issuer's VAT or tax number.")
    policy_number: str | None = Field(None, description="Insurance policy number.")
    claim_number: str | None = Field(None, description="Insurance claim number.")
    loan_number: str | None = Field(None, description="Loan number.")
    addresses: tuple[str, ...] = Field((), description="Postal addresses on the page, the issuer's first.")
    email: str | None = Field(None, description="The issuer's e-mail address.")
    phone: str | None = Field(None, description="The issuer's telephone number.")
    meter_readings: tuple[MeterReading, ...] = Field((), description="Meters and their readings.")
    category: str | None = Field(None, description="Broad area: finance, health, housing, work…")
    subcategory: str | None = Field(None, description="Narrower area within the category.")
    tags: tuple[str, ...] = Field((), description="Words to find it by.")
    key_points: tuple[str, ...] = Field((), description="What a reader must know.")
    action_items: tuple[str, ...] = Field((), description="What a reader must do.")
    deadline: date | None = Field(None, description="The earliest day by which something must be done.")
    urgency: Urgency | None = Field(None, description="How soon it needs attention.")
    suggested_file_name: str | None = Field(None, description="A good file name, without folder.")
    line_items: tuple[LineItem, ...] = Field((), description="Rows of goods or services.")
