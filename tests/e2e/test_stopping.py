"""SIGTERM ends the daemon in the set time, whatever it waits for, and it says what it parked."""

from __future__ import annotations

from pathlib import Path

from autod.db.manager import DatabaseManager
from tests.fleet.crew import crew
from tests.openai.stub import KEY, serving
from tests.paper import pdf_of
from tests.waiting import until

LONG = 300.0


def test_a_stop_does_not_wait_for_an_answer_and_the_next_start_goes_on(
    tmp_path: Path, sqlite_url: str
) -> None:
    with serving() as (stub, url), DatabaseManager(sqlite_url) as manager:
        paid = {"openai_api_key": KEY, "openai_base_url": url}
        with crew(tmp_path, manager, **paid) as place:
            stub.latency = LONG
            (tmp_path / "inbox" / "a.pdf").write_bytes(pdf_of())
            daemon = place.start("daemon")
            until(lambda: stub.requests, seconds=120)
            assert daemon.stop() == 0
            said = (daemon.folder / "output").read_text()
            assert "Parked 1 document(s); the next start goes on with them." in said
            assert "Stopped with documents parked" in daemon.log()
            assert place.files("inbox") == ["a.pdf"]
            stub.latency = 0.0
            daemon.start()
            place.until_completed(1)
            assert daemon.stop() == 0
            assert len(stub.billed) == 1
