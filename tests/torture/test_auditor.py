"""The auditor sees every kind of damage: each test damages one thing in a sound archive and looks for it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.torture.auditor import Drop, Findings, Slots, audit
from tests.torture.paper import good, poison
from tests.torture.rounds import zero_page

NOW = "2026-01-01 00:00:00"


@dataclass
class Archive:
    """A sound one: document 1 completed and dropped twice under two names, document 2 failed."""

    places: Slots
    drops: list[Drop]
    database: sqlite3.Connection

    def sql(self, statement: str, *values: object) -> None:
        self.database.execute(statement, values)
        self.database.commit()

    def audit(self, asked: int | None = None) -> Findings:
        payments = None if asked is None else {self.drops[0].sha256: asked}
        return audit(self.places, self.drops, payments=payments)

    @property
    def filed(self) -> Path:
        return self.places.processed / "2026" / "a.pdf"

    @property
    def refused(self) -> Path:
        return self.places.failed / "bad.pdf"


def add_row(archive: Archive, number: int, drop: Drop, status: str, path: Path) -> None:
    archive.sql(
        "INSERT INTO documents (id, sha256_hex, original_filename, status, received_at, source_path,"
        " file_size, filed_path) VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
        number, drop.sha256, drop.name, status, NOW, drop.name, str(path),
    )  # fmt: skip
    archive.sql(
        "INSERT INTO workflow_status (workflow_uuid, status, created_at, updated_at)"
        " VALUES (?, 'SUCCESS', 0, 0)",
        f"doc:{drop.sha256}",
    )


def add_event(archive: Archive, drop: Drop, kind: str) -> None:
    archive.sql(
        "INSERT INTO events (sha256_hex, kind, detail, at) VALUES (?, ?, ?, ?)",
        drop.sha256, kind, json.dumps({"source": f"/inbox/{drop.name}"}), NOW,
    )  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path, sqlite_url: str) -> Archive:
    places = Slots(
        inbox=tmp_path / "inbox",
        processed=tmp_path / "processed",
        failed=tmp_path / "failed",
        claimed=tmp_path / "claimed",
        log=tmp_path / "logs" / "log",
        database=sqlite_url,
    )
    for folder in (places.inbox, places.failed, places.claimed, places.log.parent, places.processed / "2026"):
        folder.mkdir(parents=True)
    (places.processed / "duplicates").mkdir()
    sheet, bad = good(1), poison(1)
    drops = [sheet.named("a.pdf"), sheet.named("b.pdf"), bad.named("bad.pdf")]
    made = Archive(places, drops, sqlite3.connect(sqlite_url.removeprefix("sqlite:///")))
    made.filed.write_bytes(sheet.content)
    (places.processed / "duplicates" / "b.pdf").write_bytes(sheet.content)
    made.refused.write_bytes(bad.content)
    (places.failed / "bad.pdf.reason.json").write_text("{}")
    add_row(made, 1, drops[0], "completed", made.filed)
    add_row(made, 2, drops[2], "failed", made.refused)
    for drop, kind in (
        (0, "received"),
        (0, "recorded"),
        (0, "filed"),
        (1, "duplicate"),
        (2, "received"),
        (2, "failed"),
    ):
        add_event(made, drops[drop], kind)
    made.sql("INSERT INTO pages VALUES (1, 1, 'text', 'layer')")
    made.sql("INSERT INTO search_texts VALUES (1, '', '', '', '', ?, NULL)", sheet.word)
    announcement = {"message": "Processing complete", "sha256": drops[0].sha256}
    places.log.write_text(json.dumps(announcement) + "\n")
    return made


def test_a_sound_archive_has_no_findings(archive: Archive) -> None:
    found = archive.audit()
    assert found.clean, found
    assert (found.documents, found.notes) == (2, [])


def damage_index(archive: Archive) -> None:
    archive.database.close()
    zero_page(Path(archive.places.database.removeprefix("sqlite:///")), "search_fts_data")


Damage = Callable[[Archive], object]

LOST: dict[str, Damage] = {
    "the filed file is gone": lambda a: a.filed.unlink(),
    "the filed file has other bytes": lambda a: a.filed.write_bytes(b"other"),
    "the failed file is gone": lambda a: a.refused.unlink(),
    "a dropped file has no row": lambda a: a.drops.append(good(9).named("new.pdf")),
    "a dropped name is told nowhere": lambda a: a.sql("DELETE FROM events WHERE kind = 'duplicate'"),
    "search does not find its word": lambda a: a.sql("UPDATE search_texts SET body = 'nothing'"),
    "a page of the index is damaged": lambda a: damage_index(a),
    "the log does not announce it": lambda a: a.places.log.write_text("{}\n"),
    "completed without a filed event": lambda a: a.sql("DELETE FROM events WHERE kind = 'filed'"),
}

STORED_TWICE: dict[str, Damage] = {
    "the same bytes twice in processed": lambda a: (a.places.processed / "c.pdf").write_bytes(
        good(1).content
    ),
    "in processed and in failed": lambda a: (a.places.failed / "c.pdf").write_bytes(good(1).content),
    "twice in failed": lambda a: (a.places.failed / "c.pdf").write_bytes(poison(1).content),
    "one duplicate too many": lambda a: (a.places.processed / "duplicates" / "c.pdf").write_bytes(
        good(1).content
    ),
    "two filed events": lambda a: add_event(a, a.drops[0], "filed"),
    "received twice": lambda a: add_event(a, a.drops[0], "received"),
    "a value written down twice": lambda a: a.sql(
        "INSERT INTO field_values (document_id, field, value, source, locked, created_at)"
        " VALUES (1, 'issuer', '1', 'local', 0, ?1), (1, 'issuer', '1', 'local', 0, ?1)",
        NOW,
    ),
}

ORPHANS: dict[str, Damage] = {
    "a row that is not final": lambda a: a.sql("UPDATE documents SET status = 'processing' WHERE id = 2"),
    "a workflow that is not final": lambda a: a.sql("UPDATE workflow_status SET status = 'ERROR'"),
    "a file left in the inbox": lambda a: (a.places.inbox / "a.pdf").write_bytes(good(1).content),
    "a claimed copy": lambda a: (a.places.claimed / "x.pdf").write_bytes(b"x"),
    "a scratch file": lambda a: (a.places.processed / ".x.part").write_bytes(b"x"),
    "a reason without its file": lambda a: (a.places.failed / "x.pdf.reason.json").write_text("{}"),
    "a failed file without its reason": lambda a: (a.places.failed / "bad.pdf.reason.json").unlink(),
    "bytes that nobody dropped": lambda a: (a.places.processed / "x.pdf").write_bytes(b"x"),
    "a row of bytes that nobody dropped": lambda a: add_row(a, 3, good(5).named("x"), "failed", Path("x")),
    "no search entry": lambda a: a.sql("DELETE FROM search_texts"),
    "no pages": lambda a: a.sql("DELETE FROM pages"),
}


@pytest.mark.parametrize("damage", LOST)
def test_what_is_lost_is_counted(archive: Archive, damage: str) -> None:
    LOST[damage](archive)
    assert archive.audit().lost


@pytest.mark.parametrize("damage", STORED_TWICE)
def test_what_is_stored_twice_is_counted(archive: Archive, damage: str) -> None:
    STORED_TWICE[damage](archive)
    assert archive.audit().stored_twice


@pytest.mark.parametrize("damage", ORPHANS)
def test_what_nobody_is_responsible_for_is_counted(archive: Archive, damage: str) -> None:
    ORPHANS[damage](archive)
    assert archive.audit().orphans


def add_call(archive: Archive, state: str) -> None:
    archive.sql(
        "INSERT INTO api_calls (sha256_hex, provider, model, state, reserved_usd, created_at)"
        " VALUES (?, 'p', 'm', ?, 0, ?)",
        archive.drops[0].sha256, state, NOW,
    )  # fmt: skip


def test_what_is_paid_twice_is_counted_by_the_ledger_and_by_the_payee(archive: Archive) -> None:
    assert archive.audit(asked=1).paid_twice, "billed, and in no ledger"
    add_call(archive, "settled")
    assert archive.audit(asked=1).clean
    assert archive.audit(asked=2).paid_twice, "billed twice, one of them hidden"
    assert archive.audit(asked=0).paid_twice, "settled, and never asked for"
    add_call(archive, "settled")
    assert archive.audit().paid_twice


def test_a_second_payment_that_the_ledger_shows_as_unknown_is_counted_apart(archive: Archive) -> None:
    add_call(archive, "settled")
    add_call(archive, "unknown")
    found = archive.audit(asked=2)
    assert found.clean
    assert len(found.paid_unknown) == 1
    assert not archive.audit(asked=1).paid_unknown, "it was not billed after all"
    assert archive.audit(asked=3).paid_twice


def test_a_good_document_that_failed_is_counted(archive: Archive) -> None:
    assert not archive.audit().given_up
    archive.sql("UPDATE documents SET status = 'failed' WHERE id = 1")
    assert archive.audit().given_up


def test_money_that_stays_set_aside_is_counted(archive: Archive) -> None:
    add_call(archive, "reserved")
    assert archive.audit().orphans


@pytest.fixture
def superseded(archive: Archive) -> Archive:
    """Document 3 is half of document 1, which stands for it."""
    half = Drop("a.pdf", "5" * 64, "", passing=True, becomes=archive.drops[0].sha256)
    archive.drops.append(half)
    add_row(archive, 3, half, "superseded", Path("nowhere"))
    archive.sql("UPDATE documents SET filed_path = NULL, later_version = 1 WHERE id = 3")
    add_event(archive, half, "superseded")
    return archive


def test_what_a_file_was_before_its_writer_had_finished_it_may_be_superseded(superseded: Archive) -> None:
    assert superseded.audit().clean


def test_bytes_that_lay_there_for_a_while_need_not_have_been_taken(archive: Archive) -> None:
    archive.drops.append(Drop("new.pdf", "6" * 64, "", passing=True))
    assert archive.audit().clean


UNSETTLED: dict[str, Damage] = {
    "failed": lambda a: a.sql("UPDATE documents SET status = 'failed' WHERE id = 3"),
    "completed": lambda a: a.sql("UPDATE documents SET status = 'completed' WHERE id = 3"),
    "by another": lambda a: a.sql("UPDATE documents SET later_version = 2 WHERE id = 3"),
    "by nobody": lambda a: a.sql("UPDATE documents SET later_version = NULL WHERE id = 3"),
}


@pytest.mark.parametrize("damage", UNSETTLED)
def test_an_unfinished_version_that_is_not_superseded_by_the_whole_is_counted(
    superseded: Archive, damage: str
) -> None:
    UNSETTLED[damage](superseded)
    assert superseded.audit().orphans


def test_what_is_left_of_an_unfinished_version_is_counted(superseded: Archive) -> None:
    half = b"half of it"
    drop = Drop(
        "h.pdf", hashlib.sha256(half).hexdigest(), "", passing=True, becomes=superseded.drops[0].sha256
    )
    superseded.drops[-1] = drop
    superseded.sql("UPDATE documents SET sha256_hex = ? WHERE id = 3", drop.sha256)
    add_event(superseded, drop, "superseded")
    (superseded.places.failed / "h.pdf").write_bytes(half)
    (superseded.places.failed / "h.pdf.reason.json").write_text("{}")
    assert superseded.audit().orphans


def test_a_version_that_nobody_says_is_superseded_is_counted(superseded: Archive) -> None:
    superseded.sql("DELETE FROM events WHERE kind = 'superseded'")
    assert superseded.audit().lost


def test_what_still_lies_in_the_inbox_is_not_lost(archive: Archive) -> None:
    sheet = good(9)
    archive.drops.append(sheet.named("new.pdf"))
    (archive.places.inbox / "new.pdf").write_bytes(sheet.content)
    found = archive.audit()
    assert not found.lost
    assert found.orphans
