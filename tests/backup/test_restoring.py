"""An archive comes back to life in an empty place, also elsewhere, and nowhere else."""

from __future__ import annotations

import hashlib
import io
import json
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from autod.app import App
from autod.backup import RESTORING, archive, restoring
from autod.backup.restoring import restore
from autod.db import documents
from autod.db.guard import sole_worker
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus
from autod.errors import BackupError, DatabaseError
from autod.files.folders import Folders
from autod.pipeline.steps import Steps
from autod.search.fulltext import search
from tests.backup.place import NOW, Place, differences, folders_below, quiet
from tests.paper import INVOICE, pdf_of
from tests.settings import settings_in

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def target(tmp_path: Path) -> Folders:
    return folders_below(tmp_path / "new")


def files(folders: Folders) -> dict[str, bytes]:
    root = folders.inbox.parent
    found = (path for path in root.rglob("*.pdf*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def test_everything_is_back_and_agrees(place: Place, new_manager: DatabaseManager, target: Folders) -> None:
    (place.folders.inbox / "later.pdf").write_bytes(b"to come")
    taken = place.backup(with_inbox=True)
    restored = restore(taken.path, new_manager, target, quiet)
    assert (restored.manifest.documents, restored.in_flight) == (4, 1)
    assert differences(new_manager.url, target) == []
    assert files(target) == files(place.folders)
    with new_manager.get_session() as session:
        assert [hit.document_id for hit in search(session, "haystack")] == [2]
        document = documents.require(session, 4)
        assert document.source_path == str(target.inbox / "later.pdf")
        assert documents.require(session, 2).filed_path == str(target.processed / "2026/letter/b.pdf")
        new = documents.admit(
            session, sha256="f" * 64, original_filename="n", source_path="/n", size=1, now=NOW
        )
    assert new.document_id == 5
    assert not (target.claimed.parent / RESTORING).exists()


@pytest.mark.parametrize("occupied", ["processed", "failed", "claimed", "database"])
def test_what_is_there_is_never_touched(
    place: Place, new_manager: DatabaseManager, target: Folders, occupied: str
) -> None:
    taken = place.backup()
    if occupied == "database":
        with sa.create_engine(
            new_manager.url.replace("postgresql://", "postgresql+psycopg://")
        ).begin() as connection:
            connection.execute(sa.text("CREATE TABLE mine (id INTEGER)"))
    else:
        (getattr(target, occupied) / "mine.pdf").write_bytes(b"mine")
    before = files(target)
    with pytest.raises(BackupError) as caught:
        restore(taken.path, new_manager, target, quiet)
    assert caught.value.code == "restore_not_empty" and occupied in caught.value.message
    assert files(target) == before


def test_a_running_daemon_is_not_restored_under(
    place: Place, new_manager: DatabaseManager, target: Folders
) -> None:
    taken = place.backup()
    with sole_worker(target.claimed.parent, None), pytest.raises(DatabaseError) as caught:
        restore(taken.path, new_manager, target, quiet)
    assert caught.value.code == "database_in_use"


def test_another_kind_of_database_is_refused(
    sqlite_url: str, postgres_url: str, target: Folders, tmp_path: Path
) -> None:
    with DatabaseManager(sqlite_url) as old, DatabaseManager(postgres_url) as new:
        taken = Place(old, folders_below(tmp_path / "old"), tmp_path / "backups").backup()
        with pytest.raises(BackupError) as caught:
            restore(taken.path, new, target, quiet)
    assert caught.value.code == "restore_other_database"


def test_work_in_flight_goes_on_in_another_place(
    manager: DatabaseManager, tmp_path: Path, new_url_for: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document was filed without its row saying so when the copy was made."""
    settings = settings_in(tmp_path / "old", manager.url, quiet_seconds=0)
    complete = Steps.complete
    taken = []

    def hold(steps: Steps, *arguments: object) -> object:
        place = Place(manager, steps.folders, tmp_path / "backups")
        taken.append(place.backup())
        raise SystemExit

    monkeypatch.setattr(Steps, "complete", hold)
    with App(settings, manager) as app:
        path = app.folders.inbox / "a.pdf"
        path.write_bytes(pdf_of())
        receipt = app.intake.receive(path)
        while not taken:
            app.engine.active()
    monkeypatch.setattr(Steps, "complete", complete)
    with DatabaseManager(new_url_for()) as new:
        elsewhere = settings_in(tmp_path / "new", new.url, quiet_seconds=0)
        folders = folders_below(tmp_path / "new")
        restored = restore(taken[0].path, new, folders, quiet)
        assert restored.in_flight == 1
        with App(elsewhere, new) as app:
            assert app.engine.result(receipt.sha256)["outcome"] == "completed"
        with new.get_session() as session:
            document = documents.require(session, 1)
            assert document.status is DocumentStatus.COMPLETED
            assert Path(document.filed_path or "").is_relative_to(folders.processed)
        assert differences(new.url, folders) == []


@pytest.fixture
def new_url_for(
    manager: DatabaseManager, tmp_path: Path, request: pytest.FixtureRequest
) -> Callable[[], str]:
    def make() -> str:
        if manager.sqlite_path is not None:
            (tmp_path / "new").mkdir(exist_ok=True)
            return f"sqlite:///{tmp_path / 'new' / 'paper_autopilot.db'}"
        return str(request.getfixturevalue("new_postgres")("template1"))

    return make


KILLED = """
import sys
from pathlib import Path
from autod.backup import restoring, snapshot, postgres
from autod.db.manager import DatabaseManager
from autod.files import custody
from tests.backup.place import folders_below, quiet
from tests.torture.faults import Fault
from tests.torture.hooks import Torturer, lay

where, url, root, archive = sys.argv[1:]
module = {"file_away": custody, "load": postgres, "unpack_sqlite": snapshot}.get(where, restoring)
point = f"{module.__name__.rpartition('.')[2]}.{where}:before"
lay(Torturer([Fault(point, nth=2 if where == "file_away" else 1)], {}), module, where)
restoring.restore(Path(archive), DatabaseManager(url), folders_below(Path(root)), quiet)
"""


@pytest.mark.parametrize(
    ("database_url", "where"),
    [
        ("sqlite", "file_away"),
        ("sqlite", "unpack_sqlite"),
        ("sqlite", "hand_over"),
        ("postgres", "load"),
        ("postgres", "relocate"),
    ],
    indirect=["database_url"],
)
def test_a_killed_restore_is_run_again_and_no_daemon_starts_in_between(
    place: Place, new_manager: DatabaseManager, target: Folders, where: str
) -> None:
    taken = place.backup()
    root = target.inbox.parent
    arguments = [where, new_manager.url, str(root), str(taken.path)]
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    with (
        pytest.raises((BackupError, DatabaseError)) as caught,
        App(settings_in(root, new_manager.url), new_manager),
    ):
        pass
    assert caught.value.code in ("restore_unfinished", "schema_empty", "schema_outdated")
    restore(taken.path, new_manager, target, quiet)
    assert differences(new_manager.url, target) == []
    assert files(target) == files(place.folders)
    assert [path.name for path in root.iterdir() if path.name.startswith(".")] == []


# Hostile archives: what somebody else may have put together.


def rewritten(
    path: Path,
    change: Callable[[tarfile.TarFile, list[tuple[tarfile.TarInfo, bytes]]], None],
    manifest: Callable[[dict[str, object]], None] = lambda _: None,
) -> Path:
    """A copy of an archive into which somebody put something else."""
    with tarfile.open(path) as tar:
        kept = [(member, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
    content = json.loads(kept[-1][1])
    manifest(content)
    changed = path.with_name("hostile.tar")
    with tarfile.open(changed, "w", format=tarfile.PAX_FORMAT) as tar:
        put = list(kept[:-1])
        change(tar, put)
        for member, data in put:
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        data = json.dumps(content).encode()
        kept[-1][0].size = len(data)
        tar.addfile(kept[-1][0], io.BytesIO(data))
    return changed


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


def renamed(old: str, new: str) -> dict[str, object]:
    """Member and manifest both say ``new``."""

    def change(_: tarfile.TarFile, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        for member, _data in members:
            if member.name == old:
                member.name = new

    def manifest(content: dict[str, object]) -> None:
        for entry in content["files"]:  # type: ignore[attr-defined]
            if entry["path"] == old:
                entry["path"] = new

    return {"change": change, "manifest": manifest}


def added(member: tarfile.TarInfo) -> dict[str, object]:
    return {"change": lambda tar, _: tar.addfile(member)}


A = "processed/2026/invoice/a.pdf"
HOSTILE = {
    "absolute": renamed(A, "/tmp/autod-evil.pdf"),
    "parent": renamed(A, "processed/../../evil.pdf"),
    "parent of its place": renamed(A, "processed/../evil.pdf"),
    "unknown place": renamed(A, "elsewhere/evil.pdf"),
    "no place": renamed(A, "evil.pdf"),
    "empty part": renamed(A, "processed//evil.pdf"),
    "very long": renamed(A, "processed/" + "x" * 300),
    "database place": renamed(A, "database/evil.pdf"),
    "twice": renamed(A, "processed/2026/letter/b.pdf"),
    "link": added(special("processed/l.pdf", tarfile.SYMTYPE, "/etc/passwd")),
    "hard link": added(special("processed/h.pdf", tarfile.LNKTYPE, "/etc/passwd")),
    "device": added(special("processed/d", tarfile.CHRTYPE)),
    "block device": added(special("processed/d", tarfile.BLKTYPE)),
    "pipe": added(special("processed/p", tarfile.FIFOTYPE)),
    "folder": added(special("processed/f", tarfile.DIRTYPE)),
    "sparse": added(special("processed/s", tarfile.GNUTYPE_SPARSE)),
    "unlisted": added(special("processed/u.pdf", tarfile.REGTYPE)),
    "other bytes": {"change": lambda _, members: members.__setitem__(1, (members[1][0], b"other"))},
    "listed but absent": {"change": lambda _, members: members.pop(1)},
    "larger database": {
        "change": lambda _, m: None,
        "manifest": lambda content: content["database"].__setitem__("size", 10**15),
    },
    "manifest of another shape": {
        "change": lambda _, m: None,
        "manifest": lambda content: content.__setitem__("files", {"a": 1}),
    },
    "wrong types": {
        "change": lambda _, m: None,
        "manifest": lambda content: content["files"][0].__setitem__("size", "7"),
    },
    "long header": {
        "change": lambda tar, _: (
            setattr(tar, "pax_headers", {}) or tar.addfile(_with_header("processed/x.pdf", 8 << 20))
        )
    },
}


def _with_header(name: str, length: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.pax_headers = {"comment": "x" * length}
    return member


@pytest.fixture(scope="module")
def whole_archive(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import shutil

    tmp = tmp_path_factory.mktemp("whole")
    shutil.copyfile(sqlite_template, tmp / "x.db")
    with DatabaseManager(f"sqlite:///{tmp / 'x.db'}") as manager:
        place = Place(manager, folders_below(tmp / "old"), tmp / "backups")
        place.completed(b"first")
        place.completed(b"second", "2026/letter/b.pdf")
        return place.backup().path


def refused(path: Path, tmp_path: Path, code: str = "backup_damaged") -> None:
    """The archive is refused, and not a single file was written."""
    folders = Folders(*(tmp_path / "new" / name for name in ("inbox", "w/claimed", "processed", "failed")))
    with (
        DatabaseManager(f"sqlite:///{tmp_path / 'new.db'}") as manager,
        pytest.raises(BackupError) as caught,
    ):
        restore(path, manager, folders, quiet)
    assert caught.value.code == code
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == []
    assert not Path("/tmp/autod-evil.pdf").exists()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_before_anything_is_written(
    whole_archive: Path, tmp_path: Path, name: str
) -> None:
    refused(rewritten(whole_archive, **HOSTILE[name]), tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9])
def test_an_archive_that_was_cut_off_is_refused(whole_archive: Path, tmp_path: Path, share: float) -> None:
    cut = whole_archive.with_name("cut.tar")
    content = whole_archive.read_bytes()
    cut.write_bytes(content[: int(len(content.rstrip(b"\0")) * share)])
    refused(cut, tmp_path)


def test_every_single_changed_byte_of_a_document_is_found(whole_archive: Path, tmp_path: Path) -> None:
    content = bytearray(whole_archive.read_bytes())
    content[content.index(b"second")] ^= 1
    changed = whole_archive.with_name("changed.tar")
    changed.write_bytes(content)
    refused(changed, tmp_path)


def test_a_format_that_we_do_not_know_asks_for_a_newer_version(whole_archive: Path, tmp_path: Path) -> None:
    newer = rewritten(whole_archive, lambda *_: None, lambda content: content.update(format=2))
    refused(newer, tmp_path, "backup_newer")
    later = rewritten(
        whole_archive,
        lambda *_: None,
        lambda content: content["database"].update(revision="9999"),  # type: ignore[attr-defined]
    )
    refused(later, tmp_path, "backup_newer")


def test_a_database_that_unpacks_to_more_than_it_says_is_stopped(whole_archive: Path, tmp_path: Path) -> None:
    import gzip

    bomb = gzip.compress(b"\0" * (64 << 20))

    def change(_: tarfile.TarFile, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members[0] = (members[0][0], bomb)

    def manifest(content: dict[str, dict[str, object]]) -> None:
        content["database"].update(size=len(bomb), sha256=hashlib.sha256(bomb).hexdigest())

    hostile = rewritten(whole_archive, change, manifest)  # type: ignore[arg-type]
    folders = folders_below(tmp_path / "new")
    with DatabaseManager(f"sqlite:///{tmp_path / 'new.db'}") as manager, pytest.raises(BackupError) as caught:
        restore(hostile, manager, folders, quiet)
    assert caught.value.code == "backup_damaged"
    assert not (tmp_path / "new.db").exists()


def test_what_is_no_archive_is_a_clear_error(tmp_path: Path, whole_archive: Path) -> None:
    refused(tmp_path / "absent.tar", tmp_path, "backup_missing")
    other = whole_archive.with_name("other.tar")
    other.write_bytes(pdf_of(INVOICE))
    refused(other, tmp_path)


def test_members_are_never_read_in_one_piece_beyond_a_limit() -> None:
    stream = archive._Bounded(io.BytesIO(b"x" * 10))
    with pytest.raises(tarfile.ReadError):
        stream.read(archive.LARGEST_READ + 1)


def test_too_little_space_is_told_before_anything_is_written(
    whole_archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring.shutil, "disk_usage", lambda _: type("usage", (), {"free": 10}))
    folders = folders_below(tmp_path / "new")
    with DatabaseManager(f"sqlite:///{tmp_path / 'new.db'}") as manager, pytest.raises(BackupError) as caught:
        restore(whole_archive, manager, folders, quiet)
    assert caught.value.code == "restore_unwritable"
    assert files(folders) == {}
