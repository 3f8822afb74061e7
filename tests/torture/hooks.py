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

from tests.torture.crashing import CRASH_MARK
from tests.torture.faults import Do, Fault

CRASHING = "os:abort"
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
            case Do.STALL:
                time.sleep(fault.amount)
            case Do.KILL_READER:
                threading.Timer(fault.amount, _kill_quietly, [subject]).start()
            case Do.JUMP:
                self.clock_offset += fault.amount
            case Do.REPLACE:
                _replace(Path(subject))


def install(torturer: Torturer) -> None:
    """Lay all points."""
    _around_steps(torturer)
    _around_functions(torturer)
    _around_the_file_system(torturer)
    _around_the_reader(torturer)
    _around_the_clock(torturer)
    _around_the_log(torturer)


def quicken() -> None:
    """Make the product's own pauses short, so that what waits comes back while somebody watches."""
    from autod import app
    from autod.db import documents, engine, workers
    from autod.domain.backoff import Backoff
    from autod.extract.openai import asking as openai_asking
    from autod.extract.openai import pacing
    from autod.inbox import inbox
    from autod.monitoring import alert_settings, alerting
    from autod.pipeline import asking, custody, kept, membership, steps, workflow

    alerting.ROUND_SECONDS = 0.5
    alert_settings.AFTER_SECONDS = alert_settings.CLEAR_SECONDS = 0.0
    engine.BUSY_SECONDS = 1.0
    workers.SILENT_SECONDS = SILENT_SECONDS
    workflow.MAX_ATTEMPTS = 50
    pacing.POLL_SECONDS = 0.1
    app.RESCAN_SECONDS = 0.2
    app.REVIVAL_SECONDS = 0.5
    app.FOOTING_SECONDS = 0.5
    steps.WAITS = Backoff(first=0.2, longest=1.0, factor=4.0)
    documents.START_LEASE = timedelta(seconds=1)
    inbox.PAUSES = Backoff(first=0.2, longest=1.0)
    app.HALF_DONE_SECONDS = 1
    membership.SWEEP_SECONDS, membership.SETTLED_SECONDS = 0.5, 5.0
    custody.LEAVING_SECONDS = 5.0
    asking.PAUSES = Backoff(first=0.2, longest=1.0)
    openai_asking.LONGEST_PAUSE = 0.3
    kept.KEPT_SECONDS = 8.0  # longer than a writer pauses


def blind() -> None:
    """Nothing tells who writes, as on a network share."""
    from autod.inbox import watch
    from autod.pipeline import writers

    writers.LOCAL.clear()
    watch.TELLS_CLOSING = False


def _around_steps(torturer: Torturer) -> None:
    """Points ``step:NAME:before|inside|after`` for every step and transaction of a life.

    The checkpoint of a step that consists of others is ``joined:NAME:…``.
    """
    from autod.pipeline.engine import Engine

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
        setattr(Engine, name, wrap(kind, getattr(Engine, name)))


def _around_functions(torturer: Torturer) -> None:
    """Points ``NAME:before`` and ``NAME:after``; the subject is the first path among the arguments."""
    for owner, name in _functions():
        method = getattr(owner, name)
        label = f"{owner.__name__.rpartition('.')[2]}.{name}"
        setattr(owner, name, _pointed(torturer, label, method))


def _functions() -> list[tuple[Any, str]]:
    from autod.app import App
    from autod.db import documents, ledger, versions
    from autod.extract.openai.asking import Asking
    from autod.pipeline import custody, workflow
    from autod.pipeline.engine import Engine
    from autod.pipeline.intake import Intake
    from autod.pipeline.steps import Steps

    names: list[tuple[Any, tuple[str, ...]]] = [
        (App, ("_revive", "start_due")),
        (Engine, ("submit", "again")),
        (Intake, ("receive", "_again", "_file_duplicate")),
        (Steps, ("_clear", "_empty_inbox")),
        (workflow, ("_announce",)),
        (documents, ("admit", "reopen", "take_due")),
        (ledger, ("dispatch",)),
        (versions, ("link", "supersede")),
        (Asking, ("_pay",)),
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


def _around_the_file_system(torturer: Torturer) -> None:
    """Points ``open:FOLDER``, ``link:FOLDER`` and the like, before each call of the system."""

    def wrap(what: str, position: int) -> None:
        call = getattr(os, what)

        @functools.wraps(call)
        def run(*arguments: Any, **named: Any) -> Any:
            if len(arguments) > position:
                torturer.at_path(what, arguments[position])
            return call(*arguments, **named)

        setattr(os, what, run)

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


def _around_the_reader(torturer: Torturer) -> None:
    """Points ``reader:call``; a document with the mark ends the process that reads it."""
    from autod.read.child_process import ChildProcess
    from autod.read.sandbox import Sandbox

    call, exchange = Sandbox.call, ChildProcess.exchange

    def marked_call(self: Any, function: str, **arguments: Any) -> Any:
        document = arguments.get("descriptors", {}).get("document")
        if document is not None and CRASH_MARK in os.pread(document, 256, 0):
            return call(self, CRASHING)
        return call(self, function, **arguments)

    def watched_exchange(self: Any, *arguments: Any) -> Any:
        torturer.reach("reader:call", self.pid)
        return exchange(self, *arguments)

    setattr(Sandbox, "call", marked_call)  # noqa: B010 - mypy forbids assigning to a method
    setattr(ChildProcess, "exchange", watched_exchange)  # noqa: B010 - as above


def _around_the_clock(torturer: Torturer) -> None:
    from autod import app, services

    wall, utc_now = time.time, services.utc_now
    time.time = lambda: wall() + torturer.clock_offset
    for module in (services, app):
        setattr(module, "utc_now", lambda: utc_now() + timedelta(seconds=torturer.clock_offset))  # noqa: B010 - mypy forbids assigning to a function


def _around_the_log(torturer: Torturer) -> None:
    """Point ``log:emit``: a record that cannot be written is dropped, as by ``logging`` itself."""
    emit = logging.handlers.RotatingFileHandler.emit

    def pointed(self: Any, record: logging.LogRecord) -> None:
        try:
            torturer.reach("log:emit")
        except OSError:
            self.handleError(record)
            return
        emit(self, record)

    setattr(logging.handlers.RotatingFileHandler, "emit", pointed)  # noqa: B010 - as above


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
