"""Looking after the engine's workflows: starting them again, taking them over, forgetting them.

A workflow is ``doc:SHA256`` or ``ask:SHA256``. What is in work here is never touched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autod.durable.heartbeat import Living
from autod.durable.protocol import PIPELINE_VERSION
from autod.durable.slots import Slots

DOCUMENT, ASK = "doc:", "ask:"
QUEUE, ASK_QUEUE = "documents", "llm"
LAST_MOMENTS_SECONDS = 5.0
WAITING = ["ENQUEUED", "DELAYED"]
GOING_ON = frozenset({"PENDING", *WAITING})
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
FINISHED = frozenset(ENDED) - {"CANCELLED"}
BROKEN_OFF = ("ERROR", "CANCELLED")
"""Ended in the middle: by the database's trouble, or for a moment on the way to another version."""

OFF_ITS_RECORD = "DBOSUnexpectedStepError"
"""The error of a life whose steps are others than before; from a record errors come back as words."""

FILING = ("file", "set_aside")
"""Steps after which the claimed copy is not needed any more."""

MOST_TAKEN = 500
"""Workflows taken over in one go."""

MOST_PRUNED = 200
"""Workflows forgotten in one go."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Hashes of documents whose lives, and of those whose answers, must not be forgotten yet."""

    lives: set[str]
    answers: set[str]


