"""What may become of a request that was billed: whatever arrives, no payment is hidden and nothing stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from autod.db import disclosures
from autod.db.manager import DatabaseManager
from autod.db.models import ApiCall, CallState
from autod.domain.asked import AnswersJson
from autod.domain.money import Caps
from autod.errors import AutodError, Retry
from autod.extract.openai.asking import Asking as Protocol
from autod.extract.openai.asking import Way
from autod.extract.openai.prices import Prices
from autod.extract.openai.remote import OpenAIRemote
from autod.pipeline.asking import Asking
from autod.pipeline.checkpoints import AskedAbout
from autod.pipeline.door import PrivacyPolicy, WatchedDoor
from autod.pipeline.leftovers import Leftovers
from tests.openai.conftest import Service
from tests.openai.stub import SPOILT, Trouble
from tests.openai.stub_responses import Outcome
from tests.openai.test_openai_drafting import INVOICE
from tests.openai.test_openai_paying_again import NOW
from tests.openai.test_openai_question import prepared

FATES = {
    "broken off inside": Trouble(drop="inside"),
    "broken off after": Trouble(drop="after"),
    **{f"arrives as {name}": Trouble(spoilt=name) for name in SPOILT},
    **{f"billed {status}": Trouble(status=status, worked=True) for status in (408, 500, 502, 504, 520)},
    "billed 503 of a gateway": Trouble(status=503, worked=True, spoilt="page"),
}
LIVES = 6


class Straight:
    """A life without a crash: what is done is done."""

    def __init__(self, service: Service, manager: DatabaseManager) -> None:
        self.sleep, self.manager = service.sleep, manager

    def step(self, name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        return work(*arguments)

    def transaction(self, name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        with self.manager.get_session() as session:
            return work(session, *arguments)

    def child(self, sha256: str, inputs: AskedAbout) -> AnswersJson:
        raise NotImplementedError

    def patched(self, change: str) -> bool:
        return True


class Archive:
    """One document that is asked about until it is answered, over as many lives as that takes."""

    def __init__(self, service: Service, manager: DatabaseManager, folder: Path, way: Way) -> None:
        self.service, self.manager = service, manager
        self.door = WatchedDoor(manager, PrivacyPolicy(), False, lambda: NOW)
        self.client = service.client(door=self.door)
        protocol = Protocol(self.client, way, sleep=service.sleep, clock=service.clock)
        remote = OpenAIRemote(
            protocol, Prices(), lambda sha256: {}, provider="openai", model="gpt-6-luna", tier="default",
            max_output_tokens=4000, questions=folder, now=lambda: NOW,
        )  # fmt: skip
        self.asking = Asking(remote, manager, Caps(document=Decimal(1)), False, lambda: NOW)
        options = {"stored": way.stored, "background": way.background}
        questions = prepared(folder, INVOICE, b"", form="text", **options)["questions"]
        self.inputs = {"document_id": None, "sha256": "a" * 64, "questions": questions}

    def ask(self) -> AnswersJson:
        """One life."""
        return self.asking.answer(Straight(self.service, self.manager), self.inputs)

    def live(self) -> list[str]:
        """The codes of the lives that ended in vain, before the one that was answered."""
        ended: list[str] = []
        for _ in range(LIVES):
            try:
                self.ask()
            except AutodError as error:
                ended.append(error.code)
            else:
                return ended
        raise AssertionError(f"never answered: {ended}")

    def ledger(self) -> Counter[CallState]:
        with self.manager.get_session(read_only=True) as session:
            return Counter(session.scalars(sa.select(ApiCall.state)))

    def kept(self) -> list[str | None]:
        """What the program says that the service keeps."""
        with self.manager.get_session(read_only=True) as session:
            return [row.kept_at for row in disclosures.list_all(session, still_kept=True)]

    def left(self) -> list[str]:
        """What the service does keep, by its address."""
        desk = self.service.stub.desk
        return [
            *(f"/responses/{name}" for name in desk.responses),
            *(f"/conversations/{name}" for name in desk.conversations),
        ]


@pytest.fixture
def ledger(sqlite_url: str) -> DatabaseManager:
    """One database is enough where the service's answers differ."""
    return DatabaseManager(sqlite_url)


