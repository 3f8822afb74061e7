"""Lays fault points around the product's functions, from outside, in the daemon's own process."""

from __future__ import annotations

import errno
import functools
import logging
import logging.handlers
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from tests.torture.crashing import CRASH_MARK
from tests.torture.faults import Do, Fault

CRASHING = "os:abort"
Put = Callable[[Any, str, Any], None]
SILENT_SECONDS = 8
"""Long enough for a busy machine to let every process beat in time."""


class Torturer:
    """Counts how often each point is reached and does what the plan says there."""

    def __init__(self, faults: list[Fault], folders: dict[str, Path]) -> None:
        self._faults = faults
        self._folders = folders
        self._reached: Counter[str] = Counter()
        self._until: dict[Fault, float] = {}
        self._lock = threading.Lock()
        self.clock_offset = 0.0

    def reach(self, point: str, subject: Any = None) -> None:
        """Called at every point; ``subject`` is the path or process it is about."""
        for fault in self._due(point):
            self._do(fault, subject)

    def mend(self) -> None:
        """Nothing goes wrong from now on."""
        with self._lock:
            self._faults = []

    def at_path(self, what: str, path: Any) -> None:
        """``what`` is about to happen to ``path``: a point ``what:folder``, if it lies in one of ours."""
        if isinstance(path, (str, bytes, os.PathLike)):
            text = os.fsdecode(path)
            for name, folder in self._folders.items():
                if text.startswith(str(folder)):
                    self.reach(f"{what}:{name}", text)

    def _due(self, point: str) -> list[Fault]:
        now = time.monotonic()
        with self._lock:
            self._reached[point] += 1
            count = self._reached[point]
            due = []
            for fault in self._faults:
                if fault.point != point:
                    continue
                if count == fault.nth:
                    self._until[fault] = now + fault.seconds
                if count == fault.nth or now < self._until.get(fault, 0.0):
                    due.append(fault)
            return due

    def _do(self, fault: Fault, subject: Any) -> None:
        match fault.do:
            case Do.KILL:
                os.kill(os.getpid(), signal.SIGKILL)
            case Do.NO_SPACE:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            case Do.DISK_ERROR:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            case Do.DATABASE_ERROR:
                raise OperationalError("COMMIT", {}, SQLAlchemyError("the database or disk is full"))
            case Do.STALL:
                time.sleep(fault.amount)
            case Do.KILL_READER:
                threading.Timer(fault.amount, _kill_quietly, [subject]).start()
            case Do.JUMP:
                self.clock_offset += fault.amount
            case Do.REPLACE:
                _replace(Path(subject))


def install(torturer: Torturer, put: Put = setattr) -> None:
    """Lay all points.

    Args:
        put: how a function is replaced; ``monkeypatch.setattr`` takes the points away after a test.
    """
    around_steps(torturer, put)
    around_functions(torturer, put)
    _around_the_file_system(torturer, put)
    _around_the_reader(torturer, put)
    _around_the_clock(torturer, put)
    _around_the_log(torturer, put)


def quicken() -> None:
    """Make the product's own pauses short, so that what waits comes back while somebody watches."""
    from autod import app, duties
    from autod.db import documents, engine, workers
    from autod.domain.backoff import Backoff
    from autod.extract.openai import pacing
    from autod.extract.openai import paying_once as openai_asking
    from autod.files import custody, kept
    from autod.inbox import inbox
    from autod.monitoring import alert_settings, alerting
    from autod.paying import asking
    from autod.pipeline import fleet_member, steps, workflow

    alerting.ROUND_SECONDS = 0.5
    alert_settings.AFTER_SECONDS = alert_settings.CLEAR_SECONDS = 0.0
    engine.BUSY_SECONDS = 1.0
    workers.SILENT_SECONDS = SILENT_SECONDS
    workflow.MAX_ATTEMPTS = 50
    pacing.POLL_SECONDS = 0.1
    app.RESCAN_SECONDS = 0.2
    duties.REVIVAL_SECONDS = 0.5
    duties.FOOTING_SECONDS = 0.5
    steps.WAITS = Backoff(first=0.2, longest=1.0, factor=4.0)
    documents.START_LEASE = timedelta(seconds=1)
    inbox.PAUSES = Backoff(first=0.2, longest=1.0)
    app.HALF_DONE_SECONDS = 1
    fleet_member.SWEEP_SECONDS, fleet_member.SETTLED_SECONDS = 0.5, 5.0
    custody.LEAVING_SECONDS = 5.0
    asking.PAUSES = Backoff(first=0.2, longest=1.0)
    openai_asking.LONGEST_PAUSE = 0.3
    kept.KEPT_SECONDS = 8.0  # longer than a writer pauses


def blind() -> None:
    """Nothing tells who writes, as on a network share."""
    from autod.files import writers
    from autod.inbox import watch

    writers.LOCAL.clear()
    watch.TELLS_CLOSING = False


