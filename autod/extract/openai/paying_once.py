"""Asking so that a crash at any moment does not pay twice. Each method is one durable step.

    claim ─▶ (checkpoint) ─▶ submit ─▶ (checkpoint) ─▶ collect ─▶ forget

``conversation``: a free conversation is claimed first, the paid call hangs on it, and a ``submit`` that may
not be the first looks into it before paying; where the service has no conversations, ``background`` takes its
place. ``background``: the service keeps the answer under an id that the caller checkpoints at once; only a
crash between the two can pay twice. ``direct`` keeps nothing at the service; a crash while it answers leaves
an unknown outcome.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from autod.codes import Code
from autod.domain.asked import HandleJson
from autod.domain.backoff import Backoff
from autod.domain.payments import Payments
from autod.domain.privacy import Share
from autod.errors import AutodError
from autod.extract.openai import pacing
from autod.extract.openai.addresses import path_of
from autod.extract.openai.answer import Answer, is_final, read_conversation, read_response
from autod.extract.openai.answer_json import answer_object
from autod.extract.openai.api_json import ApiJson
from autod.extract.openai.client import ResponsesAPIClient
from autod.extract.openai.failures import (
    WRONG_ADDRESS,
    AccountRefused,
    AnswerUnseen,
    ConversationGone,
    FlexUnavailable,
    NotFound,
    OpenAIError,
    OutcomeUnknown,
    RequestRefused,
    ResponseBusy,
    ServiceFailing,
)
from autod.extract.openai.profiles import read_chat, repair_question, said_in, without_format
from autod.extract.openai.replies import Reply
from autod.extract.openai.shape import any_field_fits, faults_of
from autod.extract.openai.warming import WarmUp

LONGEST_PAUSE = 10.0
MOST_LOST = 2
"""So many requests may get lost in a row before the document waits: nothing is paid for without end."""

MOST_FAILURES = 4
"""So many refusals for lack of room before the document waits in place of a thread."""


class Way(StrEnum):
    """What protects a call from being paid for twice."""

    BACKGROUND = "background"
    CONVERSATION = "conversation"
    DIRECT = "direct"

    @property
    def stored(self) -> bool:
        """Whether the service keeps the answer until it is told to forget it."""
        return self is not Way.DIRECT

    @property
    def background(self) -> bool:
        """Whether the answer is fetched later, by its id."""
        return self is Way.BACKGROUND


@dataclass(frozen=True, slots=True)
class Handle:
    """What leads back to a call after a crash. ``answer`` is there when the call is already over."""

    way: Way
    response_id: str | None = None
    conversation_id: str | None = None
    answer: Answer | None = None

    def to_dict(self) -> HandleJson:
        return {
            "way": self.way.value,
            "response_id": self.response_id,
            "conversation_id": self.conversation_id,
            "answer": self.answer.to_dict() if self.answer is not None else None,
        }

    @staticmethod
    def from_dict(data: HandleJson) -> Handle:
        answer = Answer.from_dict(data["answer"]) if data["answer"] is not None else None
        return Handle(Way(data["way"]), data["response_id"], data["conversation_id"], answer)

    @property
    def ledger_text(self) -> str:
        """What the ledger notes of it."""
        return f"{self.way.value}:{self.response_id or self.conversation_id or ''}"[:128]


class Unlisted:
    """Nobody keeps a ledger."""

    def lost(self) -> None: ...

    def another(self) -> None: ...

    def taken_back(self) -> None: ...


NO_LEDGER = Unlisted()


class PayingOnce:
    """Puts questions to the service, one call for each.

    Args:
        poll_seconds: first pause between two looks at a background answer; it grows to ten seconds.
        patience_seconds: how long ``collect`` and a busy conversation are waited for; both as in ``pacing``
            by default.
        free: calls cost nothing, so that a lost one may simply be repeated.
    """

    def __init__(
        self,
        client: ResponsesAPIClient,
        way: Way,
        *,
        poll_seconds: float | None = None,
        patience_seconds: float | None = None,
        free: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._way = way
        self._poll_seconds = pacing.POLL_SECONDS if poll_seconds is None else poll_seconds
        self._patience_seconds = pacing.PATIENCE_SECONDS if patience_seconds is None else patience_seconds
        self._free = free
        self._sleep = sleep
        self._clock = clock
        self._warm_up = WarmUp(clock)

    def claim(self) -> Handle:
        """A free handle; checkpoint it before ``submit``."""
        if self._way is not Way.CONVERSATION:
            return Handle(self._way)
        try:
            made = self._client.send("POST", "/conversations", body={}, repeatable=True, wants="id")
        except AccountRefused as refusal:
            if refusal.code != WRONG_ADDRESS:
                raise
            return Handle(Way.BACKGROUND)  # if the address is wrong, the question will find out
        return Handle(self._way, conversation_id=str(made.data["id"]))

    def submit(
        self,
        question: Path,
        claimed: Handle,
        share: Share,
        *,
        first: bool = False,
        payments: Payments = NO_LEDGER,
        most_output_tokens: int | None = None,
    ) -> Handle:
        """Send the question in a file, paying for it; checkpoint the result.

        Args:
            share: whose it is.
            first: nothing was ever sent with this handle, so there is no answer to look for.
            payments: told before a request that may be billed is made once more.
            most_output_tokens: the answer's limit; None leaves the one in the file.

        Raises:
            OutcomeUnknown: sent, but the answer was lost, and none was found; it may have been billed.
            AnswerUnseen: as before, and it could not be looked for: submit again with this handle.
            OpenAIError: any other trouble; what was lost before is with ``payments``.
        """
        body: ApiJson = json.loads(question.read_text(encoding="utf-8"))
        if self._free:
            return self._submit(body, claimed, share, payments, first=first)
        if most_output_tokens is not None:
            body["max_output_tokens"] = most_output_tokens
        ahead = self._warm_up.enter()
        try:
            handle = self._submit(body, claimed, share, payments, first=first)
        except BaseException:
            self._warm_up.done(answered=False, ahead=ahead)
            raise
        if handle.answer is not None:
            self._warm_up.done(answered=True, ahead=ahead)
        return handle

    def _submit(
        self, body: ApiJson, claimed: Handle, share: Share, payments: Payments, *, first: bool
    ) -> Handle:
        if claimed.conversation_id is None:
            if claimed.way is Way.BACKGROUND:
                body["background"] = True
            return self._pay(body, claimed, share)
        body["conversation"] = claimed.conversation_id
        try:
            return self._look_and_pay(body, claimed, share, payments, maybe_paid=not first)
        except NotFound:
            raise ConversationGone("the conversation is gone at the service") from None

    def _look_and_pay(
        self, body: ApiJson, claimed: Handle, share: Share, payments: Payments, *, maybe_paid: bool
    ) -> Handle:
        """No second request before a look into the conversation; one that may be billed has its own row."""
        deadline = self._clock() + self._patience_seconds
        refused = Backoff(self._poll_seconds, LONGEST_PAUSE)
        lost = failures = 0
        looks = maybe_paid
        while True:
            if looks:
                known = self._sought(claimed, str(body["model"]))
                if known is not None:
                    return replace(claimed, answer=known)
                if lost >= MOST_LOST:
                    raise OutcomeUnknown("an answer was lost, and the service shows none")
                if maybe_paid:
                    payments.another()
            try:
                return self._pay(body, claimed, share)
            except OutcomeUnknown as error:
                lost, maybe_paid = lost + 1, True
                payments.lost()
                if self._clock() >= deadline:
                    raise AnswerUnseen(error.message) from None
            except AutodError as error:
                if maybe_paid:
                    payments.taken_back()
                failures += isinstance(error, ServiceFailing)
                passing = isinstance(error, ResponseBusy) or 0 < failures < MOST_FAILURES
                if not passing or self._clock() >= deadline:
                    raise
            looks = True
            self._sleep(LONGEST_PAUSE if maybe_paid or not failures else refused.pause(failures + 1))

    def _sought(self, claimed: Handle, model: str) -> Answer | None:
        """The answer in the conversation.

        Raises:
            ConversationGone: there is nothing any more to look into.
            AnswerUnseen: whatever else keeps us from looking. A refused look says nothing.
        """
        try:
            return self._look(str(claimed.conversation_id), model)
        except NotFound:
            raise ConversationGone("the conversation is gone at the service") from None
        except OpenAIError as error:
            raise AnswerUnseen(f"an answer cannot be looked for now: {error.message}") from None

    def collect(self, handle: Handle) -> Answer:
        """Wait for the answer; may be repeated.

        Raises:
            OpenAIError: code ``openai_answer_late`` after ``patience_seconds``; the handle stays good.
            AnswerUnseen: the service refuses to show it; the handle stays good.
            ConversationGone: the service does not have it any more.
        """
        if handle.answer is not None:
            return handle.answer
        if handle.response_id is None:
            raise RequestRefused("there is nothing to collect", code=Code.OPENAI_HANDLE_EMPTY)
        deadline = self._clock() + self._patience_seconds
        pauses = Backoff(self._poll_seconds, LONGEST_PAUSE, factor=1.5)
        looks = 0
        while True:
            looks += 1
            pause = pauses.pause(looks)
            try:
                reply = self._client.send("GET", path_of("responses", handle.response_id), wants="id")
            except NotFound:
                return self._said_in(handle)
            except RequestRefused as refusal:
                raise AnswerUnseen(f"an answer cannot be fetched now: {refusal.message}") from None
            if is_final(reply.data):
                self._warm_up.done(answered=True, ahead=False)
                return read_response(reply.data, reply.request_id)
            if self._clock() + pause > deadline:
                raise ServiceFailing("the answer is not ready yet", code=Code.OPENAI_ANSWER_LATE)
            self._sleep(pause)

    def _said_in(self, handle: Handle) -> Answer:
        """What the conversation has of an answer that cannot be fetched by its own id."""
        known = self._sought(handle, "") if handle.conversation_id is not None else None
        if known is None:
            raise ConversationGone("the answer is gone at the service")
        return known

    def forget(self, handle: Handle) -> None:
        """Delete what the service keeps of the call; what is already gone is no error.

        The answer before the conversation: the record of what is kept names the conversation, and what fails
        first must not keep the other from being tried.
        """
        kept = [("responses", handle.response_id if handle.way.stored else None)]
        kept.append(("conversations", handle.conversation_id))
        for kind, identifier in kept:
            if identifier is not None:
                self._client.delete(path_of(kind, identifier))

    def _look(self, conversation: str, model: str) -> Answer | None:
        params = {"limit": 20, "order": "desc"}
        path = path_of("conversations", conversation, "items")
        reply = self._client.send("GET", path, params=params, wants="data")
        return read_conversation(reply.data["data"], model, reply.request_id)

    def _chat(self, body: ApiJson, shares: tuple[Share, ...]) -> Answer:
        """The answer of a chat server, looked at again; one that does not fit is asked for once more.

        After that what fits is used, field by field; nothing that fits is an error.
        """
        model = str(body["model"])
        try:
            reply = self._send_chat(body, shares)
        except RequestRefused:
            if "response_format" not in body:
                raise
            # Not every model behind such a server takes a schema: put it into the instructions.
            body = without_format(body)
            reply = self._send_chat(body, shares)
        answer = read_chat(reply.data, model, reply.request_id)
        faults = _faults_of(answer)
        if not faults:
            return answer
        again = self._send_chat(repair_question(body, said_in(reply.data), faults), shares)
        second = read_chat(again.data, model, again.request_id)
        use = second.use if answer.use is None else answer.use.plus(second.use)
        if second.trouble is None and not any_field_fits(second.text):
            second = replace(second, trouble=Code.OPENAI_ANSWER_INVALID)
        return replace(second, use=use)

    def _send_chat(self, body: ApiJson, shares: tuple[Share, ...]) -> Reply:
        return self._client.send("POST", "/chat/completions", body=body, repeatable=self._free, shares=shares)

    def _pay(self, body: ApiJson, claimed: Handle, share: Share) -> Handle:
        shares = (share,)
        if "messages" in body:
            return replace(claimed, answer=self._chat(body, shares))
        try:
            try:
                reply = self._send(body, shares)
            except FlexUnavailable:
                # Not charged; the standard tier's price was reserved.
                reply = self._send({**body, "service_tier": "default"}, shares)
        except OutcomeUnknown as lost:
            if lost.response_id is None or not claimed.way.stored:
                raise
            return replace(claimed, response_id=lost.response_id)  # half an answer; the whole is kept there
        made = replace(claimed, response_id=str(reply.data["id"]))
        if is_final(reply.data):
            return replace(made, answer=read_response(reply.data, reply.request_id))
        return made

    def _send(self, body: ApiJson, shares: tuple[Share, ...]) -> Reply:
        looks_first = "conversation" in body
        return self._client.send(
            "POST", "/responses", body=body, shares=shares, wants="id", looks_first=looks_first
        )


def _faults_of(answer: Answer) -> list[str]:
    """What another try could mend: words that are no JSON, or JSON of another shape."""
    if answer.trouble == Code.OPENAI_ANSWER_EMPTY:
        return ["it holds no JSON object"]
    if answer.trouble is not None:
        return []
    faults = faults_of(answer.text)
    if not faults and answer_object(answer.text) is None:
        return ["it holds none of the facts that were asked for"]
    return faults
