"""Runs lives on DBOS; beside it ``upkeep`` and ``handover`` use it, and ``autod.db.schema`` makes its tables.

A workflow is a plain function that calls ``Durable.step`` and ``Durable.transaction``; each result is
checkpointed, so a process that died goes on where it stopped. A deliberate error of a step is a result
too: it is stored as data and raised again in the workflow, the same on every replay.

    doc:SHA256   on the queue ``documents``: a document's life
    ask:SHA256   on the queue ``llm``: its child that waits for a paid service
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Engine as SqlEngine
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db.engine import FOR_CHECKPOINTS, create_library_engine, damage_told_by, sqlite_path
from autod.domain.asked import AnswersJson
from autod.domain.checkpoints import AskedAbout, End
from autod.durable.finished import Finished
from autod.durable.handout import CODE, LOOK_SECONDS, MESSAGE, NEXT_STEP, Handout, WatchedQueue
from autod.durable.observers import Nobody, Observer
from autod.durable.protocol import PIPELINE_VERSION, Ask, Life
from autod.durable.resting import STOPS, Rest
from autod.durable.results import Failure, Parked, Success, all_or_nothing, as_data, failure, unwrap
from autod.durable.slots import Slots
from autod.durable.upkeep import ASK, ASK_QUEUE, DOCUMENT, FINISHED, QUEUE, WAITING, Upkeep, hashes_of
from autod.errors import AutodError, DatabaseError

Given = ParamSpec("Given")
Result = TypeVar("Result")

POLL_SECONDS = 0.25
# An answer takes seconds: a little more before the question is not felt, a look at the queue is.
ASK_POLL_SECONDS = 0.5
# DBOS has a thread that listens for messages, of which there are none here. Whoever closes the engine waits
# until that thread has slept: a second, unless it is told to sleep less.
LISTEN_SECONDS = 0.05
# The queue hands out more documents than are worked on, or its poll would set the pace.
CLAIMS_PER_WORKER = 8
PLACES_PER_WORKER = 3
# On PostgreSQL, where every process of a fleet opens so many at most.
POSTGRES_CONNECTIONS = 20
SCHEMA = "public"
NAME = "autod"
IN_ANOTHER_QUEUE = "Workflow already exists in queue: "


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
        store: names the claimed store, when it is not shared: only who has the files can do the work.
        fenced: whether others may have taken over our work; no step is begun then.
        lost: whether the database that is written to is not the archive's any more; nothing is begun then,
            nor does anything end.
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
        store: str = "",
        fenced: Callable[[], bool] = lambda: False,
        lost: Callable[[], bool] = lambda: False,
        observer: Observer | None = None,
    ) -> None:
        self._url = url
        self._sql_engine = sql_engine
        self._executor_id = executor_id
        self._observer = observer or Nobody()
        # More than there are reading processes: while they read, others are recorded and filed, which is
        # mostly waiting for the disk and for one another.
        self._lost = lost
        self._slots = Slots(workers * PLACES_PER_WORKER, lambda: fenced() or lost())
        self._asks = asks
        # Those that wait for an answer hold no place, but a claim; as many are read ahead meanwhile, so that
        # nobody who is asked waits for a reader.
        self._claims = workers * CLAIMS_PER_WORKER + (2 * asks.concurrency if asks else 0)
        self._alone = sqlite_path(url) is not None
        self._rest = Rest(alone=self._alone)
        self._finished = Finished(self._ended_of)
        self._workflows: dict[str, Any] = {}
        suffix = f"@{store}" if store else ""
        self._queues = {DOCUMENT: QUEUE + suffix, ASK: ASK_QUEUE + suffix}
        self._held_back: set[str] = set()
        self._handout = Handout(self._lines(), self._tell_who_is_held_back)
        self.upkeep = Upkeep(executor_id, self._slots, self._queues, self.submit)
        self._datasource: Any = None
        self._library_engine: SqlEngine | None = None

    def start(self, life: Life, ask: Ask | None = None) -> None:
        """Register the workflows, recover what this executor left unfinished, and begin to take work.

        Args:
            ask: what ``Durable.child`` does; None when nobody is asked here.
        """
        from dbos import DBOS, DBOSPortableJSONSerializer, SQLAlchemyDatasource

        logging.getLogger("dbos").addFilter(_is_news)
        serializer = DBOSPortableJSONSerializer()
        threads = self._claims + (self._asks.concurrency if self._asks else 0) + 8
        # Who writes on SQLite keeps all others out and asks the engine's tables meanwhile: a thread without
        # a connection of its own would wait for those that wait for it.
        self._library_engine = create_library_engine(
            self._url,
            pool_size=threads + 8 if self._alone else POSTGRES_CONNECTIONS,
            before_use=self._rest.hold,
            on_change=self._rest.news,
        )
        DBOS(
            config={
                "name": NAME,
                "system_database_url": _plain(self._url),
                "dbos_system_schema": SCHEMA,
                "executor_id": self._executor_id,
                "application_version": PIPELINE_VERSION,
                "serializer": serializer,
                "run_migrations": False,
                "use_listen_notify": False,
                "notification_listener_polling_interval_sec": LISTEN_SECONDS,
                "enable_otlp": False,
                "log_level": "WARNING",
                "max_executor_threads": threads,
                "system_database_engine": self._library_engine,
            }
        )
        self._datasource = SQLAlchemyDatasource.create(
            _plain(self._url),
            engine=self._sql_engine.execution_options(**FOR_CHECKPOINTS),
            schema=SCHEMA,
            serializer=serializer,
            run_migrations=False,
        )

        self._workflows[DOCUMENT] = DBOS.workflow(name="document")(self._living(life))
        if ask is not None:
            self._workflows[ASK] = DBOS.workflow(name="ask")(self._asking(ask))
        DBOS.listen_queues(list(self._queues.values()) if self._asks else [self.queue])
        self._register_queues(serializer)
        DBOS.launch()
        self._rest.news()
        self._finished.start()
        self._handout.start()

    def _lines(self) -> dict[str, WatchedQueue]:
        """What the engine hands work out from."""
        lines = {
            self.queue: WatchedQueue(
                first=lambda: self._first_in(self.queue),
                room=lambda: not self._slots.must_park() and len(self.active()) < self._claims,
                begun=lambda: self._slots.begun(DOCUMENT),
            )
        }
        if self._asks is not None:
            limit, queue = self._asks, self._queues[ASK]
            lines[queue] = WatchedQueue(
                first=lambda: self._first_in(queue),
                room=lambda: not self._slots.must_park() and self._asked_by_all() < limit.concurrency,
                begun=lambda: self._slots.begun(ASK),
                more_looks=0 if limit.per_minute is None else int(60 / LOOK_SECONDS),
            )
        return lines

    def _first_in(self, queue: str) -> str | None:
        from dbos import DBOS

        light: Any = {"load_input": False, "load_output": False, "limit": 1}
        waiting = DBOS.list_workflows(status=WAITING, queue_name=queue, app_version=PIPELINE_VERSION, **light)
        if not waiting:
            return None
        self._rest.news()  # if nobody has told of it yet
        return waiting[0].workflow_id

    def _asked_by_all(self) -> int:
        from dbos import DBOS

        light: Any = {"load_input": False, "load_output": False}
        return len(DBOS.list_workflows(status="PENDING", queue_name=self._queues[ASK], **light))

    def _tell_who_is_held_back(self, queues: Collection[str]) -> None:
        """Wake those who wait for a document whose turn, or whose question's, does not come."""
        from dbos import DBOS

        awaited = self._finished.awaited()
        waiting = DBOS.list_workflows(
            workflow_ids=awaited, status=WAITING, load_input=False, load_output=False
        )
        held_back = {
            DOCUMENT + workflow.workflow_id.partition(":")[2]
            for workflow in waiting
            if workflow.queue_name in queues
        }
        self._held_back |= held_back
        self._finished.release(held_back)

    @property
    def stalled(self) -> bool:
        """Work waits here while nothing is handed out."""
        return self._handout.stalled

    def _living(self, life: Life) -> Callable[[str], End]:
        def document(sha256: str) -> End:
            with (
                self._slots.in_work(DOCUMENT + sha256),
                self._slots.held(),
                self._observer.life("document", sha256),
            ):
                return life(self, sha256)

        return document

    def _asking(self, ask: Ask) -> Callable[[str, AskedAbout], Success[AnswersJson] | Failure]:
        def asking(sha256: str, inputs: AskedAbout) -> Success[AnswersJson] | Failure:
            with self._slots.in_work(ASK + sha256):
                try:
                    with self._observer.life("ask", sha256):
                        return {"value": ask(self, inputs)}
                except DatabaseError:
                    raise
                except AutodError as error:
                    return as_data(error)

        return asking

    def _register_queues(self, serializer: Any) -> None:
        """Before the launch: what becomes known later is looked for a second later only."""
        from dbos import DBOSClient

        client = DBOSClient(
            system_database_url=_plain(self._url),
            system_database_engine=self._library_engine,
            dbos_system_schema=SCHEMA,
            serializer=serializer,
            application_name=NAME,
        )
        try:
            client.register_queue(
                self.queue,
                worker_concurrency=self._claims,
                polling_interval_sec=POLL_SECONDS,
                application_name=NAME,
            )
            if self._asks is not None:
                rate = self._asks.per_minute
                client.register_queue(
                    self._queues[ASK],
                    global_concurrency=self._asks.concurrency,
                    limiter={"limit": rate, "period": 60.0} if rate is not None else None,
                    polling_interval_sec=ASK_POLL_SECONDS,
                    application_name=NAME,
                )
        finally:
            client.destroy()

    def submit(self, sha256: str) -> None:
        """Have the document processed; submitting it again while it waits or runs changes nothing."""
        from dbos import DBOS, SetWorkflowID

        with SetWorkflowID(DOCUMENT + sha256):
            DBOS.enqueue_workflow(self.queue, self._workflows[DOCUMENT], sha256)

    @property
    def queue(self) -> str:
        """Where this process takes documents from."""
        return self._queues[DOCUMENT]

    def let_go(self) -> None:
        """Nobody's end can be seen any more: whoever waits for one is let go."""
        self._finished.release()

    def given_up(self) -> None:
        """Others have taken over what is in work here: it does nothing any more."""
        self._slots.outdate()
        self._finished.release()

    def again(self, sha256: str, *, anew: bool = False) -> None:
        """See ``Upkeep.again``."""
        self.upkeep.again(sha256, anew=anew)

    def result(self, sha256: str) -> End:
        """Wait for the document's workflow and return what it returned.

        Raises:
            Parked: the process stops before that, or the database is lost.
            DatabaseError: code ``life_broken_off``, the database failed in the middle of it;
                ``database_damaged``, because its file is damaged; or ``engine_stalled``, its turn does not
                come.
        """
        from dbos import DBOS

        name = DOCUMENT + sha256
        ended = DBOS.get_workflow_status(name)
        if ended is None or ended.status not in FINISHED:
            self._held_back.discard(name)
            self._finished.wait(name, lambda: self._slots.stopping.is_set() or self._lost())
            ended = DBOS.get_workflow_status(name)
        if name in self._held_back and (ended is None or ended.status not in FINISHED):
            raise DatabaseError(MESSAGE, code=CODE, next_step=NEXT_STEP)
        if ended is None or ended.status not in FINISHED:
            raise Parked
        if ended.error is not None:
            raise damage_told_by(ended.error) or DatabaseError(
                "the database failed while the document was in work",
                code=Code.LIFE_BROKEN_OFF,
                next_step="Nothing is lost: the daemon, or the same command again, goes on where it stopped.",
            )
        return cast(End, ended.output)

    def active(self) -> frozenset[str]:
        """The hashes of the documents in work in this process."""
        return hashes_of(name for name in self._slots.names() if name.startswith(DOCUMENT))

    def asking(self) -> frozenset[str]:
        """The hashes of the documents that somebody is asked about by this process."""
        return hashes_of(name for name in self._slots.names() if name.startswith(ASK))

    def finish(self, seconds: float) -> frozenset[str]:
        """Begin no further step, wait for the running ones, and return what is parked or still running.

        A parked document stays pending in the engine's tables; the next start goes on with it.
        """
        self._slots.stopping.set()
        self._finished.release()
        return hashes_of(self._slots.finish(seconds))

    def stop(self) -> None:
        """Let go of the database; ``finish`` comes first."""
        from dbos import DBOS

        self.finish(0)
        self._handout.stop()
        self._finished.stop()
        self._rest.end()
        DBOS.destroy(destroy_registry=True)
        if self._library_engine is not None:
            self._library_engine.dispose()

    def step(
        self, name: str, work: Callable[Given, Result], /, *given: Given.args, **named: Given.kwargs
    ) -> Result:
        return self._checkpointed(name, lambda: self._seen(name, lambda: work(*given, **named)))

    def joined(self, name: str, work: Callable[[], Result], /) -> Result:
        return self._checkpointed(name, work)

    def part(
        self, name: str, work: Callable[Given, Result], /, *given: Given.args, **named: Given.kwargs
    ) -> Result:
        self._slots.check()
        return self._seen(name, lambda: work(*given, **named))

    def transaction(
        self,
        name: str,
        work: Callable[Concatenate[Session, Given], Result],
        /,
        *given: Given.args,
        **named: Given.kwargs,
    ) -> Result:
        def observed(session: Session) -> Result:
            with self._observer.step(name):
                return work(session, *given, **named)

        def in_session() -> Success[Result] | Failure:
            self._slots.check()
            return all_or_nothing(self._datasource.sql_session(), observed)

        kept: Success[Result] | Failure = self._datasource.run_tx_step({"name": name}, in_session)
        return unwrap(kept)

    def sleep(self, seconds: float) -> None:
        until = self.step("sleep", lambda: {"until": time.time() + seconds})["until"]
        self._slots.stopping.wait(min(seconds, max(0.0, until - time.time())))
        self._slots.check()

    def patched(self, change: str) -> bool:
        from dbos import DBOS

        self._slots.check()
        return DBOS.patch(change)

    def child(self, sha256: str, inputs: AskedAbout) -> AnswersJson:
        from dbos import DBOS, SetWorkflowID

        with self._slots.left():
            with SetWorkflowID(ASK + sha256):
                handle = DBOS.enqueue_workflow(self._queues[ASK], self._workflows[ASK], sha256, inputs)
            self._finished.wait(ASK + sha256, self._slots.must_park)
            self._slots.check()
        kept: Success[AnswersJson] | Failure = handle.get_result(polling_interval_sec=POLL_SECONDS)
        return unwrap(kept)

    def _ended_of(self, names: list[str]) -> set[str]:
        from dbos import DBOS

        finished = DBOS.list_workflows(
            workflow_ids=names, status=sorted(FINISHED), load_input=False, load_output=False
        )
        return {workflow.workflow_id for workflow in finished}

    def _checkpointed(self, name: str, work: Callable[[], Result]) -> Result:
        from dbos import DBOS

        def in_place() -> Success[Result] | Failure:
            return self._guarded(work)

        return unwrap(DBOS.run_step({"name": name}, in_place))

    def _seen(self, name: str, work: Callable[[], Result]) -> Result:
        with self._observer.step(name):
            return work()

    def _guarded(self, work: Callable[[], Result]) -> Success[Result] | Failure:
        """Errors a document can cause become data; a lost database goes up to the engine's own retries."""
        self._slots.check()
        try:
            return {"value": work()}
        except DatabaseError:
            raise
        except Exception as error:
            if self._slots.must_park():
                raise Parked from error
            return failure(error)


def _plain(url: str) -> str:
    """DBOS picks its own driver."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a record of the library tells of trouble.

    That a document stands in another process's queue already, because the same bytes came in there, is how a
    fleet without a shared store works: it stays there. That no look begins any more at the end is our doing.
    """
    message = record.getMessage()
    return not (message.startswith(IN_ANOTHER_QUEUE) or message.endswith(STOPS))