def around_steps(torturer: Torturer, put: Put) -> None:
    """Points ``step:NAME:before|inside|after`` for every step and transaction of a life.

    The checkpoint of a step that consists of others is ``joined:NAME:…``.
    """
    from autod.durable.runner import Engine

    def wrap(kind: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def run(self: Any, name: str, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
            def inside(*given: Any, **more: Any) -> Any:
                result = work(*given, **more)
                torturer.reach(f"{kind}:{name}:inside")
                return result

            torturer.reach(f"{kind}:{name}:before")
            result = method(self, name, inside, *arguments, **named)
            torturer.reach(f"{kind}:{name}:after")
            return result

        return run

    for name in ("step", "part", "transaction", "joined"):
        kind = "joined" if name == "joined" else "step"
        put(Engine, name, wrap(kind, getattr(Engine, name)))


def around_functions(torturer: Torturer, put: Put) -> None:
    """Points ``NAME:before`` and ``NAME:after``; the subject is the first path among the arguments."""
    for owner, name in _functions():
        lay(torturer, owner, name, put)


def lay(torturer: Torturer, owner: Any, name: str, put: Put = setattr) -> None:
    """Points ``OWNER.NAME:before`` and ``:after`` around one function of a module or class."""
    label = f"{owner.__name__.rpartition('.')[2]}.{name}"
    put(owner, name, _pointed(torturer, label, getattr(owner, name)))


def _functions() -> list[tuple[Any, str]]:
    from autod.db import documents, ledger, versions
    from autod.durable.runner import Engine
    from autod.duties import Duties
    from autod.extract.openai.paying_once import PayingOnce
    from autod.files import custody
    from autod.pipeline import workflow
    from autod.pipeline.intake import Intake
    from autod.pipeline.steps import Steps

    names: list[tuple[Any, tuple[str, ...]]] = [
        (Duties, ("revive", "start_due")),
        (Engine, ("submit", "again")),
        (Intake, ("receive", "_again", "_file_duplicate")),
        (Steps, ("_clear", "_empty_inbox")),
        (workflow, ("_announce",)),
        (documents, ("admit", "reopen", "take_due")),
        (ledger, ("dispatch",)),
        (versions, ("link", "supersede")),
        (PayingOnce, ("_pay",)),
        (
            custody,
            (
                "sha256_of",
                "claim",
                "_copy",
                "file_away",
                "_place",
                "_place_by_copy",
                "_discard",
                "leave_inbox",
                "_aside",
                "let_go",
                "claim_joined",
            ),
        ),
    ]
    return [(owner, name) for owner, several in names for name in several]


def _pointed(torturer: Torturer, label: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        subject = next((part for part in arguments if isinstance(part, Path)), None)
        torturer.reach(f"{label}:before", subject)
        result = method(*arguments, **named)
        torturer.reach(f"{label}:after", subject)
        return result

    return call


def _around_the_file_system(torturer: Torturer, put: Put) -> None:
    """Points ``open:FOLDER``, ``link:FOLDER`` and the like, before each call of the system."""

    def wrap(what: str, position: int) -> None:
        call = getattr(os, what)

        @functools.wraps(call)
        def run(*arguments: Any, **named: Any) -> Any:
            if len(arguments) > position:
                torturer.at_path(what, arguments[position])
            return call(*arguments, **named)

        put(os, what, run)

    for what, position in (
        ("scandir", 0),
        ("lstat", 0),
        ("open", 0),
        ("unlink", 0),
        ("link", 1),
        ("replace", 1),
        ("rename", 1),
    ):
        wrap(what, position)


def _around_the_reader(torturer: Torturer, put: Put) -> None:
    """Points ``reader:call``; a document with the mark ends the process that reads it."""
    from autod.child.process import ChildProcess
    from autod.child.sandbox import Sandbox

    call, exchange = Sandbox.call, ChildProcess.exchange

    def marked_call(self: Any, function: str, **arguments: Any) -> Any:
        document = arguments.get("descriptors", {}).get("document")
        if document is not None and CRASH_MARK in os.pread(document, 256, 0):
            return call(self, CRASHING)
        return call(self, function, **arguments)

    def watched_exchange(self: Any, *arguments: Any) -> Any:
        torturer.reach("reader:call", self.pid)
        return exchange(self, *arguments)

    put(Sandbox, "call", marked_call)
    put(ChildProcess, "exchange", watched_exchange)


def _around_the_clock(torturer: Torturer, put: Put) -> None:
    from autod import app, duties
    from autod.assembly import archive, paid_reader, service, vector_store

    wall, utc_now = time.time, archive.utc_now
    put(time, "time", lambda: wall() + torturer.clock_offset)
    for module in (archive, paid_reader, service, vector_store, app, duties):
        put(module, "utc_now", lambda: utc_now() + timedelta(seconds=torturer.clock_offset))


def _around_the_log(torturer: Torturer, put: Put) -> None:
    """Point ``log:emit``: a record that cannot be written is dropped, as by ``logging`` itself."""
    emit = logging.handlers.RotatingFileHandler.emit

    def pointed(self: Any, record: logging.LogRecord) -> None:
        try:
            torturer.reach("log:emit")
        except OSError:
            self.handleError(record)
            return
        emit(self, record)

    put(logging.handlers.RotatingFileHandler, "emit", pointed)


def _kill_quietly(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def _replace(path: Path) -> None:
    """The scanner reuses the name: the bytes that lie beside the inbox for this purpose take the place."""
    spare = path.parent.with_name("spare.pdf")
    if spare.exists():
        spare.rename(path)
