"""The one place that chooses implementations and wires them together."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import structlog

from autod.config import Settings, VectorStoreChoice
from autod.db import documents
from autod.db.guard import sole_worker
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import FileTrouble
from autod.inbox.daemon import Daemon
from autod.inbox.inbox import Inbox
from autod.inbox.readiness import Gate
from autod.inbox.watch import Watch
from autod.pipeline import custody
from autod.pipeline.asking import Asking
from autod.pipeline.durable import Durable, Json
from autod.pipeline.engine import AskLimits, Engine
from autod.pipeline.intake import Intake
from autod.pipeline.membership import Membership
from autod.pipeline.observing import Observer, Together
from autod.pipeline.processing import Processing, ProcessResult
from autod.pipeline.step_clock import StepClock
from autod.pipeline.steps import Steps
from autod.pipeline.upkeep import MOST_PRUNED, Needed
from autod.pipeline.workflow import live
from autod.repeating import Repeating
from autod.services import (
    folders_of,
    model_ending,
    open_asking,
    open_clerk,
    open_client,
    open_door,
    open_manager,
    open_sandbox,
    open_shelf,
    open_tracing,
    open_vector_store,
    read_limits,
    require_restored,
    require_schema,
    step_limits,
    utc_now,
)
from autod.vectors.base import VectorStore
from autod.vectors.uploading import Uploads

if TYPE_CHECKING:
    from autod.extract.openai.client import ResponsesAPIClient

log = structlog.get_logger("autod.app")

REVIVAL_SECONDS = 5.0
PRUNING_SECONDS = 60.0
PRUNING_ON_SECONDS = 10.0
"""The same when there was more than one batch: 20 documents a second, more than one process works off."""

SHELF_SECONDS = 60.0
BATCHES_STOP_SECONDS = 5.0
HALF_DONE_SECONDS = 3600.0
"""A copy in a shared store that did not grow for so long is nobody's any more."""

LEAVING_SECONDS = 60.0
"""The same for a file on its way out of the inbox, which takes a moment."""

MOST_REVIVED = 500
"""Unfinished documents looked at in one go; the next go takes the next ones, and begins anew at the end."""


