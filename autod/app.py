"""The one place that chooses implementations and wires them together."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from autod.config import Settings
from autod.db import documents
from autod.db.guard import single_process
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus, EventKind
from autod.errors import AutodError, ConfigurationError, DatabaseError, FileTrouble
from autod.inbox.daemon import Daemon
from autod.inbox.inbox import Inbox
from autod.inbox.readiness import Gate
from autod.inbox.watch import Watch
from autod.logs import WHOLE_PROCESS, configure_logging
from autod.pipeline import custody
from autod.pipeline.engine import Durable, Engine, Json
from autod.pipeline.intake import Intake, Outcome
from autod.pipeline.steps import Folders, Steps
from autod.pipeline.workflow import live
from autod.read.limits import ReadLimits
from autod.read.sandbox import Sandbox, SandboxLimits

log = structlog.get_logger("autod.app")

REVIVAL_SECONDS = 5.0
MOST_REVIVED = 500
"""Documents looked at in one go, the oldest first: what is stuck becomes the oldest in time."""


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """What became of one file.

    ``error`` is the stable code with its message and next step, None on success. A duplicate is a
    success: ``duplicate_of`` is the document that has its bytes.
    """

    success: bool
    document_id: int | None = None
    error: str | None = None
    duplicate_of: int | None = None
    cost_usd: float = 0.0
    processing_time_seconds: float = 0.0


def start_logging(settings: Settings, loggers: Sequence[str] = WHOLE_PROCESS) -> None:
    """Log as the settings say; ``loggers`` as in ``configure_logging``.

    Raises:
        FileTrouble: the log's folder or file cannot be made.
    """
    try:
        configure_logging(
            settings.log_file, settings.log_level, settings.log_max_mb, settings.log_keep, loggers=loggers
        )
    except OSError as error:
        raise FileTrouble(
            f"cannot write the log: {error.strerror}",
            code="log_unwritable",
            next_step="Give the service's user access to the folder of PAPER_AUTOPILOT_LOG_FILE.",
        ) from error


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_manager(settings: Settings) -> DatabaseManager:
    """The database of these settings, not yet connected."""
    return DatabaseManager(
        settings.paper_autopilot_db_url,
        pool_size=settings.db_pool_size,
        busy_timeout_seconds=settings.db_busy_timeout_seconds,
    )


@contextlib.contextmanager
def open_ready_manager(settings: Settings) -> Iterator[DatabaseManager]:
    """The database, checked to be up to date, for commands that only look or correct."""
    manager = open_manager(settings)
    try:
        require_schema(manager)
        yield manager
    finally:
        manager.close()


def read_limits(settings: Settings) -> ReadLimits:
    return ReadLimits(
        max_file_mb=settings.max_file_mb,
        max_pages=settings.max_pages,
        max_page_megapixels=settings.max_page_megapixels,
        ocr_engine=settings.ocr_engine.value,
        ocr_languages=settings.ocr_languages,
    )


def open_sandbox(settings: Settings) -> Sandbox:
    return Sandbox(
        SandboxLimits(
            timeout_seconds=settings.read_timeout_seconds,
            memory_mb=settings.read_memory_mb,
            idle_seconds=settings.read_idle_seconds,
        ),
        size=settings.workers,
    )


def require_schema(manager: DatabaseManager) -> None:
    """Refuse to work on a database that is not up to date; changes nothing.

    Raises:
        DatabaseError: with what to run.
    """
    state = manager.schema_state()
    if state == "current":
        return
    if state == "unreachable":
        raise DatabaseError("the database cannot be reached")
    if state == "newer":
        raise DatabaseError(
            "the database belongs to a newer version of this program",
            code="schema_newer",
            next_step="Install the newer version, or restore the backup made before the upgrade.",
        )
    raise DatabaseError(
        f"the database schema is {state}",
        code="schema_empty" if state == "empty" else "schema_outdated",
        next_step="Run `alembic upgrade head` (or `autod db upgrade`).",
    )


def folders_of(settings: Settings) -> Folders:
    """The folders as absolute paths, made where missing.

    Raises:
        ConfigurationError: one lies inside the inbox, where filing would feed itself.
        FileTrouble: one cannot be made.
    """
    inbox = settings.inbox_dir.absolute()
    folders = Folders(
        inbox=inbox,
        claimed=settings.work_dir.absolute() / "claimed",
        processed=settings.processed_dir.absolute(),
        failed=settings.failed_dir.absolute(),
    )
    for folder in (folders.claimed, folders.processed, folders.failed):
        if folder.resolve().is_relative_to(inbox.resolve()):
            raise ConfigurationError(f"{folder.name} must not lie inside the inbox")
    with custody.explained("cannot make the folders"):
        for folder in (folders.inbox, folders.claimed, folders.processed, folders.failed):
            folder.mkdir(parents=True, exist_ok=True)
    return folders


def extract_files(settings: Settings, paths: list[Path]) -> Iterator[dict[str, Any]]:
    """What files say, one JSON-ready object each, in order; touches no database and moves nothing."""
    with (
        open_sandbox(settings) as sandbox,
        tempfile.TemporaryDirectory(prefix="autod-") as scratch,
        ThreadPoolExecutor(max_workers=settings.workers) as pool,
    ):

        def one(job: tuple[int, Path]) -> dict[str, Any]:
            number, path = job
            try:
                return extract_file(settings, sandbox, path, Path(scratch) / str(number))
            except AutodError as error:
                reason = {"code": error.code, "message": error.message, "next_step": error.next_step}
                return {"file": custody.path_text(path), "error": reason}

        yield from pool.map(one, enumerate(paths))


def extract_file(settings: Settings, sandbox: Sandbox, path: Path, scratch: Path) -> dict[str, Any]:
    """What one file says, with the seconds it took; ``scratch`` is a path of ours to write beside.

    Raises:
        DocumentError: the file cannot be read, with its code.
    """
    begun = time.monotonic()
    with custody.explained("cannot read the file"), custody.open_plain(path):
        pass
    reading_path = f"{scratch}.reading.json"
    sandbox.call(
        "autod.read.reader:read_file",
        path=str(path.absolute()),
        reading_path=reading_path,
        **asdict(read_limits(settings)),
    )
    extraction: dict[str, Any] = sandbox.call(
        "autod.pipeline.understanding:understand_file",
        reading_path=reading_path,
        pages_path=f"{scratch}.pages.json",
        review_below=settings.review_below,
        today=utc_now().date().isoformat(),
    )
    seconds = round(time.monotonic() - begun, 3)
    return {"file": custody.path_text(path), **extraction, "seconds": seconds}


class App:
    """A running pipeline: open it, hand files in, close it. Use as a context manager.

    Raises on entering:
        DatabaseError: unreachable, outdated, or in use by another process.
        ConfigurationError, FileTrouble: the folders cannot be used.
    """

    def __init__(self, settings: Settings, manager: DatabaseManager | None = None) -> None:
        self.settings = settings
        self.manager = manager or open_manager(settings)
        self._owns_manager = manager is None
        self._stack = contextlib.ExitStack()
        self._on_end: list[Callable[[str], None]] = []
        self._next_revival = 0.0

    def __enter__(self) -> App:
        with contextlib.ExitStack() as stack:
            if self._owns_manager:
                stack.callback(self.manager.close)
            require_schema(self.manager)
            self.folders = folders_of(self.settings)
            stack.enter_context(single_process(self.folders.claimed.parent / "process"))
            if self.manager.sqlite_path is not None:
                stack.enter_context(single_process(self.manager.sqlite_path))
            custody.sweep(self.folders.claimed)
            custody.put_back(self.folders.inbox)
            self.sandbox = stack.enter_context(open_sandbox(self.settings))
            self.engine = Engine(
                self.settings_url(),
                self.manager.engine,
                executor_id=_executor_id(self.folders.claimed),
                workers=self.settings.workers,
            )
            self.steps = Steps(
                folders=self.folders,
                sandbox=self.sandbox,
                limits=read_limits(self.settings),
                review_below=self.settings.review_below,
                max_attempts=self.settings.max_attempts,
                now=utc_now,
            )
            self.intake = Intake(self.manager, self.engine, self.folders, utc_now)
            stack.callback(self.engine.stop)
            self.engine.start(self._life)
            self._revive()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        parked = self.engine.finish(self.settings.stop_seconds)
        if parked:
            log.warning("Stopped with documents parked", parked=len(parked), sha256=sorted(parked))
        self._stack.close()

    def settings_url(self) -> str:
        return self.manager.url

    def on_end(self, listener: Callable[[str], None]) -> None:
        """Have ``listener`` told the hash of every document whose life ends or is postponed."""
        self._on_end.append(listener)

    def process(self, path: Path, *, skip_duplicates: bool = True) -> ProcessResult:
        """Process one file now and wait for it. A file outside the inbox stays where it is."""
        begun = time.monotonic()
        try:
            receipt = self.intake.receive(path.absolute(), skip_duplicates=skip_duplicates)
        except FileTrouble as trouble:
            return ProcessResult(False, error=_explain(trouble.code, trouble.message, trouble.next_step))
        if receipt.outcome is Outcome.DUPLICATE:
            return ProcessResult(
                True,
                receipt.document_id,
                duplicate_of=receipt.document_id,
                processing_time_seconds=round(time.monotonic() - begun, 3),
            )
        self.engine.result(receipt.sha256)
        return self._result_of(receipt.document_id, time.monotonic() - begun)

    def process_many(self, paths: list[Path]) -> Iterator[tuple[Path, ProcessResult]]:
        """Process files side by side; results in the order of ``paths``."""
        with ThreadPoolExecutor(max_workers=self.settings.workers) as pool:
            yield from zip(paths, pool.map(self.process, paths), strict=True)

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

    def _result_of(self, document_id: int, seconds: float) -> ProcessResult:
        with self.manager.get_session() as session:
            document = documents.require(session, document_id)
            completed = document.status is DocumentStatus.COMPLETED
            return ProcessResult(
                completed,
                document_id,
                error=None
                if completed
                else _explain(document.error_code, document.error_message, document.next_step),
                cost_usd=float(document.total_cost_usd),
                processing_time_seconds=round(seconds, 3),
            )

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
            rescan_seconds=self.settings.rescan_seconds,
        )
        self.on_end(daemon.document_ended)
        return daemon

    def start_due(self) -> None:
        """Start the postponed documents whose time has come."""
        with self.manager.get_session() as session:
            due = documents.take_due(session, utc_now())
        for sha256 in due:
            if sha256 not in self.engine.active():
                self.engine.again(sha256)
        if time.monotonic() >= self._next_revival:
            self._revive()

    def _revive(self) -> None:
        """Documents that a crash or the database's trouble left with nobody at work get it back."""
        self._next_revival = time.monotonic() + REVIVAL_SECONDS
        with self.manager.get_session(read_only=True) as session:
            unfinished = documents.unfinished(session)
        self.engine.revive(unfinished[:MOST_REVIVED])

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


def _explain(code: str | None, message: str | None, next_step: str | None) -> str:
    return f"{code}: {message}. {next_step}"


def _executor_id(place: Path) -> str:
    """Stable for this work folder on this machine, and no other process's: the lock sees to that."""
    return f"{socket.gethostname()}:{hashlib.sha256(str(place).encode()).hexdigest()[:12]}"
