"""Batches: handed in once whatever happens, priced by their channel, and nothing of them lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.db import batches, documents, ledger
from autod.db.manager import DatabaseManager
from autod.db.models import ApiCall, Batch, BatchPart, BatchState, CallState, PartState
from autod.domain.money import Caps, TokenUse
from autod.domain.privacy import Sending
from autod.errors import AutodError, FileTrouble, PrivacyError
from autod.extract.openai.batches import OpenAIBatches, line_of
from autod.extract.openai.document_text import page_texts
from autod.extract.openai.prices import Prices
from autod.extract.openai.question import question, text_content
from autod.paying import batch_clerk
from autod.paying.batch_clerk import BatchClerk
from autod.paying.batch_lane import BatchLane
from tests.db.samples import admitted
from tests.openai.conftest import Service
from tests.openai.stub import RATE_LIMITED, Trouble
from tests.openai.stub_batches import Fate
from tests.openai.stub_responses import Outcome
from tests.openai.test_openai_question import manner
from tests.verify.drafts import reading


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Knife:
    """Kills at the moment with a number: after each transaction and each call: only they have effects."""

    at: int = 0
    passed: int = 0
    names: list[str] = field(default_factory=list)

    def moment(self, name: str) -> None:
        self.passed += 1
        self.names.append(name)
        if self.passed == self.at:
            raise Killed(name)


class Cut:
    """A remote whose every call is followed by a moment."""

    def __init__(self, remote: OpenAIBatches, knife: Knife) -> None:
        self._remote, self._knife = remote, knife

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._remote, name)
        if name not in ("upload", "find", "create", "look", "fetch", "forget"):
            return real

        def call(*arguments: Any) -> Any:
            result = real(*arguments)
            self._knife.moment(name)
            return result

        return call


class CutManager:
    """A database whose every transaction is followed by a moment."""

    def __init__(self, manager: DatabaseManager, knife: Knife) -> None:
        self._manager, self._knife = manager, knife
        self.engine = manager.engine

    @contextmanager
    def get_session(self, *, read_only: bool = False) -> Iterator[Session]:
        with self._manager.get_session(read_only=read_only) as session:
            yield session
        if not read_only:
            self._knife.moment("commit")


class Office:
    """The clerk with his surroundings; time is the stub's."""

    def __init__(self, service: Service, manager: DatabaseManager, folder: Path, caps: Caps) -> None:
        self.service, self.manager, self.folder, self.caps = service, manager, folder, caps
        service.stub.desk.answer = lambda body: {"said": body["input"][-1]["content"][0]["text"]}

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.service.stub.now, UTC)

    def later(self, **time: float) -> None:
        self.service.sleep(timedelta(**time).total_seconds())

    @property
    def remote(self) -> OpenAIBatches:
        client = self.service.clients[0] if self.service.clients else self.service.client()
        return OpenAIBatches(client, Prices(), max_output_tokens=4000, now=self.now)

    def clerk(self, knife: Knife | None = None) -> BatchClerk:
        remote, manager = self.remote, self.manager
        if knife is None:
            return BatchClerk(remote, manager, self.caps, self.folder / "batches", self.now, self.prepare)
        cut, database = Cut(remote, knife), CutManager(manager, knife)
        place = self.folder / "batches"
        return BatchClerk(cut, database, self.caps, place, self.now, self.prepare)  # type: ignore[arg-type]

    @property
    def lane(self) -> BatchLane:
        return BatchLane(self.remote, self.prepare, "gpt-6-luna", "v1", self.caps, self.now)

    def prepare(self, sha256: str) -> dict[str, Any]:
        text = f"Invoice {sha256[:8]} ü"
        body = question(
            manner(stored=True, background=True),
            text_content(page_texts(reading(text))),
            sha256=sha256,
            part="1/1",
        )
        path = self.folder / f"{sha256}.question.1.json"
        path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
        known = {"path": str(path), "sha256": sha256, "part": "1/1", "form": "text", "pages": 1}
        return {"questions": [{**known, "first_page": 1, "input_tokens": 6000}]}

    def bring(self, *hashes: str) -> None:
        """Documents that come to wait for a batch, as their lives would have them."""
        for sha256 in hashes:
            with self.manager.get_session() as session:
                number = admitted(session, sha256=sha256)
            with pytest.raises(AutodError) as waiting:
                self.ask(sha256)
            with self.manager.get_session() as session:
                documents.postpone(
                    session, number, code=waiting.value.code, message="m", next_step="n",
                    retry_at=waiting.value.until or self.now(),
                )  # fmt: skip

    def ask(self, sha256: str) -> dict[str, Any]:
        with self.manager.get_session(read_only=True) as session:
            document = documents.by_sha(session, sha256)
            assert document is not None
            known = {"id": document.id, "sha256": sha256}
        return self.lane.ask(Straight(self.manager), known)

    def finish(self, clerk: BatchClerk) -> None:
        """Let the days pass until nothing is under way."""
        for _ in range(30):
            if clerk.round().open == 0 and not self.rows(Batch, Batch.state != BatchState.DONE):
                return
            self.later(minutes=20)
        raise AssertionError("the batches never end")

    def rows(self, kind: Any, *where: Any) -> list[Any]:
        with self.manager.get_session(read_only=True) as session:
            return list(session.scalars(sa.select(kind).where(*where).order_by(kind.id)))

    def due(self) -> list[str]:
        with self.manager.get_session() as session:
            return sorted(documents.take_due(session, self.now()))


