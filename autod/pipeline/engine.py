"""The durable engine: the only module that knows DBOS.

A workflow is a plain function that calls ``Durable.step`` and ``Durable.transaction``; each result is
checkpointed, so a process that died goes on where it stopped. A deliberate error of a step is a result
too: it is stored as data and raised again in the workflow, the same on every replay.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Engine as SqlEngine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from autod.db.engine import translate
from autod.errors import AutodError, DatabaseError, Retry

PIPELINE_VERSION = "1"
QUEUE = "documents"
POLL_SECONDS = 0.25
# The queue hands out more documents than are worked on, or its poll would set the pace.
CLAIMS_PER_WORKER = 8
LAST_MOMENTS_SECONDS = 5.0
GOING_ON = frozenset({"PENDING", "ENQUEUED", "DELAYED"})
SCHEMA = "public"

logger = logging.getLogger("autod.engine")

Json = dict[str, Any]


class Durable(Protocol):
    """What a workflow may do."""

    def step(self, name: str, work: Callable[..., Json], *arguments: Any) -> Json:
        """Run ``work`` once; its JSON result survives a crash. It may run again if we died inside it."""

    def transaction(self, name: str, work: Callable[..., Json], *arguments: Any) -> Json:
        """Run ``work(session, *arguments)``; its writes and the checkpoint commit together."""

    def sleep(self, seconds: float) -> None:
        """Wait; a crash in between does not start the wait anew."""


Life = Callable[[Durable, str], Json]


def _as_data(error: AutodError) -> Json:
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "next_step": error.next_step,
            "retry": error.retry.value,
        }
    }


def _unwrap(result: Json) -> Json:
    if "error" in result:
        error = result["error"]
        raise AutodError(
            error["message"],
            code=error["code"],
            next_step=error["next_step"],
            retry=Retry(error["retry"]),
        )
    value: Json = result["value"]
    return value


def _failure(error: Exception) -> Json:
    """What went wrong, as a result; an error that nobody raised on purpose is told to the log."""
    if isinstance(error, AutodError):
        return _as_data(error)
    logger.exception("a step failed unexpectedly", extra={"error": "internal_error"})
    return _as_data(AutodError(f"unexpected {type(error).__name__}"))


def _all_or_nothing(session: Session, work: Callable[..., Json], *arguments: Any) -> Json:
    """The result of ``work``, or its failure with nothing written; the database's passing trouble goes up."""
    try:
        with session.begin_nested():
            return {"value": work(session, *arguments)}
    except SQLAlchemyError as error:
        trouble = translate(error)
        if trouble.retry is Retry.LATER:
            raise
        return _as_data(trouble)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - _failure tells the log
        return _failure(error)


class Parked(BaseException):
    """Leaves a workflow pending when the process stops; no ``Exception``, so that nothing records it."""


