"""The clerk of the batches: forms them, hands them in, watches them and enters what came of them.

    formed ─▶ uploaded ─▶ submitting ─▶ submitted ─▶ collected ─▶ done

Every arrow is a row's state, committed before and after; who comes back after a crash looks first at what
the service has. ``submitting`` is the one state in which a batch may exist that we do not know of: it is
looked for by the key that it carries, and made again only when it has not shown up for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import structlog
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db import batches, ledger
from autod.db.batches import Standing
from autod.db.ledger import Refused
from autod.db.manager import DatabaseManager
from autod.db.models import Batch, BatchPart, BatchState, PartState
from autod.domain.asked import AnswerJson, BillJson, Question, Questions, queued
from autod.domain.backoff import Backoff
from autod.domain.batching import BatchLine, BatchView
from autod.domain.money import Caps, Order, Priced, TokenUse
from autod.domain.privacy import Purpose, SentForm, Share
from autod.errors import AutodError, PrivacyError, Retry
from autod.flushing import is_whole
from autod.pipeline import purse
from autod.pipeline.purse import UNKNOWN_OUTCOME

log = structlog.get_logger("autod.batches")

POLL_SECONDS = 60.0
"""How often batches are looked at: the service may take a day, and asking is free."""

MOST_ROUNDS = 3
"""How often a question goes into a batch before a person is asked."""

GRACE = timedelta(minutes=15)
"""How long a batch that may have been handed in may take to show up in the service's list."""

UNREADABLE_FOR = timedelta(days=3)
"""So long after handing a batch in its answers are fetched again while they cannot be read."""

CLOCK_SKEW = timedelta(days=1)
TRIES = Backoff(first=600.0, longest=5400.0, factor=3.0)
"""Seconds until a question goes into a batch again."""

LINES_AT_ONCE = 200


class BatchRemote(Protocol):
    """A service that answers questions in batches."""

    most_requests: int
    most_bytes: int

    def order(self, sha256: str, document_id: int, model: str, question: Question) -> Order:
        """What a question can cost at most."""
        ...

    def larger(self, question: Question) -> Question | None:
        """The question again, for an answer that was cut at its limit; None when no longer one is allowed."""
        ...

    def bill(
        self, answer: AnswerJson, model: str, question: Question
    ) -> tuple[TokenUse | None, Priced | None]:
        """Tokens and price, each None when the service did not count or its count cannot be believed."""
        ...

    def line(self, name: str, question: Question) -> str:
        """One line of a batch's file."""
        ...

    def size(self, question: Path) -> int:
        """Bytes of the question's line, rather too many."""
        ...

    def upload(self, path: Path, key: str, shares: Sequence[Share]) -> str:
        """The id of the file with this key, uploaded unless it is there."""
        ...

    def find(self, key: str, since: float) -> BatchView | None:
        """The batch with this key, made after ``since``."""
        ...

    def create(self, file_id: str, key: str) -> BatchView:
        """Make a batch of a file; pays."""
        ...

    def look(self, remote_id: str) -> BatchView:
        """How far it is."""
        ...

    def fetch(self, file_id: str, target: Path) -> Iterator[BatchLine]:
        """What the service wrote, by way of a file of ours."""
        ...

    def forget(self, file_ids: Sequence[str]) -> None:
        """Have files deleted."""
        ...


@dataclass(frozen=True, slots=True)
class _Job:
    """A batch's row, for work outside a transaction."""

    id: int
    key: str
    state: BatchState
    model: str
    input_file_id: str
    remote_id: str
    created_at: datetime
    attempted_at: datetime | None


