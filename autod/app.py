"""A running pipeline: open it, hand files in, close it. What it does beside documents is in ``duties``."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import structlog

from autod.assembly.archive import folders_of, open_manager, require_restored, require_schema, utc_now
from autod.assembly.logging import open_tracing
from autod.assembly.paid_reader import open_asking, open_clerk
from autod.assembly.reader import open_sandbox, read_limits, step_limits, tell_of_missing_walls
from autod.assembly.service import model_news, open_client, open_egress
from autod.assembly.vector_store import open_vector_store
from autod.config import Settings
from autod.db import documents
from autod.db.guard import sole_worker
from autod.db.manager import DatabaseManager
from autod.domain.checkpoints import End
from autod.domain.events import EventDetail
from autod.domain.status import EventKind
from autod.durable.observers import Observer, Together
from autod.durable.protocol import Durable
from autod.durable.runner import AskLimits, Engine
from autod.durable.step_clock import StepClock
from autod.duties import MOST_REVIVED, Duties
from autod.errors import FileTrouble
from autod.files import custody
from autod.files.kept import kept_as, name_before
from autod.files.writers import WhoWrites, who_writes
from autod.inbox.daemon import Daemon
from autod.inbox.inbox import HELD_OPEN, Inbox
from autod.inbox.readiness import Gate
from autod.inbox.untaken import Namer, Untaken
from autod.inbox.watch import Watch
from autod.paying.asking import Asking
from autod.pipeline.fleet_member import FleetMember
from autod.pipeline.footing import Footing
from autod.pipeline.intake import Intake, Outcome
from autod.pipeline.processing import Processing, ProcessResult
from autod.pipeline.steps import Steps
from autod.pipeline.sweeping import release_ended
from autod.pipeline.workflow import live
from autod.vectors.base import VectorStore
from autod.vectors.uploading import Uploads

if TYPE_CHECKING:
    from autod.extract.openai.client import ResponsesAPIClient

log = structlog.get_logger("autod.app")

RESCAN_SECONDS = 5.0
"""How often the inbox is listed even without a file event: a network share has none, and a person who scans
waits no longer than this."""

HALF_DONE_SECONDS = 3600.0
"""A copy in a shared store that did not grow for so long is nobody's any more."""