class Engine:
    """Runs documents' lives on SQLite (one process) or PostgreSQL (any number of them).

    Args:
        url: the SQLAlchemy URL of the database; DBOS keeps its tables beside ours.
        sql_engine: our SQLAlchemy engine on the same database, for transactions.
        executor_id: unique and stable for this process slot, so that recovery finds its own work.
        workers: documents in work at the same time.
        timed: is around every run of a step or transaction, by its name.
    """

    def __init__(
        self,
        url: str,
        sql_engine: SqlEngine,
        *,
        executor_id: str,
        workers: int,
        timed: Callable[[str], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._url = url
        self._sql_engine = sql_engine
        self._executor_id = executor_id
        self._workers = workers
        self._timed = timed
        self._active: set[str] = set()
        self._parked: set[str] = set()
        self._silent: set[str] = set()
        # One more than there are reading processes: while they read, one document is recorded or filed.
        self._places = workers + 1
        self._begun = 0
        self._idle = threading.Condition()
        self._stopping = threading.Event()
        self._workflow: Any = None
        self._datasource: Any = None

    def start(self, life: Life) -> None:
        """Register ``life``, recover what this executor left unfinished, and begin to take work."""
        from dbos import DBOS, DBOSPortableJSONSerializer, SQLAlchemyDatasource

        serializer = DBOSPortableJSONSerializer()
        DBOS(
            config={
                "name": "autod",
                "system_database_url": _plain(self._url),
                "dbos_system_schema": SCHEMA,
                "executor_id": self._executor_id,
                "application_version": PIPELINE_VERSION,
                "serializer": serializer,
                "run_migrations": False,
                "use_listen_notify": False,
                "enable_otlp": False,
                "log_level": "WARNING",
                "max_executor_threads": self._workers * CLAIMS_PER_WORKER + 8,
            }
        )
        self._datasource = SQLAlchemyDatasource.create(
            _plain(self._url),
            engine=self._sql_engine,
            schema=SCHEMA,
            serializer=serializer,
            run_migrations=False,
        )

        def document(sha256: str) -> Json:
            with self._counted(sha256):
                return life(self, sha256)

        self._workflow = DBOS.workflow(name="document")(document)
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=self._workers * CLAIMS_PER_WORKER,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )

    def submit(self, sha256: str) -> None:
        """Have the document processed; submitting it again while it waits or runs changes nothing."""
        from dbos import DBOS, SetWorkflowID

        with SetWorkflowID(f"doc:{sha256}"):
            DBOS.enqueue_workflow(QUEUE, self._workflow, sha256)

    def again(self, sha256: str) -> None:
        """Have a document whose workflow has ended processed once more.

        It begins with its first step, or with the one that the database's trouble broke off. A workflow in
        its last moments here is waited for; one that is still to be taken up stays as it is, see ``revive``.
        """
        from dbos import DBOS

        status = self._settled_status(sha256)
        if status is None:
            self.submit(sha256)
        elif status not in GOING_ON:
            DBOS.rewind_workflow(
                f"doc:{sha256}",
                start_step=self._broken_step(sha256) if status == "ERROR" else 1,
                queue_name=QUEUE,
                application_version=PIPELINE_VERSION,
            )

    def revive(self, hashes: list[str]) -> None:
        """Start those of the unfinished documents that nobody works on and nobody will.

        Their workflow has ended without them, was never begun, or lost its thread here: a thread that cannot
        write down its own failure, because the disk is full, leaves a workflow that looks as if it ran.
        """
        from dbos import DBOS

        names = {f"doc:{sha256}": sha256 for sha256 in hashes if sha256 not in self.active()}
        if not names:
            return
        known = DBOS.list_workflows(workflow_ids=list(names), load_input=False, load_output=False)
        going_on = {workflow.workflow_id for workflow in known if workflow.status in GOING_ON}
        for name in names.keys() - going_on:
            self.again(names[name])
        silent = {
            workflow.workflow_id
            for workflow in known
            if workflow.status == "PENDING" and workflow.executor_id == self._executor_id
        }
        silent -= {f"doc:{sha256}" for sha256 in self.active()}
        if lost := silent & self._silent:
            DBOS.resume_workflows(sorted(lost), queue_name=QUEUE)
        self._silent = silent - lost

    def _settled_status(self, sha256: str) -> str | None:
        """The workflow's status, not taken in the moments when it ends here."""
        from dbos import DBOS

        deadline = time.monotonic() + LAST_MOMENTS_SECONDS
        while True:
            status = DBOS.get_workflow_status(f"doc:{sha256}")
            if status is None:
                return None
            here = status.status == "PENDING" and status.executor_id == self._executor_id
            late = time.monotonic() > deadline and sha256 not in self.active()
            if not here or late or self._stopping.wait(LAST_MOMENTS_SECONDS / 100):
                return str(status.status)

    def _broken_step(self, sha256: str) -> int:
        """The first step that has no result: it raised what no step of ours raises on purpose."""
        from dbos import DBOS

        steps = DBOS.list_workflow_steps(f"doc:{sha256}")
        whole = [step["function_id"] for step in steps if step["error"] is None]
        broken = [step["function_id"] for step in steps if step["error"] is not None]
        return min(broken, default=max(whole, default=0) + 1)

    def result(self, sha256: str) -> Json:
        """Wait for the document's workflow and return what it returned."""
        from dbos import DBOS

        value: Json = DBOS.retrieve_workflow(f"doc:{sha256}").get_result(polling_interval_sec=0.05)
        return value

    def active(self) -> frozenset[str]:
        """The hashes of the documents in work in this process."""
        with self._idle:
            return frozenset(self._active)

    def finish(self, seconds: float) -> frozenset[str]:
        """Begin no further step, wait for the running ones, and return what is parked or still running.

        A parked document stays pending in the engine's tables; the next start goes on with it.
        """
        self._stopping.set()
        with self._idle:
            self._idle.notify_all()
            self._idle.wait_for(lambda: not self._active, timeout=seconds)
            return frozenset(self._parked | self._active)

    def stop(self) -> None:
        """Let go of the database; ``finish`` comes first."""
        from dbos import DBOS

        self._stopping.set()
        DBOS.destroy(destroy_registry=True)

    def step(self, name: str, work: Callable[..., Json], *arguments: Any) -> Json:
        from dbos import DBOS

        return _unwrap(
            DBOS.run_step({"name": name}, self._guarded, partial(self._run, name, work), *arguments)
        )

    def transaction(self, name: str, work: Callable[..., Json], *arguments: Any) -> Json:
        def in_session() -> Json:
            if self._stopping.is_set():
                raise Parked
            return _all_or_nothing(self._datasource.sql_session(), partial(self._run, name, work), *arguments)

        return _unwrap(self._datasource.run_tx_step({"name": name}, in_session))

    def sleep(self, seconds: float) -> None:
        from dbos import DBOS

        if self._stopping.is_set():
            raise Parked
        DBOS.sleep(seconds)

    def _run(self, name: str, work: Callable[..., Json], *arguments: Any) -> Json:
        with self._timed(name):
            return work(*arguments)

    def _guarded(self, work: Callable[..., Json], *arguments: Any) -> Json:
        """Errors a document can cause become data; a lost database goes up to the engine's own retries."""
        if self._stopping.is_set():
            raise Parked
        try:
            return {"value": work(*arguments)}
        except DatabaseError:
            raise
        except Exception as error:
            if self._stopping.is_set():
                raise Parked from error
            return _failure(error)

    @contextmanager
    def _counted(self, sha256: str) -> Iterator[None]:
        """Count the document as in work, and let it begin when a place is free."""
        begun = False
        try:
            with self._idle:
                self._active.add(sha256)
                self._idle.wait_for(lambda: self._begun < self._places or self._stopping.is_set())
                if self._stopping.is_set():
                    raise Parked
                self._begun += 1
                begun = True
            yield
        except Parked:
            self._parked.add(sha256)
            raise
        finally:
            with self._idle:
                self._begun -= begun
                self._active.discard(sha256)
                self._idle.notify_all()


def _plain(url: str) -> str:
    """DBOS picks its own driver."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
