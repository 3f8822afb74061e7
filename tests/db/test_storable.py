"""Text from outside, whatever it holds, can be written to each database and read back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autod.db import documents, ledger
from autod.db.manager import DatabaseManager
from autod.db.models import ApiCall, Event
from autod.domain.money import Caps, Order
from autod.domain.reading import FormField, Reading
from autod.domain.status import EventKind
from autod.domain.storable import storable, storable_json
from tests.verify.drafts import reading

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOSTILE = st.text(st.characters() | st.sampled_from("\x00\x07\x1b\ud800\udc00\udfff\ufffe\u202e\x85"))
SHARED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(HOSTILE)
def test_what_is_made_storable_is_utf8_without_controls_and_stays_so(text: str) -> None:
    clean = storable(text)
    assert storable(clean) == clean
    clean.encode("utf-8")
    assert not [sign for sign in clean if sign < " " and sign not in "\t\n\r"]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert storable(text) == text


@SHARED
@given(HOSTILE)
def test_both_databases_take_it_as_text_and_as_json(manager: DatabaseManager, text: str) -> None:
    detail = {storable(text) or "x": text, "list": [text, {"deep": text}]}
    order = Order("a" * 64, None, "openai", "m", "default", Decimal("0.1"))
    with manager.get_session() as session:
        documents.add_event(session, EventKind.REFUSED, document_id=None, sha256=None, detail=detail, now=NOW)
        made = ledger.reserve(session, order, Caps(), NOW)
        assert isinstance(made, ledger.Reservation)
        ledger.attach(session, made.call_id, text * 200)
        ledger.settle(
            session,
            made.call_id,
            use=None,
            priced=None,
            tier=text * 40,
            request_id=text * 200,
            now=NOW,
            error_code=text * 80,
        )
    with manager.get_session(read_only=True) as session:
        event = session.scalars(sa.select(Event).order_by(Event.id.desc()).limit(1)).one()
        assert event.detail == storable_json(detail)
        assert session.get(ApiCall, made.call_id) is not None


@given(HOSTILE, HOSTILE)
def test_a_reading_of_a_hostile_file_can_be_written_down(text: str, name: str) -> None:
    plain = reading("Invoice")
    page = replace(plain.pages[0], hidden_text=text)
    hostile = Reading(
        (page,), (FormField(name, text, 1),), invoice_xml=text, info={"title": text}, codes=(text,)
    )
    written = hostile.to_json()
    written.encode("utf-8")
    back = Reading.from_json(written)
    assert (back.invoice_xml, back.codes) == (storable(text), (storable(text),))
    assert "\\u0000" not in json.dumps(back.info)