@pytest.mark.parametrize("way", [Way.BACKGROUND, Way.DIRECT])
@pytest.mark.parametrize("fate", FATES.values(), ids=list(FATES))
def test_whatever_arrives_of_a_billed_answer_the_ledger_shows_every_bill(
    service: Service, ledger: DatabaseManager, tmp_path: Path, way: Way, fate: Trouble
) -> None:
    archive = Archive(service, ledger, tmp_path, way)
    service.stub.meet(fate)
    archive.live()
    states, billed = archive.ledger(), len(service.stub.billed)
    assert states[CallState.SETTLED] == 1
    assert states[CallState.SETTLED] + states[CallState.UNKNOWN] == billed
    assert not states[CallState.RESERVED]
    unlisted = [address for address in archive.left() if address not in archive.kept()]
    assert len(unlisted) <= archive.kept().count(None)


@pytest.mark.parametrize("fate", FATES.values(), ids=list(FATES))
def test_a_conversation_is_looked_into_before_anything_is_paid_again(
    service: Service, ledger: DatabaseManager, tmp_path: Path, fate: Trouble
) -> None:
    archive = Archive(service, ledger, tmp_path, Way.CONVERSATION)
    service.stub.meet(fate)
    assert archive.live() == []
    assert len(service.stub.billed) == 1
    assert archive.ledger() == {CallState.SETTLED: 1}
    assert service.stub.desk.conversations == {}


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failure_behind_which_nothing_was_done_is_looked_at_before_another_try(
    service: Service, ledger: DatabaseManager, tmp_path: Path, status: int
) -> None:
    archive = Archive(service, ledger, tmp_path, Way.CONVERSATION)
    service.stub.meet(Trouble(status=status))
    assert archive.live() == []
    made = [(method, path.split("/")[1]) for method, path, _ in service.stub.requests]
    first, second = (at for at, request in enumerate(made) if request == ("POST", "responses"))
    assert ("GET", "conversations") in made[first:second]
    assert len(service.stub.billed) == 1
    assert archive.ledger()[CallState.UNKNOWN] == (status != 503), "only lack of room is surely not billed"


@pytest.mark.parametrize("way", [Way.CONVERSATION, Way.BACKGROUND])
def test_half_an_answer_names_the_whole_one_which_is_fetched_with_its_bill(
    service: Service, manager: DatabaseManager, tmp_path: Path, way: Way
) -> None:
    archive = Archive(service, manager, tmp_path, way)
    service.stub.meet(Trouble(spoilt="cut"))
    assert archive.live() == []
    assert len(service.stub.billed) == 1
    with manager.get_session(read_only=True) as session:
        (call,) = session.scalars(sa.select(ApiCall))
        assert call.input_tokens and call.price_version and call.price_version.startswith("genai-prices")
    assert archive.left() == []
    assert archive.kept() == []


@pytest.mark.parametrize("way", list(Way))
def test_what_is_lost_again_and_again_is_not_paid_for_without_end(
    service: Service, manager: DatabaseManager, tmp_path: Path, way: Way
) -> None:
    archive = Archive(service, manager, tmp_path, way)
    service.stub.meet(*[Trouble(drop="before")] * 1000)
    with pytest.raises(AutodError) as caught:
        archive.ask()
    assert (caught.value.code, caught.value.outside) == ("openai_outcome_unknown", False)
    asked = len(service.stub.asked("POST", "/responses"))
    assert asked <= 2
    assert archive.ledger()[CallState.UNKNOWN] == asked


def test_the_cap_holds_for_a_request_that_is_made_again(
    service: Service, manager: DatabaseManager, tmp_path: Path
) -> None:
    archive = Archive(service, manager, tmp_path, Way.CONVERSATION)
    (question,) = archive.inputs["questions"]
    most = archive.asking.remote.order("a" * 64, 1, question).most_usd
    archive.asking = Asking(
        archive.asking.remote, manager, Caps(document=most * Decimal("1.5")), False, lambda: NOW
    )
    service.stub.meet(Trouble(drop="before"))
    with pytest.raises(AutodError) as caught:
        archive.ask()
    assert caught.value.code == "cost_cap_reached"
    assert archive.ledger() == {CallState.UNKNOWN: 1}
    assert len(service.stub.asked("POST", "/responses")) == 1
    assert archive.left() == []


