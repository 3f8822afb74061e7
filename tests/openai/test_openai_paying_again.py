"""Coming back to a conversation that may have been paid for: the pipeline's own asking over real HTTP."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from autod.db.manager import DatabaseManager
from autod.domain.asked import AnswersJson
from autod.domain.money import Caps
from autod.errors import DatabaseError
from autod.extract.openai.asking import Asking as Protocol
from autod.extract.openai.asking import Way
from autod.extract.openai.prices import Prices
from autod.extract.openai.remote import OpenAIRemote
from autod.pipeline.asking import UNKNOWN_OUTCOME, Asking
from autod.pipeline.checkpoints import AskedAbout
from tests.openai.conftest import Service
from tests.openai.stub import Trouble
from tests.openai.test_openai_drafting import INVOICE
from tests.openai.test_openai_question import prepared

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
UNAVAILABLE = Trouble(method="GET", path="/conversations", status=503)


class Killed(BaseException):
    """The process dies here."""


class Notebook:
    """Keeps the results of steps over the lives of a process, and dies once before it writes one down."""

    def __init__(self, service: Service, manager: DatabaseManager, dies_in: str) -> None:
        self.service, self.manager, self.dies_in = service, manager, dies_in
        self.pages: list[str] = []
        self.place = 0

    def begin_again(self) -> Notebook:
        self.place = 0
        return self

    def step(self, name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        return self._keep(name, lambda: work(*arguments))

    def transaction(self, name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        with self.manager.get_session() as session:
            return self._keep(name, lambda: work(session, *arguments))

    def child(self, sha256: str, inputs: AskedAbout) -> AnswersJson:
        raise NotImplementedError

    def sleep(self, seconds: float) -> None:
        self.service.sleep(seconds)

    def _keep(self, name: str, work: Callable[[], Any]) -> Any:
        self.place += 1
        if self.place > len(self.pages):
            result = json.dumps(work())
            if name == self.dies_in:
                self.dies_in = ""
                raise Killed
            self.pages.append(result)
        return json.loads(self.pages[self.place - 1])


class Paying:
    """One document's asking by conversation, killed between its payment and the checkpoint of that."""

    def __init__(self, service: Service, manager: DatabaseManager, folder: Path) -> None:
        self.manager = manager
        ways = Protocol(service.client(), Way.CONVERSATION, sleep=service.sleep, clock=service.clock)
        remote = OpenAIRemote(
            ways, Prices(), lambda sha256: {}, provider="openai", model="gpt-6-luna", tier="default",
            max_output_tokens=4000, questions=folder, now=lambda: NOW,
        )  # fmt: skip
        self.asking = Asking(remote, manager, Caps(document=Decimal("0.10")), False, lambda: NOW)
        questions = prepared(folder, INVOICE, b"", form="text", background=False)["questions"]
        self.inputs = {"document_id": None, "sha256": "a" * 64, "questions": questions}
        self.notebook = Notebook(service, manager, "submit")

    def die_after_paying(self) -> None:
        with pytest.raises(Killed):
            self.asking.answer(self.notebook, self.inputs)

    def come_back(self) -> AnswersJson:
        return self.asking.answer(self.notebook.begin_again(), self.inputs)

    def ledger(self) -> Counter[str]:
        with self.manager.get_session(read_only=True) as session:
            return Counter(session.scalars(sa.text("SELECT state FROM api_calls")))


@pytest.fixture
def paying(service: Service, sqlite_url: str, tmp_path: Path) -> Paying:
    return Paying(service, DatabaseManager(sqlite_url), tmp_path)


def test_an_answer_that_the_conversation_has_is_not_paid_for_again(service: Service, paying: Paying) -> None:
    paying.die_after_paying()
    assert len(paying.come_back()["answers"]) == 1
    assert len(service.stub.billed) == 1
    assert paying.ledger() == {"settled": 1}


def test_an_answer_is_waited_for_while_the_service_is_away(service: Service, paying: Paying) -> None:
    paying.die_after_paying()
    service.stub.meet(*[UNAVAILABLE] * 6)
    assert len(paying.come_back()["answers"]) == 1
    assert len(service.stub.billed) == 1
    assert paying.ledger() == {"settled": 1}


def test_a_conversation_that_lost_its_answer_is_paid_again_and_the_ledger_shows_it(
    service: Service, paying: Paying
) -> None:
    paying.die_after_paying()
    for items in service.stub.desk.conversations.values():
        items.clear()
    paying.come_back()
    assert len(service.stub.billed) == 2
    assert paying.ledger() == {"settled": 1, "unknown": 1}


def test_a_lost_answer_that_leaves_no_trace_stays_in_the_ledger(service: Service, paying: Paying) -> None:
    service.stub.meet(Trouble(drop="after"))
    record = service.stub.desk.conversations.setdefault
    paying.notebook.dies_in = ""

    def sleep(seconds: float) -> None:
        for name in service.stub.desk.conversations:
            record(name, []).clear()

    paying.asking.remote._asking._sleep = sleep  # type: ignore[attr-defined]
    paying.come_back()
    assert len(service.stub.billed) == 2
    assert paying.ledger() == {"settled": 1, "unknown": 1}


def test_an_answer_that_cannot_be_looked_for_for_long_becomes_a_call_of_unknown_outcome(
    service: Service, paying: Paying
) -> None:
    paying.die_after_paying()
    service.stub.meet(*[UNAVAILABLE] * 1000)
    with pytest.raises(Exception, match="could not be looked for") as raised:
        paying.come_back()
    assert getattr(raised.value, "code", None) == UNKNOWN_OUTCOME
    assert len(service.stub.desk.conversations) == 1, "it is the only way back, and stays"
    assert paying.ledger() == {"unknown": 1}


def test_a_service_without_conversations_answers_in_the_background(service: Service, paying: Paying) -> None:
    service.stub.meet(Trouble(path="/conversations", status=404))
    paying.notebook.dies_in = ""
    assert len(paying.come_back()["answers"]) == 1
    (body,) = service.stub.asked("POST", "/responses")
    assert body["background"] is True
    assert "conversation" not in body
    assert paying.ledger() == {"settled": 1}


def test_a_process_that_dies_at_every_try_hides_no_payment_and_leaves_no_money_set_aside(
    service: Service, paying: Paying
) -> None:
    for _ in range(3):
        paying.notebook.begin_again().dies_in = "submit"
        paying.die_after_paying()
        for items in service.stub.desk.conversations.values():
            items.clear()
    paying.come_back()
    assert len(service.stub.billed) == 4
    assert paying.ledger() == {"settled": 1, "unknown": 3}


def test_a_database_that_is_busy_while_an_answer_comes_in_neither_hides_nor_loses_it(
    service: Service, paying: Paying, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = OpenAIRemote.submit

    def paid_and_not_written_down(*arguments: Any, **which: Any) -> Any:
        submit(*arguments, **which)
        raise DatabaseError("busy", code="database_busy")

    paying.notebook.dies_in = ""
    with monkeypatch.context() as patch:
        patch.setattr(OpenAIRemote, "submit", paid_and_not_written_down)
        with pytest.raises(DatabaseError):
            paying.come_back()
    assert len(service.stub.desk.conversations) == 1
    assert len(paying.come_back()["answers"]) == 1
    assert len(service.stub.billed) == 1
    assert paying.ledger() == {"settled": 1}
