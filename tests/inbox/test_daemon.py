"""The loop takes what is ready, survives what goes wrong, and stops when told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from autod.errors import DatabaseError, FileTrouble
from autod.inbox.daemon import LOOK_SECONDS, Daemon
from autod.inbox.inbox import Inbox
from autod.inbox.readiness import Gate
from autod.inbox.watch import Watch
from autod.pipeline.intake import Outcome, Receipt

GATE = Gate(quiet_seconds=0.0, patience_seconds=60.0)
"""What is complete is taken at once; of what a test is still writing, nothing is."""


class Taker:
    """Takes files by calling ``behave`` and says so."""

    def __init__(self, behave: Callable[[Path, int], None], outcome: Outcome = Outcome.STARTED) -> None:
        self._behave = behave
        self._outcome = outcome
        self.calls: list[str] = []
        self.seen = threading.Semaphore(0)

    def receive(self, source: Path) -> Receipt:
        self.calls.append(source.name)
        try:
            self._behave(source, len(self.calls))
        finally:
            self.seen.release()
        return Receipt(source.name, 1, self._outcome)


def run(
    folder: Path,
    taker: Taker,
    wanted: int,
    during: Callable[[Daemon], None] = lambda _: None,
    on_duplicate: Callable[[Path, int], None] = lambda *_: None,
) -> None:
    """Run a daemon in a thread until ``taker`` was called ``wanted`` times, then stop it."""
    inbox = Inbox(
        folder,
        GATE,
        monotonic=lambda: 0.0,
        wall=lambda: 0.0,
        on_trouble=lambda *_: None,
    )
    with Watch(folder) as watch:
        daemon = Daemon(inbox, watch, taker, due=lambda: None, rescan_seconds=0.05, on_duplicate=on_duplicate)
        thread = threading.Thread(target=daemon.run)
        thread.start()
        during(daemon)
        got = [taker.seen.acquire(timeout=60) for _ in range(wanted)]
        daemon.stop()
        thread.join(timeout=60)
    assert got == [True] * wanted
    assert not thread.is_alive()


def write_pdf(path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path)


def test_files_present_at_start_and_files_dropped_later_are_taken(tmp_path: Path) -> None:
    write_pdf(tmp_path / "early.pdf")
    taker = Taker(lambda *_: None)
    run(tmp_path, taker, 2, during=lambda _: write_pdf(tmp_path / "late.pdf"))
    assert sorted(taker.calls) == ["early.pdf", "late.pdf"]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_duplicates_alone_are_told_by_their_name_and_document(tmp_path: Path, outcome: Outcome) -> None:
    write_pdf(tmp_path / "again.pdf")
    told: list[tuple[str, int]] = []
    taker = Taker(lambda *_: None, outcome)
    run(tmp_path, taker, 1, on_duplicate=lambda path, number: told.append((path.name, number)))
    assert told == ([("again.pdf", 1)] if outcome is Outcome.DUPLICATE else [])


def test_a_taken_file_is_not_taken_twice(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf")
    taker = Taker(lambda *_: None)
    run(tmp_path, taker, 1)
    assert taker.calls == ["a.pdf"]


def test_one_bad_file_does_not_keep_others_from_being_taken(tmp_path: Path) -> None:
    def behave(source: Path, _: int) -> None:
        if source.name == "bad.pdf":
            raise FileTrouble("no", code="permission_denied")

    for name in ("bad.pdf", "good.pdf"):
        write_pdf(tmp_path / name)
    taker = Taker(behave)
    run(tmp_path, taker, 2)
    assert sorted(taker.calls) == ["bad.pdf", "good.pdf"]


def test_a_lost_database_only_delays(tmp_path: Path) -> None:
    def behave(_: Path, call: int) -> None:
        if call == 1:
            raise DatabaseError("gone")

    write_pdf(tmp_path / "a.pdf")
    taker = Taker(behave)
    run(tmp_path, taker, 2)
    assert taker.calls == ["a.pdf", "a.pdf"]


def test_an_unexpected_error_does_not_end_the_loop(tmp_path: Path) -> None:
    def behave(_: Path, call: int) -> None:
        if call == 1:
            raise RuntimeError("a bug")

    write_pdf(tmp_path / "a.pdf")
    taker = Taker(behave)
    run(tmp_path, taker, 2)
    assert taker.calls == ["a.pdf", "a.pdf"]


def test_a_loop_that_does_not_come_round_is_overdue(tmp_path: Path) -> None:
    seconds = [0.0]
    entered, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        entered.set()
        go_on.wait(10)

    inbox = Inbox(tmp_path, GATE, monotonic=lambda: 0.0, wall=lambda: 0.0, on_trouble=lambda *_: None)
    with Watch(tmp_path) as watch:
        daemon = Daemon(
            inbox, watch, Taker(lambda *_: None), due=hang, rescan_seconds=0.05, monotonic=lambda: seconds[0]
        )
        thread = threading.Thread(target=daemon.run)
        thread.start()
        assert entered.wait(10)
        assert not daemon.overdue
        seconds[0] += LOOK_SECONDS + 1
        assert daemon.overdue
        daemon.stop()
        go_on.set()
        thread.join(timeout=60)
    assert not daemon.overdue


def test_a_file_that_another_machine_was_quicker_to_take_is_no_trouble(tmp_path: Path) -> None:
    told: list[str] = []

    def quicker(source: Path, call: int) -> None:
        if source.name == "shared.pdf":
            source.unlink()
            raise FileTrouble("cannot read the file", code="file_vanished")

    inbox = Inbox(
        tmp_path,
        GATE,
        monotonic=lambda: 0.0,
        wall=lambda: 0.0,
        on_trouble=lambda path, trouble: told.append(f"{path.name}: {trouble.code}"),
    )
    write_pdf(tmp_path / "shared.pdf")
    taker = Taker(quicker)
    with Watch(tmp_path) as watch:
        daemon = Daemon(inbox, watch, taker, due=lambda: None, rescan_seconds=0.05)
        thread = threading.Thread(target=daemon.run)
        thread.start()
        assert taker.seen.acquire(timeout=30)
        write_pdf(tmp_path / "other.pdf")
        assert taker.seen.acquire(timeout=30)
        daemon.stop()
        thread.join(timeout=30)
    assert told == []
