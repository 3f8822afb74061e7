"""The real steps of a document's life, but what reading and understanding would find is there at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from autod.db import documents
from autod.domain.asked import AnswersJson
from autod.pipeline.checkpoints import Begun, Leaving, Read, Understood, read
from autod.pipeline.durable import PIPELINE_VERSION
from autod.pipeline.steps import Steps
from bench.scale_paper import Sheet


@dataclass(frozen=True, slots=True)
class ReadAlready(Steps):
    """``sheet_of`` tells the sheet of a document, by its hash."""

    sheet_of: Callable[[str], Sheet] | None = None

    @staticmethod
    def instead_of(steps: Steps, sheet_of: Callable[[str], Sheet]) -> ReadAlready:
        """``steps``, with the results of reading taken from the sheets."""
        values = {field.name: getattr(steps, field.name) for field in dataclasses.fields(steps)}
        return ReadAlready(**values, sheet_of=sheet_of)

    def _sheet(self, sha256: str) -> Sheet:
        assert self.sheet_of is not None
        return self.sheet_of(sha256)

    def read(self, document: Begun) -> Read:
        pages = len(self._sheet(document["sha256"]).pages)
        return read({"pages": pages, "ocr_pages": 0, "notes": []}, "")

    def understand(self, document: Begun, reading: Read, answers: AnswersJson | None) -> Understood:
        extraction = self._sheet(document["sha256"]).extraction.to_dict()
        return {**extraction, "pages": []}

    def record(
        self,
        session: Session,
        document: Begun,
        reading: Read,
        leaving: Leaving,
        extraction: Understood,
        answers: AnswersJson | None,
    ) -> None:
        paper = self._sheet(document["sha256"])
        documents.record(
            session,
            document["id"],
            paper.extraction,
            paper.pages,
            pipeline_version=PIPELINE_VERSION,
            page_count=reading["pages"],
            ocr_pages=0,
            now=self.now(),
        )
