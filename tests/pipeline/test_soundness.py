"""The daily look at the database happens once a day, when it is quiet, and says what it found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autod.db import integrity
from autod.db.integrity import Flaw, Integrity
from autod.db.manager import DatabaseManager
from autod.pipeline.soundness import Soundness, last_look, met_damage

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Watched:
    """A look whose clock and work the test sets."""

    def __init__(self, manager: DatabaseManager, work: Path) -> None:
        self.now = NOW
        self.quiet = True
        self.looks = Soundness(manager, work, lambda: self.now, lambda: self.quiet)
        self.work = work

    def looked_at(self) -> datetime | None:
        self.looks.tend()
        last = last_look(self.work)
        return last.at if last else None


@pytest.fixture
def watched(sqlite_url: str, tmp_path: Path) -> Iterator[Watched]:
    with DatabaseManager(sqlite_url) as manager:
        yield Watched(manager, tmp_path)


def test_it_looks_when_it_is_quiet_and_again_after_a_day(watched: Watched) -> None:
    watched.quiet = False
    assert watched.looked_at() is None
    watched.quiet = True
    assert watched.looked_at() == NOW
    watched.now = NOW + timedelta(hours=23)
    assert watched.looked_at() == NOW
    watched.now, watched.quiet = NOW + timedelta(hours=25), False
    assert watched.looked_at() == NOW
    watched.now = NOW + timedelta(hours=31)
    assert watched.looked_at() == watched.now, "there is always work, so it does not wait for ever"


def test_what_it_finds_is_kept_for_health_and_a_note_that_cannot_be_read_is_none(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    flaws = (Flaw("search_damaged", "the search index is damaged"),)
    monkeypatch.setattr(integrity, "examine", lambda *_: Integrity(flaws))
    watched.looks.tend()
    last = last_look(watched.work)
    assert last is not None and last.found == Integrity(flaws)
    (watched.work / "integrity.json").write_text("{")
    assert last_look(watched.work) is None


def test_damage_that_a_statement_met_is_noted_and_looked_at_at_once(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.looks.tend()
    met_damage(watched.work, watched.now)
    last = last_look(watched.work)
    assert last is not None and [flaw.code for flaw in last.found.flaws] == ["database_damaged"]
    watched.quiet = False
    flaws = (Flaw("search_damaged", "the search index is damaged"),)
    monkeypatch.setattr(integrity, "examine", lambda *_: Integrity(flaws))
    watched.looks.tend()
    met_damage(watched.work, watched.now)
    last = last_look(watched.work)
    assert last is not None and last.found.flaws == flaws, "what a look found says more"


def test_trouble_while_looking_is_no_damage(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Integrity:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(integrity, "examine", full)
    assert watched.looked_at() is None