def test_a_request_that_was_refused_after_a_lost_one_leaves_no_row_of_unknown_outcome(
    service: Service, manager: DatabaseManager, tmp_path: Path
) -> None:
    """The lost one is still at work: the next is refused as locked, and then the answer is there."""
    archive = Archive(service, manager, tmp_path, Way.CONVERSATION)
    desk = service.stub.desk
    looks = desk._is_busy
    busy = iter([True, True, False, False, False])
    desk._is_busy = lambda name: bool(desk.billed) and next(busy, looks(name))  # type: ignore[method-assign]
    service.stub.meet(Trouble(drop="after"))
    assert archive.live() == []
    assert len(service.stub.billed) == 1
    assert archive.ledger() == {CallState.SETTLED: 1, CallState.RELEASED: 1}


def test_a_lost_request_stays_in_sight_when_the_one_after_it_is_refused(
    service: Service, manager: DatabaseManager, tmp_path: Path
) -> None:
    archive = Archive(service, manager, tmp_path, Way.CONVERSATION)
    refusal = Trouble(status=400, code="invalid_image", kind="invalid_request_error")
    service.stub.meet(Trouble(drop="before"), refusal)
    with pytest.raises(AutodError) as caught:
        archive.ask()
    assert caught.value.code == "openai_request_refused"
    assert archive.ledger() == {CallState.UNKNOWN: 1, CallState.RELEASED: 1}


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("usage", [True, False])
def test_a_failure_of_the_service_while_it_answers_lets_the_document_wait(
    service: Service, ledger: DatabaseManager, tmp_path: Path, way: Way, usage: bool
) -> None:
    archive = Archive(service, ledger, tmp_path, way)
    service.stub.desk.outcomes = [Outcome("failed", error="server_error", usage=usage)]
    with pytest.raises(AutodError) as caught:
        archive.ask()
    assert (caught.value.code, caught.value.retry) == ("openai_answer_failed", Retry.LATER)
    assert archive.live() == []
    assert archive.ledger() == {CallState.SETTLED: 2}
    assert archive.left() == []


@pytest.mark.parametrize("way", list(Way))
def test_a_document_that_the_service_cannot_work_on_is_for_a_person(
    service: Service, ledger: DatabaseManager, tmp_path: Path, way: Way
) -> None:
    archive = Archive(service, ledger, tmp_path, way)
    service.stub.desk.outcomes = [Outcome("failed", error="invalid_image")]
    with pytest.raises(AutodError) as caught:
        archive.ask()
    assert (caught.value.code, caught.value.retry) == ("openai_document_refused", Retry.PERSON)


def test_an_answer_that_was_cut_and_got_lost_is_asked_for_with_more_room(
    service: Service, ledger: DatabaseManager, tmp_path: Path
) -> None:
    archive = Archive(service, ledger, tmp_path, Way.CONVERSATION)
    for question in archive.inputs["questions"]:
        question["output_tokens"] = 2000
    service.stub.desk.outcomes = [Outcome("incomplete", reason="max_output_tokens")]
    service.stub.meet(Trouble(drop="after"))
    archive.ask()
    limits = [body["max_output_tokens"] for body in service.stub.asked("POST", "/responses")]
    assert limits == [2000, 4000]
    with ledger.get_session(read_only=True) as session:
        rows = session.execute(sa.select(ApiCall.state, ApiCall.error_code).order_by(ApiCall.id)).all()
    assert rows == [(CallState.SETTLED, "openai_answer_truncated"), (CallState.SETTLED, None)]
    assert service.stub.desk.conversations == {}


REFUSED_LOOKS = {
    f"{status}": Trouble("GET", "/conversations", status, "refused", "invalid_request_error")
    for status in (400, 401, 402, 403, 409, 410, 413, 418, 422, 429, 451)
} | {
    "400 of somebody else": Trouble("GET", "/conversations", 400, spoilt="page"),
    "no list": Trouble("GET", "/conversations", raw=b'{"object": "list", "data": 5}'),
}


