"""The batch lane of a document's life: its questions wait for a batch, and so does the document.

    prepare ─▶ reserve and queue ─▶ (waits, holding nothing) ─▶ answers

The batches themselves are made and watched by ``batch_clerk``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict

from sqlalchemy.orm import Session

from autod.db import batches, ledger
from autod.db.ledger import Refused
from autod.db.models import PartState
from autod.domain.asked import AnswersJson, BillJson, PartAnswerJson, Question, Questions, queued
from autod.domain.checkpoints import Begun
from autod.domain.money import Caps
from autod.durable.protocol import Durable
from autod.errors import AutodError, Retry
from autod.files import custody
from autod.paying.batch_clerk import BatchRemote
from autod.paying.billing import cap_reached, total_of

BATCH_LANE = "batch"
LONGEST_WAIT = timedelta(days=4)
"""A document is woken by its answers; after this it looks for itself, in case nobody could wake it."""


class WhoAnswered(TypedDict):
    """Who answered."""

    model: str
    prompt_version: str


class LaneState(TypedDict):
    """How the questions about a document stand: so many ``parts``, none before they are queued."""

    parts: int
    open: bool
    error: str | None
    paid: bool
    answers: list[PartAnswerJson]
    bills: list[BillJson]
    said: WhoAnswered


@dataclass(frozen=True, slots=True)
class BatchLane:
    """Asks about documents by way of batches.

    Args:
        prepare: writes the questions about a document, as ``Remote.prepare`` does.
    """

    remote: BatchRemote
    prepare: Callable[[str], Questions]
    model: str
    prompt_version: str
    caps: Caps
    now: Callable[[], datetime]

    def ask(self, durable: Durable, document: Begun) -> AnswersJson:
        """The answers about a document, once a batch has given them: see ``Asking.answer``.

        Raises:
            AutodError: code ``openai_batch_waiting`` until they are there; ``cost_cap_reached``; or why there
                will be none.
        """
        known = durable.transaction("look", self._look, document["sha256"])
        if not known["parts"]:
            questions = durable.step("prepare", self.prepare, document["sha256"])["questions"]
            if questions:
                durable.transaction("queue", self._queue, document, questions)
                raise self._waiting()
        if known["error"]:
            raise AutodError(
                "the answer is of no use" if known["paid"] else "the service did not read the document",
                code=known["error"],
                retry=Retry.PERSON,
                next_step="`autod retry ID` reads it outside a batch; `autod costs` has what was paid.",
            )
        if known["open"]:
            raise self._waiting()
        return {"answers": known["answers"], **known["said"], **total_of(known["bills"])}

    def _look(self, session: Session, sha256: str) -> LaneState:
        parts = batches.parts_of(session, sha256)
        failed = [part for part in parts if part.state is PartState.FAILED]
        is_open = any(part.state not in batches.ENDED for part in parts)
        done = [] if failed or is_open else [part.answer for part in parts if part.answer is not None]
        prompts = {answer["prompt_version"] for answer in done}
        return {
            "parts": len(parts),
            "open": is_open,
            "error": failed[0].error_code if failed else None,
            "paid": any(part.answer for part in failed),
            "answers": [{"text": answer["text"], "first_page": answer["first_page"]} for answer in done],
            "bills": [answer["bill"] for answer in done],
            "said": {
                "model": parts[0].model if parts else self.model,
                "prompt_version": prompts.pop() if prompts else self.prompt_version,
            },
        }

    def _queue(self, session: Session, document: Begun, questions: Sequence[Question]) -> None:
        """All questions with their money, or none."""
        for number, question in enumerate(questions, 1):
            order = self.remote.order(document["sha256"], document["id"], self.model, question)
            made = ledger.reserve(session, order, self.caps, self.now())
            if isinstance(made, Refused):
                raise cap_reached(made, self.now())
            with custody.explained("cannot read a question"):
                size = self.remote.size(Path(question["path"]))
            batches.queue(
                session,
                document_id=document["id"],
                sha256=document["sha256"],
                part=number,
                model=self.model,
                question=queued(question, self.prompt_version),
                size=size,
                call_id=made.call_id,
            )

    def _waiting(self) -> AutodError:
        return AutodError(
            "the document waits for a batch of the service",
            code=batches.WAITING_CODE,
            retry=Retry.LATER,
            until=self.now() + LONGEST_WAIT,
            next_step="Nothing to do: the daemon, or `autod process --batch`, goes on when it is answered.",
        )
