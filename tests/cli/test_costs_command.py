"""``autod costs`` tells what the ledger knows, to people and to programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from autod import config
from autod.cli.main import cli
from autod.db import ledger
from autod.db.ledger import Reservation
from autod.db.manager import DatabaseManager
from autod.db.schema import upgrade
from autod.domain.money import Caps, Order, Priced, TokenUse
from tests.db.samples import admitted, recorded

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseManager]:
    """An SQLite file that the program's settings name."""
    url = f"sqlite:///{tmp_path / 'archive.db'}"
    upgrade(url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAPER_AUTOPILOT_DB_URL", url)
    config.get_config.cache_clear()
    manager = DatabaseManager(url)
    yield manager
    manager.close()
    config.get_config.cache_clear()


def reserved(session: Session, document_id: int | None, at: datetime, model: str) -> int:
    order = Order("a" * 64, document_id, "openai", model, "default", Decimal("0.5"))
    made = ledger.reserve(session, order, Caps(), at)
    assert isinstance(made, Reservation)
    return made.call_id


def paid(
    session: Session, usd: str, document_id: int | None, at: datetime = NOW, model: str = "gpt-6-luna"
) -> None:
    ledger.settle(
        session,
        reserved(session, document_id, at, model),
        use=TokenUse(2000, 100, cached=1500),
        priced=Priced(Decimal(usd), "t"),
        tier="default",
        request_id=None,
        now=at,
    )


@pytest.fixture
def spent(database: DatabaseManager) -> DatabaseManager:
    """Two paid calls, two days apart, and one that nobody knows the outcome of."""
    with database.get_session() as session:
        number = admitted(session, name="boiler.pdf")
        recorded(session, number)
        paid(session, "0.0125", number)
        paid(session, "0.02", None, NOW - timedelta(days=2), "gpt-5-mini")
        ledger.mark_unknown(session, reserved(session, number, NOW, "gpt-6-luna"), "process_died", NOW)
    return database


def said(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["costs", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def told(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(said(*arguments, "--json"))
    return answer


def test_without_a_call_it_says_that_nothing_was_paid_for(database: DatabaseManager) -> None:
    assert said() == "Nothing was paid for.\n"


def test_calls_that_were_certainly_not_billed_are_nothing_paid_for(database: DatabaseManager) -> None:
    with database.get_session() as session:
        ledger.release(session, reserved(session, None, NOW, "gpt-6-luna"), "not_sent", NOW)
    assert said() == "Nothing was paid for.\n"


def test_a_person_sees_sums_cache_documents_and_what_is_unknown(spent: DatabaseManager) -> None:
    shown = said()
    assert "2026-11-24" in shown and "2026-11-22" in shown
    assert "0.0325" in shown
    assert "boiler.pdf" in shown
    assert "at most 75% is possible" in shown
    assert "Calls of unknown outcome: 1." in shown and "process_died" in shown


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("day", {"2026-11-24": "0.0125", "2026-11-22": "0.02"}),
        ("week", {"2026-W48": "0.0125", "2026-W47": "0.02"}),
        ("month", {"2026-11": "0.0325"}),
        ("model", {"gpt-6-luna": "0.0125", "gpt-5-mini": "0.02"}),
        ("issuer", {"Müller & Söhne GmbH": "0.0125", "": "0.02"}),
    ],
)
def test_a_program_gets_the_same_sums_by_what_it_asks_for(
    spent: DatabaseManager, by: str, expected: dict[str, str]
) -> None:
    rows = {row["key"]: Decimal(row["usd"]) for row in told("--by", by)["rows"]}
    assert rows == {key: Decimal(usd) for key, usd in expected.items()}


def test_a_call_of_unknown_outcome_is_open_and_never_called_paid(spent: DatabaseManager) -> None:
    answer = told()
    assert Decimal(answer["total"]["usd"]) == Decimal("0.0325")
    assert Decimal(answer["total"]["open_usd"]) == Decimal("0.5")
    assert [(call["reason"], Decimal(call["most_usd"])) for call in answer["unknown"]] == [
        ("process_died", Decimal("0.5"))
    ]


def test_calls_that_were_entered_at_their_reservation_are_listed_with_their_numbers(
    spent: DatabaseManager,
) -> None:
    with spent.get_session() as session:
        numbers = [reserved(session, None, NOW, "gpt-6-luna") for _ in range(3)]
        for number, code in zip(numbers, (None, "openai_usage_unbelievable", None), strict=True):
            ledger.settle(
                session, number, use=None, priced=None, tier=None, request_id=None, now=NOW, error_code=code
            )
        ledger.settle_by_hand(session, numbers[2], Decimal("0.1"), NOW)
    listed = told()["at_reservation"]
    assert [(call["call"], call["reason"]) for call in listed] == [
        (numbers[0], None),
        (numbers[1], "openai_usage_unbelievable"),
    ]
    shown = said()
    assert "Calls entered at their reservation: 2." in shown and "openai_usage_unbelievable" in shown
    assert told("--since", "2026-11-25")["at_reservation"] == []


def test_only_calls_since_a_day_count_when_that_is_asked(spent: DatabaseManager) -> None:
    assert [row["key"] for row in told("--since", "2026-11-23")["rows"]] == ["2026-11-24"]
    assert said("--since", "2026-11-25") == "Nothing was paid for.\n"
