"""Figures add up what the tables hold, by window and by hour or day, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from autod.db import documents, figures, ledger
from autod.db.history import Bucket, history
from autod.db.ledger import Reservation
from autod.db.manager import DatabaseManager
from autod.domain.money import Caps, Order, Priced, TokenUse
from autod.domain.status import EventKind
from tests.db.samples import admitted, extraction, recorded

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)


def event(session: Session, kind: EventKind, at: datetime = NOW, **detail: Any) -> None:
    documents.add_event(session, kind, document_id=None, sha256=None, detail=detail, now=at)


def finished(session: Session, letter: str, at: datetime, seconds: float, confidence: float = 0.9) -> None:
    number = admitted(session, sha256=letter * 64)
    found = extraction(confidence=confidence, needs_review=("issuer",) if confidence < 0.6 else ())
    recorded(session, number, found)
    documents.complete(session, number, filed_path=f"/p/{letter}", processing_seconds=seconds, now=at)


def failed(session: Session, letter: str, at: datetime, code: str = "x", times: int = 1) -> int:
    """A document that failed, each time a minute after the last one; the last time at ``at``."""
    number = admitted(session, sha256=letter * 64)
    for back in reversed(range(times)):
        then = at - timedelta(minutes=back)
        documents.fail(session, number, code=code, message="m", next_step="n", filed_path=None, now=then)
        event(session, EventKind.FAILED, then, code=code)
    return number


def called(session: Session, letter: str, at: datetime, trouble: str | None = None) -> None:
    made = ledger.reserve(session, Order(letter * 64, None, "openai", "m", "default", Decimal(1)), Caps(), at)
    assert isinstance(made, Reservation)
    ledger.settle(
        session,
        made.call_id,
        use=TokenUse(input=2000, output=100, cached=1500),
        priced=Priced(Decimal("0.25"), "t"),
        tier="default",
        request_id=None,
        now=at,
        error_code=trouble,
    )


def test_a_window_counts_what_happened_in_it(manager: DatabaseManager) -> None:
    old = NOW - timedelta(hours=5)
    with manager.get_session() as session:
        finished(session, "a", NOW, 2.0)
        finished(session, "b", NOW, 4.0, confidence=0.1)
        finished(session, "c", old, 90.0)
        for kind in (EventKind.RECEIVED, EventKind.RECEIVED, EventKind.RECEIVED, EventKind.DUPLICATE):
            event(session, kind)
        failed(session, "d", NOW, "pdf_damaged")
        failed(session, "f", NOW, "openai_refused")
        event(session, EventKind.POSTPONED, code="openai_unreachable")
        event(session, EventKind.POSTPONED, code="cost_cap_reached")
        event(session, EventKind.POSTPONED, old, code="openai_unreachable")
        event(session, EventKind.UPLOADED, file_id="f")
        event(session, EventKind.UPLOAD_FAILED, reason="openai_unreachable")
        event(session, EventKind.UPLOAD_FAILED, reason="file_too_large")
        called(session, "a", NOW)
        called(session, "b", NOW, trouble="openai_bad_answer")
        called(session, "c", old)
    with manager.get_session(read_only=True) as session:
        hour = figures.window(session, NOW - timedelta(hours=1))
        day = figures.window(session, NOW - timedelta(hours=24))
    assert (hour.completed, hour.failed, hour.processing_seconds) == (2, 2, 3.0)
    assert (hour.received, hour.duplicates, hour.duplicate_ratio) == (3, 1, 0.25)
    assert (hour.error_ratio, hour.review_ratio) == (0.5, 0.5)
    assert (hour.api_failures, hour.api_answers, hour.api_error_ratio) == (2, 2, 0.5)
    assert hour.schema_valid_ratio == 0.5
    assert (hour.uploaded, hour.uploads_failed, hour.upload_success_ratio) == (1, 1, 0.5)
    assert (hour.usd, hour.usd_per_document) == (Decimal("0.5"), Decimal("0.25"))
    assert (hour.input_tokens, hour.output_tokens, hour.cached_tokens) == (4000, 200, 3000)
    assert hour.cache.tokens == pytest.approx(0.75)
    assert (day.completed, day.processing_seconds, day.api_failures) == (3, 32.0, 3)


def test_a_document_counts_once_and_by_its_last_end(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        failed(session, "a", NOW, times=7)
        mended = failed(session, "b", NOW - timedelta(minutes=5), times=3)
        documents.complete(session, mended, filed_path="/p/b", processing_seconds=1.0, now=NOW)
        failed(session, "c", NOW - timedelta(days=2), times=2)
        finished(session, "d", NOW, 1.0)
    with manager.get_session(read_only=True) as session:
        hour = figures.window(session, NOW - timedelta(hours=1))
        week = figures.window(session, NOW - timedelta(days=7))
        hours = history(session, Bucket.HOUR, 3, NOW)
    assert (hour.completed, hour.failed, hour.error_ratio) == (2, 1, 1 / 3)
    assert (week.completed, week.failed, week.error_ratio) == (2, 2, 0.5)
    assert [(one.completed, one.failed) for one in hours] == [(0, 0), (0, 0), (2, 1)]


def test_a_window_without_anything_has_no_ratios(manager: DatabaseManager) -> None:
    with manager.get_session(read_only=True) as session:
        empty = figures.window(session, NOW)
    assert empty.completed == 0
    ratios = (
        empty.duplicate_ratio, empty.error_ratio, empty.api_error_ratio, empty.schema_valid_ratio,
        empty.review_ratio, empty.upload_success_ratio, empty.usd_per_document, empty.processing_seconds,
    )  # fmt: skip
    assert ratios == (None,) * 8


def test_the_standing_tells_what_waits_apart_from_what_is_postponed(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        admitted(session)
        later = admitted(session, sha256="b" * 64)
        documents.postpone(
            session, later, code="x", message="x", next_step="x", retry_at=NOW + timedelta(minutes=5)
        )
        due = admitted(session, sha256="c" * 64)
        documents.postpone(session, due, code="x", message="x", next_step="x", retry_at=NOW)
        documents.mark_processing(session, documents.locked(session, admitted(session, sha256="d" * 64)))
        finished(session, "e", NOW, 1.0, confidence=0.1)
    with manager.get_session(read_only=True) as session:
        now = figures.standing(session, NOW)
    assert (now.waiting, now.postponed, now.processing, now.completed) == (2, 1, 1, 1)
    assert (now.failed, now.needs_review, now.unknown_calls) == (0, 1, 0)
    assert now.oldest_waiting is not None


def test_a_history_has_every_hour_and_day_and_the_running_one_last(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        finished(session, "a", NOW, 2.0)
        finished(session, "b", NOW - timedelta(hours=2), 6.0)
        failed(session, "c", NOW - timedelta(hours=2), times=4)
        event(session, EventKind.DUPLICATE, NOW - timedelta(days=1))
        called(session, "a", NOW - timedelta(minutes=1))
    with manager.get_session(read_only=True) as session:
        hours = history(session, Bucket.HOUR, 3, NOW)
        days = history(session, Bucket.DAY, 3, NOW)
    assert [one.start.hour for one in hours] == [10, 11, 12]
    assert [(one.completed, one.failed, one.processing_seconds) for one in hours] == [
        (1, 1, 6.0), (0, 0, 0.0), (1, 0, 2.0),
    ]  # fmt: skip
    assert [one.usd for one in hours] == [0, 0, Decimal("0.25")]
    assert [(one.start.day, one.completed, one.duplicates) for one in days] == [
        (22, 0, 0), (23, 0, 1), (24, 2, 0),
    ]  # fmt: skip
    assert (days[-1].input_tokens, days[-1].cached_tokens) == (2000, 1500)
