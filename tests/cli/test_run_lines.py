"""What the daemon's terminal says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from autod.cli.run import line_of, waiting_line
from autod.db.models import Document
from autod.domain.status import DocumentStatus
from autod.errors import FileTrouble

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("status", DocumentStatus)
@pytest.mark.parametrize("code", [None, "openai_busy"])
@pytest.mark.parametrize("retry_at", [None, NOW])
def test_no_line_of_a_document_says_none(
    status: DocumentStatus, code: str | None, retry_at: datetime | None
) -> None:
    if status is DocumentStatus.FAILED and code is None:
        code = "pdf_damaged"
    document = Document(
        id=1, original_filename="x.pdf", status=status, error_code=code, retry_at=retry_at, next_step="Scan."
    )
    line = line_of(document)
    assert "x.pdf" in line and "None" not in line
    waits = status is DocumentStatus.WAITING and code is not None and retry_at is not None
    assert ("tried again later" in line) is waits or status is DocumentStatus.PROCESSING


def test_a_document_that_a_stop_leaves_is_told_as_one_that_goes_on() -> None:
    document = Document(id=1, original_filename="x.pdf", status=DocumentStatus.PROCESSING)
    assert "not finished; the next start goes on with it" in line_of(document)


def test_waiting_is_told_with_what_to_do_and_its_end() -> None:
    trouble = FileTrouble("the processed folder is gone", code="folder_missing", next_step="Mount its disk.")
    line = waiting_line(trouble)
    assert "Work waits: the processed folder is gone (folder_missing). Mount its disk." in line
    assert "Work goes on" in waiting_line(None)
