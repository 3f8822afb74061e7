"""The durable engine: the only module that knows DBOS.

A workflow is a plain function that calls ``Durable.step`` and ``Durable.transaction``; each result is
checkpointed, so a process that died goes on where it stopped. A deliberate error of a step is a result
too: it is stored as data and raised again in the workflow, the same on every replay.

    doc:SHA256   on the queue ``documents``: a document's life
    ask:SHA256   on the queue ``llm``: its child that waits for a paid service
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Engine as SqlEngine

from autod.errors import AutodError, DatabaseError
from autod.pipeline.durable import PIPELINE_VERSION, Ask, Json, Life
from autod.pipeline.observing import Nobody, Observer
from autod.pipeline.outcomes import Parked, all_or_nothing, as_data, failure, unwrap
from autod.pipeline.places import Places

QUEUE, ASK_QUEUE = "documents", "llm"
DOCUMENT, ASK = "doc:", "ask:"
POLL_SECONDS = 0.25
# The queue hands out more documents than are worked on, or its poll would set the pace.
CLAIMS_PER_WORKER = 8
LAST_MOMENTS_SECONDS = 5.0
GOING_ON = frozenset({"PENDING", "ENQUEUED", "DELAYED"})
SCHEMA = "public"

logger = logging.getLogger("autod.engine")


@dataclass(frozen=True, slots=True)
class AskLimits:
    """How hard a paid service is asked, by all processes that share the database together.

    ``concurrency`` is in documents at a time; ``per_minute`` in documents begun within any minute, None
    where the service's own word on its limit is enough.
    """

    concurrency: int
    per_minute: int | None = None


class Engine:
    """Runs documents' lives on SQLite (one process) or PostgreSQL (any number of them).

    Args:
        url: the SQLAlchemy URL of the database; DBOS keeps its tables beside ours.
        sql_engine: our SQLAlchemy engine on the same database, for transactions.
        executor_id: unique and stable for this process slot, so that recovery finds its own work.
        workers: documents in work at the same time.
        asks: the limits of asking; None when nobody is asked here.
        observer: is around lives and every run of a step or transaction.
    """

    def __init__(
        self,
        url: str,
        sql_engine: SqlEngine,
        *,
        executor_id: str,
        workers: int,
        asks: AskLimits | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._url = url
        self._sql_engine = sql_engine
        self._executor_id = executor_id
        self._observer = observer or Nobody()
        # One more than there are reading processes: while they read, one document is recorded or filed.
        self._places = Places(workers + 1)
        self._asks = asks
        # Those that wait for an answer hold no place, but a claim.
        self._claims = workers * CLAIMS_PER_WORKER + (asks.concurrency if asks else 0)
        self._silent: set[str] = set()
        self._awaited: set[str] = set()
        self._ended = threading.Condition()
        self._workflows: dict[str, Any] = {}
        self._datasource: Any = None

    def start(self, life: Life, ask: Ask | None = None) -> None:
        """Register the workflows, recover what this executor left unfinished, and begin to take work.

        Args:
            ask: what ``Durable.child`` does; None when nobody is asked here.
        """
        from dbos import DBOS, DBOSPortableJSONSerializer, SQLAlchemyDatasource

        serializer = DBOSPortableJSONSerializer()
        threads = self._claims + (self._asks.concurrency if self._asks else 0) + 8
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
                "max_executor_threads": threads,
                # Who writes on SQLite keeps all others out and asks the engine's tables meanwhile: a thread
                # without a connection of its own would wait for those that wait for it.
                "sys_db_pool_size": threads + 8 if self._url.startswith("sqlite") else None,
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
            with (
                self._places.in_work(DOCUMENT + sha256),
                self._places.held(),
                self._observer.life("document", sha256),
            ):
                return life(self, sha256)

        self._workflows[DOCUMENT] = DBOS.workflow(name="document")(document)
        if ask is not None:
            self._workflows[ASK] = DBOS.workflow(name="ask")(self._asking(ask))
        DBOS.listen_queues([QUEUE, ASK_QUEUE] if self._asks else [QUEUE])
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=self._claims,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )
        if self._asks is not None:
            self._begin_asking(self._asks)

    def _asking(self, ask: Ask) -> Callable[[str, Json], Json]:
        def asking(sha256: str, inputs: Json) -> Json:
            with self._places.in_work(ASK + sha256):
                try:
                    with self._observer.life("ask", sha256):
                        return {"value": ask(self, inputs)}
                except DatabaseError:
                    raise
                except AutodError as error:
                    return as_data(error)

        return asking

    def _begin_asking(self, limits: AskLimits) -> None:
        from dbos import DBOS

        rate = limits.per_minute
        DBOS.register_queue(
            ASK_QUEUE,
            global_concurrency=limits.concurrency,
            limiter={"limit": rate, "period": 60.0} if rate is not None else None,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )
        threading.Thread(target=self._watch_children, name="engine-children", daemon=True).start()

    def submit(self, sha256: str) -> None:
        """Have the document processed; submitting it again while it waits or runs changes nothing."""
        from dbos import DBOS, SetWorkflowID

        with SetWorkflowID(DOCUMENT + sha256):
            DBOS.enqueue_workflow(QUEUE, self._workflows[DOCUMENT], sha256)

    def again(self, sha256: str, *, anew: bool = False) -> None:
        """Have a document whose workflow has ended processed once more.

        It begins with its first step, or with the one that the database's trouble broke off. A workflow in
        its last moments here is waited for; one that is still to be taken up stays as it is, see ``revive``.

        Args:
            anew: ask the paid service again, even if it has answered; otherwise its answer is used.
        """
        name = DOCUMENT + sha256
        status = self._settled_status(name)
        if status in GOING_ON:
            return
        first = self._broken_step(name) if status == "ERROR" else 1
        self._ready_child(ASK + sha256, keep=first > 1, anew=anew)
        if status is None:
            self.submit(sha256)
        else:
            self._rewind(name, first, QUEUE)

    def _ready_child(self, name: str, *, keep: bool, anew: bool) -> None:
        """See to it that a document that begins again asks again, unless there is an answer.

        Args:
            keep: the document goes on after its question; its result has to stay.
        """
        from dbos import DBOS

        child = DBOS.get_workflow_status(name)
        if child is None or child.status in GOING_ON:
            return
        if child.status != "SUCCESS":
            self._rewind(name, self._broken_step(name), ASK_QUEUE)
        elif not keep and (anew or "error" in (child.output or {})):
            DBOS.delete_workflows([name])

    def _rewind(self, name: str, first: int, queue: str) -> None:
        from dbos import DBOS

        DBOS.rewind_workflow(name, start_step=first, queue_name=queue, application_version=PIPELINE_VERSION)

    def revive(self, hashes: list[str]) -> None:
        """Start those of the unfinished documents that nobody works on and nobody will.

        Their workflow has ended without them, was never begun, or lost its thread here: a thread that cannot
        write down its own failure, because the disk is full, leaves a workflow that looks as if it ran.
        """
        from dbos import DBOS

        here = self._places.names()
        names = {DOCUMENT + sha256: sha256 for sha256 in hashes} | {ASK + sha256: "" for sha256 in hashes}
        names = {name: sha256 for name, sha256 in names.items() if name not in here}
        if not names:
            return
        known = DBOS.list_workflows(workflow_ids=list(names), load_input=False, load_output=False)
        going_on = {workflow.workflow_id for workflow in known if workflow.status in GOING_ON}
        for name in names.keys() - going_on:
            if names[name]:
                self.again(names[name])
        silent = {
            workflow.workflow_id
            for workflow in known
            if workflow.status == "PENDING" and workflow.executor_id == self._executor_id
        }
        silent -= self._places.names()
        lost = silent & self._silent
        for prefix, queue in ((DOCUMENT, QUEUE), (ASK, ASK_QUEUE)):
            if mine := sorted(name for name in lost if name.startswith(prefix)):
                DBOS.resume_workflows(mine, queue_name=queue)
        self._silent = silent - lost

    def _settled_status(self, name: str) -> str | None:
        """The workflow's status, not taken in the moments when it ends here."""
        from dbos import DBOS

        deadline = time.monotonic() + LAST_MOMENTS_SECONDS
        while True:
            status = DBOS.get_workflow_status(name)
            if status is None:
                return None
            here = status.status == "PENDING" and status.executor_id == self._executor_id
            late = time.monotonic() > deadline and name not in self._places.names()
            if not here or late or self._places.stopping.wait(LAST_MOMENTS_SECONDS / 100):
                return str(status.status)

    def _broken_step(self, name: str) -> int:
        """The first step that has no result: it raised what no step of ours raises on purpose."""
        from dbos import DBOS

        steps = DBOS.list_workflow_steps(name)
        whole = [step["function_id"] for step in steps if step["error"] is None]
        broken = [step["function_id"] for step in steps if step["error"] is not None]
        return min(broken, default=max(whole, default=0) + 1)

    def result(self, sha256: str) -> Json:
        """Wait for the document's workflow and return what it returned."""
        from dbos import DBOS

        value: Json = DBOS.retrieve_workflow(DOCUMENT + sha256).get_result(polling_interval_sec=0.05)
        return value

    def active(self) -> frozenset[str]:
        """The hashes of the documents in work in this process."""
        return _hashes(name for name in self._places.names() if name.startswith(DOCUMENT))

    def finish(self, seconds: float) -> frozenset[str]:
        """Begin no further step, wait for the running ones, and return what is parked or still running.

        A parked document stays pending in the engine's tables; the next start goes on with it.
        """
        self._places.stopping.set()
        with self._ended:
            self._ended.notify_all()
        return _hashes(self._places.finish(seconds))

    def stop(self) -> None:
        """Let go of the database; ``finish`` comes first."""
        from dbos import DBOS

        self.finish(0)
        DBOS.destroy(destroy_registry=True)

    def step(self, name: str, work: Callable[..., Json], *arguments: Any) -> Json:
        from dbos import DBOS

        return unwrap(
            DBOS.run_step({"name": name}, self._guarded, partial(self._run, name, work), *arguments)
        )

    def transaction(self, name: str, work: Callable[..., Json], *arguments: Any) -> Json:
        def in_session() -> Json:
            if self._places.stopping.is_set():
                raise Parked
            return all_or_nothing(self._datasource.sql_session(), partial(self._run, name, work), *arguments)

        return unwrap(self._datasource.run_tx_step({"name": name}, in_session))

    def sleep(self, seconds: float) -> None:
        until = self.step("sleep", lambda: {"until": time.time() + seconds})["until"]
        if self._places.stopping.wait(min(seconds, max(0.0, until - time.time()))):
            raise Parked

    def child(self, sha256: str, inputs: Json) -> Json:
        from dbos import DBOS, SetWorkflowID

        with self._places.left():
            with SetWorkflowID(ASK + sha256):
                handle = DBOS.enqueue_workflow(ASK_QUEUE, self._workflows[ASK], sha256, inputs)
            self._await(ASK + sha256)
        return unwrap(handle.get_result(polling_interval_sec=POLL_SECONDS))

    def _await(self, name: str) -> None:
        """Wait until the workflow has ended, in whichever process."""
        with self._ended:
            self._awaited.add(name)
            self._ended.notify_all()
            self._ended.wait_for(lambda: name not in self._awaited or self._places.stopping.is_set())
            self._awaited.discard(name)
        if self._places.stopping.is_set():
            raise Parked

    def _watch_children(self) -> None:
        """Ask for all awaited workflows at once: one poll, however many wait."""
        from dbos import DBOS

        stopping = self._places.stopping
        while not stopping.wait(POLL_SECONDS):
            with self._ended:
                self._ended.wait_for(lambda: bool(self._awaited) or stopping.is_set())
                names = sorted(self._awaited)
            if stopping.is_set():
                return
            try:
                known = DBOS.list_workflows(workflow_ids=names, load_input=False, load_output=False)
            except Exception as error:  # noqa: BLE001 - the database's trouble passes
                logger.warning("the engine cannot look after its children: %s", type(error).__name__)
                continue
            with self._ended:
                self._awaited -= {child.workflow_id for child in known if child.status not in GOING_ON}
                self._ended.notify_all()

    def _run(self, name: str, work: Callable[..., Json], *arguments: Any) -> Json:
        with self._observer.step(name):
            return work(*arguments)

    def _guarded(self, work: Callable[..., Json], *arguments: Any) -> Json:
        """Errors a document can cause become data; a lost database goes up to the engine's own retries."""
        if self._places.stopping.is_set():
            raise Parked
        try:
            return {"value": work(*arguments)}
        except DatabaseError:
            raise
        except Exception as error:
            if self._places.stopping.is_set():
                raise Parked from error
            return failure(error)


def _hashes(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.partition(":")[2] for name in names)


def _plain(url: str) -> str:
    """DBOS picks its own driver."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
