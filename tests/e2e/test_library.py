"""Processing from a program, as the runbook's Python does it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import KINDS
from tests.e2e.conftest import Shell
from tests.paper import INVOICE, pdf_of

pytestmark = pytest.mark.parametrize("database", KINDS, indirect=True)

PROGRAM = """
import json
from src.config import get_config
from src.database import DatabaseManager
from src.models import Document
from src.processor import process_document

db_manager = DatabaseManager(get_config().paper_autopilot_db_url)
results = []
for pdf_file in ("a.pdf", "b.pdf", "a.pdf", "bad.pdf"):
    results.append(process_document(pdf_file, db_manager, None, None))
results.append(process_document("a.pdf", db_manager, None, None, skip_duplicates=False))
with db_manager.get_session() as session:
    count = session.query(Document).count()
print(json.dumps({"count": count, "results": [vars_of(r) for r in results]}))
"""
FIELDS = ("success", "document_id", "error", "duplicate_of", "cost_usd", "processing_time_seconds")


@pytest.fixture
def outcome(checkout: Path, shell: Shell) -> dict[str, object]:
    (checkout / "a.pdf").write_bytes(pdf_of())
    (checkout / "b.pdf").write_bytes(pdf_of((*INVOICE, "another")))
    (checkout / "bad.pdf").write_bytes(b"no pdf")
    helper = f"def vars_of(r):\n    return {{name: getattr(r, name) for name in {FIELDS!r}}}\n"
    (checkout / "program.py").write_text(helper + PROGRAM)
    result = shell("alembic upgrade head && python3 program.py")
    assert result.returncode == 0, result.stderr
    printed: dict[str, object] = json.loads(result.stdout)
    return printed


def test_one_manager_serves_many_calls_and_stdout_stays_ours(
    outcome: dict[str, object], checkout: Path
) -> None:
    first, second, duplicate, bad, again = outcome["results"]  # type: ignore[misc]
    assert (first["success"], first["document_id"], first["error"]) == (True, 1, None)
    assert (second["success"], second["document_id"]) == (True, 2)
    assert (duplicate["success"], duplicate["duplicate_of"]) == (True, 1)
    assert bad["success"] is False and bad["error"].startswith("not_a_pdf")
    assert (again["success"], again["document_id"], again["duplicate_of"]) == (True, 1, None)
    assert first["cost_usd"] == 0.0 and first["processing_time_seconds"] > 0
    assert outcome["count"] == 3
    assert (checkout / "a.pdf").read_bytes() == pdf_of()
    log = (checkout / "logs" / "paper_autopilot.log").read_text().splitlines()
    assert sum(json.loads(line)["message"] == "Processing complete" for line in log) == 3