class BatchClerk:
    """See the module.

    Args:
        folder: where files for the service are written before they are sent; ours alone.
        prepare: writes the questions about a document once more, by its hash.
    """

    def __init__(
        self,
        remote: BatchRemote,
        manager: DatabaseManager,
        caps: Caps,
        folder: Path,
        now: Callable[[], datetime],
        prepare: Callable[[str], Questions],
    ) -> None:
        self._remote = remote
        self._manager = manager
        self._caps = caps
        self._folder = folder
        self._now = now
        self._prepare = prepare

    def standing(self) -> Standing:
        """How far everything is."""
        with self._manager.get_session(read_only=True) as session:
            return batches.standing(session)

    def round(self) -> Standing:
        """Take everything as far as it goes now; trouble with one batch leaves the others alone."""
        with batches.alone(self._manager) as ours:
            if ours:
                while self._form():
                    pass
                for job in self._under_way():
                    try:
                        self._advance(job)
                    except AutodError as error:
                        told = {"error": error.code, "detail": error.message, "next_step": error.next_step}
                        log.warning("A batch waits", **told, batch=job.key)
                with self._manager.get_session() as session:
                    batches.wake(session, self._now())
                    batches.clear_up(session)
        return self.standing()

    def tend(self) -> None:
        """Make a round if there is anything to look after; passing trouble waits for the next one."""
        try:
            if self.standing().anything:
                self.round()
        except AutodError as error:
            told = {"error": error.code, "detail": error.message, "next_step": error.next_step}
            log.error("The batches wait", **told)

    def _form(self) -> bool:
        """Make one batch of what waits; False when nothing does."""
        now = self._now()
        with self._manager.get_session() as session:
            chosen: list[BatchPart] = []
            size = 0
            for part in batches.waiting(session, now, self._remote.most_requests):
                if chosen and (
                    part.model != chosen[0].model or size + part.size_bytes > self._remote.most_bytes
                ):
                    break
                if part.call_id is None and not self._set_money_aside(session, part, now):
                    continue
                chosen.append(part)
                size += part.size_bytes
            if chosen:
                batches.form(session, chosen, now)
        return bool(chosen)

    def _set_money_aside(self, session: Session, part: BatchPart, now: datetime) -> bool:
        """For a part that comes again; at a cap it stays where it is."""
        order = self._remote.order(part.sha256_hex, part.document_id, part.model, part.question)
        made = ledger.reserve(session, order, self._caps, now)
        if isinstance(made, Refused):
            part.not_before = made.free_at or now + timedelta(hours=1)
            return False
        part.call_id = made.call_id
        return True

    def _under_way(self) -> list[_Job]:
        with self._manager.get_session(read_only=True) as session:
            return [_job(row) for row in batches.under_way(session)]

    def _advance(self, job: _Job) -> None:
        work = {
            BatchState.FORMED: self._upload,
            BatchState.UPLOADED: self._submit,
            BatchState.SUBMITTING: self._find_or_submit,
            BatchState.SUBMITTED: self._watch,
            BatchState.COLLECTED: self._forget,
        }
        while job.state is not BatchState.DONE:
            reached = work[job.state](job)
            if reached is None:
                return
            job = reached

    def _upload(self, job: _Job) -> _Job:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{job.key}.jsonl"
        shares, lost = self._write(job, path)
        if lost:
            with self._manager.get_session() as session:
                for part in [p for p in batches.sent_in(session, job.id) if p.id in lost]:
                    self._not_billed(session, part, Code.CLAIM_MISSING)
                    part.state, part.error_code = PartState.FAILED, Code.CLAIM_MISSING
        if not shares:
            return self._to(job, BatchState.DONE, ended_at=self._now())
        try:
            file_id = self._remote.upload(path, job.key, shares)
        except PrivacyError as error:
            return self._keep_here(job, error)
        finally:
            path.unlink(missing_ok=True)
        return self._to(job, BatchState.UPLOADED, input_file_id=file_id)

    def _keep_here(self, job: _Job, error: PrivacyError) -> _Job:
        """The policy became stricter: halve the batch until the document that must stay is alone."""
        with self._manager.get_session() as session:
            parts = batches.sent_in(session, job.id)
            if len(parts) == 1:
                self._not_billed(session, parts[0], error.code)
                parts[0].state, parts[0].error_code = PartState.FAILED, error.code
            else:
                middle = len(parts) // 2
                for half in (parts[:middle], parts[middle:]):
                    batches.form(session, half, self._now())
        return self._to(job, BatchState.DONE, error_code=error.code, ended_at=self._now())

    def _write(self, job: _Job, path: Path) -> tuple[list[Share], set[int]]:
        """The batch's file; whose questions are in it, and the parts whose questions are gone."""
        shares: list[Share] = []
        lost: set[int] = set()
        with self._manager.get_session(read_only=True) as session, path.open("w", encoding="utf-8") as file:
            for part in batches.sent_in(session, job.id):
                try:
                    self._have_question(part)
                    file.write(self._remote.line(_name(part), part.question))
                except (FileNotFoundError, ValueError):
                    lost.add(part.id)
                    continue
                form = SentForm(part.question["form"])
                shares.append(Share(Purpose.READ, form, part.sha256_hex, part.question["pages"]))
        return shares, lost

    def _have_question(self, part: BatchPart) -> None:
        """Write the file with the question once more if it is gone or damaged."""
        if not is_whole(Path(part.question["path"]), part.question.get("is")):
            try:
                self._prepare(part.sha256_hex)
            except AutodError as error:
                log.warning("A question cannot be written again", error=error.code, sha256=part.sha256_hex)

    def _submit(self, job: _Job) -> _Job | None:
        """Note that it leaves now, in a transaction of its own, then let it leave."""
        with self._manager.get_session() as session:
            for part in batches.sent_in(session, job.id):
                if part.call_id is not None:
                    ledger.attach(session, part.call_id, f"batch:{job.key}")
            row = batches.require(session, job.id)
            row.state, row.attempted_at = BatchState.SUBMITTING, self._now()
        try:
            view = self._remote.create(job.input_file_id, job.key)
        except AutodError as error:
            if error.code == UNKNOWN_OUTCOME:
                raise
            if error.retry is Retry.LATER:
                self._to(job, BatchState.UPLOADED)
                raise
            return self._end(job, BatchView("", True, True, 0, (), error_code=error.code))
        return self._submitted(job, view)

    def _find_or_submit(self, job: _Job) -> _Job | None:
        view = self._remote.find(job.key, (job.created_at - CLOCK_SKEW).timestamp())
        if view is not None:
            return self._submitted(job, view)
        if job.attempted_at is not None and self._now() < job.attempted_at + GRACE:
            return None
        return self._submit(job)

    def _submitted(self, job: _Job, view: BatchView) -> _Job:
        log.info("Batch submitted", batch=job.key, remote=view.remote_id)
        return self._to(job, BatchState.SUBMITTED, remote_id=view.remote_id)

    def _watch(self, job: _Job) -> _Job | None:
        try:
            view = self._remote.look(job.remote_id)
        except AutodError as error:
            if error.code != Code.OPENAI_NOT_FOUND:
                raise
            view = BatchView(job.remote_id, True, False, 0, (), error_code=Code.OPENAI_NOT_FOUND)
        if view.over:
            return self._end(job, view)
        self._to(job, BatchState.SUBMITTED, answered=view.answered)
        return None

    def _end(self, job: _Job, view: BatchView) -> _Job:
        """Enter every line, then what no line tells of."""
        told = sum(self._enter_file(job, file_id) for file_id in view.files)
        if told < view.answered and self._reads_again(job):
            raise _unreadable()
        with self._manager.get_session() as session:
            order = {part.id: number for number, part in enumerate(batches.sent_in(session, job.id), 1)}
            for part in batches.sent_in(session, job.id):
                if not view.refused:
                    self._lose(session, part)
                elif order[part.id] in view.failed_lines:
                    self._not_billed(session, part, Code.OPENAI_REQUEST_REFUSED)
                    part.state, part.error_code = PartState.FAILED, Code.OPENAI_REQUEST_REFUSED
                else:
                    self._again(session, part, TRIES.pause(part.rounds + 1))
        log.info("Batch ended", batch=job.key, reason=view.error_code)
        return self._to(
            job,
            BatchState.COLLECTED,
            answered=view.answered,
            error_code=view.error_code,
            ended_at=self._now(),
        )

    def _reads_again(self, job: _Job) -> bool:
        """Half a file, or a proxy's page: the answers are paid for, and are fetched again."""
        return self._now() < (job.attempted_at or job.created_at) + UNREADABLE_FOR

    def _enter_file(self, job: _Job, file_id: str) -> int:
        """How many answers the file has."""
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / f"{job.key}.out.jsonl"
        answers, unread = 0, False
        try:
            told = self._remote.fetch(file_id, target)
            while lines := list(islice(told, LINES_AT_ONCE)):
                with self._manager.get_session() as session:
                    hashes = {line.name.partition(".")[0] for line in lines}
                    parts = {_name(part): part for part in batches.sent_in(session, job.id, hashes)}
                    for line in lines:
                        unread = unread or not line.name
                        answers += line.answer is not None
                        if (part := parts.pop(line.name, None)) is not None:
                            self._enter(session, part, line)
        except AutodError as error:
            if error.code != Code.OPENAI_NOT_FOUND:
                raise
            log.error("A batch's answers are gone at the service", error=error.code, batch=job.key)
        finally:
            target.unlink(missing_ok=True)
        if unread and self._reads_again(job):
            raise _unreadable()
        return answers

    def _enter(self, session: Session, part: BatchPart, line: BatchLine) -> None:
        if line.answer is not None:
            self._answered(session, part, line.answer)
        elif line.error is not None and line.error.code == UNKNOWN_OUTCOME:
            self._lose(session, part)
        elif line.error is not None and line.error.retry is Retry.LATER:
            self._again(session, part, 0.0)
        else:
            code = line.error.code if line.error else Code.OPENAI_REQUEST_REFUSED
            self._not_billed(session, part, code)
            part.state, part.error_code = PartState.FAILED, code

    def _answered(self, session: Session, part: BatchPart, answer: AnswerJson) -> None:
        use, priced = self._remote.bill(answer, part.model, part.question)
        bill = purse.bill_of(use, Decimal(0))
        if part.call_id is not None:
            bill = purse.settle(session, part.call_id, answer, use, priced, tier="batch", now=self._now())
        bills: list[BillJson] = [*part.question.get("bills", ()), bill]
        larger = self._remote.larger(part.question) if answer["trouble"] == purse.CUT else None
        if larger is not None:
            part.question = queued(larger, part.question["prompt_version"], bills)
            part.call_id = None
            part.state, part.batch_id, part.not_before = PartState.QUEUED, None, None
            return
        if answer["trouble"] in purse.FAILED_THERE:
            part.question = queued(part.question, part.question["prompt_version"], bills)
            part.call_id = None
            self._again(session, part, TRIES.first)
            return
        part.answer = {
            "text": answer["text"],
            "first_page": part.question["first_page"],
            "prompt_version": part.question["prompt_version"],
            "bill": purse.sum_of(bills),
        }
        part.state = PartState.FAILED if answer["trouble"] else PartState.ANSWERED
        part.error_code = answer["trouble"]

    def _lose(self, session: Session, part: BatchPart) -> None:
        """The batch is over and says nothing of it: it may have been billed."""
        if part.call_id is not None:
            ledger.mark_unknown(session, part.call_id, UNKNOWN_OUTCOME, self._now())
            part.call_id = None
        self._again(session, part, TRIES.first)

    def _again(self, session: Session, part: BatchPart, seconds: float) -> None:
        """Into another batch after so many ``seconds``, or to a person after several."""
        self._not_billed(session, part, Code.OPENAI_BATCH_EXPIRED)
        part.rounds += 1
        if part.rounds >= MOST_ROUNDS:
            part.state, part.error_code = PartState.FAILED, Code.OPENAI_BATCH_GAVE_UP
            return
        part.state, part.batch_id = PartState.QUEUED, None
        part.not_before = self._now() + timedelta(seconds=seconds) if seconds else None

    def _not_billed(self, session: Session, part: BatchPart, code: str) -> None:
        if part.call_id is not None:
            ledger.release(session, part.call_id, code, self._now(), not_billed=True)
            part.call_id = None

    def _forget(self, job: _Job) -> _Job:
        """Leave nothing at the service; what cannot be deleted expires there."""
        files = [job.input_file_id] if job.input_file_id else []
        try:
            if job.remote_id:
                files += self._remote.look(job.remote_id).files
            self._remote.forget(files)
        except AutodError as error:
            if error.retry is Retry.LATER:
                raise
            log.warning("The service keeps a copy for now", reason=error.code, batch=job.key)
        return self._to(job, BatchState.DONE)

    def _to(self, job: _Job, state: BatchState, **values: Any) -> _Job:
        with self._manager.get_session() as session:
            row = batches.require(session, job.id)
            row.state = state
            for name, value in values.items():
                setattr(row, name, value)
            session.flush()
            return _job(row)


def _unreadable() -> AutodError:
    return AutodError(
        "the answers of a batch did not arrive whole",
        code=Code.OPENAI_BATCH_UNREADABLE,
        retry=Retry.LATER,
        next_step="Nothing to do: they are paid for, and fetched again. If it lasts, look at the proxy.",
    )


def _job(row: Batch) -> _Job:
    return _Job(
        row.id,
        row.key,
        row.state,
        row.model,
        row.input_file_id or "",
        row.remote_id or "",
        row.created_at,
        row.attempted_at,
    )


def _name(part: BatchPart) -> str:
    return f"{part.sha256_hex}.{part.part}"
