"""From a reading to believed values, killed at every checkpoint: nothing lost, hidden or paid twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from autod.db import ledger
from autod.db.ledger import Order, Reservation
from autod.db.manager import DatabaseManager
from autod.domain.extraction import Extraction
from autod.domain.money import Caps
from autod.domain.reading import Reading
from autod.extract.openai.answer import Answer
from autod.extract.openai.drafting import AnswerExtractor, PartAnswer
from autod.extract.openai.failures import OutcomeUnknown
from autod.extract.openai.paying_once import Handle, PayingOnce, Way
from autod.extract.openai.prices import Prices
from autod.verify.verification import verify
from tests.openai.conftest import INVOICE_SHARE, Service
from tests.openai.stub import Trouble
from tests.openai.test_openai_drafting import INVOICE, fact
from tests.openai.test_openai_question import prepared
from tests.verify.drafts import TODAY

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SHA = "a" * 64
CAPS = Caps(document=Decimal("0.10"))
SAID = {
    "doc_type": fact("invoice", "INVOICE"),
    "issuer": fact("Northfield Supplies Ltd", "Northfield Supplies Ltd"),
    "total_amount": fact(400.0, "400.00"),
    "recipient": fact("Nobody & Sons", "Nobody & Sons"),
}


class Killed(BaseException):
    """The process dies here."""


class Life:
    """One document's asking as durable steps: results survive, the process does not."""

    def __init__(self, service: Service, manager: DatabaseManager, folder: Path, way: Way) -> None:
        self.service, self.manager, self.folder, self.way = service, manager, folder, way
        self.checkpoints: dict[str, Any] = {}
        self.kill_after: str | None = None
        self.kill_before_checkpoint = False

    def step(self, name: str, work: Callable[[], Any]) -> Any:
        if name not in self.checkpoints:
            result = json.loads(json.dumps(work()))
            if self.kill_after == name and self.kill_before_checkpoint:
                self.kill_after = None
                raise Killed
            self.checkpoints[name] = result
            if self.kill_after == name:
                self.kill_after = None
                raise Killed
        return self.checkpoints[name]

    def transaction(self, name: str, work: Callable[[Any], Any]) -> Any:
        """Work and checkpoint commit together, so a kill is before both or after both."""
        if name not in self.checkpoints:
            with self.manager.get_session() as session:
                result = work(session)
                if self.kill_after == name and self.kill_before_checkpoint:
                    self.kill_after = None
                    raise Killed
            self.checkpoints[name] = result
            if self.kill_after == name:
                self.kill_after = None
                raise Killed
        return self.checkpoints[name]

    def run(self) -> Extraction:
        ask = PayingOnce(self.service.client(), self.way, sleep=self.service.sleep, clock=self.service.clock)
        options = {"stored": self.way.stored, "background": self.way.background}
        made = self.step("prepare", lambda: prepared(self.folder, INVOICE, b"", form="text", **options))
        (entry,) = made["questions"]
        most = Prices().most("gpt-6-luna", "default", entry["input_tokens"], 4000, NOW).usd
        order = Order(SHA, None, "openai", "gpt-6-luna", "default", most)
        call = self.transaction("reserve", lambda s: _id(ledger.reserve(s, order, CAPS, NOW)))
        claimed = self.step("claim", lambda: ask.claim().to_dict())
        sent = self.step("submit", lambda: self._submit(ask, entry["path"], claimed, call))
        handle, call = Handle.from_dict(sent["handle"]), sent["call"]
        self.transaction("attach", lambda s: ledger.attach(s, call, handle.ledger_text))
        answer = Answer.from_dict(self.step("collect", lambda: ask.collect(handle).to_dict()))
        self.transaction("settle", lambda s: self._settle(s, call, answer))
        self.step("forget", lambda: ask.forget(handle))
        draft = AnswerExtractor([PartAnswer(answer.text, entry["first_page"])]).extract(INVOICE)
        return verify(draft, INVOICE, 0.6, TODAY)

    def _submit(self, ask: PayingOnce, path: str, claimed: dict[str, Any], call: int) -> dict[str, Any]:
        handle = Handle.from_dict(claimed)
        if handle.conversation_id is None:
            with self.manager.get_session() as session:
                call = _id(ledger.dispatch(session, call, CAPS, NOW))
        return {"handle": ask.submit(Path(path), handle, INVOICE_SHARE).to_dict(), "call": call}

    def _settle(self, session: Any, call: int, answer: Answer) -> None:
        priced = None
        if answer.use is not None:
            priced = Prices().cost(answer.use, answer.model, answer.tier or "default", NOW)
        ledger.settle(
            session,
            call,
            use=answer.use,
            priced=priced,
            tier=answer.tier,
            request_id=answer.request_id,
            now=NOW,
        )


