"""A document and what may be found in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from autod.db import documents
from autod.db.documents import PageText
from autod.domain.extraction import Evidence, EvidenceSource, Extraction, Usage
from autod.domain.kinds import DocType
from autod.domain.metadata import LineItem, Metadata, Urgency

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

INVOICE = Metadata(
    doc_type=DocType.INVOICE,
    title="Rechnung Nr. R-2026/17",
    issuer="Müller & Söhne GmbH",
    recipient="Erika Beispiel",
    primary_date=date(2026, 11, 1),
    total_amount=Decimal("1234.56"),
    currency="EUR",
    reference_number="R-2026/17",
    tags=("heating",),
    urgency=Urgency.NORMAL,
    line_items=(LineItem(description="Wärmepumpe", quantity=Decimal(1), amount=Decimal("1234.56")),),
)


def admitted(session: Session, *, sha256: str = "a" * 64, name: str = "scan.pdf") -> int:
    """A new document's number."""
    admission = documents.admit(
        session, sha256=sha256, original_filename=name, source_path=f"/inbox/{name}", size=1000, now=NOW
    )
    return admission.document_id


def extraction(metadata: Metadata = INVOICE, confidence: float = 0.9, **changes: Any) -> Extraction:
    """What an engine made of a document; every set field has evidence."""
    said = metadata.model_dump(exclude_defaults=True)
    evidence = {
        name: Evidence(EvidenceSource.TEXT, confidence, page=1, quote=f"quote of {name}") for name in said
    }
    usage = Usage(prompt_tokens=10, output_tokens=5, cached_tokens=2)
    standard: dict[str, Any] = {"engine": "local", "usage": usage, "cost_usd": Decimal("0.0125")}
    return Extraction(metadata=metadata, evidence=evidence, **{**standard, **changes})


def recorded(
    session: Session, number: int, found: Extraction | None = None, pages: tuple[str, ...] = ("",)
) -> Metadata:
    """Write down what was found."""
    return documents.record(
        session,
        number,
        found or extraction(),
        [PageText(i, text, "text_layer") for i, text in enumerate(pages, 1)],
        pipeline_version="1",
        page_count=len(pages),
        ocr_pages=0,
        now=NOW,
    )


def filed(
    session: Session, *pages: str, sha256: str = "a" * 64, name: str = "scan.pdf", **values: Any
) -> int:
    """A document with these pages and metadata; its number."""
    number = admitted(session, sha256=sha256, name=name)
    recorded(session, number, extraction(Metadata(**values)), pages or ("",))
    return number
