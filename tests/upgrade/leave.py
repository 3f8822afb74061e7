"""Leaves an installation of this version behind as a power cut would: run once, when a version is released.

    python -m tests.upgrade.leave

writes tests/upgrade/installations/VERSION-sqlite.tar.gz and -postgresql.tar.gz: folders and database of a
daemon that was killed with documents at every stage, made-up paper in them. ``place.py`` sets one up again.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg

from autod import __version__, app
from autod.app import App
from autod.db.manager import DatabaseManager
from autod.db.schema import upgrade
from autod.domain.asked import AnswersJson
from autod.errors import FileTrouble
from autod.pipeline.checkpoints import Begun, Filed, Read, Understood
from autod.pipeline.steps import Steps
from tests import postgres
from tests.backup.release import LETTER
from tests.paper import INVOICE, encrypted_pdf, pdf_of
from tests.settings import settings_in
from tests.upgrade.place import DATABASE, DUMP, EXECUTOR, HASHES, INSTALLATIONS, PLACE, hash_of
from tests.waiting import until

FILED, ALSO_FILED = pdf_of(), pdf_of(LETTER)
READ, ASKING_TO_BE_FILED = (
    pdf_of((*INVOICE, "read, not understood")),
    pdf_of((*INVOICE, "recorded, not filed")),
)
POSTPONED, NOT_BEGUN = pdf_of((*INVOICE, "postponed")), pdf_of((*INVOICE, "claimed, not begun"))
IN_THE_INBOX, LEAVING = pdf_of((*INVOICE, "nobody has looked at it")), pdf_of((*INVOICE, "on its way out"))
ENCRYPTED, BROKEN = encrypted_pdf(), b"no paper"
HANDED_IN = (
    FILED,
    ALSO_FILED,
    READ,
    ASKING_TO_BE_FILED,
    POSTPONED,
    NOT_BEGUN,
    IN_THE_INBOX,
    LEAVING,
    ENCRYPTED,
    BROKEN,
)


def work(place: Path, url: str) -> None:
    """Work until documents stand at every stage, then die at once."""
    stopped_at: dict[str, threading.Event] = {
        hash_of(READ): threading.Event(),
        hash_of(ASKING_TO_BE_FILED): threading.Event(),
    }
    understand, file = Steps.understand, Steps.file

    def stop_before_understanding(
        steps: Steps, document: Begun, reading: Read, answers: AnswersJson | None
    ) -> Understood:
        sha256 = document["sha256"]
        if sha256 == hash_of(POSTPONED):
            raise FileTrouble("the disk is full", code="disk_full", outside=True)
        if sha256 == hash_of(READ):
            stopped_at[sha256].set()
            threading.Event().wait()
        return understand(steps, document, reading, answers)

    def stop_before_filing(steps: Steps, document: Begun, extraction: Understood) -> Filed:
        if document["sha256"] == hash_of(ASKING_TO_BE_FILED):
            stopped_at[document["sha256"]].set()
            threading.Event().wait()
        return file(steps, document, extraction)

    Steps.understand, Steps.file = stop_before_understanding, stop_before_filing  # type: ignore[method-assign]
    with DatabaseManager(url) as manager, App(settings_in(place, url, quiet_seconds=0), manager) as opened:
        inbox = opened.folders.inbox

        def drop(name: str, content: bytes) -> Path:
            (inbox / name).write_bytes(content)
            return inbox / name

        for name, content in {
            "a.pdf": FILED,
            "b.pdf": ALSO_FILED,
            "bad.pdf": BROKEN,
            "locked.pdf": ENCRYPTED,
            "copy of a.pdf": FILED,
        }.items():
            opened.process(drop(name, content))
        for name, content in {"p.pdf": POSTPONED, "r.pdf": READ, "f.pdf": ASKING_TO_BE_FILED}.items():
            opened.intake.receive(drop(name, content))
        until(lambda: all(event.is_set() for event in stopped_at.values()))
        opened.engine.submit = lambda _: None  # type: ignore[method-assign]
        opened.engine.again = lambda _, **__: None  # type: ignore[method-assign]
        opened.intake.receive(drop("n.pdf", NOT_BEGUN))
        drop("new.pdf", IN_THE_INBOX)
        drop(".gone.pdf.leaving", LEAVING)
        (opened.folders.claimed / ".0123456789abcdef.part").write_bytes(FILED[:100])
        until(lambda: waiting(manager) == 2)
        (place / HASHES).write_text(json.dumps([hash_of(content) for content in HANDED_IN]) + "\n")
        os.kill(os.getpid(), signal.SIGKILL)


def waiting(manager: DatabaseManager) -> int:
    with manager.engine.connect() as connection:
        query = "SELECT count(*) FROM documents WHERE status = 'waiting'"
        return int(connection.exec_driver_sql(query).scalar_one())


def leave(kind: str, url: str, keep_database: Callable[[], None]) -> None:
    upgrade(url)
    begun = subprocess.run([sys.executable, "-m", "tests.upgrade.leave", str(PLACE), url], check=False)
    assert begun.returncode == -signal.SIGKILL, begun.returncode
    keep_database()
    with tarfile.open(INSTALLATIONS / f"{__version__}-{kind}.tar.gz", "w:gz") as archive:
        archive.add(PLACE, ".", filter=_nobodys)
    shutil.rmtree(PLACE)


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def main() -> None:
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir()

    def checkpoint() -> None:
        with closing(sqlite3.connect(PLACE / DATABASE)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    leave("sqlite", f"sqlite:///{PLACE / DATABASE}", checkpoint)
    started = postgres.prepare()
    try:
        server = postgres.server_url()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE DATABASE paper_autopilot")
        url = server.replace("/postgres?", "/paper_autopilot?")

        def dump() -> None:
            program = postgres.client_programs() / "pg_dump"
            dumped = subprocess.run([program, url], check=True, capture_output=True)
            (PLACE / DUMP).write_bytes(dumped.stdout)

        PLACE.mkdir()
        leave("postgresql", url, dump)
    finally:
        if started is not None:
            postgres.clean_up(started)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        app._executor_id = lambda _: EXECUTOR
        work(Path(sys.argv[1]), sys.argv[2])
    else:
        main()
