"""Asking a paid service about a document so that nothing is paid twice and no cap is exceeded.

    prepare ─▶ (queue) ─▶ reserve ─▶ claim ─▶ submit ─▶ [attach ─▶ collect ─▶] settle ─▶ forget

What comes after the queue is a workflow of its own: its answers stay, however often the document begins
again. All questions about a document are reserved together before the first is sent. While nothing is paid,
passing trouble postpones the document; later it is waited out here, so that what was paid for stays in hand.
What ends in vain after that counts as an attempt: nothing is paid for without end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ParamSpec, Protocol, TypedDict, TypeVar, final

import structlog
from sqlalchemy.orm import Session

from autod.db import ledger
from autod.db.ledger import Refused
from autod.db.manager import DatabaseManager
from autod.domain.asked import (
    AnswerJson,
    AnswersJson,
    BillJson,
    HandleJson,
    PartAnswerJson,
    Question,
    Questions,
)
from autod.domain.backoff import Backoff
from autod.domain.checkpoints import AskedAbout, Begun, Reserved
from autod.domain.fates import CUT, FAILED_THERE, UNKNOWN_OUTCOME, UNSEEN
from autod.domain.money import Caps, Order, Priced, TokenUse
from autod.domain.payments import Payments
from autod.durable.protocol import Durable
from autod.errors import READ_HERE, AutodError, DatabaseError, Retry
from autod.paying import billing
from autod.paying.batch_lane import BATCH_LANE, BatchLane
from autod.paying.billing import CAP_REACHED, cap_reached, total_of

Given = ParamSpec("Given")
Result = TypeVar("Result")

log = structlog.get_logger("autod.asking")

MOST_TRIES = 10
PAUSES = Backoff(first=2.0, longest=300.0)
"""Between the tries of one question: they cross a crash, so that the engine sleeps them, and no library."""


class Remote(Protocol):
    """A paid reader; what its steps return is JSON.

    ``prepare``, ``claim``, ``submit``, ``collect`` and ``forget`` are one durable step each; the others only
    look at what they are given.
    """

    model: str
    prompt_version: str

    def prepare(self, sha256: str) -> Questions:
        """The questions about a document that was read."""
        ...

    def order(self, sha256: str, document_id: int, question: Question) -> Order:
        """What the question can cost at most."""
        ...

    def claim(self) -> HandleJson:
        """A free handle."""
        ...

    def submit(
        self, question: Question, claimed: HandleJson, *, first: bool, payments: Payments
    ) -> HandleJson:
        """Pay for the answer; what leads back to it.

        Args:
            first: nothing was ever sent with this handle.
            payments: told before a request that may be billed is made once more.
        """
        ...

    def looks_before_paying(self, claimed: HandleJson) -> bool:
        """Whether ``submit`` finds an answer that was paid for before it pays again."""
        ...

    def answer_in(self, handle: HandleJson) -> AnswerJson | None:
        """The answer, if it was there when ``submit`` returned."""
        ...

    def collect(self, handle: HandleJson) -> AnswerJson:
        """Wait for the answer."""
        ...

    def forget(self, handle: HandleJson) -> None:
        """Have the service delete what it keeps."""
        ...

    def note_of(self, handle: HandleJson) -> str:
        """What the ledger writes down of a handle."""
        ...

    def larger(self, question: Question) -> Question | None:
        """The question again, for an answer that was cut at its limit; None when no longer one is allowed."""
        ...

    def bill(
        self, answer: AnswerJson, tier: str, question: Question
    ) -> tuple[TokenUse | None, Priced | None]:
        """Tokens and price, each None when the service did not count or its count cannot be believed."""
        ...


@final
class Sent(TypedDict):
    """What leads back to a question that was submitted, and the row of the ledger that it is paid by."""

    handle: HandleJson
    call: int


@final
class Unseen(TypedDict):
    """In a few words why an answer that may be there cannot be looked for now."""

    unseen: str


@dataclass(frozen=True, slots=True)
class Asking:
    """A paid reader with its bills and caps."""

    remote: Remote
    manager: DatabaseManager
    caps: Caps
    local_at_cap: bool
    now: Callable[[], datetime]
    batch: BatchLane | None = None

    def ask(self, durable: Durable, document: Begun) -> AnswersJson | None:
        """The answers about a document, from a place in the queue or from a batch: see ``answer``.

        None at a cap, when the embedded engine is to read it then.
        """
        try:
            if self.batch is not None and document.get("lane") == BATCH_LANE:
                return self.batch.ask(durable, document)
            questions = durable.step("prepare", self.remote.prepare, document["sha256"])["questions"]
            inputs: AskedAbout = {
                "document_id": document["id"],
                "sha256": document["sha256"],
                "questions": questions,
            }
            return durable.child(document["sha256"], inputs)
        except AutodError as error:
            if error.code == CAP_REACHED and self.local_at_cap:
                return None
            raise

    def answer(self, durable: Durable, inputs: AskedAbout) -> AnswersJson:
        """The answers to all questions, paid and entered.

        Raises:
            AutodError: the service refused, its answer is of no use, or a cap is reached (code
                ``cost_cap_reached``); what was paid is in the ledger.
        """
        reserved = durable.transaction("reserve", self._reserve, inputs)
        bills: list[BillJson] = []
        try:
            answers = self._ask_each(durable, inputs, reserved["calls"], bills)
        except DatabaseError:
            raise
        except AutodError as error:
            durable.transaction("release", self._release, reserved["calls"], "not_sent")
            if bills:
                raise after_paying(error) from error
            raise
        return {
            "answers": answers,
            "model": self.remote.model,
            "prompt_version": self.remote.prompt_version,
            **total_of(bills),
        }

    def _ask_each(
        self, durable: Durable, inputs: AskedAbout, calls: list[int], bills: list[BillJson]
    ) -> list[PartAnswerJson]:
        """The answers, in the order of the questions; each bill is added to ``bills`` as it comes.

        One that was cut at its limit is asked for once more, with as much room as any may have.
        """
        questions = inputs["questions"]
        answers: list[PartAnswerJson] = []
        for question, call_id in zip(questions, list(calls), strict=True):
            answer = self._ask_one(durable, question, call_id, bills)
            larger = self.remote.larger(question) if answer["trouble"] == CUT else None
            if larger is not None:
                once_more: AskedAbout = {**inputs, "questions": [larger]}
                again = durable.transaction("reserve", self._reserve, once_more)
                calls.extend(again["calls"])
                answer = self._ask_one(durable, larger, again["calls"][0], bills)
            if answer["trouble"] in FAILED_THERE:
                raise AutodError(
                    "the service failed while it wrote the answer",
                    code=answer["trouble"],
                    retry=Retry.LATER,
                    next_step="Nothing to do: it is asked again. `autod costs` has what was paid.",
                )
            if answer["trouble"]:
                raise AutodError(
                    "the answer is of no use",
                    code=answer["trouble"],
                    retry=Retry.PERSON,
                    next_step=f"{READ_HERE}. `autod costs` has what was paid.",
                )
            answers.append({"text": answer["text"], "first_page": question["first_page"]})
        return answers

    def _ask_one(
        self, durable: Durable, question: Question, call_id: int, bills: list[BillJson]
    ) -> AnswerJson:
        """One answer, paid and entered."""
        handle, call_id = self._send(durable, question, call_id, MOST_TRIES if bills else 1)
        answer = self.remote.answer_in(handle) or self._collect(durable, handle, call_id)
        bills.append(durable.transaction("settle", self._settle, call_id, handle, answer, question))
        self._forget(durable, handle)
        return answer

    def _collect(self, durable: Durable, handle: HandleJson, call_id: int) -> AnswerJson:
        """Wait for an answer that was not there when its call returned."""
        durable.transaction("attach", self._attach, call_id, handle)
        try:
            return self._patiently(durable, MOST_TRIES, "collect", self.remote.collect, handle)
        except DatabaseError:
            raise
        except AutodError as error:
            durable.transaction("lose", self._lose, call_id)
            raise after_paying(error) from error

    def _send(self, durable: Durable, question: Question, call_id: int, tries: int) -> tuple[HandleJson, int]:
        """Submit one question, through passing trouble; returns its handle and the call that is open."""
        claimed = self._patiently(durable, tries, "claim", self.remote.claim)
        for attempt in range(1, MOST_TRIES + 1):
            try:
                sent = durable.step("submit", self._note_and_submit, question, claimed, call_id)
            except DatabaseError:
                raise  # no result of the step: it is made again, and needs its handle
            except AutodError as error:
                if error.retry is not Retry.LATER or error.code == CAP_REACHED or attempt >= tries:
                    self._forget(durable, claimed)
                    raise
                call_id = durable.transaction("reopen", self._reopen, call_id)["calls"][0]
            else:
                if "handle" in sent:
                    return sent["handle"], sent["call"]
                if attempt == 1:
                    log.warning(
                        "An answer that may have been paid for cannot be looked for now",
                        error=UNSEEN,
                        detail=sent["unseen"],
                        call=call_id,
                        again_after_seconds=PAUSES.pause(attempt),
                    )
            durable.sleep(PAUSES.pause(attempt))
        durable.transaction("lose", self._lose, call_id)
        raise AutodError(
            "an answer that may have been paid for could not be looked for",
            code=UNKNOWN_OUTCOME,
            retry=Retry.LATER,
            next_step="Nothing to do: it is asked again. `autod costs` shows the call of unknown outcome.",
        )

    def _note_and_submit(self, question: Question, claimed: HandleJson, call_id: int) -> Sent | Unseen:
        """One step: the ledger notes that a call leaves now, then it leaves.

        The note is a transaction of its own inside the step. Were it a checkpoint before the step, a crash
        while paying would skip it on the way back, and a second payment would go unseen.
        """
        looks, first = self.remote.looks_before_paying(claimed), True
        with self.manager.get_session() as session:
            if looks:
                made, first = ledger.note_sent(session, call_id, self.caps, self.now())
            else:
                made = ledger.dispatch(session, call_id, self.caps, self.now())
        if isinstance(made, Refused):
            raise cap_reached(made, self.now())
        payments = _Repeats(self, made.call_id)
        try:
            handle = self.remote.submit(question, claimed, first=first, payments=payments)
        except DatabaseError:
            raise  # what left could not be put on record, and may be paid for: the note stands
        except AutodError as error:
            if error.code == UNSEEN:
                return {"unseen": error.message}
            maybe_paid = error.code == UNKNOWN_OUTCOME or not first or payments.maybe_billed
            close = ledger.mark_unknown if maybe_paid else ledger.release
            with self.manager.get_session() as session:
                close(session, payments.call_id, error.code, self.now())
            raise
        return {"handle": handle, "call": payments.call_id}

    def _patiently(
        self,
        durable: Durable,
        tries: int,
        name: str,
        work: Callable[Given, Result],
        *given: Given.args,
        **named: Given.kwargs,
    ) -> Result:
        """A free step, repeated through passing trouble."""
        for attempt in range(1, tries):
            try:
                return durable.step(name, work, *given, **named)
            except AutodError as error:
                if error.retry is not Retry.LATER:
                    raise
                durable.sleep(PAUSES.pause(attempt))
        return durable.step(name, work, *given, **named)

    def _forget(self, durable: Durable, handle: HandleJson) -> None:
        """What cannot be deleted is logged and left: the service deletes it by itself in time."""
        try:
            durable.step("forget", self.remote.forget, handle)
        except AutodError as error:
            log.warning("The service keeps a copy for now", reason=error.code)

    def _reserve(self, session: Session, inputs: AskedAbout) -> Reserved:
        """The calls of all questions, or none: a refusal takes back what was reserved before it."""
        calls: list[int] = []
        for question in inputs["questions"]:
            order = self.remote.order(inputs["sha256"], inputs["document_id"], question)
            made = ledger.reserve(session, order, self.caps, self.now())
            if isinstance(made, Refused):
                log.warning("Cost cap reached", cap=made.cap, document_id=inputs["document_id"])
                raise cap_reached(made, self.now())
            calls.append(made.call_id)
        return {"calls": calls}

    def _reopen(self, session: Session, call_id: int) -> Reserved:
        """A reservation like the one that was closed."""
        made = ledger.reserve(session, ledger.order_of(session, call_id), self.caps, self.now())
        if isinstance(made, Refused):
            raise cap_reached(made, self.now())
        return {"calls": [made.call_id]}

    def _lose(self, session: Session, call_id: int) -> None:
        """The answer cannot be had: the call may have been billed."""
        ledger.mark_unknown(session, call_id, UNKNOWN_OUTCOME, self.now())

    def _release(self, session: Session, calls: list[int], code: str) -> None:
        """Give back what was reserved and never sent."""
        for call_id in calls:
            if not ledger.was_sent(session, call_id):
                ledger.release(session, call_id, code, self.now())

    def _attach(self, session: Session, call_id: int, handle: HandleJson) -> None:
        ledger.attach(session, call_id, self.remote.note_of(handle))

    def _settle(
        self, session: Session, call_id: int, handle: HandleJson, answer: AnswerJson, question: Question
    ) -> BillJson:
        self._attach(session, call_id, handle)
        use, priced = self.remote.bill(answer, ledger.order_of(session, call_id).tier, question)
        return billing.settle(session, call_id, answer, use, priced, tier=answer["tier"], now=self.now())


def after_paying(error: AutodError) -> AutodError:
    """The same trouble, to be waited out as an attempt: nothing is paid for without end."""
    return AutodError(
        error.message,
        code=error.code,
        next_step=error.next_step,
        retry=error.retry,
        until=error.until,
        outside=False,
    )


@dataclass(slots=True)
class _Repeats:
    """See ``Payments``; ``call_id`` is the call to settle."""

    asking: Asking
    call_id: int
    maybe_billed: bool = False

    def lost(self) -> None:
        self.maybe_billed = True

    def another(self) -> None:
        """Its money is reserved under the same caps, before it leaves.

        Raises:
            AutodError: code ``cost_cap_reached``.
        """
        self.maybe_billed = True
        now = self.asking.now()
        with self.asking.manager.get_session() as session:
            made = ledger.dispatch(session, self.call_id, self.asking.caps, now, UNKNOWN_OUTCOME)
        if isinstance(made, Refused):
            raise cap_reached(made, now)
        self.call_id = made.call_id

    def taken_back(self) -> None:
        with self.asking.manager.get_session() as session:
            self.call_id = ledger.take_back(session, self.call_id, self.asking.now())