class Straight:
    """A durable engine for tests that die elsewhere."""

    def __init__(self, manager: DatabaseManager) -> None:
        self._manager = manager

    def step(self, name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        return work(*arguments)

    def transaction(self, name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        with self._manager.get_session() as session:
            return work(session, *arguments)

    def child(self, sha256: str, inputs: Any) -> Any:
        raise AssertionError("a batch asks no child")

    def sleep(self, seconds: float) -> None:
        raise AssertionError("a batch's document holds nothing while it waits")


A, B, C = ("a" * 64, "b" * 64, "c" * 64)


@pytest.fixture
def office(service: Service, manager: DatabaseManager, tmp_path: Path) -> Office:
    return Office(service, manager, tmp_path, Caps(day=Decimal(1)))


@pytest.fixture
def small_office(service: Service, sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with DatabaseManager(sqlite_url) as manager:
        yield Office(service, manager, tmp_path, Caps(day=Decimal(1)))


def test_questions_are_answered_together_and_cost_half(office: Office, service: Service) -> None:
    office.bring(A, B, C)
    office.finish(office.clerk())
    assert office.due() == [A, B, C]
    for sha256 in (A, B, C):
        said = office.ask(sha256)
        assert sha256[:8] in said["answers"][0]["text"]
        assert said["model"] == "gpt-6-luna" and said["prompt_version"] == "v1"
    (batch,) = office.rows(Batch)
    assert (batch.requests, batch.answered, batch.state) == (3, 3, BatchState.DONE)
    calls = office.rows(ApiCall)
    assert {(call.state, call.tier) for call in calls} == {(CallState.SETTLED, "batch")}
    whole = [
        Prices().cost(
            TokenUse(call.input_tokens, call.output_tokens, call.cached_tokens, call.cache_write_tokens),
            "gpt-6-luna", "default", office.now(),
        ).usd
        for call in calls
    ]  # fmt: skip
    assert [call.cost_usd * 2 for call in calls] == whole
    assert len(service.stub.billed) == 3


def test_nothing_is_left_at_the_service_or_here(office: Office, service: Service) -> None:
    office.bring(A)
    office.finish(office.clerk())
    assert service.stub.kept_files.files == {}
    assert list((office.folder / "batches").iterdir()) == []


def test_a_line_has_our_name_and_nothing_that_a_batch_does_not_take() -> None:
    line = json.loads(
        line_of("x.1", {"model": "m", "service_tier": "flex", "background": True, "store": True})
    )
    assert line["custom_id"] == "x.1" and line["url"] == "/v1/responses" and line["method"] == "POST"
    assert line["body"] == {"model": "m", "store": False}


def test_killed_at_any_moment_everything_is_paid_once_and_answered(
    service: Service, sqlite_template: Path, tmp_path: Path
) -> None:
    """One of three questions expires first, so that the second batch is killed as well."""
    moment, seen = 0, 1
    while moment < seen:
        moment += 1
        database = tmp_path / f"{moment}.db"
        database.write_bytes(sqlite_template.read_bytes())
        with DatabaseManager(f"sqlite:///{database}") as manager:
            office = Office(service, manager, tmp_path, Caps(day=Decimal(1)))
            service.stub.hall.fates = [Fate(expired=(2,))]
            before = len(service.stub.billed)
            office.bring(A, B, C)
            knife = Knife(at=moment)
            try:
                office.finish(office.clerk(knife))
                seen = knife.passed
            except Killed:
                seen = moment + 1
                office.finish(office.clerk())
            assert len(service.stub.billed) - before == 3, knife.names[-1]
            assert office.due() == [A, B, C], knife.names[-1]
            states = [call.state for call in office.rows(ApiCall)]
            assert sorted(states) == [CallState.RELEASED, *[CallState.SETTLED] * 3], knife.names[-1]
            assert service.stub.kept_files.files == {}, knife.names[-1]
    assert seen > 20


def test_a_batch_that_was_taken_though_the_answer_was_lost_is_found_and_not_made_again(
    small_office: Office, service: Service
) -> None:
    small_office.bring(A)
    service.stub.meet(Trouble(path="/batches", drop="after"))
    service.stub.hall.hidden = 1
    small_office.clerk().round()
    (batch,) = small_office.rows(Batch)
    assert batch.state is BatchState.SUBMITTING
    small_office.clerk().round()
    assert small_office.rows(Batch)[0].state is BatchState.SUBMITTING
    small_office.clerk().round()
    assert small_office.rows(Batch)[0].state is BatchState.SUBMITTED
    small_office.finish(small_office.clerk())
    assert len(service.stub.hall.batches) == len(service.stub.billed) == 1


def test_a_batch_that_never_reached_the_service_is_made_again_after_a_while(
    small_office: Office, service: Service
) -> None:
    small_office.bring(A)
    service.stub.meet(Trouble(path="/batches", drop="before"))
    clerk = small_office.clerk()
    clerk.round()
    small_office.later(minutes=5)
    clerk.round()
    assert service.stub.hall.batches == {}
    small_office.later(minutes=11)
    clerk.round()
    assert len(service.stub.hall.batches) == 1


@pytest.mark.parametrize(
    "trouble", [Trouble(path="/batches", status=500), Trouble(path="/batches", status=502)]
)
def test_a_failure_of_the_service_while_it_takes_a_batch_is_an_open_question(
    small_office: Office, service: Service, trouble: Trouble
) -> None:
    small_office.bring(A)
    service.stub.meet(trouble)
    small_office.clerk().round()
    assert small_office.rows(Batch)[0].state is BatchState.SUBMITTING
    assert len(service.stub.asked("POST", "/batches")) == 1


def test_a_rate_limit_only_puts_a_batch_off(small_office: Office, service: Service) -> None:
    small_office.bring(A)
    service.stub.meet(Trouble(path="/batches", **RATE_LIMITED))  # type: ignore[arg-type]  # its fields
    small_office.clerk().round()
    assert small_office.rows(Batch)[0].state is BatchState.UPLOADED
    small_office.finish(small_office.clerk())
    assert len(service.stub.billed) == 1


def test_what_expires_again_and_again_is_paid_nothing_for_and_shown_to_a_person(
    small_office: Office, service: Service
) -> None:
    small_office.bring(A)
    service.stub.hall.fates = [Fate(expired=(1,))] * batch_clerk.MOST_ROUNDS
    small_office.finish(small_office.clerk())
    with pytest.raises(AutodError) as caught:
        small_office.ask(A)
    assert caught.value.code == "openai_batch_gave_up"
    assert service.stub.billed == []
    assert {call.state for call in small_office.rows(ApiCall)} == {CallState.RELEASED}


def test_a_question_that_the_service_cannot_answer_fails_alone(
    small_office: Office, service: Service
) -> None:
    small_office.bring(A, B)
    service.stub.hall.fates = [Fate(refused={1: 400})]
    small_office.finish(small_office.clerk())
    with pytest.raises(AutodError) as caught:
        small_office.ask(A)
    assert caught.value.code == "openai_request_refused"
    assert small_office.ask(B)["answers"]
    assert len(service.stub.billed) == 1


def test_a_question_that_met_a_rate_limit_goes_into_another_batch(
    small_office: Office, service: Service
) -> None:
    small_office.bring(A)
    service.stub.hall.fates = [Fate(refused={1: 429})]
    small_office.finish(small_office.clerk())
    assert small_office.ask(A)["answers"]
    assert [batch.requests for batch in small_office.rows(Batch)] == [1, 1]


def test_a_question_at_which_the_service_failed_goes_into_another_batch_and_both_are_billed(
    small_office: Office, service: Service
) -> None:
    small_office.bring(A)
    service.stub.desk.outcomes = [Outcome("failed", error="server_error")]
    small_office.finish(small_office.clerk())
    answered = small_office.ask(A)
    assert answered["answers"] and len(service.stub.billed) == 2
    calls = small_office.rows(ApiCall)
    assert [call.state for call in calls] == [CallState.SETTLED] * 2
    assert Decimal(answered["cost_usd"]) == sum(call.cost_usd for call in calls)


def test_an_answer_that_is_in_no_file_stays_in_the_ledger_as_unknown(
    small_office: Office, service: Service
) -> None:
    small_office.bring(A)
    service.stub.hall.fates = [Fate(dropped=(1,))]
    small_office.finish(small_office.clerk())
    assert small_office.ask(A)["answers"]
    assert [call.state for call in small_office.rows(ApiCall)] == [CallState.UNKNOWN, CallState.SETTLED]
    assert len(service.stub.billed) == 2


def test_a_file_that_the_service_cannot_read_costs_nothing_and_only_its_bad_line_fails(
    small_office: Office, service: Service
) -> None:
    small_office.bring(A, B)
    service.stub.hall.fates = [Fate(failed="invalid_json_line", failed_lines=(2,))]
    small_office.finish(small_office.clerk())
    assert small_office.ask(A)["answers"]
    with pytest.raises(AutodError, match="did not read"):
        small_office.ask(B)
    assert len(service.stub.billed) == 1


def test_a_refusal_is_paid_for_and_fails_its_document(small_office: Office, service: Service) -> None:
    small_office.bring(A)
    service.stub.desk.outcomes = [Outcome(refusal="no")]
    small_office.finish(small_office.clerk())
    with pytest.raises(AutodError) as caught:
        small_office.ask(A)
    assert caught.value.code == "openai_answer_refused"
    (call,) = small_office.rows(ApiCall)
    assert call.state is CallState.SETTLED and call.cost_usd > 0


def test_money_is_set_aside_before_and_a_cap_keeps_questions_out(
    small_office: Office, service: Service
) -> None:
    small_office.bring(A)
    with small_office.manager.get_session() as session:
        aside = ledger.spent(session)
    small_office.caps = Caps(day=aside)
    with small_office.manager.get_session() as session:
        admitted(session, sha256=B)
    with pytest.raises(AutodError) as caught:
        small_office.ask(B)
    assert caught.value.code == "cost_cap_reached"
    assert len(small_office.rows(BatchPart)) == 1


def test_a_question_that_comes_again_needs_room_under_the_cap_again(
    small_office: Office, service: Service
) -> None:
    small_office.bring(A)
    service.stub.hall.fates = [Fate(expired=(1,))]
    clerk = small_office.clerk()
    for _ in range(2):
        clerk.round()
    (part,) = small_office.rows(BatchPart)
    assert (part.state, part.call_id) == (PartState.QUEUED, None)
    small_office.caps = Caps(day=Decimal(0))
    small_office.clerk().round()
    (part,) = small_office.rows(BatchPart)
    assert part.state is PartState.QUEUED and part.not_before > small_office.now()
    small_office.caps = Caps(day=Decimal(1))
    small_office.later(days=1)
    small_office.finish(small_office.clerk())
    assert small_office.ask(A)["answers"]


def test_a_batch_holds_one_model_and_no_more_than_the_service_takes(
    small_office: Office, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = [f"{number:064x}" for number in range(5)]
    small_office.bring(*hashes)
    with small_office.manager.get_session() as session:
        parts = session.scalars(sa.select(BatchPart).order_by(BatchPart.id)).all()
        parts[1].model = "gpt-5-mini"
        for number in (1, 1):
            path = Path(parts[number].question["path"])
            path.write_text(path.read_text().replace("gpt-6-luna", "gpt-5-mini"))
        size = parts[0].size_bytes
    monkeypatch.setattr(OpenAIBatches, "most_bytes", size * 3)
    small_office.finish(small_office.clerk())
    assert sorted((batch.model, batch.requests) for batch in small_office.rows(Batch)) == [
        ("gpt-5-mini", 1), ("gpt-6-luna", 1), ("gpt-6-luna", 3),
    ]  # fmt: skip
    assert small_office.due() == sorted(hashes)


@pytest.mark.parametrize("content", [None, b"", b'{"model": "gpt', b"\0" * 900])
def test_a_question_whose_file_is_gone_or_damaged_is_written_and_asked_again(
    small_office: Office, service: Service, content: bytes | None
) -> None:
    small_office.bring(A, B)
    file = small_office.folder / f"{A}.question.1.json"
    file.unlink() if content is None else file.write_bytes(content)
    small_office.finish(small_office.clerk())
    assert small_office.ask(A)["answers"] and small_office.ask(B)["answers"]


def test_a_question_that_cannot_be_written_again_fails_its_document_and_costs_nothing(
    small_office: Office, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: str) -> dict[str, Any]:
        raise FileTrouble("the claimed copy is missing", code="claim_missing")

    small_office.bring(A, B)
    (small_office.folder / f"{A}.question.1.json").unlink()
    monkeypatch.setattr(small_office, "prepare", gone)
    small_office.finish(small_office.clerk())
    with pytest.raises(AutodError) as caught:
        small_office.ask(A)
    assert caught.value.code == "claim_missing"
    assert small_office.ask(B)["answers"]


def test_a_document_that_must_stay_here_by_now_is_taken_out_and_the_others_go(
    small_office: Office, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_office.bring(A, B, C)

    def stricter(sending: Sending) -> list[int]:
        if any(share.sha256 == B for share in sending.shares):
            raise PrivacyError("a document of the class medical must stay on this machine")
        return []

    monkeypatch.setattr(service.egress, "before", stricter)
    small_office.finish(small_office.clerk())
    assert small_office.due() == [A, B, C]
    with pytest.raises(AutodError) as caught:
        small_office.ask(B)
    assert caught.value.code == PrivacyError.code
    assert small_office.ask(A)["answers"] and small_office.ask(C)["answers"]
    assert len(service.stub.billed) == 2


def test_lines_that_nobody_asked_for_change_nothing(small_office: Office, tmp_path: Path) -> None:
    from autod.extract.openai.batches import read_lines

    path = tmp_path / "out.jsonl"
    deep = "[" * 100_000
    path.write_text(
        f'\n{deep}\n[]\n{{"custom_id": 1}}\n{{"custom_id": "x", "response": {{"status_code": "a"}}}}\n'
    )
    read = list(read_lines(path))
    (line,) = (line for line in read if line.name)
    assert line.name == "x" and line.answer is None and line.error is not None
    assert {line.error.code for line in read if line.error and not line.name} == {"openai_answer_not_json"}


def test_answers_are_kept_until_the_document_is_in_the_archive_and_no_longer(small_office: Office) -> None:
    small_office.bring(A)
    clerk = small_office.clerk()
    small_office.finish(clerk)
    clerk.round()
    assert small_office.ask(A) == small_office.ask(A)
    with small_office.manager.get_session() as session:
        documents.complete(session, 1, filed_path="x", processing_seconds=1.0, now=small_office.now())
    clerk.round()
    assert small_office.rows(BatchPart) == []


def test_only_one_process_deals_with_batches(postgres_url: str) -> None:
    with DatabaseManager(postgres_url) as first, DatabaseManager(postgres_url) as second:
        with batches.alone(first) as ours, batches.alone(second) as theirs:
            assert (ours, theirs) == (True, False)
        with batches.alone(second) as theirs:
            assert theirs


@pytest.mark.parametrize("status", [500, 502, 408])
def test_a_failure_inside_a_batch_may_have_been_billed_and_stays_in_sight(
    small_office: Office, service: Service, status: int
) -> None:
    service.stub.hall.fates = [Fate(refused={1: status})]
    small_office.bring(A)
    small_office.finish(small_office.clerk())
    assert small_office.ask(A)["answers"]
    states = [call.state for call in small_office.rows(ApiCall)]
    assert states == [CallState.UNKNOWN, CallState.SETTLED]


@pytest.mark.parametrize("spoilt", ["page", "cut", "foreign object", "no text"])
def test_answers_that_cannot_be_read_are_fetched_again_and_not_paid_again(
    small_office: Office, service: Service, spoilt: str
) -> None:
    small_office.bring(A, B)
    service.stub.meet(*[Trouble(method="GET", path="/files/", spoilt=spoilt)] * 5)
    small_office.finish(small_office.clerk())
    assert small_office.ask(A)["answers"] and small_office.ask(B)["answers"]
    assert [call.state for call in small_office.rows(ApiCall)] == [CallState.SETTLED] * 2
    assert len(service.stub.billed) == 2


def test_answers_that_can_never_be_read_end_as_calls_of_unknown_outcome(
    small_office: Office, service: Service
) -> None:
    small_office.bring(A)
    clerk = small_office.clerk()
    service.stub.meet(*[Trouble(method="GET", path="/files/", spoilt="cut")] * 8)
    for _ in range(8):
        clerk.round()
        small_office.later(hours=24)
    assert CallState.UNKNOWN in [call.state for call in small_office.rows(ApiCall)]


def test_a_batch_that_somebody_else_says_is_gone_is_not_given_up(
    small_office: Office, service: Service
) -> None:
    small_office.bring(A)
    clerk = small_office.clerk()
    clerk.round()
    page = {"raw": b"<html>not here</html>", "media_type": "text/html"}
    service.stub.meet(*[Trouble(method="GET", path="/batches/", status=404, **page)] * 3)  # type: ignore[arg-type]
    for _ in range(3):
        clerk.round()
        small_office.later(minutes=20)
    assert [call.state for call in small_office.rows(ApiCall)] == [CallState.RESERVED]
    small_office.finish(clerk)
    assert [call.state for call in small_office.rows(ApiCall)] == [CallState.SETTLED]
    assert len(service.stub.billed) == 1
