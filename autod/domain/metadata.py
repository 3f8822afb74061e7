"""The one table of what a document says: prompt, validation, columns, search and pages come from it.

A row is a field with its type, in the order in which fields are shown; ``autod.domain.field_columns`` says
what stands in a row, ``autod.domain.fields`` is how everybody reads it.

Money is ``Decimal`` and goes with ``currency`` (ISO 4217); dates are dates; unknown is ``None`` or empty.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from autod.domain.field_columns import About, Asked, Grammar, Scored, Searched, Spelling, Stated
from autod.domain.kinds import DocType

_DATED = tuple(f"dates.labels.{key}" for key in ("invoice", "issue", "credit", "statement"))
_PERIOD = ("dates.labels.period", "dates.labels.service_period")


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
    """What one document says: one row a field. Every fact here has an entry in the evidence beside it."""

    doc_type: Annotated[DocType, About(
        "Kind", "What kind of document this is.", search=None, grammar=Grammar.JUDGED,
        asked=Asked.JUDGEMENT, stated=Stated.ALWAYS, scored=Scored.EXACT, spelling=Spelling.LOWER,
        attribute=True, listed=True, width=64,
    )] = DocType.OTHER  # fmt: skip
    subtype: Annotated[str | None, About(
        "Narrower kind", "A narrower kind, in free words.", search=Searched("names", 3),
        grammar=Grammar.JUDGED, asked=Asked.ITSELF, scored=Scored.NAME,
    )] = None  # fmt: skip
    title: Annotated[str | None, About(
        "Title", "The document's own heading.", search=Searched("title", 1), grammar=Grammar.WORDING,
        asked=Asked.ITSELF, scored=Scored.NAME,
    )] = None  # fmt: skip
    summary: Annotated[str | None, About(
        "Summary", "One to three sentences: who, what, how much, when.", search=Searched("names", 4),
        grammar=Grammar.COMPOSED, asked=Asked.NOT, prose=True,
    )] = None  # fmt: skip
    language: Annotated[str | None, About(
        "Language", "ISO 639-1 code of the main language.", search=None, grammar=Grammar.JUDGED,
        asked=Asked.JUDGEMENT, scored=Scored.EXACT, spelling=Spelling.LOWER, attribute=True,
    )] = None  # fmt: skip
    issuer: Annotated[str | None, About(
        "Issuer", "Who made the document: seller, bank, authority.", search=Searched("issuer", 1),
        grammar=Grammar.NAME, stated=Stated.ALWAYS, scored=Scored.NAME, attribute=True, listed=True,
    )] = None  # fmt: skip
    recipient: Annotated[str | None, About(
        "Recipient", "Whom it is addressed to: buyer, account holder.", search=Searched("names", 1),
        grammar=Grammar.NAME, scored=Scored.NAME, attribute=True,
    )] = None  # fmt: skip
    primary_date: Annotated[date | None, About(
        "Date", "The date the document bears.", search=None, grammar=Grammar.DAY, stated=Stated.ALWAYS,
        scored=Scored.EXACT, printed=True, attribute=True, listed=True,
        labels=_DATED,
    )] = None  # fmt: skip
    due_date: Annotated[date | None, About(
        "Due", "Last day to pay.", search=None, grammar=Grammar.DAY, stated=Stated.TO_PAY,
        scored=Scored.EXACT, attribute=True, listed=True,
        labels=("dates.labels.due",),
    )] = None  # fmt: skip
    period_start: Annotated[date | None, About(
        "Period from", "First day of the period it covers.", search=None, grammar=Grammar.FIRST_DAY,
        scored=Scored.EXACT,
        labels=(*_PERIOD, "dates.labels.period_start"),
    )] = None  # fmt: skip
    period_end: Annotated[date | None, About(
        "Period to", "Last day of the period it covers.", search=None, grammar=Grammar.LAST_DAY,
        scored=Scored.EXACT, at_the_end=True,
        labels=(*_PERIOD, "dates.labels.period_end"),
    )] = None  # fmt: skip
    total_amount: Annotated[Decimal | None, About(
        "Total", "Grand total, taxes included.", search=Searched("numbers", 10), grammar=Grammar.AMOUNT,
        stated=Stated.ALWAYS, scored=Scored.EXACT, printed=True, at_the_end=True, attribute=True,
        listed=True,
        labels=("amounts.labels.total",),
    )] = None  # fmt: skip
    amount_due: Annotated[Decimal | None, About(
        "To pay", "What remains to be paid.", search=Searched("numbers", 11), grammar=Grammar.AMOUNT,
        scored=Scored.EXACT, printed=True, at_the_end=True,
        labels=("amounts.labels.to_pay", "amounts.labels.due"),
    )] = None  # fmt: skip
    tax_amount: Annotated[Decimal | None, About(
        "Tax", "Sum of the taxes shown.", search=None, grammar=Grammar.AMOUNT, scored=Scored.EXACT,
        at_the_end=True,
        labels=("amounts.labels.tax",),
    )] = None  # fmt: skip
    currency: Annotated[str | None, About(
        "Currency", "ISO 4217 code of all amounts.", search=None, grammar=Grammar.CURRENCY,
        stated=Stated.ALWAYS, scored=Scored.EXACT, spelling=Spelling.CURRENCY, attribute=True, listed=True,
    )] = None  # fmt: skip
    reference_number: Annotated[str | None, About(
        "Number", "The document's own number.", search=Searched("numbers", 1), grammar=Grammar.NUMBER,
        stated=Stated.ALWAYS, scored=Scored.EXACT, printed=True, attribute=True,
    )] = None  # fmt: skip
    account_number: Annotated[str | None, About(
        "Account number", "Account the document is about.", search=Searched("numbers", 2),
        grammar=Grammar.NUMBER, scored=Scored.EXACT, attribute=True,
    )] = None  # fmt: skip
    customer_number: Annotated[str | None, About(
        "Customer number", "The recipient's number at the issuer.", search=Searched("numbers", 3),
        grammar=Grammar.NUMBER, scored=Scored.EXACT, attribute=True,
    )] = None  # fmt: skip
    iban: Annotated[str | None, About(
        "IBAN", "IBAN to pay to, or of the account, without spaces.", search=Searched("numbers", 4),
        grammar=Grammar.NUMBER, stated=Stated.TO_PAY, scored=Scored.EXACT, spelling=Spelling.IBAN,
        printed=True,
    )] = None  # fmt: skip
    tax_id: Annotated[str | None, About(
        "Tax number", "The issuer's VAT or tax number.", search=Searched("numbers", 5),
        grammar=Grammar.NUMBER, scored=Scored.EXACT,
    )] = None  # fmt: skip
    policy_number: Annotated[str | None, About(
        "Policy number", "Insurance policy number.", search=Searched("numbers", 6), grammar=Grammar.NUMBER,
        scored=Scored.EXACT,
    )] = None  # fmt: skip
    claim_number: Annotated[str | None, About(
        "Claim number", "Insurance claim number.", search=Searched("numbers", 7), grammar=Grammar.NUMBER,
        scored=Scored.EXACT,
    )] = None  # fmt: skip
    loan_number: Annotated[str | None, About(
        "Loan number", "Loan number.", search=Searched("numbers", 8), grammar=Grammar.NUMBER,
        scored=Scored.EXACT,
    )] = None  # fmt: skip
    addresses: Annotated[tuple[str, ...], About(
        "Addresses", "Postal addresses on the page, the issuer's first.", search=None, grammar=Grammar.ROWS,
        scored=Scored.EXACT,
    )] = ()  # fmt: skip
    email: Annotated[str | None, About(
        "E-mail", "The issuer's e-mail address.", search=Searched("names", 7), grammar=Grammar.NUMBER,
        scored=Scored.EXACT,
    )] = None  # fmt: skip
    phone: Annotated[str | None, About(
        "Telephone", "The issuer's telephone number.", search=Searched("numbers", 9),
        grammar=Grammar.NUMBER, scored=Scored.EXACT,
    )] = None  # fmt: skip
    meter_readings: Annotated[tuple[MeterReading, ...], About(
        "Meter readings", "Meters and their readings.", search=None, grammar=Grammar.ROWS,
    )] = ()  # fmt: skip
    category: Annotated[str | None, About(
        "Category", "Broad area: finance, health, housing, work…", search=Searched("names", 5),
        grammar=Grammar.JUDGED, asked=Asked.NOT, attribute=True,
    )] = None  # fmt: skip
    subcategory: Annotated[str | None, About(
        "Narrower category", "Narrower area within the category.", search=Searched("names", 6),
        grammar=Grammar.JUDGED, asked=Asked.NOT,
    )] = None  # fmt: skip
    tags: Annotated[tuple[str, ...], About(
        "Tags", "Words to find it by.", search=Searched("names", 8), grammar=Grammar.COMPOSED,
        asked=Asked.NOT,
    )] = ()  # fmt: skip
    key_points: Annotated[tuple[str, ...], About(
        "Key points", "What a reader must know.", search=None, grammar=Grammar.COMPOSED, asked=Asked.NOT,
    )] = ()  # fmt: skip
    action_items: Annotated[tuple[str, ...], About(
        "Things to do", "What a reader must do.", search=None, grammar=Grammar.COMPOSED, asked=Asked.NOT,
    )] = ()  # fmt: skip
    deadline: Annotated[date | None, About(
        "Deadline", "The earliest day by which something must be done.", search=None, grammar=Grammar.DAY,
        asked=Asked.NOT,
    )] = None  # fmt: skip
    urgency: Annotated[Urgency | None, About(
        "Urgency", "How soon it needs attention.", search=None, grammar=Grammar.JUDGED, asked=Asked.NOT,
        spelling=Spelling.LOWER, width=16,
    )] = None  # fmt: skip
    suggested_file_name: Annotated[str | None, About(
        "File name", "A good file name, without folder.", search=None, grammar=Grammar.COMPOSED,
        asked=Asked.NOT,
    )] = None  # fmt: skip
    line_items: Annotated[tuple[LineItem, ...], About(
        "Line items", "Rows of goods or services.", search=None, grammar=Grammar.ROWS, stated=Stated.ALWAYS,
    )] = ()  # fmt: skip
