"""What the file states itself is believed before what a paid reader says of it."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from decimal import Decimal

from autod.child.understand import understand
from autod.domain.extraction import EvidenceSource
from autod.extract.openai.drafting import AnswerExtractor, PartAnswer
from tests.extract.sheets import reading_of
from tests.extract.test_einvoice import cii

PAGE = """
    Nordfeld Handel
    Rechnung R-77/2026
    Gesamt EUR  999.00
    Vertrag V-12
"""
SAID = {
    "issuer": {"value": "Nordfeld Handel", "page": 1, "quote": "Nordfeld Handel"},
    "total_amount": {"value": "999.00", "page": 1, "quote": "999.00"},
    "policy_number": {"value": "V-12", "page": 1, "quote": "Vertrag V-12"},
}


def test_an_embedded_invoice_wins_over_the_answer_which_fills_what_it_leaves_open() -> None:
    reading = dataclasses.replace(reading_of(PAGE), invoice_xml=cii())
    answers = AnswerExtractor([PartAnswer(json.dumps(SAID))], cost_usd=Decimal("0.01"))
    found = understand(reading, review_below=0.5, today=date(2026, 4, 1), extractor=answers)
    assert (found.metadata.issuer, found.metadata.total_amount) == ("Nordfeld GmbH", Decimal("238.00"))
    assert found.evidence["total_amount"].source is EvidenceSource.EMBEDDED_XML
    assert found.metadata.policy_number == "V-12"
    assert (found.engine, found.cost_usd) == ("openai", Decimal("0.01"))