def _id(outcome: object) -> int:
    assert isinstance(outcome, Reservation)
    return outcome.call_id


STEPS = ["prepare", "reserve", "claim", "submit", "attach", "collect", "settle", "forget"]


@pytest.fixture
def life(service: Service, sqlite_url: str, tmp_path: Path) -> Callable[[Way], Life]:
    service.stub.desk.answer = lambda body: SAID
    return lambda way: Life(service, DatabaseManager(sqlite_url), tmp_path, way)


def test_values_are_verified_on_the_page_and_the_bill_is_entered(life: Callable[[Way], Life]) -> None:
    document = life(Way.BACKGROUND)
    extraction = document.run()
    assert extraction.metadata.issuer == "Northfield Supplies Ltd"
    assert extraction.metadata.total_amount == Decimal(400)
    assert extraction.metadata.recipient is None
    assert "ungrounded:recipient" in extraction.checks
    with document.manager.get_session() as session:
        spent = ledger.spent(session)
        assert Decimal(0) < spent < Decimal("0.01")
        assert not ledger.unknown_calls(session)


@pytest.mark.parametrize("before", [False, True], ids=["after", "before its checkpoint"])
@pytest.mark.parametrize("step", STEPS)
def test_claimed_conversation_pays_once_wherever_the_process_dies(
    service: Service, life: Callable[[Way], Life], step: str, before: bool
) -> None:
    document = life(Way.CONVERSATION)
    document.kill_after, document.kill_before_checkpoint = step, before
    with pytest.raises(Killed):
        document.run()
    assert document.run().metadata.issuer == "Northfield Supplies Ltd"
    assert len(service.stub.billed) == 1


@pytest.mark.parametrize("before", [False, True], ids=["after", "before its checkpoint"])
@pytest.mark.parametrize("step", STEPS)
def test_background_call_pays_twice_at_one_moment_only_and_the_ledger_shows_it(
    service: Service, life: Callable[[Way], Life], step: str, before: bool
) -> None:
    document = life(Way.BACKGROUND)
    document.kill_after, document.kill_before_checkpoint = step, before
    with pytest.raises(Killed):
        document.run()
    assert document.run().metadata.issuer == "Northfield Supplies Ltd"
    lost = step == "submit" and before
    assert len(service.stub.billed) == (2 if lost else 1)
    with document.manager.get_session() as session:
        assert len(ledger.unknown_calls(session)) == (1 if lost else 0)


def test_lost_answer_of_a_background_call_stays_in_the_ledger_as_unknown(
    service: Service, life: Callable[[Way], Life]
) -> None:
    document = life(Way.BACKGROUND)
    service.stub.meet(Trouble(drop="after"))
    with pytest.raises(OutcomeUnknown):
        document.run()
    document.run()
    assert len(service.stub.billed) == 2
    with document.manager.get_session() as session:
        (unknown,) = ledger.unknown_calls(session)
        assert ledger.spent(session) > unknown.reserved_usd


def test_no_page_means_nothing_is_asked_about(tmp_path: Path) -> None:
    assert prepared(tmp_path, Reading(()), b"", form="text")["questions"] == []
