"""What a running pipeline does from time to time, beside the documents it works on."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from autod.assembly.archive import utc_now
from autod.assembly.vector_store import open_vector_sync
from autod.config import Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus
from autod.durable.runner import Engine
from autod.durable.upkeep import MOST_PRUNED, Needed
from autod.files.folders import Folders
from autod.inbox.untaken import Namer
from autod.paying import batch_clerk
from autod.periodic import Periodic
from autod.pipeline.fleet_member import FleetMember
from autod.pipeline.footing import Footing
from autod.pipeline.leftovers import Leftovers
from autod.pipeline.soundness import Soundness

if TYPE_CHECKING:
    from autod.extract.openai.client import ResponsesAPIClient
    from autod.paying.batch_clerk import BatchClerk
    from autod.vectors.uploading import Uploads

HISTORY_DAYS = 30
"""For which the engine's records of finished work are kept, 6 kB a document: as long as backups, so that a
restored archive finds what is told of its documents. Documents and their own history stay."""

REVIVAL_SECONDS = 5.0
PRUNING_SECONDS = 60.0
PRUNING_ON_SECONDS = 10.0
"""The same when there was more than one batch: 20 documents a second, more than one process works off."""

VECTOR_SYNC_SECONDS = 60.0
INTEGRITY_SECONDS = 60.0
"""How often it is asked whether it is time for the daily look, and quiet enough."""

FOOTING_SECONDS = 5.0
"""A database file that is replaced, or a folder that goes away, is noticed within twice this."""
FOOTING_STOP_SECONDS = 2.0
"""A look that hangs longer, on a dead share, is left behind."""

LEFTOVERS_SECONDS = 900.0
SHORT_STOP_SECONDS = 5.0
"""For what can be cut off at any point, as a round with the batches: the next start goes on with it."""

MOST_REVIVED = 500
"""Unfinished documents looked at in one go; the next go takes the next ones, and begins anew at the end."""


class Duties:
    """Starting what is due, reviving what was left, forgetting what is old, and looking after the rest.

    ``look`` does what the loop over the inbox has time for; what may hang on a slow service or disk has a
    thread of its own. Use as a context manager: at its end the threads are stopped.
    """

    def __init__(
        self,
        settings: Settings,
        manager: DatabaseManager,
        engine: Engine,
        folders: Folders,
        footing: Footing,
        fleet_member: FleetMember,
    ) -> None:
        self._settings = settings
        self._manager = manager
        self._engine = engine
        self._folders = folders
        self._footing = footing
        self._fleet_member = fleet_member
        self._stack = contextlib.ExitStack()
        self._namer = Namer(folders.inbox)
        self._next_revival = 0.0
        self._looked_up_to = 0
        self.next_pruning = time.monotonic() + PRUNING_SECONDS

    def __enter__(self) -> Duties:
        """From now on it is noticed when database and folders are no longer the archive's."""
        self._repeat(Periodic("footing", self._look_at_footing, FOOTING_SECONDS), FOOTING_STOP_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def look(self) -> None:
        """Start the postponed documents whose time has come, and do what is due.

        Not while work has to wait.
        """
        if self._footing.trouble() is not None:
            return
        self.start_due()
        self._namer.tell()
        self._fleet_member.sweep()
        if time.monotonic() >= self._next_revival:
            self.revive()
        if time.monotonic() >= self.next_pruning:
            self.next_pruning = time.monotonic() + PRUNING_SECONDS
            if self.prune() >= MOST_PRUNED:
                self.next_pruning = time.monotonic() + PRUNING_ON_SECONDS

    def start_due(self) -> list[str]:
        """Start what waited and is due; returns the hashes of the documents that were started."""
        with self._manager.get_session() as session:
            due = documents.take_due(session, utc_now(), among=self._fleet_member.within_reach)
        for sha256 in due:
            if sha256 not in self._engine.active():
                self._engine.again(sha256)
        return due

    def revive(self) -> None:
        """Documents that a crash or the database's trouble left with nobody at work get it back."""
        self._next_revival = time.monotonic() + REVIVAL_SECONDS
        with self._manager.get_session(read_only=True) as session:
            unfinished = documents.unfinished(session, MOST_REVIVED, after=self._looked_up_to)
        self._looked_up_to = max(unfinished) if len(unfinished) == MOST_REVIVED else 0
        reached = self._fleet_member.within_reach(list(unfinished.values()))
        self._engine.upkeep.revive([sha256 for sha256 in unfinished.values() if sha256 in reached])

    def prune(self) -> int:
        """Delete a batch of the engine's records older than ``HISTORY_DAYS``; returns how many."""
        before = utc_now() - timedelta(days=HISTORY_DAYS)
        return self._engine.upkeep.prune(before, lambda hashes: needed(self._manager, hashes))

    def tend(
        self, clerk: BatchClerk | None, client: ResponsesAPIClient | None, uploads: Uploads | None
    ) -> None:
        """Look after batches, what a service keeps, the vector store and the database's integrity."""
        if clerk is not None:
            round_ = self._on_firm_ground(clerk.tend)
            self._repeat(
                Periodic("batches", round_, batch_clerk.POLL_SECONDS, at_once=True), SHORT_STOP_SECONDS
            )
        if client is not None:
            clear = self._on_firm_ground(Leftovers(self._manager, client, utc_now).clear)
            self._repeat(Periodic("leftovers", clear, LEFTOVERS_SECONDS), self._settings.stop_seconds)
        if uploads is not None:
            vector_sync = open_vector_sync(self._settings, self._manager, uploads)
            catch_up = self._on_firm_ground(lambda: vector_sync.tend(syncing.stopping))
            syncing = Periodic("vector-sync", catch_up, VECTOR_SYNC_SECONDS)
            self._repeat(syncing, self._settings.stop_seconds)
        if self._manager.sqlite_path is not None:  # a server looks after its own file
            looks = Soundness(self._manager, self._folders.work, utc_now, lambda: not self._engine.active())
            tend = self._on_firm_ground(looks.tend)
            self._repeat(Periodic("integrity", tend, INTEGRITY_SECONDS), SHORT_STOP_SECONDS)

    def _look_at_footing(self) -> None:
        self._footing.look()
        if self._footing.lost_database():
            self._engine.let_go()

    def _on_firm_ground(self, work: Callable[[], None]) -> Callable[[], None]:
        """``work``, left out while the database or a folder is not the archive's."""

        def careful() -> None:
            if self._footing.trouble() is None:
                work()

        return careful

    def _repeat(self, task: Periodic, stop_seconds: float) -> None:
        self._stack.callback(task.stop, stop_seconds)
        task.start()


def needed(manager: DatabaseManager, hashes: list[str]) -> Needed:
    """What the engine must not forget: all of documents in work, and what was paid for of failed ones."""
    with manager.get_session(read_only=True) as session:
        unfinished = documents.with_status(session, hashes, documents.UNFINISHED)
        failed = documents.with_status(session, hashes, [DocumentStatus.FAILED])
    return Needed(lives=unfinished, answers=unfinished | failed)
