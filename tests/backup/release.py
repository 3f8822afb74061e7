"""Makes the archives of a release that later versions must restore: run once, when a version is released.

    python -m tests.backup.release

writes tests/backup/archives/VERSION-sqlite.tar and so on: our archives and plain dumps, of both databases,
with made-up paper in them.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg

from autod import __version__
from autod.app import App
from autod.assembly.archive import folders_of
from autod.backup import taking
from autod.config import Settings
from autod.db.manager import DatabaseManager
from autod.db.schema import upgrade
from autod.files import custody
from tests import postgres
from tests.backup.place import NOW, quiet
from tests.paper import INVOICE, pdf_of
from tests.settings import settings_in

ARCHIVES = Path(__file__).parent / "archives"
PLACE = Path("/tmp/paper-autopilot")
LETTER = ("Harbour Council", "Bristol, 4 May 2026", "Dear Ms Finch,", "the moorings are closed in June.")
WAITING = pdf_of((*INVOICE, "a late copy"))


def fill(settings: Settings, manager: DatabaseManager) -> None:
    """Two filed documents, one that failed, and one that nobody has begun with."""
    # No machine's name belongs into an archive for everybody.
    with App(settings, manager, identify=lambda _: "example:1") as opened:
        for name, content in (("a.pdf", pdf_of()), ("b.pdf", pdf_of(LETTER)), ("bad.pdf", b"no paper")):
            (opened.folders.inbox / name).write_bytes(content)
            opened.process(opened.folders.inbox / name)
        opened.engine.finish(5)
        (opened.folders.inbox / "late.pdf").write_bytes(WAITING)
        opened.intake.receive(opened.folders.inbox / "late.pdf")


def make(kind: str, url: str, plain: Callable[[Path], None]) -> None:
    shutil.rmtree(PLACE, ignore_errors=True)
    settings = settings_in(PLACE, url, quiet_seconds=0)
    PLACE.mkdir()
    upgrade(url)
    with closing(DatabaseManager(url)) as manager:
        fill(settings, manager)
        taken = taking.take(
            manager,
            folders_of(settings),
            PLACE / "backups",
            keep_days=30,
            with_inbox=False,
            now=NOW,
            progress=quiet,
        )
        shutil.move(taken.path, ARCHIVES / f"{__version__}-{kind}.tar")
        plain(ARCHIVES / f"{__version__}-{kind}")
    shutil.rmtree(PLACE)


def main() -> None:
    custody.sweep(ARCHIVES)
    database = PLACE / "paper_autopilot.db"

    def sqlite_backup(target: Path) -> None:
        copy = target.with_suffix(".db")
        subprocess.run(["sqlite3", str(database), f".backup '{copy}'"], check=True)
        target.with_name(f"{target.name}.db.gz").write_bytes(gzip.compress(copy.read_bytes(), mtime=0))
        copy.unlink()

    make("sqlite", f"sqlite:///{database}", sqlite_backup)
    started = postgres.prepare()
    try:
        server = postgres.server_url()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE DATABASE paper_autopilot")
        url = server.replace("/postgres?", "/paper_autopilot?")

        def pg_dump(target: Path) -> None:
            dumped = subprocess.run(["pg_dump", url], check=True, capture_output=True).stdout
            target.with_name(f"{target.name}.sql.gz").write_bytes(gzip.compress(dumped, mtime=0))

        make("postgresql", url, pg_dump)
    finally:
        if started is not None:
            postgres.clean_up(started)


if __name__ == "__main__":
    main()
