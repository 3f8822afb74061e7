"""What is asked for each file and at each poll looks things up: no table is read from end to end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.db import documents, ledger
from autod.db.manager import DatabaseManager

NOW = datetime(2026, 11, 26, tzinfo=UTC)

QUESTIONS: dict[str, Callable[[Session], Any]] = {
    "is the file known": lambda session: documents.by_sha(session, "a" * 64),
    "what is due": lambda session: documents.take_due(session, NOW),
    "what is unfinished": lambda session: documents.unfinished(session, 500),
    "what happened to it": lambda session: documents.history(session, 1),
    "which values hold": lambda session: documents.current_fields(session, 1),
    "what does it say": lambda session: documents.page_texts(session, 1),
    "spent today": lambda session: ledger.spent(session, since=NOW),
    "spent on a document": lambda session: ledger.spent(session, sha256="a" * 64),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_of_the_pipeline_scans_no_table(sqlite_url: str, question: str) -> None:
    asked: list[tuple[str, Any]] = []
    with DatabaseManager(sqlite_url) as manager:
        sa.event.listen(
            manager.engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3]))
        )
        with manager.get_session(read_only=True) as session:
            QUESTIONS[question](session)
        looked_up = [(text, values) for text, values in asked if text.startswith("SELECT")]
        assert looked_up
        with manager.engine.connect() as connection:
            for text, values in looked_up:
                plan = [
                    str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
                ]
                assert not [step for step in plan if step.startswith("SCAN")], plan
