"""Paper for an installation: documents of every fate, so that the runbook's figures are not all zero."""

from __future__ import annotations

from tests.openai.stub import Trouble
from tests.runbook.installation import Installation
from tests.torture.paper import good, poison

SAID = {
    "doc_type": {"value": "invoice", "page": 1, "quote": "INVOICE"},
    "issuer": {"value": "Northfield Supplies Ltd", "page": 1, "quote": "Northfield Supplies Ltd"},
    "currency": {"value": "GBP", "page": 1, "quote": "Total GBP"},
}
COMPLETED, DUPLICATES, FAILED, NOT_UPLOADED = 5, 1, 1, 1


def fill(installation: Installation) -> None:
    """Make the database, start the daemon and let it file some paper.

    All is paid for; one is a duplicate, one fails, one is refused by the vector store.
    """
    service = installation.service
    service.desk.answer = lambda body: SAID
    installation.configure(PAPER_AUTOPILOT_VECTOR_STORE="openai")
    migrated = installation.shell("alembic upgrade head")
    assert migrated.returncode == 0, migrated.stderr
    installation.start()
    system = installation.system
    service.meet(*[Trouble(path="/files", status=400, code="invalid_file", kind="invalid_request_error")])
    for number in range(1, COMPLETED + 1):
        system.drop(f"invoice-{number}.pdf", good(number))
    system.drop("not-paper.pdf", poison(1))
    assert installation.wait(system.idle), "the archive was not filled"
    system.drop("invoice-1-again.pdf", good(1))
    assert installation.wait(system.idle), "the duplicate was not filed"
