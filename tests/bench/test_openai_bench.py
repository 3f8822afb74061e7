"""The measurement of the paid engine runs, and many documents at once on SQLite do not block one another."""

from __future__ import annotations

from pathlib import Path

from bench import openai


def test_thirty_documents_at_once_are_all_read_and_all_but_the_first_find_the_prefix(
    tmp_path: Path,
) -> None:
    with openai.service() as url:
        found = openai.measure(tmp_path, url, documents=30, concurrency=60, workers=2)
    assert (found["failed"], found["calls"]) == (0, 30)
    assert found["prefix"] > 0.95
    assert found["lanes"]["batch, cached"] < found["lanes"]["standard, cached"] < found["lanes"]["standard"]
    log = (tmp_path / "logs" / "log").read_text()
    assert "pool exhausted" not in log and "is locked" not in log