class App:
    """A running pipeline: open it, hand files in, close it. Use as a context manager.

    Raises on entering:
        DatabaseError: unreachable, outdated, or in use by another process.
        ConfigurationError, FileTrouble: the folders cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        manager: DatabaseManager | None = None,
        *,
        client: ResponsesAPIClient | None = None,
        store: VectorStore | None = None,
    ) -> None:
        self.settings = settings
        self.client = client
        self.store = store
        self._uploading: Uploads | None = None
        self.manager = manager or open_manager(settings)
        self.step_clock = StepClock(step_limits(settings))
        self._owns_manager = manager is None
        self._stack = contextlib.ExitStack()
        self._on_end: list[Callable[[str], None]] = []
        self._next_revival = 0.0
        self._looked_up_to = 0
        self._next_pruning = time.monotonic() + PRUNING_SECONDS
        self.parked: frozenset[str] = frozenset()
        """After the end: the documents that the next start goes on with."""
        self.cut_off: frozenset[str] = frozenset()
        """After the end: those of them with a step that did not end in time and still runs."""

    @property
    def _alone(self) -> bool:
        """Whether the database admits one process only."""
        return self.manager.sqlite_path is not None

    def _clear_up(self) -> None:
        """What a process that was killed left half done; what another one may be doing is left alone."""
        custody.sweep(self.folders.claimed, untouched_seconds=HALF_DONE_SECONDS * self.folders.shared)
        self._release_ended()
        custody.put_back(self.folders.inbox, untouched_seconds=LEAVING_SECONDS * (not self._alone))

    def _release_ended(self) -> None:
        """Let go of what is in its place: a removal may be undone by a power cut."""
        old = time.time() - HALF_DONE_SECONDS * self.folders.shared
        claims = sorted(custody.claims(self.folders.claimed, untouched_since=old))
        with self.manager.get_session(read_only=True) as session:
            ended: list[str] = []
            for start in range(0, len(claims), MOST_REVIVED):
                some = claims[start : start + MOST_REVIVED]
                ended += documents.with_status(session, some, documents.ENDED)
            places = {sha256: documents.by_sha(session, sha256) for sha256 in ended}
        for sha256, row in places.items():
            if row is not None and row.filed_path and custody.holds(Path(row.filed_path), sha256):
                custody.release(self.folders.claimed, sha256)

    def __enter__(self) -> App:
        with contextlib.ExitStack() as stack:
            if self._owns_manager:
                stack.callback(self.manager.close)
            require_schema(self.manager)
            self.folders = folders_of(self.settings)
            require_restored(self.folders)
            stack.enter_context(sole_worker(self.folders.work, self.manager.sqlite_path))
            self._clear_up()
            self.door = open_door(self.settings, self.manager)
            self.sandbox = stack.enter_context(open_sandbox(self.settings))
            asking, store = self._asking(), self._uploads()
            executor_id = _executor_id(self.folders.work)
            self.engine = Engine(
                self.manager.url,
                self.manager.engine,
                executor_id=executor_id,
                workers=self.settings.workers,
                asks=_ask_limits(self.settings) if asking else None,
                observer=self._observer(stack),
                store="" if self._alone or self.folders.shared else executor_id,
                fenced=lambda: self.membership.fenced(),
            )
            self.steps = Steps(
                folders=self.folders,
                sandbox=self.sandbox,
                limits=read_limits(self.settings),
                seconds_per_page=self.settings.read_seconds_per_page,
                review_below=self.settings.review_below,
                max_attempts=self.settings.max_attempts,
                now=utc_now,
                asking=asking,
                store=store,
                door=self.door if asking or store else None,
            )
            lane = asking.batch if asking else None
            self.clerk = open_clerk(lane, self.manager, self.folders) if lane else None
            self.intake = Intake(self.manager, self.engine, self.folders, utc_now)
            self._processing = Processing(self.manager, self.engine, self.intake, self.settings.workers)
            self.membership = Membership(
                self.manager, self.engine, self.intake, executor_id, self.settings.worker_silent_seconds
            )
            stack.enter_context(self.membership)
            stack.callback(self.engine.stop)
            self.engine.start(self._life, asking.answer if asking else None)
            self.membership.start()
            self._revive()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.parked = self.engine.finish(self.settings.stop_seconds)
        self.cut_off = self.engine.active() | self.engine.asking()
        if self.parked:
            log.warning("Stopped with documents parked", parked=len(self.parked), sha256=sorted(self.parked))
        self._stack.close()

    def _observer(self, stack: contextlib.ExitStack) -> Observer:
        """The clock, and a tracer when a collector is named."""
        tracing = open_tracing(self.settings)
        if tracing is None:
            return self.step_clock
        stack.callback(tracing.stop)
        return Together([self.step_clock, tracing])

    def _asking(self) -> Asking | None:
        """The paid reader, when a client was given or the settings ask for one."""
        if self.client is None and self.settings.uses_openai:
            self.client = open_client(self.settings)
        if self.client is None:
            return None
        self.client.door = self.door
        ending = model_ending(self.settings, utc_now().date())
        if ending is not None:
            log.warning("The model in use is about to end", detail=ending, model=self.settings.openai_model)
        return open_asking(self.settings, self.client, self.manager, self.sandbox, self.folders)

    def _tend(self) -> None:
        """Look after batches and vector store beside the inbox, which must not wait for a slow service."""
        if self.clerk is not None:
            seconds = self.settings.openai_batch_poll_seconds
            # Whatever a round is at can be cut off: the next start goes on with it.
            self._repeat(Repeating("batches", self.clerk.tend, seconds, at_once=True), BATCHES_STOP_SECONDS)
        if self._uploading is not None:
            shelf = open_shelf(self.settings, self.manager, self._uploading)
            tending = Repeating("shelf", lambda: shelf.tend(tending.stopping), SHELF_SECONDS)
            self._repeat(tending, self.settings.stop_seconds)

    def _repeat(self, task: Repeating, stop_seconds: float) -> None:
        self._stack.callback(task.stop, stop_seconds)
        task.start()

    def _uploads(self) -> Uploads | None:
        if self.store is None and self.settings.vector_store is VectorStoreChoice.OPENAI:
            self.store = open_vector_store(self.settings, self.manager, self.client)
        self._uploading = Uploads(self.store, self.settings.vector_store_max_mb) if self.store else None
        return self._uploading

    def on_end(self, listener: Callable[[str], None]) -> None:
        """Have ``listener`` told the hash of every document whose life ends or is postponed."""
        self._on_end.append(listener)

    def process(self, path: Path, *, skip_duplicates: bool = True, lane: str | None = None) -> ProcessResult:
        """Process one file now and wait for it. A file outside the inbox stays where it is.

        In the batch lane its end is not waited for: see ``collect``.
        """
        return self._processing.process(path, skip_duplicates=skip_duplicates, lane=lane)

    def process_many(
        self, paths: list[Path], *, lane: str | None = None
    ) -> Iterator[tuple[Path, ProcessResult]]:
        """Process files side by side; results in the order of ``paths``."""
        return self._processing.process_many(paths, lane)

    def collect(self) -> Iterator[tuple[str, ProcessResult]]:
        """Look after the batches once, and finish the documents that were answered: name and result."""
        if self.clerk is None:
            return
        self.clerk.round()
        yield from self._processing.ends_of(self._start_due())

    def retry(self, document_id: int) -> ProcessResult:
        """Process a failed document once more, from the copy that was kept, and wait for it.

        Raises:
            UsageError: code ``unknown_document`` or ``not_failed``.
        """
        return self._processing.retry(document_id)

    def retry_many(self, numbers: list[int]) -> Iterator[tuple[int, ProcessResult]]:
        """Retry failed documents side by side; results in the order of ``numbers``."""
        return self._processing.retry_many(numbers)

    def settled_files(self) -> list[Path]:
        """What may be taken from the inbox, after waiting for files that are not complete yet."""
        inbox = self.inbox()
        deadline = time.monotonic() + self.settings.patience_seconds
        ready: dict[Path, None] = {}
        while True:
            ready.update(dict.fromkeys(inbox.ready()))
            for path in ready:
                inbox.taken(path, "")
            pause = inbox.unsettled()
            if pause is None or time.monotonic() > deadline:
                return list(ready)
            time.sleep(pause)

    def inbox(self) -> Inbox:
        """The watched folder, with the completeness gate of the settings."""
        gate = Gate(self.settings.quiet_seconds, self.settings.patience_seconds)
        return Inbox(
            self.folders.inbox,
            gate,
            monotonic=time.monotonic,
            wall=time.time,
            on_trouble=self._refused,
        )

    def daemon(self, watch: Watch) -> Daemon:
        daemon = Daemon(
            self.inbox(),
            watch,
            self.intake,
            due=self.start_due,
            ended_elsewhere=self.membership.ended_elsewhere,
            rescan_seconds=self.settings.rescan_seconds,
        )
        self.on_end(daemon.document_ended)
        self._tend()
        return daemon

    def start_due(self) -> None:
        """Start the postponed documents whose time has come."""
        self._start_due()
        if time.monotonic() >= self._next_revival:
            self._revive()
        if time.monotonic() >= self._next_pruning:
            self._next_pruning = time.monotonic() + PRUNING_SECONDS
            if self.prune() >= MOST_PRUNED:
                self._next_pruning = time.monotonic() + PRUNING_ON_SECONDS

    def _start_due(self) -> list[str]:
        """The hashes of the documents that were started."""
        with self.manager.get_session() as session:
            due = documents.take_due(session, utc_now(), among=self.membership.within_reach)
        for sha256 in due:
            if sha256 not in self.engine.active():
                self.engine.again(sha256)
        return due

    def prune(self) -> int:
        """Delete a batch of the engine's old records, see the setting; returns how many."""
        before = utc_now() - timedelta(days=self.settings.history_days)
        return self.engine.upkeep.prune(before, lambda hashes: needed(self.manager, hashes))

    def _revive(self) -> None:
        """Documents that a crash or the database's trouble left with nobody at work get it back."""
        self._next_revival = time.monotonic() + REVIVAL_SECONDS
        with self.manager.get_session(read_only=True) as session:
            found = documents.unfinished(session, MOST_REVIVED, after=self._looked_up_to)
        self._looked_up_to = max(found) if len(found) == MOST_REVIVED else 0
        reached = self.membership.within_reach(list(found.values()))
        self.engine.upkeep.revive([sha256 for sha256 in found.values() if sha256 in reached])

    def _life(self, durable: Durable, sha256: str) -> Json:
        try:
            return live(durable, self.steps, sha256)
        finally:
            for listener in self._on_end:
                listener(sha256)

    def _refused(self, path: Path, trouble: FileTrouble) -> None:
        detail = {
            "source": custody.path_text(path),
            "code": trouble.code,
            "next_step": trouble.next_step,
        }
        log.error(
            "A file in the inbox cannot be taken",
            error=trouble.code,
            detail=trouble.message,
            file=custody.path_text(path),
            next_step=trouble.next_step,
        )
        with self.manager.get_session() as session:
            documents.add_event(
                session, EventKind.REFUSED, document_id=None, sha256=None, detail=detail, now=utc_now()
            )


def needed(manager: DatabaseManager, hashes: list[str]) -> Needed:
    """What the engine must not forget: all of documents in work, and what was paid for of failed ones."""
    with manager.get_session(read_only=True) as session:
        unfinished = documents.with_status(session, hashes, documents.UNFINISHED)
        failed = documents.with_status(session, hashes, [DocumentStatus.FAILED])
    return Needed(lives=unfinished, answers=unfinished | failed)


def _ask_limits(settings: Settings) -> AskLimits:
    return AskLimits(settings.openai_concurrency, settings.openai_documents_per_minute)


def _executor_id(place: Path) -> str:
    """Stable for this work folder on this machine, and no other process's: the lock sees to that."""
    return f"{socket.gethostname()}:{hashlib.sha256(str(place).encode()).hexdigest()[:12]}"
