"""``autod costs settle``: a person's word for what a call cost counts, is kept, and can be corrected."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from autod import config
from autod.cli.main import cli
from autod.db import documents, ledger
from autod.db.manager import DatabaseManager
from autod.db.models import ApiCall, CallState, Event
from autod.domain.status import EventKind
from autod.errors import UsageError
from tests.cli.test_costs_command import NOW, database, paid, reserved
from tests.db.samples import admitted

__all__ = ["database"]


def run(*arguments: str) -> Any:
    config.get_config.cache_clear()
    return CliRunner().invoke(cli, ["costs", "settle", *arguments])


def unknown(manager: DatabaseManager) -> int:
    with manager.get_session() as session:
        number = reserved(session, admitted(session), NOW, "gpt-6-luna")
        ledger.mark_unknown(session, number, "openai_outcome_unknown", NOW)
        return number


def spent(manager: DatabaseManager) -> Decimal:
    with manager.get_session(read_only=True) as session:
        return ledger.spent(session)


def test_a_cost_that_a_person_tells_counts_in_place_of_the_reservation(database: DatabaseManager) -> None:
    number = unknown(database)
    assert spent(database) == Decimal("0.5")
    result = run(str(number), "--cost", "0.0012")
    assert result.exit_code == 0 and "0.0012" in result.output
    assert spent(database) == Decimal("0.0012")
    assert run(str(number), "--not-billed").exit_code == 0
    assert spent(database) == 0
    with database.get_session(read_only=True) as session:
        events = session.scalars(sa.select(Event).where(Event.kind == EventKind.CALL_SETTLED)).all()
        assert [event.detail["cost_usd"] for event in events] == ["0.0012", "0"]
        assert events[0].detail["before"] == "unknown" and events[0].document_id == 1


def test_programs_are_told_as_well(database: DatabaseManager) -> None:
    told = json.loads(run(str(unknown(database)), "--cost", "0.25", "--json").output)
    assert (told["state"], Decimal(told["cost_usd"])) == ("settled", Decimal("0.25"))


@pytest.mark.parametrize("words", [(), ("--cost", "1", "--not-billed"), ("--cost", "NaN"), ("--cost", "-1")])
def test_what_is_no_word_for_it_changes_nothing(database: DatabaseManager, words: tuple[str, ...]) -> None:
    number = unknown(database)
    assert isinstance(run(str(number), *words).exception, UsageError)
    assert spent(database) == Decimal("0.5")


@pytest.mark.parametrize("cost", ["5000", "1.01"])
def test_a_cost_far_beyond_what_the_call_can_have_cost_is_asked_about(
    database: DatabaseManager, cost: str
) -> None:
    number = unknown(database)
    error = run(str(number), "--cost", cost).exception
    assert isinstance(error, UsageError) and error.code == "cost_beyond_reservation"
    assert "0.5" in error.message
    assert spent(database) == Decimal("0.5")
    assert run(str(number), "--cost", cost, "--yes").exit_code == 0
    assert spent(database) == Decimal(cost)


def test_only_what_nobody_knows_can_be_told(database: DatabaseManager) -> None:
    with database.get_session() as session:
        open_call = reserved(session, None, NOW, "gpt-6-luna")
        paid(session, "0.1", None)
    for number, code in (
        (open_call, "call_not_open"),
        (open_call + 1, "call_not_open"),
        (99, "unknown_call"),
    ):
        error = run(str(number), "--cost", "1").exception
        assert isinstance(error, UsageError) and error.code == code
    assert spent(database) == Decimal("0.6")


def test_the_documents_cost_follows(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = admitted(session)
        documents.require(session, number).total_cost_usd = Decimal("0.75")
        session.execute(sa.text("UPDATE documents SET status = 'completed'"))
        lost = reserved(session, number, NOW, "gpt-6-luna")
        ledger.mark_unknown(session, lost, "x", NOW)
        guessed = reserved(session, number, NOW, "gpt-6-luna")
        ledger.settle(session, guessed, use=None, priced=None, tier=None, request_id=None, now=NOW)
    with manager.get_session() as session:
        ledger.settle_by_hand(session, lost, Decimal("0.05"), NOW)
        ledger.settle_by_hand(session, guessed, Decimal("0.1"), NOW)
    with manager.get_session(read_only=True) as session:
        assert documents.require(session, number).total_cost_usd == Decimal("0.4")
        assert {c.state for c in session.scalars(sa.select(ApiCall))} == {CallState.SETTLED}
