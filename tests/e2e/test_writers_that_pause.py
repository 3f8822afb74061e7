"""Whoever writes a file with pauses, in whatever way, finds all of it in the archive.

Real files and leases and a real process that writes; the pauses are made by moving the inbox's clock.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from autod.app import App
from autod.assembly.archive import utc_now
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.domain.status import DocumentStatus, EventKind
from autod.files.kept import KEPT_SECONDS
from autod.files.writers import unknown, who_writes
from autod.inbox.daemon import Daemon
from autod.inbox.watch import Watch
from autod.reconcile import compare
from tests.listing import files_in
from tests.settings import settings_in
from tests.torture.paper import good
from tests.writer import Writer

PATIENCE = 30
PAUSES = (1, 3, 8, 45, 120)
HELD, REOPENED = "held open", "closed and reopened"
_numbers = itertools.count()


def updated(pdf: bytes) -> bytes:
    """The PDF with an incremental update behind it, as programs append that sign or annotate."""
    before = int(pdf[pdf.rfind(b"startxref") :].split()[1])
    place = len(pdf)
    body = b"99 0 obj\n<< /Note (added later) >>\nendobj\n"
    root = re.findall(rb"/Root \d+ \d+ R", pdf)[-1]
    table = b"xref\n99 1\n%010d 00000 n \ntrailer\n<< /Size 100 %s /Prev %d >>\n" % (place, root, before)
    return pdf + body + table + b"startxref\n%d\n%%%%EOF\n" % (place + len(body))


class Trial:
    """An app with an inbox whose clock is moved by hand, and somebody who writes into it."""

    def __init__(self, app: App, writer: Writer, *, knows: bool) -> None:
        self.app, self.writer, self.knows = app, writer, knows
        self.now = 0.0
        self.ahead = 0.0
        self.inbox = app.inbox(monotonic=lambda: self.now, wall=lambda: 0.0)
        intake = replace(app.intake, now=lambda: utc_now() + timedelta(seconds=self.ahead))
        folder = app.folders.inbox
        self.daemon = Daemon(self.inbox, Watch(folder), intake, due=app.duties.look, rescan_seconds=1)
        app.on_end(self.daemon.document_ended)

    def new_paper(self) -> tuple[Path, bytes, bytes]:
        """A name of its own, and two papers that no other case has."""
        number = next(_numbers)
        first, second = good(2 * number).content, good(2 * number + 1).content
        return self.app.folders.inbox / f"scan-{number}.pdf", first, second

    def look(self) -> None:
        """As the daemon does until nothing moves any more."""
        self.daemon.look()
        while hashes := self.inbox.held():
            for sha256 in hashes:
                self.app.engine.result(sha256)
            self.daemon.document_ended(hashes[0])
            self.daemon.look()
            if set(self.inbox.held()) == set(hashes):
                break

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + (0.6 if end - self.now < 5 else 5))
            self.look()

    def settle(self) -> None:
        """Long enough for what is not complete, then for what is kept, and the same for what came of that."""
        for _ in range(2):
            self.pass_time(PATIENCE + 10)
            self.now += KEPT_SECONDS
            self.ahead = KEPT_SECONDS + 1
            self.look()
            self.ahead = 0.0

    def documents_of(self, path: Path) -> list[Document]:
        with self.app.manager.get_session() as session:
            found = documents.list_documents(session, limit=10_000)
        return sorted((d for d in found if d.original_filename == path.name), key=lambda d: d.id)

    def events(self, number: int) -> list[EventKind]:
        with self.app.manager.get_session() as session:
            return [event.kind for event in documents.history(session, number)]

    def assert_filed(self, content: bytes) -> Document:
        with self.app.manager.get_session() as session:
            document = documents.by_sha(session, hashlib.sha256(content).hexdigest())
        assert document is not None
        assert document.status is DocumentStatus.COMPLETED
        assert Path(document.filed_path or "").read_bytes() == content
        return document

    def assert_linked(self, path: Path) -> None:
        """Each of them is a version of the one before."""
        found = self.documents_of(path)
        for earlier, later in itertools.pairwise(found):
            assert (earlier.later_version, later.earlier_version) == (later.id, earlier.id)

    def assert_superseded(self, document: Document, later: Document) -> None:
        assert document.status is DocumentStatus.SUPERSEDED
        assert document.later_version == later.id
        assert EventKind.SUPERSEDED in self.events(document.id)
        assert EventKind.REPLACES in self.events(later.id)
        kept = (self.app.folders.processed, self.app.folders.failed)
        hashes = {hashlib.sha256(p.read_bytes()).hexdigest() for f in kept for p in f.rglob("*.pdf")}
        assert document.sha256_hex not in hashes

    def assert_agrees(self) -> None:
        """Nothing is left in the inbox, and folders, database and index agree."""
        assert files_in(self.app.folders.inbox) == []
        later = utc_now() + timedelta(minutes=2)
        assert compare.check(self.app.manager, self.app.folders, later, lambda *_: None).differences == []


@pytest.fixture(scope="module", params=["with leases", "without leases"])
def trial(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Trial]:
    place = tmp_path_factory.mktemp("writers")
    shutil.copyfile(sqlite_template, place / "paper_autopilot.db")
    settings = settings_in(
        place, f"sqlite:///{place}/paper_autopilot.db", patience_seconds=PATIENCE, quiet_seconds=0.5
    )
    knows = request.param == "with leases"
    if knows and not leases_work(place):
        pytest.skip("no leases here")
    with (
        DatabaseManager(settings.paper_autopilot_db_url) as manager,
        App(settings, manager, writes=who_writes if knows else unknown) as app,
        Writer() as writer,
    ):
        yield Trial(app, writer, knows=knows)


def leases_work(place: Path) -> bool:
    (place / "probe").write_bytes(b"")
    return who_writes(place / "probe") == "nobody"


def expect(trial: Trial, path: Path, whole: bytes, manner: str) -> list[Document]:
    """What holds in every case; returns the documents, the earliest first."""
    trial.settle()
    later = trial.assert_filed(whole)
    found = trial.documents_of(path)
    assert found[-1].id == later.id
    assert len(found) == 1 if manner == HELD and trial.knows else len(found) <= 2
    trial.assert_linked(path)
    trial.assert_agrees()
    return found


every_pause = pytest.mark.parametrize("pause", PAUSES)
every_manner = pytest.mark.parametrize("manner", [HELD, REOPENED])


def pause_in(trial: Trial, path: Path, manner: str, pause: float, how: str) -> None:
    if manner == REOPENED:
        trial.writer.close(path)
    trial.pass_time(pause)
    if manner == REOPENED:
        trial.writer.open(path, how)


@every_manner
@every_pause
@pytest.mark.parametrize("start", ["complete", "half"])
def test_what_is_appended_is_part_of_the_document(
    trial: Trial, pause: float, manner: str, start: str
) -> None:
    path, pdf, _ = trial.new_paper()
    first, whole = (pdf, updated(pdf)) if start == "complete" else (pdf[: len(pdf) // 2], pdf)
    trial.writer.open(path)
    trial.writer.write(path, first)
    pause_in(trial, path, manner, pause, "a")
    trial.writer.write(path, whole[len(first) :])
    trial.writer.close(path)
    found = expect(trial, path, whole, manner)
    for earlier in found[:-1]:
        trial.assert_superseded(earlier, found[-1])


@every_manner
@every_pause
@pytest.mark.parametrize("start", ["complete", "half"])
def test_a_file_that_is_written_anew_loses_neither_of_two_papers(
    trial: Trial, pause: float, manner: str, start: str
) -> None:
    path, first, whole = trial.new_paper()
    first = first if start == "complete" else first[: len(first) // 2]
    trial.writer.open(path)
    trial.writer.write(path, first)
    pause_in(trial, path, manner, pause, "w")
    if manner == HELD:
        trial.writer.seek(path, 0)
        trial.writer.truncate(path, 0)
    trial.writer.write(path, whole)
    trial.writer.close(path)
    found = expect(trial, path, whole, manner)
    for earlier in found[:-1]:
        if start == "complete":
            trial.assert_filed(first)
        elif manner == HELD:
            trial.assert_superseded(earlier, found[-1])
        else:
            assert earlier.status is not DocumentStatus.SUPERSEDED
            assert Path(earlier.filed_path or "").read_bytes() == first


@every_manner
@every_pause
@pytest.mark.parametrize("start", ["complete", "half"])
def test_a_file_that_is_written_in_place_loses_nothing(
    trial: Trial, pause: float, manner: str, start: str
) -> None:
    """As ``rsync --inplace`` does: from a place on in the same file, and cut to length at the end."""
    path, pdf, other = trial.new_paper()
    first, whole, begin = (
        (other, pdf, 0) if start == "complete" else (pdf[: len(pdf) // 2], pdf, len(pdf) // 2)
    )
    trial.writer.open(path)
    trial.writer.write(path, first)
    pause_in(trial, path, manner, pause, "+")
    trial.writer.seek(path, begin)
    trial.writer.write(path, whole[begin:])
    trial.writer.truncate(path, len(whole))
    trial.writer.close(path)
    found = expect(trial, path, whole, manner)
    for earlier in found[:-1]:
        if start == "complete":
            trial.assert_filed(first)
        else:
            trial.assert_superseded(earlier, found[-1])


@every_manner
@every_pause
@pytest.mark.parametrize("start", ["complete", "half"])
def test_a_file_that_is_renamed_into_place_loses_nothing(
    trial: Trial, pause: float, manner: str, start: str
) -> None:
    """Held open, it is renamed before it is finished; closed, it comes over what lay there before."""
    path, first, whole = trial.new_paper()
    part = path.with_name(f".{path.name}.part")
    if manner == HELD:
        first = whole[: len(whole) // 2] if start == "half" else whole
        whole = whole if start == "half" else updated(whole)
        trial.writer.open(part)
        trial.writer.write(part, first)
        trial.writer.rename(part, path)
        trial.pass_time(pause)
        trial.writer.write(path, whole[len(first) :])
        trial.writer.close(path)
    else:
        first = first if start == "complete" else whole[: len(whole) // 2]
        trial.writer.open(path)
        trial.writer.write(path, first)
        trial.writer.close(path)
        trial.pass_time(pause)
        trial.writer.open(part)
        trial.writer.write(part, whole)
        trial.writer.close(part)
        trial.writer.rename(part, path)
    found = expect(trial, path, whole, manner)
    for earlier in found[:-1]:
        if start == "complete" and manner == REOPENED:
            trial.assert_filed(first)
        else:
            trial.assert_superseded(earlier, found[-1])
