"""The fields of ``Metadata`` as columns, and the record of who said what.

A person's value is locked: it stands whatever a later run finds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db.models import Document, FieldValue
from autod.db.types import LARGEST_MONEY
from autod.domain.currencies import CURRENCIES
from autod.domain.extraction import Evidence, EvidenceSource, Extraction
from autod.domain.field_columns import Spelling
from autod.domain.fields import FIELDS
from autod.domain.left_out import NEXT_STEPS, LeftOut
from autod.domain.metadata import Metadata
from autod.domain.storable import LONGEST_FACT, LONGEST_PROSE, storable, storable_json
from autod.errors import UsageError

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which version of the program and of a model said something."""

    pipeline_version: str
    model: str | None = None
    prompt_version: str | None = None


def latest(session: Session, document_id: int) -> dict[str, FieldValue]:
    """The word that holds for each field: the latest locked one, else the latest."""
    rows = session.scalars(
        select(FieldValue).where(FieldValue.document_id == document_id).order_by(FieldValue.id)
    )
    holds: dict[str, FieldValue] = {}
    for row in rows:
        before = holds.get(row.field)
        if before is None or row.locked or not before.locked:
            holds[row.field] = row
    return holds


def believe(
    session: Session, document: Document, extraction: Extraction, provenance: Provenance, now: datetime
) -> Metadata:
    """Note what an extractor said and set the document's columns; returns what now holds."""
    values = storable_json(extraction.metadata.model_dump(mode="json"))
    holds = latest(session, document.id)
    locked = {name: row.value for name, row in holds.items() if row.locked}
    news: list[dict[str, Any]] = []
    for name, value in values.items():
        evidence = extraction.evidence.get(name)
        row = {
            "document_id": document.id,
            "field": name,
            "value": value,
            "evidence": storable_json(evidence.to_dict()) if evidence else None,
            "confidence": round(evidence.confidence, 4) if evidence else None,
            "source": storable(extraction.engine, 64),
            "locked": False,
            "pipeline_version": provenance.pipeline_version,
            "model": provenance.model,
            "prompt_version": provenance.prompt_version,
            "created_at": now,
        }
        before = _last_unlocked(session, document.id, name) if name in locked else holds.get(name)
        if _is_news(row, before):
            news.append(row)
    if news:
        session.execute(insert(FieldValue), news)
    metadata = Metadata.model_validate({**values, **locked})
    too_large, cut = _set_columns(document, metadata)
    review = [name for name in extraction.needs_review if name not in locked]
    document.needs_review = [*dict.fromkeys([*review, *too_large, *cut])]
    document.checks = [*extraction.checks, *([str(Code.AMOUNT_OUT_OF_RANGE)] if too_large else [])]
    if cut:
        mark(document, LeftOut(Code.VALUES_CUT, len(cut)))
    document.confidence = _mean(extraction.evidence, locked)
    return metadata


def mark(document: Document, left_out: LeftOut) -> None:
    """What a limit left out is told, and waits for a person."""
    document.checks = [*document.checks, left_out.check]
    document.needs_review = [*document.needs_review, str(left_out.code)]


def _last_unlocked(session: Session, document_id: int, field: str) -> FieldValue | None:
    return session.scalar(
        select(FieldValue)
        .where(
            FieldValue.document_id == document_id,
            FieldValue.field == field,
            FieldValue.locked.is_(False),
        )
        .order_by(FieldValue.id.desc())
        .limit(1)
    )


def _is_news(row: dict[str, Any], before: FieldValue | None) -> bool:
    """A repetition is none, nor is an empty value where there was none."""
    if before is None:
        return row["value"] not in (None, [])
    compared = ("value", "evidence", "confidence", "source", "pipeline_version", "model", "prompt_version")
    return any(row[name] != getattr(before, name) for name in compared)


def _mean(evidence: Mapping[str, Evidence], locked: Mapping[str, Any]) -> float | None:
    values = [1.0 if name in locked else item.confidence for name, item in evidence.items()]
    return round(sum(values) / len(values), 4) if values else None


def _set_columns(document: Document, metadata: Metadata) -> tuple[list[str], list[str]]:
    """Set every field's column; returns the amounts that no column can hold, which are left empty, and the
    texts that were cut to fit.
    """
    too_large, cut = [], []
    as_json = metadata.model_dump(mode="json")
    for name, value in metadata:
        if isinstance(value, Decimal):
            if not _fits(value):
                too_large.append(name)
                value = None
        elif isinstance(value, str):
            most = LONGEST_PROSE if FIELDS[name].about.prose else LONGEST_FACT
            if len(storable(str(value))) > most:
                cut.append(name)
            value = storable(str(value), most)
        elif FIELDS[name].is_list:
            value = storable_json(as_json[name], LONGEST_PROSE)
            if value != storable_json(as_json[name]):
                cut.append(name)
        setattr(document, name, value)
    return too_large, cut


def _fits(amount: Decimal) -> bool:
    return amount.is_finite() and abs(amount) < LARGEST_MONEY


def metadata_of(document: Document) -> Metadata:
    """What is believed about a document, from its columns."""
    values = {name: getattr(document, name) for name in FIELDS}
    return Metadata.model_validate({name: value for name, value in values.items() if value is not None})