def executor_of(place: Path) -> str:
    """Stable for this work folder on this machine, and no other process's: the lock sees to that."""
    return f"{socket.gethostname()}:{hashlib.sha256(str(place).encode()).hexdigest()[:12]}"


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
        writes: WhoWrites = who_writes,
        identify: Callable[[Path], str] = executor_of,
    ) -> None:
        self.settings = settings
        self._writes = writes
        self._identify = identify
        self.client = client
        self.store = store
        self._uploading: Uploads | None = None
        self.manager = manager or open_manager(settings)
        self.step_clock = StepClock(step_limits(settings))
        self._owns_manager = manager is None
        self._stack = contextlib.ExitStack()
        self._on_end: list[Callable[[str], None]] = []
        self.parked: frozenset[str] = frozenset()
        """After the end: the documents that the next start goes on with."""
        self.held_open: list[Path] = []
        """After ``settled_files``: files that were left because a program has them open for writing."""
        self.cut_off: frozenset[str] = frozenset()
        """After the end: those of them with a step that did not end in time and still runs."""

    @property
    def _alone(self) -> bool:
        """Whether the database admits one process only."""
        return self.manager.sqlite_path is not None

    def _clear_up(self) -> None:
        """What a process that was killed left half done; what another one may be doing is left alone."""
        ours = 0.0 if self._alone else HALF_DONE_SECONDS
        store = HALF_DONE_SECONDS if self.folders.shared else 0.0
        custody.sweep(self.folders.claimed, untouched_seconds=store)
        custody.sweep(self.folders.work, untouched_seconds=HALF_DONE_SECONDS)
        custody.sweep(self.folders.failed, untouched_seconds=ours)
        release_ended(self.manager, self.folders.claimed, untouched_seconds=store)
        custody.put_back(self.folders.inbox, untouched_seconds=custody.LEAVING_SECONDS * (not self._alone))

    def __enter__(self) -> App:
        with contextlib.ExitStack() as stack:
            if self._owns_manager:
                stack.callback(self.manager.close)
            require_schema(self.manager, self.settings)
            self.folders = folders_of(self.settings)
            require_restored(self.folders)
            stack.enter_context(sole_worker(self.folders.work, self.manager.sqlite_path))
            self.footing = stack.enter_context(Footing(self.manager, self.folders, utc_now))
            self._clear_up()
            self.egress = open_egress(self.settings, self.manager)
            self.sandbox = stack.enter_context(open_sandbox(self.settings))
            tell_of_missing_walls()
            asking, store = self._asking(), self._uploads()
            executor_id = self._identify(self.folders.work)
            self.engine = Engine(
                self.manager.url,
                self.manager.engine,
                executor_id=executor_id,
                workers=self.settings.workers,
                asks=_ask_limits(self.settings) if asking else None,
                observer=self._observer(stack),
                store="" if self._alone or self.folders.shared else executor_id,
                fenced=lambda: self.fleet_member.fenced(),
                lost=self.footing.lost_database,
            )
            self.steps = Steps(
                folders=self.folders,
                ground=self.footing,
                sandbox=self.sandbox,
                limits=read_limits(self.settings),
                review_below=self.settings.review_below,
                now=utc_now,
                asking=asking,
                store=store,
                egress=self.egress if asking or store else None,
                writes=self._writes,
            )
            lane = asking.batch if asking else None
            self.clerk = open_clerk(lane, self.manager, self.folders) if lane else None
            self.intake = Intake(self.manager, self.engine, self.folders, utc_now, self.footing, self._writes)
            self._processing = Processing(self.manager, self.engine, self.intake, self.settings.workers)
            self.fleet_member = FleetMember(self.manager, self.engine, self.intake, executor_id)
            self.duties = Duties(
                self.settings,
                self.manager,
                self.engine,
                self.folders,
                self.footing,
                self.fleet_member,
            )
            stack.enter_context(self.fleet_member)
            stack.callback(self.engine.stop)
            self.engine.start(self._life, asking.answer if asking else None)
            self.fleet_member.start()
            self.duties.revive()
            stack.enter_context(self.duties)
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
        self.client.egress = self.egress
        for news in model_news(self.settings, utc_now().date()):
            log.warning("About the model in use", detail=news, model=self.settings.openai_model)
        return open_asking(self.settings, self.client, self.manager, self.sandbox, self.folders)

    def _uploads(self) -> Uploads | None:
        if self.store is None:
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
        yield from self._processing.ends_of(self.duties.start_due())

    def process_inbox(self, paths: list[Path]) -> Iterator[tuple[Path, ProcessResult]]:
        """As ``process_many``, and then all other documents whose turn it is, by the name they came with.

        Those are what waited and whose time has come, and what a process that ended left in work.
        """
        due = list(dict.fromkeys([*self._left_in_work(), *self.duties.start_due()]))
        with self.manager.get_session(read_only=True) as session:
            in_work = set(documents.sources(session, due).values())
        told = set()
        for path, result in self.process_many(paths):
            if result.document_id is None and custody.path_text(path.absolute()) in in_work:
                continue  # it could not be taken in again; its document's own end is told below
            told.add(result.document_id)
            yield path, result
        for name, result in self._processing.ends_of(due):
            if result.document_id not in told:
                yield Path(name), result

    def _left_in_work(self) -> list[str]:
        """What the start gave back to work; in a fleet it may be another process's and is not waited for."""
        if not self._alone:
            return []
        with self.manager.get_session(read_only=True) as session:
            return list(documents.unfinished(session, MOST_REVIVED).values())

    def retry(self, document_id: int) -> ProcessResult:
        """Process a failed document once more, from the copy that was kept, and wait for it.

        One that waits is tried at once; one that is in work is waited for.

        Raises:
            UsageError: code ``unknown_document`` or ``not_failed``.
        """
        return self._processing.retry(document_id)

    def retry_many(self, numbers: list[int]) -> Iterator[tuple[int, ProcessResult]]:
        """Retry documents side by side; results in the order of ``numbers``."""
        return self._processing.retry_many(numbers)

    def settled_files(self) -> list[Path]:
        """What may be taken from the inbox, after waiting for files that are not complete yet."""
        inbox = self.inbox()
        deadline = time.monotonic() + self.settings.patience_seconds
        ready: dict[Path, None] = {}
        while True:
            ready.update(dict.fromkeys(path for path in inbox.ready() if not self._is_settled(inbox, path)))
            for path in ready:
                inbox.taken(path, "")
            pause = inbox.unsettled()
            if pause is None or time.monotonic() > deadline:
                self.held_open = inbox.held_open(for_seconds=0.0)
                return list(ready)
            time.sleep(pause)

    def _is_settled(self, inbox: Inbox, path: Path) -> bool:
        """Whether it is a file that was kept after its document had ended, and has not changed since."""
        if kept_as(path.name) is None:
            return False
        receipt = self.intake.receive(path)
        if receipt.outcome is Outcome.KEPT:
            inbox.put_off(path)
        return receipt.outcome in (Outcome.KEPT, Outcome.LET_GO)

    def inbox(
        self,
        writes: WhoWrites | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> Inbox:
        """The watched folder, with the completeness gate of the settings.

        Args:
            writes: who writes into a file; what the app was given by default.
        """
        gate = Gate(self.settings.quiet_seconds, self.settings.patience_seconds)
        return Inbox(
            self.folders.inbox,
            gate,
            monotonic=monotonic,
            wall=wall,
            on_trouble=self._refused,
            writes=writes or self._writes,
        )

    def daemon(self, watch: Watch, *, on_duplicate: Callable[[Path, int], None] = lambda *_: None) -> Daemon:
        """The loop over the inbox; ``on_duplicate`` as in ``Daemon``."""
        daemon = Daemon(
            self.inbox(watch.beside(self._writes)),
            watch,
            self.intake,
            due=self.duties.look,
            ended_elsewhere=self.fleet_member.ended_elsewhere,
            rescan_seconds=RESCAN_SECONDS,
            on_duplicate=on_duplicate,
            may_take=lambda: self.footing.inbox_trouble() is None,
        )
        self.on_end(daemon.document_ended)
        self.duties.tend(self.clerk, self.client, self._uploading)
        return daemon

    def untaken(self) -> list[Untaken]:
        """What lies in the inbox now and is not taken; the log is told of it, too."""
        return Namer(self.folders.inbox, settled_seconds=0).tell()

    def _life(self, durable: Durable, sha256: str) -> End:
        try:
            return live(durable, self.steps, sha256)
        finally:
            for listener in self._on_end:
                listener(sha256)

    def _refused(self, path: Path, trouble: FileTrouble) -> None:
        source = custody.path_text(path.with_name(name_before(path)))
        detail: EventDetail = {"source": source, "code": trouble.code, "next_step": trouble.next_step}
        tell, what = log.error, "A file in the inbox cannot be taken"
        if trouble.code == HELD_OPEN:
            tell, what = log.warning, "A file in the inbox waits for the program that writes it"
        tell(
            what,
            error=trouble.code,
            detail=trouble.message,
            file=source,
            next_step=trouble.next_step,
        )
        with self.manager.get_session() as session:
            documents.add_event(
                session, EventKind.REFUSED, document_id=None, sha256=None, detail=detail, now=utc_now()
            )


def _ask_limits(settings: Settings) -> AskLimits:
    return AskLimits(settings.openai_concurrency, settings.openai_documents_per_minute)
