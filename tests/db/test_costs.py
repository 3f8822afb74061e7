"""What was spent: by time, model, issuer and document, and the two honest cache ratios."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from autod.db import ledger
from autod.db.costs import CostsBy, cache_ratios, costs_by, total
from autod.db.ledger import Order, Reservation
from autod.db.manager import DatabaseManager
from autod.domain.money import Caps, Priced, TokenUse
from tests.db.samples import admitted, recorded

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def paid(
    session: Session,
    usd: str,
    *,
    at: datetime = NOW,
    model: str = "gpt-6-luna",
    sha256: str = "a" * 64,
    document_id: int | None = None,
    use: TokenUse | None = None,
) -> None:
    order = Order(sha256, document_id, "openai", model, "default", Decimal(1))
    made = ledger.reserve(session, order, Caps(), at)
    assert isinstance(made, Reservation)
    ledger.settle(
        session,
        made.call_id,
        use=use,
        priced=Priced(Decimal(usd), "t"),
        tier="default",
        request_id=None,
        now=at,
    )


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (CostsBy.DAY, [("2026-11-24", "0.03"), ("2026-11-22", "0.04"), ("2025-12-31", "0.5")]),
        (CostsBy.WEEK, [("2026-W48", "0.03"), ("2026-W47", "0.04"), ("2026-W01", "0.5")]),
        (CostsBy.MONTH, [("2026-11", "0.07"), ("2025-12", "0.5")]),
    ],
)
def test_costs_of_days_weeks_and_months(
    manager: DatabaseManager, by: CostsBy, expected: list[tuple[str, str]]
) -> None:
    with manager.get_session() as session:
        paid(session, "0.01")
        paid(session, "0.02", sha256="b" * 64)
        paid(session, "0.04", at=NOW - timedelta(days=2))
        paid(session, "0.5", at=datetime(2025, 12, 31, 23, 59, tzinfo=UTC))
        assert [(row.key, str(row.usd.normalize())) for row in costs_by(session, by)] == expected


def test_day_is_utc_whatever_the_zone_it_was_written_in(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        paid(session, "0.01", at=datetime.fromisoformat("2026-11-25T00:30:00+01:00"))
        assert [row.key for row in costs_by(session, CostsBy.DAY)] == ["2026-11-24"]


def test_models_and_issuers_are_listed_with_the_most_expensive_first(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = admitted(session)
        recorded(session, number)
        paid(session, "0.01", model="gpt-6-luna", document_id=number)
        paid(session, "0.09", model="gpt-5-mini", sha256="b" * 64)
        assert [row.key for row in costs_by(session, CostsBy.MODEL)] == ["gpt-5-mini", "gpt-6-luna"]
        assert {row.key: row.usd for row in costs_by(session, CostsBy.ISSUER)} == {
            "Müller & Söhne GmbH": Decimal("0.01"),
            "": Decimal("0.09"),
        }


def test_most_expensive_documents_are_named_by_their_files(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        cheap = admitted(session, sha256="a" * 64, name="cheap.pdf")
        dear = admitted(session, sha256="b" * 64, name="dear.pdf")
        paid(session, "0.01", document_id=cheap)
        for _ in range(2):
            paid(session, "0.02", document_id=dear, sha256="b" * 64)
        (row,) = costs_by(session, CostsBy.DOCUMENT, limit=1)
        assert (row.key, row.label, row.calls, row.usd) == (str(dear), "dear.pdf", 2, Decimal("0.04"))


def test_open_and_unknown_calls_are_shown_beside_what_was_billed(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        paid(session, "0.01")
        for fate in ("open", "unknown", "released"):
            order = Order("b" * 64, None, "openai", "gpt-6-luna", "default", Decimal("0.25"))
            made = ledger.reserve(session, order, Caps(), NOW)
            assert isinstance(made, Reservation)
            if fate == "unknown":
                ledger.mark_unknown(session, made.call_id, "x", NOW)
            elif fate == "released":
                ledger.release(session, made.call_id, "x", NOW)
        row = total(session)
        assert (row.usd, row.open_usd, row.calls) == (Decimal("0.01"), Decimal("0.5"), 3)


def test_period_takes_its_beginning(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        paid(session, "0.01", at=NOW)
        paid(session, "0.02", at=NOW - timedelta(seconds=1))
        assert total(session, since=NOW).usd == Decimal("0.01")


def test_both_cache_ratios_are_reported_with_the_ceiling(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        paid(session, "0.01", use=TokenUse(4500, 500, 0, 2000))
        for _ in range(9):
            paid(session, "0.01", use=TokenUse(4500, 500, 2000, 0))
        paid(session, "0.01", use=TokenUse(4500, 500, None, None))
        ratios = cache_ratios(session)
        assert ratios.calls == 10
        assert ratios.prefix == pytest.approx(0.9)
        assert ratios.tokens == pytest.approx(0.4)
        assert ratios.ceiling == pytest.approx(2000 / 4500)


def test_nothing_spent_is_zero_and_no_division(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        assert total(session).usd == 0
        assert costs_by(session, CostsBy.DAY) == []
        ratios = cache_ratios(session)
        assert (ratios.calls, ratios.prefix, ratios.tokens, ratios.ceiling) == (0, None, None, None)


def test_a_document_that_was_paid_for_twice_is_one_document_in_every_sum(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        for days, model in ((0, "gpt-6-luna"), (1, "gpt-5-mini")):
            paid(session, "0.01", at=NOW - timedelta(days=days), model=model)
        assert total(session).documents == 1
        assert [row.documents for row in costs_by(session, CostsBy.DAY)] == [1, 1]
        for by in (CostsBy.WEEK, CostsBy.MONTH):
            assert [row.documents for row in costs_by(session, by)] == [1]
