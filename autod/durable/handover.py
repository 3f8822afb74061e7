"""Work in flight of a copied database, made ready for whoever starts next.

Its workflows belong to a process that is gone, perhaps on another machine, and some of their results name
files of that time. Results that were paid for are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from autod.durable.protocol import PIPELINE_VERSION
from autod.durable.runner import SCHEMA
from autod.durable.upkeep import ASK, ASK_QUEUE, DOCUMENT, GOING_ON, QUEUE

if TYPE_CHECKING:
    from dbos import DBOSClient
    from sqlalchemy import Engine as SqlEngine

FILING = ("file", "set_aside")
"""Steps whose results name a place on the disk."""
UNDERSTANDING = ("understand",)
"""Steps whose results an earlier version kept in part beside the claimed copy, until they were recorded."""
RECORDED = "record"


def hand_over(sql_engine: SqlEngine, hashes: Iterable[str]) -> None:
    """Put the workflows of unfinished documents, and their questions, back into their queues.

    A document whose workflow has ended, or was never begun, is started by the next daemon itself. Nobody may
    work on the database meanwhile.
    """
    from dbos import DBOSClient, DBOSPortableJSONSerializer

    names = [kind + sha256 for sha256 in hashes for kind in (DOCUMENT, ASK)]
    if not names:
        return
    client = DBOSClient(
        system_database_engine=sql_engine,
        dbos_system_schema=SCHEMA,
        serializer=DBOSPortableJSONSerializer(),
    )
    try:
        workflows = client.list_workflows(workflow_ids=names, load_input=False, load_output=False)
        for name in (workflow.workflow_id for workflow in workflows if workflow.status in GOING_ON):
            if name.startswith(ASK):
                client.resume_workflow(name, queue_name=ASK_QUEUE)
            else:
                _hand_over_document(client, name)
    finally:
        client.destroy()


def _hand_over_document(client: DBOSClient, name: str) -> None:
    step = _first_to_repeat(client.list_workflow_steps(name))
    if step is None:
        client.resume_workflow(name, queue_name=QUEUE)
        return
    client.cancel_workflow(name)  # only what has ended can be rewound
    client.rewind_workflow(name, start_step=step, queue_name=QUEUE, application_version=PIPELINE_VERSION)


def _first_to_repeat(steps: list[Any]) -> int | None:
    """The first step whose result is of no use in another place or without the files beside it."""
    names = {step["function_name"] for step in steps}
    doubtful = FILING if RECORDED in names else (*FILING, *UNDERSTANDING)
    return min((step["function_id"] for step in steps if step["function_name"] in doubtful), default=None)
