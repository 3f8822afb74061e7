"""What a file states itself is not paid for; where it leaves something open, its word still wins."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from autod.app import App
from autod.config import OpenAIServer, Settings
from autod.db import documents, fields
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.domain.extraction import EvidenceSource
from autod.domain.status import EventKind
from autod.paying.batch_lane import BATCH_LANE
from tests.extract.test_einvoice import cii
from tests.extract.test_stated import IBAN
from tests.extract.test_swiss_qr import PAYLOAD
from tests.openai.stub import Stub
from tests.paid import Open, apps, paid_service, paid_settings
from tests.paper import pdf_of, with_attachment

PAGE = ("Nordfeld GmbH", "RECHNUNG R-77/2026", "Gesamt EUR        238.00", "Vertrag V-12")
SAID = {
    "doc_type": {"value": "invoice", "page": 1, "quote": "RECHNUNG"},
    "issuer": {"value": "Nordfeld", "page": 1, "quote": "Nordfeld"},
    "policy_number": {"value": "V-12", "page": 1, "quote": "Vertrag V-12"},
}


@pytest.fixture
def manager(sqlite_url: str) -> Iterator[DatabaseManager]:
    """Nothing here depends on the kind of database."""
    with DatabaseManager(sqlite_url) as opened:
        yield opened


@pytest.fixture
def stub() -> Iterator[Stub]:
    with paid_service(SAID) as stub:
        yield stub


@pytest.fixture
def settings(
    tmp_path: Path, manager: DatabaseManager, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setattr("autod.extract.openai.pacing.POLL_SECONDS", 0.1)
    return paid_settings(tmp_path, manager, stub)


@pytest.fixture
def opened(settings: Settings, manager: DatabaseManager) -> Iterator[Open]:
    with apps(settings, manager) as opened:
        yield opened


def einvoice(xml: str) -> bytes:
    return with_attachment(pdf_of(PAGE), "factur-x.xml", xml.encode())


def done(app: App, content: bytes, lane: str | None = None) -> Document:
    path = app.folders.inbox / "a.pdf"
    path.write_bytes(content)
    ((_, result),) = app.process_many([path], lane=lane)
    assert result.success, result.error
    with app.manager.get_session(read_only=True) as session:
        return documents.require(session, result.document_id or 0)


LANES: list[dict[str, Any]] = [
    {"openai_paying_once": "conversation"},
    {"openai_paying_once": "background"},
    {"openai_paying_once": "direct"},
    {"openai_server": OpenAIServer.OLLAMA, "openai_model": "qwen3:8b"},
]


@pytest.mark.parametrize("lane", LANES, ids=lambda lane: str(next(iter(lane.values()))))
def test_an_invoice_that_states_everything_is_not_asked_about(
    opened: Open, stub: Stub, lane: dict[str, Any]
) -> None:
    app = opened(**lane)
    document = done(app, einvoice(cii()))
    assert stub.requests == []
    assert (document.engine, document.issuer, document.total_amount) == (
        "local",
        "Nordfeld GmbH",
        Decimal("238.00"),
    )
    assert document.total_cost_usd == 0
    with app.manager.get_session(read_only=True) as session:
        kinds = [event.kind for event in documents.history(session, document.id)]
    assert EventKind.NOT_ASKED in kinds


def test_no_batch_is_waited_for_either(opened: Open, stub: Stub) -> None:
    app = opened()
    assert done(app, einvoice(cii()), BATCH_LANE).engine == "local"
    assert stub.requests == []


def test_one_that_leaves_something_open_is_asked_about_and_its_word_wins(opened: Open, stub: Stub) -> None:
    document = done(opened(), einvoice(cii().replace(IBAN, "")))
    assert len(stub.billed) == 1
    assert (document.engine, document.issuer) == ("openai", "Nordfeld GmbH")
    assert document.policy_number == "V-12"


def qr_bill() -> bytes:
    """An invoice with the code of a Swiss QR bill below it."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    lines = ("Garten Huber", "Rechnung 4711 vom 12. Mai 2026", "Faellig am 11. Juni 2026", "Zahlteil")
    for row, line in enumerate(lines):
        canvas.drawString(72, 770 - row * 22, line)
    drawing = Drawing(130, 130, transform=[2, 0, 0, 2, 0, 0])
    drawing.add(QrCodeWidget(PAYLOAD, barLevel="M"))
    renderPDF.draw(drawing, canvas, 250, 150)
    canvas.save()
    return buffer.getvalue()


def test_a_qr_bill_is_asked_about_and_its_code_wins_over_the_answer(opened: Open, stub: Stub) -> None:
    pytest.importorskip("zxingcpp", reason="the QR decoder is not installed")
    stub.desk.answer = lambda body: {
        "doc_type": {"value": "invoice", "page": 1, "quote": "Rechnung"},
        "issuer": {"value": "Garten Huber", "page": 1, "quote": "Garten Huber"},
        "reference_number": {"value": "4711", "page": 1, "quote": "Rechnung 4711"},
        "amount_due": {"value": "4711", "page": 1, "quote": "4711"},
        "due_date": {"value": "2026-06-11", "page": 1, "quote": "Faellig am 11. Juni 2026"},
    }
    app = opened()
    document = done(app, qr_bill())
    assert len(stub.billed) == 1
    assert (document.engine, document.doc_type) == ("openai", "invoice")
    assert (document.issuer, document.reference_number) == ("Garten Huber AG", "10201409")
    assert (document.amount_due, document.currency) == (Decimal("1949.75"), "CHF")
    assert document.iban == "CH4431999123000889012"
    assert str(document.due_date) == "2026-06-11"
    with app.manager.get_session(read_only=True) as session:
        said = fields.latest(session, document.id)
    assert {
        name for name, value in said.items() if (value.evidence or {}).get("source") == EvidenceSource.QR_CODE
    } >= {
        "issuer",
        "amount_due",
        "currency",
        "iban",
        "reference_number",
    }