def set_by_person(
    session: Session, document: Document, field: str, raw_value: str, now: datetime
) -> Metadata:
    """Take a person's word for one field and lock it; an empty text means that there is no such value.

    Lists are JSON, or texts separated by semicolons. The code of what a limit left out, in place of a field's
    name, says that a person has seen to it.

    Raises:
        UsageError: code ``unknown_field`` or ``bad_value``.
    """
    if field in NEXT_STEPS and field in document.needs_review:
        document.needs_review = [name for name in document.needs_review if name != field]
        return metadata_of(document)
    if field not in FIELDS:
        names = ", ".join(FIELDS)
        raise UsageError(
            "there is no field of that name", code=Code.UNKNOWN_FIELD, next_step=f"The fields are: {names}."
        )
    value = _parsed(field, raw_value, metadata_of(document).language)
    session.add(
        FieldValue(
            document_id=document.id,
            field=field,
            value=value,
            evidence=Evidence(EvidenceSource.PERSON, 1.0).to_dict(),
            confidence=1.0,
            source=PERSON,
            locked=True,
            created_at=now,
        )
    )
    return _set_locked(document, {field: value})


def carry(session: Session, earlier: Document, later: Document) -> list[str]:
    """What a person said of a document holds for the one that stands for it now.

    Returns the fields taken over. Of two words of a person for one field the one that was said last holds.
    """
    earlier_words = {name: row for name, row in latest(session, earlier.id).items() if row.locked}
    later_words = {name: row for name, row in latest(session, later.id).items() if row.locked}
    taken = [
        row
        for name, row in earlier_words.items()
        if name not in later_words or later_words[name].created_at < row.created_at
    ]
    copied = ("field", "value", "evidence", "confidence", "source", "locked", "created_at")
    for row in taken:
        session.add(FieldValue(document_id=later.id, **{name: getattr(row, name) for name in copied}))
    _set_locked(later, {row.field: row.value for row in taken if row.field in FIELDS})
    return [row.field for row in taken]


def _set_locked(document: Document, values: dict[str, Any]) -> Metadata:
    """A person's values as the document's, which then need no review; the others stay."""
    believed = metadata_of(document).model_dump(mode="json")
    set_now = {name: _or_default(name, value) for name, value in values.items()}
    metadata = Metadata.model_validate({**believed, **set_now})
    _set_columns(document, metadata)
    document.needs_review = [name for name in document.needs_review if name not in values]
    return metadata


def _or_default(field: str, value: Any) -> Any:
    return FIELDS[field].default if value is None else value


_LANGUAGE = re.compile(r"[A-Za-z]{2}")
_PLAIN: dict[type, tuple[str, re.Pattern[str]]] = {
    date: ("date", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    Decimal: ("amount", re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")),
}


def _parsed(field: str, raw_value: str, language: str | None) -> Any:
    """A person's text as the field's JSON value, read in the document's language."""
    text = storable(raw_value, LONGEST_PROSE).strip()
    given: Any = _list(field, text) if FIELDS[field].is_list else _read(field, text, language) or None
    try:
        metadata = Metadata.model_validate({field: _or_default(field, given)})
    except ValidationError as error:
        raise _bad_value(field, error.errors(include_input=False)[0]["msg"]) from None
    number = getattr(metadata, field)
    if isinstance(number, Decimal) and not _fits(number):
        raise _bad_value(field, f"it must be smaller than {LARGEST_MONEY:,}")
    return metadata.model_dump(mode="json")[field]


def _read(field: str, text: str, language: str | None) -> Any:
    """A day or an amount by the grammar by which engines read the page, else the text in its one spelling."""
    from autod.grammar.manner import Manner
    from autod.grammar.typed import typed

    try:
        value = typed(FIELDS[field].about.grammar, text, Manner(language))
    except ValueError as error:
        raise _bad_value(field, str(error)) from None
    if value is None and FIELDS[field].kind in _PLAIN and not _is_plain(field, text):
        raise _bad_value(field, f"it is no {_PLAIN[FIELDS[field].kind][0]}")
    return _tidied(field, text) if value is None else str(value)


def _is_plain(field: str, text: str) -> bool:
    """Whether it is nothing, or a day or amount in its plain spelling: nobody writes as machines do."""
    return not text or _PLAIN[FIELDS[field].kind][1].fullmatch(text) is not None


def _tidied(field: str, text: str) -> str:
    """Codes in their standard spelling, so that ``eur`` and ``EUR`` are one currency."""
    spelling = FIELDS[field].about.spelling
    if spelling is Spelling.CURRENCY:
        if text and not (len(text) == 3 and text.isascii() and text.isalpha()):
            raise _bad_value(field, "it must be a code of three letters, such as EUR")
        if text and text.upper() not in CURRENCIES:
            raise _bad_value(field, f"{text.upper()} is no currency of ISO 4217; EUR is one, or USD")
        return text.upper()
    if field == "language" and text and not _LANGUAGE.fullmatch(text):
        raise _bad_value(field, "it must be a language's code of two letters (ISO 639-1), such as de or en")
    if spelling is Spelling.IBAN:
        return "".join(text.split()).upper()
    return text.lower() if spelling is Spelling.LOWER else text


def _list(field: str, text: str) -> Any:
    if not text.startswith("["):
        return [item.strip() for item in text.split(";") if item.strip()]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _bad_value(field, "it begins like a JSON list but is none") from None


def _bad_value(field: str, why: str) -> UsageError:
    return UsageError(
        f"{field} cannot have that value: {why}",
        code=Code.BAD_VALUE,
        next_step="Write dates as 2026-12-31 or as printed (31.12.2026), amounts as 1234.50 or as printed "
        "(1.234,50 EUR), lists separated by semicolons or as JSON.",
    )