@pytest.mark.parametrize("refusal", REFUSED_LOOKS.values(), ids=list(REFUSED_LOOKS))
def test_an_answer_is_looked_for_again_when_the_look_was_refused(
    service: Service, ledger: DatabaseManager, tmp_path: Path, refusal: Trouble
) -> None:
    archive = Archive(service, ledger, tmp_path, Way.CONVERSATION)
    service.stub.meet(Trouble(drop="after"), refusal)
    assert archive.live() == []
    assert len(service.stub.billed) == 1
    assert archive.ledger() == {CallState.SETTLED: 1}


@pytest.mark.parametrize("refusal", REFUSED_LOOKS.values(), ids=list(REFUSED_LOOKS))
def test_a_lost_request_counts_and_its_answer_stays_while_every_look_is_refused(
    service: Service, ledger: DatabaseManager, tmp_path: Path, refusal: Trouble
) -> None:
    archive = Archive(service, ledger, tmp_path, Way.CONVERSATION)
    service.stub.meet(Trouble(drop="after"), *[refusal] * 1000)
    with pytest.raises(AutodError) as caught, capture_logs() as told:
        archive.ask()
    (said,) = [one for one in told if one.get("error") == "openai_answer_unseen"]
    assert said["again_after_seconds"] > 0
    assert (caught.value.code, caught.value.retry) == ("openai_outcome_unknown", Retry.LATER)
    assert archive.ledger() == {CallState.UNKNOWN: 1}
    assert len(service.stub.billed) == len(service.stub.desk.conversations) == 1


@pytest.mark.parametrize("fate", [Trouble(drop="after"), Trouble(drop="before"), Trouble(spoilt="page")])
def test_a_lost_request_counts_when_its_conversation_is_gone(
    service: Service, ledger: DatabaseManager, tmp_path: Path, fate: Trouble
) -> None:
    archive = Archive(service, ledger, tmp_path, Way.CONVERSATION)
    gone = Trouble("GET", "/conversations", 404, "conversation_not_found", "invalid_request_error")
    service.stub.meet(fate, gone)
    assert archive.live() == ["openai_conversation_gone"]
    assert archive.ledger() == {CallState.SETTLED: 1, CallState.UNKNOWN: 1}
    assert service.stub.desk.conversations == {}


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_an_answer_that_is_refused_when_it_is_fetched_lets_the_document_wait(
    service: Service, ledger: DatabaseManager, tmp_path: Path, status: int
) -> None:
    archive = Archive(service, ledger, tmp_path, Way.BACKGROUND)
    refusal = Trouble("GET", "/responses", status, "refused", "invalid_request_error")
    service.stub.meet(*[refusal] * 1000)
    with pytest.raises(AutodError) as caught:
        archive.ask()
    assert (caught.value.retry, caught.value.outside) == (Retry.LATER, False)
    assert archive.ledger() == {CallState.UNKNOWN: 1}


def test_what_could_not_be_deleted_is_listed_and_deleted_later(
    service: Service, manager: DatabaseManager, tmp_path: Path
) -> None:
    archive = Archive(service, manager, tmp_path, Way.CONVERSATION)
    service.stub.meet(*[Trouble(method="DELETE", path="/conversations", status=503)] * 4)
    archive.live()
    assert archive.left() == archive.kept() == ["/conversations/conv_1"]
    leftovers = Leftovers(manager, archive.client, lambda: NOW + timedelta(hours=2))
    leftovers.clear()
    assert archive.left() == archive.kept() == []
    asked = len(service.stub.requests)
    leftovers.clear()
    assert len(service.stub.requests) == asked


def test_an_answer_under_an_unknown_address_stays_in_the_list(
    service: Service, manager: DatabaseManager, tmp_path: Path
) -> None:
    archive = Archive(service, manager, tmp_path, Way.CONVERSATION)
    service.stub.meet(Trouble(drop="after"))
    archive.live()
    assert archive.left() == ["/responses/resp_1"]
    assert archive.kept() == [None]


def test_a_request_that_was_refused_keeps_nothing_there(
    service: Service, manager: DatabaseManager, tmp_path: Path
) -> None:
    archive = Archive(service, manager, tmp_path, Way.BACKGROUND)
    service.stub.meet(Trouble(status=400, code="invalid_image", kind="invalid_request_error"))
    with pytest.raises(AutodError):
        archive.ask()
    assert archive.kept() == []
