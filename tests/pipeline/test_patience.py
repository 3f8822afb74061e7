"""Trouble of the service is waited out without end only while nothing was paid for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from autod.db.manager import DatabaseManager
from autod.db.schema import upgrade
from autod.domain.asked import AnswerJson, AnswersJson, HandleJson, Question, Questions
from autod.domain.checkpoints import AskedAbout
from autod.domain.money import Caps, Order, Priced, TokenUse
from autod.domain.payments import Payments
from autod.errors import AutodError, Retry
from autod.paying.asking import Asking

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SHA256 = "a" * 64


class Straight:
    """A life without a crash."""

    def __init__(self, manager: DatabaseManager) -> None:
        self.manager = manager

    def step(self, name: str, work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        return work(*given, **named)

    def transaction(self, name: str, work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        with self.manager.get_session() as session:
            return work(session, *given, **named)

    def child(self, sha256: str, inputs: AskedAbout) -> AnswersJson:
        raise NotImplementedError

    def patched(self, change: str) -> bool:
        return True

    def sleep(self, seconds: float) -> None:
        pass


@dataclass
class Service:
    """Answers every question but the ``at``-th, which meets ``trouble`` when it is sent or collected."""

    trouble: AutodError
    at: int
    collecting: bool
    model: str = "m"
    prompt_version: str = "p"
    asked: int = 0

    def prepare(self, sha256: str) -> Questions:
        raise NotImplementedError

    def order(self, sha256: str, document_id: int, question: Question) -> Order:
        return Order(sha256, None, "test", self.model, "default", Decimal("0.01"))

    def claim(self) -> HandleJson:
        return {"way": "direct", "response_id": None, "conversation_id": None, "answer": None}

    def submit(
        self, question: Question, claimed: HandleJson, *, first: bool, payments: Payments
    ) -> HandleJson:
        number = int(question["part"].partition("/")[0])
        if number == self.at and not self.collecting:
            raise self.trouble
        answer: AnswerJson = {
            "response_id": "r", "model": self.model, "text": "{}", "use": None, "tier": "default",
            "request_id": "q", "trouble": None, "miscounted": False,
        }  # fmt: skip
        return {**claimed, "answer": None if number == self.at else answer}

    def looks_before_paying(self, claimed: HandleJson) -> bool:
        return False

    def answer_in(self, handle: HandleJson) -> AnswerJson | None:
        return handle["answer"]

    def collect(self, handle: HandleJson) -> AnswerJson:
        raise self.trouble

    def forget(self, handle: HandleJson) -> None:
        pass

    def note_of(self, handle: HandleJson) -> str:
        return "direct:r"

    def larger(self, question: Question) -> Question | None:
        return None

    def bill(
        self, answer: AnswerJson, tier: str, question: Question
    ) -> tuple[TokenUse | None, Priced | None]:
        return TokenUse(1, 1), Priced(Decimal("0.01"), "v")


def questions(count: int) -> list[Question]:
    return [
        {
            "path": "nowhere", "sha256": SHA256, "part": f"{number}/{count}", "form": "text", "pages": 1,
            "first_page": 1, "input_tokens": 10, "static_tokens": 1,
        }
        for number in range(1, count + 1)
    ]  # fmt: skip


@pytest.fixture
def manager(sqlite_url: str) -> Iterator[DatabaseManager]:
    upgrade(sqlite_url)
    with DatabaseManager(sqlite_url) as opened:
        yield opened


TROUBLES = [
    AutodError(
        "what happened", code="some_code", next_step="what to do", retry=retry, until=until, outside=out
    )
    for retry, until, out in itertools.product(Retry, (None, NOW + timedelta(hours=1)), (True, False))
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda e: f"{e.retry}-{e.until and 'until'}-{e.outside}")
@pytest.mark.parametrize("collecting", [False, True], ids=["submit", "collect"])
@pytest.mark.parametrize("at", [1, 2])
def test_what_fails_after_something_was_paid_for_counts_as_an_attempt_and_else_stays_as_it_is(
    manager: DatabaseManager, trouble: AutodError, collecting: bool, at: int
) -> None:
    before = {name: getattr(trouble, name) for name in ("message", "code", "next_step", "retry", "until")}
    asking = Asking(Service(trouble, at, collecting), manager, Caps(), False, lambda: NOW)
    outside = trouble.outside
    with pytest.raises(AutodError) as raised:
        asking.answer(Straight(manager), {"document_id": 1, "sha256": SHA256, "questions": questions(2)})
    paid = at > 1 or collecting
    assert {name: getattr(raised.value, name) for name in before} == before
    assert raised.value.outside is (outside and not paid)
    assert trouble.outside is outside
