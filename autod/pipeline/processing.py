"""Handing files in and waiting for what becomes of them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from autod.db import documents
from autod.db.engine import translate
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus
from autod.durable.results import Parked
from autod.durable.runner import Engine
from autod.errors import DatabaseError, FileTrouble
from autod.files import custody
from autod.pipeline.intake import Intake, Outcome, Receipt


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """What became of one file.

    ``error`` is the stable code with its message and next step, None on success. A duplicate is a
    success: ``duplicate_of`` is the document that has its bytes. ``waits_until`` (UTC) is when a document
    that waits is tried again.
    """

    success: bool
    document_id: int | None = None
    error: str | None = None
    duplicate_of: int | None = None
    cost_usd: float = 0.0
    processing_time_seconds: float = 0.0
    waits_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Processing:
    """Waits for the ends of documents that the engine works on, ``workers`` calls of it side by side."""

    manager: DatabaseManager
    engine: Engine
    intake: Intake
    workers: int

    def process(self, path: Path, *, skip_duplicates: bool, lane: str | None) -> ProcessResult:
        """See ``App.process``."""
        begun = time.monotonic()
        receipt = self._receive(path, skip_duplicates=skip_duplicates, lane=lane)
        return self._finished(path, receipt, begun)

    def process_many(self, paths: list[Path], lane: str | None) -> Iterator[tuple[Path, ProcessResult]]:
        """Results in the order of ``paths``.

        All are taken in before the first is waited for: the engine alone decides how many are in work, and
        while many wait for a paid service others are read.
        """
        begun = time.monotonic()
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            receipts = pool.map(partial(self._receive, lane=lane), paths)
            for path, receipt in zip(paths, list(receipts), strict=True):
                yield path, self._finished(path, receipt, begun)

    def retry(self, document_id: int) -> ProcessResult:
        """See ``App.retry``."""
        begun = time.monotonic()
        try:
            receipt = self.intake.retry(document_id)
        except FileTrouble as trouble:
            return ProcessResult(
                False, document_id, error=explain(trouble.code, trouble.message, trouble.next_step)
            )
        return self._end_of(receipt.sha256, document_id, begun)

    def retry_many(self, numbers: list[int]) -> Iterator[tuple[int, ProcessResult]]:
        """Results in the order of ``numbers``."""
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            yield from zip(numbers, pool.map(self.retry, numbers), strict=True)

    def ends_of(self, hashes: Iterable[str]) -> Iterator[tuple[str, ProcessResult]]:
        """Name and result of documents that are in work, one after the other."""
        for sha256 in hashes:
            with self.manager.get_session(read_only=True) as session:
                document = documents.by_sha(session, sha256)
            if document is not None:
                yield document.original_filename, self._end_of(sha256, document.id, time.monotonic())

    def _receive(
        self, path: Path, *, skip_duplicates: bool = True, lane: str | None = None
    ) -> Receipt | FileTrouble:
        try:
            return self.intake.receive(path.absolute(), skip_duplicates=skip_duplicates, lane=lane)
        except FileTrouble as trouble:
            return trouble

    def _finished(self, path: Path, receipt: Receipt | FileTrouble, begun: float) -> ProcessResult:
        """Wait until the document has ended or waits; it was handed in at ``begun``, monotonic seconds."""
        if isinstance(receipt, Receipt) and receipt.outcome is not Outcome.DUPLICATE:
            end = self._end_of(receipt.sha256, receipt.document_id, begun)
            if not self._left_a_twin(path, receipt):
                return end
            receipt = self._receive(path)
        if isinstance(receipt, FileTrouble):
            return ProcessResult(False, error=explain(receipt.code, receipt.message, receipt.next_step))
        if receipt.outcome is not Outcome.DUPLICATE:
            return self._finished(path, receipt, begun)
        return ProcessResult(
            True,
            receipt.document_id,
            duplicate_of=receipt.document_id,
            processing_time_seconds=round(time.monotonic() - begun, 3),
        )

    def _end_of(self, sha256: str, document_id: int, begun: float) -> ProcessResult:
        try:
            self._wait(sha256)
        except DatabaseError as trouble:
            seconds = time.monotonic() - begun
            explanation = explain(trouble.code, trouble.message, trouble.next_step)
            return ProcessResult(
                False, document_id, error=explanation, processing_time_seconds=round(seconds, 3)
            )
        return result_of(self.manager, document_id, time.monotonic() - begun)

    def _wait(self, sha256: str) -> None:
        try:
            self.engine.result(sha256)
        except Parked:
            self.intake.ground.require()
            raise
        except SQLAlchemyError as error:
            self.intake.ground.require()
            raise translate(error) from None

    def _left_a_twin(self, path: Path, receipt: Receipt) -> bool:
        """Whether its bytes came in under another name before and have ended, so that it is a duplicate.

        In the inbox it still lies there then, also after a failure.
        """
        if receipt.outcome is not Outcome.IN_WORK:
            return False
        inside = path.absolute().parent == self.intake.folders.inbox
        with self.manager.get_session(read_only=True) as session:
            document = documents.require(session, receipt.document_id)
            status, first = document.status, document.source_path
        if inside:
            return status not in documents.UNFINISHED and path.exists()
        return status is DocumentStatus.COMPLETED and custody.path_text(path.absolute()) != first


def result_of(manager: DatabaseManager, document_id: int, seconds: float) -> ProcessResult:
    """What became of it, in its own time or, when it has not ended well, the ``seconds`` of waiting."""
    with manager.get_session(read_only=True) as session:
        document = documents.require(session, document_id)
        completed = document.status is DocumentStatus.COMPLETED
        return ProcessResult(
            completed,
            document_id,
            error=None
            if completed
            else explain(document.error_code, document.error_message, document.next_step),
            cost_usd=float(document.total_cost_usd),
            processing_time_seconds=round((document.processing_seconds if completed else None) or seconds, 3),
            waits_until=document.retry_at,
        )


def explain(code: str | None, message: str | None, next_step: str | None) -> str:
    return f"{code}: {(message or '').removesuffix('.')}. {next_step}"
