"""Proving that an archive can be restored: it is, to scratch, and looked at there."""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from autod.backup.archive import Progress
from autod.backup.damage import damaged
from autod.backup.manifest import Manifest
from autod.backup.record import note_verified
from autod.backup.restoring import Restored, restore
from autod.codes import Code
from autod.db.engine import create_engine, translate
from autod.db.guard import single_process
from autod.db.inventory import inventory_rows
from autod.db.manager import DatabaseManager
from autod.db.models import SearchText
from autod.domain.status import DocumentStatus
from autod.errors import BackupError, DatabaseError
from autod.files import custody
from autod.files.folders import Folders
from autod.search.fulltext import search

MOST_SEARCHED = 5
MOST_HITS = 10_000
WORDS = 4
"""Searched for together, the longest ones: few other documents have them all."""
SCRATCH = ".verify-"
DATABASE = "autod_verify_"
ABANDONED = timedelta(days=1)
"""A scratch database of that age belongs to a rehearsal that was killed."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a rehearsal showed. ``searched`` documents were found by their own words."""

    manifest: Manifest
    files: int
    searched: int


def verify(archive: Path, url: str, place: Path, now: datetime, progress: Progress) -> Verified:
    """Restore an archive into a folder below ``place`` and a database of its own, look, and remove both.

    Args:
        url: for an archive of PostgreSQL, any database of a server on which the role may create databases;
            that database itself is not touched.

    Raises:
        BackupError: the archive is damaged, or what was restored is not what was backed up.
        DatabaseError: the server cannot be reached, or the role may not create a database.
    """
    with _scratch_folder(place) as scratch:
        folders = Folders(
            inbox=scratch / "inbox",
            claimed=scratch / "work" / "claimed",
            processed=scratch / "processed",
            failed=scratch / "failed",
        )
        with _scratch_database(url, scratch, now) as own, closing(DatabaseManager(own)) as manager:
            restored = restore(archive, manager, folders, progress)
            progress("Looking at what was restored", 0, 0)
            searched = _look(manager, restored, folders)
    note_verified(archive, now)
    return Verified(restored.manifest, restored.files, searched)


@contextlib.contextmanager
def _scratch_folder(place: Path) -> Iterator[Path]:
    """A folder of ours below ``place``; what a killed rehearsal left there is removed first."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(single_process(place / "verify"))
            for left in place.glob(f"{SCRATCH}*"):
                shutil.rmtree(left, ignore_errors=True)
            name = stack.enter_context(tempfile.TemporaryDirectory(prefix=SCRATCH, dir=place))
        except (OSError, DatabaseError) as error:
            if isinstance(error, DatabaseError) and error.code == Code.DATABASE_IN_USE:
                raise BackupError(
                    "another rehearsal is under way there",
                    code=Code.BACKUP_RUNNING,
                    next_step="Wait until it has ended, or name another folder with --scratch.",
                ) from None
            raise BackupError(
                f"nothing can be restored to scratch in {place}",
                code=Code.RESTORE_UNWRITABLE,
                next_step="Name a folder with enough space with --scratch.",
            ) from None
        yield Path(name)


@contextlib.contextmanager
def _scratch_database(url: str, scratch: Path, now: datetime) -> Iterator[str]:
    if sa.make_url(url).get_backend_name() == "sqlite":
        yield sa.URL.create("sqlite", database=str(scratch / "paper_autopilot.db")).render_as_string()
        return
    name = f"{DATABASE}{int(now.timestamp())}_{secrets.token_hex(4)}"
    engine = create_engine(url, pool_size=1).execution_options(isolation_level="AUTOCOMMIT")
    try:
        _drop_abandoned(engine, now - ABANDONED)
        _create_database(engine, name)
        try:
            yield sa.make_url(url).set(database=name).render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    except sa.exc.SQLAlchemyError as error:
        raise translate(error) from None
    finally:
        engine.dispose()


def _create_database(engine: sa.Engine, name: str) -> None:
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
    except sa.exc.SQLAlchemyError as error:
        refused = translate(error)
        if refused.code != Code.DATABASE_REFUSED:
            raise refused from None
        raise DatabaseError(
            "this role may not create the scratch database that a rehearsal needs",
            code=Code.VERIFY_REFUSED,
            next_step="Run it with PAPER_AUTOPILOT_DB_URL set to a role that may: "
            "one that was made with CREATEDB, as docs/BACKUP.md shows.",
        ) from None


def _drop_abandoned(engine: sa.Engine, before: datetime) -> None:
    """Remove what this role's killed rehearsals left on the server."""
    ours = "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = current_user"
    with engine.connect() as connection:
        for name in connection.scalars(sa.text(ours)):
            made = re.fullmatch(rf"{DATABASE}(\d{{10,12}})_[0-9a-f]{{8}}", name)
            if made and int(made.group(1)) < before.timestamp():
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _look(manager: DatabaseManager, restored: Restored, folders: Folders) -> int:
    """Every document has its bytes where its row says, and is found by its words."""
    absent = {missing.document_id for missing in restored.manifest.missing}
    with manager.get_session(read_only=True) as session:
        rows = inventory_rows(session)
        for row in rows:
            place = Path(row.filed_path) if row.filed_path else folders.claim_of(row.sha256)
            if row.document_id not in absent and not custody.holds(place, row.sha256):
                raise damaged(f"document {row.document_id} did not come back whole")
        completed = [row.document_id for row in rows if row.status is DocumentStatus.COMPLETED]
        return _search(session, completed[-MOST_SEARCHED:])


def _search(session: Session, numbers: list[int]) -> int:
    """Look for each of the documents by its own words; how many had words."""
    indexed = (
        select(SearchText.document_id, SearchText.title, SearchText.body)
        .where(SearchText.document_id.in_(numbers))
        .order_by(SearchText.document_id.desc())
    )
    searched = 0
    for number, title, body in session.execute(indexed):
        words = {word for word in f"{title} {body}".split() if word.isalpha()}
        if words:
            hits = search(session, " ".join(sorted(words, key=len)[-WORDS:]), limit=MOST_HITS)
            if number not in {hit.document_id for hit in hits}:
                raise damaged(f"document {number} is not found by its own words")
            searched += 1
    return searched