class Upkeep:
    """See the module.

    Args:
        queues: the queue of each kind of workflow, ``doc:`` and ``ask:``.
        submit: begins the life of a document, by its hash.
    """

    def __init__(
        self,
        executor_id: str,
        slots: Slots,
        queues: Mapping[str, str],
        submit: Callable[[str], None],
    ) -> None:
        self._executor_id = executor_id
        self._slots = slots
        self._queues = queues
        self._submit = submit
        self._silent: set[str] = set()

    def again(self, sha256: str, *, anew: bool = False) -> None:
        """Have a document whose workflow has ended processed once more.

        It begins with its first step, or with the one that the database's trouble broke off; with its first,
        too, where its record fits no more, because whom it asked cannot be asked now. A workflow in its last
        moments here is waited for; one that is still to be taken up stays as it is, see ``revive``.

        Args:
            anew: ask the paid service again, even if it has answered; otherwise its answer is used.
        """
        if not self._is_known(sha256):
            self._submit(sha256)
            return
        name = DOCUMENT + sha256
        status = self._settled_status(name)
        if status in GOING_ON:
            return
        goes_on = status in BROKEN_OFF and not self._lost_its_way(name)
        first = self._broken_step(name) if goes_on else 1
        self._ready_child(ASK + sha256, keep=first > 1, anew=anew)
        if status is None:
            self._submit(sha256)
        else:
            self._rewind(name, first)

    def _is_known(self, sha256: str) -> bool:
        """Whether there is a workflow of the document, or of a question about it."""
        from dbos import DBOS

        names = [DOCUMENT + sha256, ASK + sha256]
        return bool(DBOS.list_workflows(workflow_ids=names, load_input=False, load_output=False))

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
            self._rewind(name, self._broken_step(name))
        elif not keep and (anew or "error" in (child.output or {})):
            DBOS.delete_workflows([name])

    def _rewind(self, name: str, first: int) -> None:
        from dbos import DBOS

        try:
            DBOS.rewind_workflow(
                name,
                start_step=first,
                queue_name=self._queue_of(name),
                application_version=PIPELINE_VERSION,
            )
        except Exception:
            status = DBOS.get_workflow_status(name)
            if status is None or status.status not in GOING_ON:  # else another process was quicker
                raise

    def revive(self, hashes: list[str]) -> None:
        """Start those of the unfinished documents that nobody works on and nobody will.

        Their workflow has ended without them, was never begun, or lost its thread here: a thread that cannot
        write down its own failure, because the disk is full, leaves a workflow that looks as if it ran.
        """
        from dbos import DBOS

        here = self._slots.names()
        looked_at = {DOCUMENT + sha256: sha256 for sha256 in hashes} | {ASK + sha256: "" for sha256 in hashes}
        names = {name: sha256 for name, sha256 in looked_at.items() if name not in here}
        before, self._silent = self._silent, self._silent - looked_at.keys()
        if not names:
            return
        workflows = DBOS.list_workflows(workflow_ids=list(names), load_input=False, load_output=False)
        going_on = {workflow.workflow_id for workflow in workflows if workflow.status in GOING_ON}
        for name in names.keys() - going_on:
            if names[name]:
                self.again(names[name])
        for workflow in workflows:
            if workflow.status == "CANCELLED" and workflow.workflow_id.startswith(ASK):
                self._rewind(workflow.workflow_id, self._broken_step(workflow.workflow_id))
        silent = {
            workflow.workflow_id
            for workflow in workflows
            if workflow.status == "PENDING" and workflow.executor_id == self._executor_id
        }
        silent -= self._slots.names()
        lost = silent & before
        self._resume(lost)
        self._silent |= silent - lost

    def take_over(self, living: Living, within_reach: Callable[[list[str]], set[str]]) -> frozenset[str]:
        """Take up the unfinished work that belongs to no living process, or to no pipeline that lives.

        Args:
            within_reach: those of some documents whose bytes are, or can be had, here.

        Returns:
            The hashes of documents that have to wait for whoever has their bytes.
        """
        left, resumed = set(), set()
        abandoned = self._abandoned(living)
        reached = within_reach(sorted(hashes_of(workflow.workflow_id for workflow in abandoned)))
        for workflow in abandoned:
            name = workflow.workflow_id
            sha256 = name.partition(":")[2]
            if sha256 not in reached and not self._is_filed(name):
                left.add(sha256)
            elif workflow.app_version in living.versions:
                resumed.add(name)
            else:
                self._adopt(name)
        self._resume(resumed)
        return frozenset(left)

    def _abandoned(self, living: Living) -> list[Any]:
        from dbos import DBOS

        light: Any = {"load_input": False, "load_output": False, "name": ["document", "ask"]}
        workflows = [
            workflow
            for workflow in DBOS.list_workflows(status="PENDING", **light)
            if workflow.executor_id not in living.executors
        ]
        # A restored database's work lies in the plain queues, which perhaps no process ever had.
        queues = {queue.name for queue in DBOS.list_queues()} | {QUEUE, ASK_QUEUE}
        if dead := sorted(queues - living.queues - {_asking_queue(queue) for queue in living.queues}):
            workflows += DBOS.list_workflows(status=WAITING, queue_name=dead, limit=MOST_TAKEN, **light)
        versions = {version["version_name"] for version in DBOS.list_application_versions()}
        if old := sorted(versions - living.versions):
            workflows += DBOS.list_workflows(
                status=sorted(GOING_ON), app_version=old, limit=MOST_TAKEN, **light
            )
        unique = {workflow.workflow_id: workflow for workflow in workflows}
        return [unique[name] for name in sorted(unique)]  # questions before the documents that wait for them

    def _adopt(self, name: str) -> None:
        """Go on with what another version of the pipeline began, where it stopped."""
        from dbos import DBOS

        DBOS.cancel_workflows([name])  # only what has ended can be rewound, and so given our version
        self._rewind(name, self._broken_step(name))

    def prune(self, before: datetime, needed: Callable[[list[str]], Needed]) -> int:
        """Forget a batch of workflows that ended before a time and that nobody needs; returns how many.

        They are history: the documents themselves tell what became of them.
        """
        from dbos import DBOS

        doomed: list[str] = []
        offset = 0
        while len(doomed) < MOST_PRUNED:
            ended = DBOS.list_workflows(
                status=ENDED,
                completed_before=before.isoformat(),
                limit=MOST_PRUNED,
                offset=offset,
                load_input=False,
                load_output=False,
            )
            names = [workflow.workflow_id for workflow in ended]
            keep = needed(sorted(hashes_of(names)))
            held = {DOCUMENT: keep.lives, ASK: keep.answers}
            doomed += [
                name
                for name in names
                if name.partition(":")[2] not in held.get(name[: name.find(":") + 1], ())
            ]
            offset += len(ended)
            if len(ended) < MOST_PRUNED:
                break
        if doomed:
            DBOS.delete_workflows(doomed)
        return len(doomed)

    def ended_by_others(self, hashes: list[str]) -> set[str]:
        """Those of the documents whose lives are known to have ended well in another process."""
        from dbos import DBOS

        ended = DBOS.list_workflows(
            workflow_ids=[DOCUMENT + sha256 for sha256 in hashes],
            status="SUCCESS",
            load_input=False,
            load_output=False,
        )
        return set(hashes_of(life.workflow_id for life in ended if life.executor_id != self._executor_id))

    def _is_filed(self, name: str) -> bool:
        from dbos import DBOS

        steps = DBOS.list_workflow_steps(DOCUMENT + name.partition(":")[2])
        return any(step["function_name"] in FILING for step in steps)

    def _resume(self, names: Iterable[str]) -> None:
        """Have workflows that are in nobody's hands taken up, each from its own queue."""
        from dbos import DBOS

        for kind, queue in self._queues.items():
            if mine := sorted(name for name in names if name.startswith(kind)):
                DBOS.resume_workflows(mine, queue_name=queue)

    def _queue_of(self, name: str) -> str:
        return next(queue for kind, queue in self._queues.items() if name.startswith(kind))

    def _settled_status(self, name: str) -> str | None:
        """The workflow's status, not taken in the moments when it ends here."""
        from dbos import DBOS

        deadline = time.monotonic() + LAST_MOMENTS_SECONDS
        while True:
            status = DBOS.get_workflow_status(name)
            if status is None:
                return None
            here = status.status == "PENDING" and status.executor_id == self._executor_id
            late = time.monotonic() > deadline and name not in self._slots.names()
            if not here or late or self._slots.stopping.wait(LAST_MOMENTS_SECONDS / 100):
                return str(status.status)

    def _lost_its_way(self, name: str) -> bool:
        """Whether the life met a step other than the one on record, and its file is not filed yet."""
        from dbos import DBOS

        status = DBOS.get_workflow_status(name)
        error = status.error if status is not None else None
        return getattr(error, "name", "") == OFF_ITS_RECORD and not self._is_filed(name)

    def _broken_step(self, name: str) -> int:
        """The first step that has no result: it raised what no step of ours raises on purpose."""
        from dbos import DBOS

        steps = DBOS.list_workflow_steps(name)
        whole = [step["function_id"] for step in steps if step["error"] is None]
        broken = [step["function_id"] for step in steps if step["error"] is not None]
        return min(broken, default=max(whole, default=0) + 1)


def hashes_of(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.partition(":")[2] for name in names)


def _asking_queue(queue: str) -> str:
    """The queue for asking that goes with a queue of documents."""
    return ASK_QUEUE + queue.removeprefix(QUEUE)
