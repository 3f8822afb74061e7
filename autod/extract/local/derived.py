"""What follows from a document's believed values: summary, area, tags, points, things to do, urgency.

Nothing is invented: every statement is built from ``Metadata`` or quotes a line of the page.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.filing import file_name
from autod.domain.kind_columns import Haste
from autod.domain.kinds import DocType, kind_of
from autod.domain.metadata import Metadata, Urgency
from autod.domain.reading import Reading
from autod.extract.local.page.layout import LabelTable, find_labels, page_source
from autod.extract.local.page.sentences import sentence_around
from autod.extract.local.weights import DerivedWeights
from autod.words import phrases, table

_SOON_DAYS: Final = 7
_MOST_REQUESTS = 3
_PAGES = 3
_REQUEST_TABLE = table("phrases.requests")
_PRESSING_TABLE = LabelTable({"pressing": phrases("phrases.pressing")})


def derive(metadata: Metadata, reading: Reading) -> dict[str, Found]:
    """The fields that rest on other fields, each with source ``derived`` or the line that says it."""
    found = {"summary": _derived(summary(metadata), DerivedWeights.summary)}
    area = kind_of(metadata.doc_type).area
    if area:
        category, subcategory = area
        found["category"] = _derived(category, DerivedWeights.category)
        found["subcategory"] = _derived(subcategory, DerivedWeights.subcategory)
    tags = _tags(metadata)
    if tags:
        found["tags"] = _derived(tags, DerivedWeights.tags)
    points = _key_points(metadata)
    if points:
        found["key_points"] = _derived(points, DerivedWeights.key_points)
    requests = _requests(reading)
    actions = tuple(dict.fromkeys((*_payment(metadata), *(item.value for item in requests))))
    if actions:
        first = requests[0] if requests else _derived(actions, DerivedWeights.actions)
        found["action_items"] = replace(first, value=actions, score=DerivedWeights.actions)
    found["urgency"] = _urgency(metadata, reading, bool(actions))
    found["suggested_file_name"] = _derived(
        file_name(metadata, metadata.title or _untitled()), DerivedWeights.file_name
    )
    return found


def _derived(value: object, score: float) -> Found:
    return Found(value, score, EvidenceSource.DERIVED)


def _untitled() -> str:
    """What a document is called of which nothing else is known."""
    return "document"


def summary(metadata: Metadata) -> str:
    """One to three English sentences: who, what, how much, when."""
    kind = metadata.subtype or metadata.doc_type.value.replace("_", " ")
    first = _upper_first(kind if metadata.doc_type is not DocType.OTHER else metadata.subtype or _untitled())
    if metadata.reference_number:
        first += f" {metadata.reference_number}"
    if metadata.issuer:
        first += f" from {metadata.issuer}"
    if metadata.recipient:
        first += f" to {metadata.recipient}" if metadata.issuer else f" for {metadata.recipient}"
    if metadata.primary_date:
        first += f", dated {metadata.primary_date.isoformat()}"
    sentences = [first]
    if metadata.period_start and metadata.period_end:
        sentences.append(f"Period {metadata.period_start.isoformat()} to {metadata.period_end.isoformat()}")
    money = _money_sentence(metadata)
    if money:
        sentences.append(money)
    return " ".join(sentence.rstrip(".") + "." for sentence in sentences)


def _money_sentence(metadata: Metadata) -> str:
    parts = []
    if metadata.total_amount is not None:
        parts.append(f"Total {_money(metadata.total_amount, metadata)}")
    if metadata.amount_due is not None and metadata.amount_due != metadata.total_amount:
        parts.append(f"{_money(metadata.amount_due, metadata)} to pay")
    if metadata.due_date:
        parts.append(f"due {metadata.due_date.isoformat()}")
    return _upper_first(", ".join(parts))


def _money(amount: Decimal, metadata: Metadata) -> str:
    return f"{amount:,f} {metadata.currency or ''}".strip()


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _tags(metadata: Metadata) -> tuple[str, ...]:
    words = [
        metadata.doc_type.value.replace("_", " ") if metadata.doc_type is not DocType.OTHER else "",
        metadata.subtype or "",
        metadata.issuer or "",
        str(metadata.primary_date.year) if metadata.primary_date else "",
        kind_of(metadata.doc_type).category,
    ]
    return tuple(dict.fromkeys(word.lower() for word in words if word))


def _key_points(metadata: Metadata) -> tuple[str, ...]:
    points = []
    if metadata.total_amount is not None:
        points.append(f"Total: {_money(metadata.total_amount, metadata)}")
    if metadata.amount_due is not None and metadata.amount_due != metadata.total_amount:
        points.append(f"To pay: {_money(metadata.amount_due, metadata)}")
    if metadata.due_date:
        points.append(f"Due: {metadata.due_date.isoformat()}")
    if metadata.period_start and metadata.period_end:
        points.append(f"Period: {metadata.period_start.isoformat()} to {metadata.period_end.isoformat()}")
    for name, value in (
        ("Policy", metadata.policy_number),
        ("Claim", metadata.claim_number),
        ("Loan", metadata.loan_number),
        ("Account", metadata.account_number),
    ):
        if value:
            points.append(f"{name}: {value}")
    points += [
        " ".join(f"Meter {meter.meter or ''}: {meter.value:f} {meter.unit or ''}".split())
        for meter in metadata.meter_readings[:3]
    ]
    return tuple(points)


def _payment(metadata: Metadata) -> tuple[str, ...]:
    if not kind_of(metadata.doc_type).to_pay:
        return ()
    amount = metadata.amount_due if metadata.amount_due is not None else metadata.total_amount
    if amount is None or amount <= 0 or (metadata.due_date is None and metadata.amount_due is None):
        return ()
    text = f"Pay {_money(amount, metadata)}"
    if metadata.issuer:
        text += f" to {metadata.issuer}"
    if metadata.due_date:
        text += f" by {metadata.due_date.isoformat()}"
    return (text,)


def _requests(reading: Reading) -> list[Found]:
    """Sentences that ask the reader to do something, as printed."""
    found: dict[str, Found] = {}
    for page in reading.pages[:_PAGES]:
        for hit in find_labels(page, _REQUEST_TABLE):
            if len(found) >= _MOST_REQUESTS:
                return list(found.values())
            if hit.key == "reply" or hit.key not in found:
                item = sentence_around(hit)
                found.setdefault(item.value if hit.key == "reply" else hit.key, item)
    return list(found.values())


def _urgency(metadata: Metadata, reading: Reading, has_actions: bool) -> Found:
    haste = kind_of(metadata.doc_type).haste
    for page in reading.pages[:1] if haste is not Haste.LEISURE else ():
        for hit in find_labels(page, _PRESSING_TABLE):
            if hit.starts_line or haste is Haste.PRESSING:
                reason = DerivedWeights.says_urgent
                return Found(
                    Urgency.HIGH, reason, page_source(page), page.number, hit.line.text, hit.line.box
                )
    if haste is Haste.PRESSING:
        return _derived(Urgency.HIGH, DerivedWeights.urgent_by_kind)
    last_day = metadata.deadline or metadata.due_date
    if (
        last_day
        and metadata.primary_date
        and has_actions
        and 0 <= (last_day - metadata.primary_date).days <= _SOON_DAYS
    ):
        return _derived(Urgency.HIGH, DerivedWeights.due_soon)
    if haste is Haste.LEISURE and not has_actions:
        return _derived(Urgency.LOW, DerivedWeights.leisure)
    return _derived(Urgency.NORMAL, DerivedWeights.usual)
