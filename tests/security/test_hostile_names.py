"""No name, link or swap in the inbox leads out of our folders, and no byte is lost over one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from autod.app import App
from autod.config import Settings
from autod.db import documents
from autod.db.manager import DatabaseManager
from autod.domain.kinds import DocType
from autod.domain.metadata import Metadata
from autod.domain.status import DocumentStatus
from autod.errors import FileTrouble
from autod.files import custody
from tests.db.samples import extraction
from tests.listing import files_in
from tests.paper import INVOICE, pdf_of
from tests.settings import settings_in

NAMES = (
    "..pdf",
    "-rf --no-preserve-root.pdf",
    "CON.pdf",
    "nul.pdf.pdf",
    "COM1.PDF",
    "a..pdf",
    "trailing .pdf",
    "a\\..\\..\\b.pdf",
    "%2e%2e%2fetc%2fpasswd.pdf",
    "tab\tnew\nline\r.pdf",
    "\x1b[2Jred.pdf",
    "\u202efdp.exe.pdf",
    "\u200b\u200d\ufeff.pdf",
    "e\u0301.pdf",
    "é.pdf",
    "caf\udce9.pdf",
    "Invoice.pdf",
    "INVOICE.pdf",
    "x" * 251 + ".pdf",
    "😀" * 62 + ".pdf",
    "$(reboot);`reboot`|&.pdf",
    "'; DROP TABLE documents; --.pdf",
    "{{7*7}}${7*7}<script>.pdf",
)


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 1)
    return settings_in(tmp_path / "ours", sqlite_url, quiet_seconds=0)


@pytest.fixture
def app(settings: Settings, sqlite_url: str) -> Iterator[App]:
    with DatabaseManager(sqlite_url) as manager, App(settings, manager) as app:
        yield app


def files(folder: Path) -> dict[Path, bytes]:
    return {folder / name: (folder / name).read_bytes() for name in files_in(folder)}


def test_files_with_hostile_names_end_in_our_folders_with_all_their_bytes(app: App, tmp_path: Path) -> None:
    """They are no PDFs: what becomes of a name does not depend on what is inside."""
    contents = {}
    for number, name in enumerate(NAMES):
        contents[name] = f"no paper {number}".encode()
        (app.folders.inbox / name).write_bytes(contents[name])
    results = dict(app.process_many([app.folders.inbox / name for name in NAMES]))
    assert len(results) == len(NAMES)
    kept = {path: content for path, content in files(app.folders.failed).items() if path.suffix == ".pdf"}
    assert sorted(kept.values()) == sorted(contents.values())
    assert files(app.folders.inbox) == {}
    for path in kept:
        assert path.parent == app.folders.failed
        assert path.name.isprintable() and not path.name.startswith((".", "-", "~"))
        assert len(os.fsencode(path.name)) < 200
        assert path.name.isascii() or path.name.encode("utf-8")
    assert len({path.name.casefold() for path in kept}) >= len(kept) - 1  # Invoice and INVOICE
    assert {path.name for path in tmp_path.iterdir()} <= {"ours", "paper_autopilot.db", *lock_names()}


def lock_names() -> tuple[str, ...]:
    return tuple(f"paper_autopilot.db{end}" for end in (".lock", "-wal", "-shm"))


@pytest.mark.parametrize(
    "issuer", ["../../../../tmp/evil", "/etc/cron.d/x", "..", "CON", "a\x00b", "\u202egnp", "-rf", ".hidden"]
)
def test_a_name_that_a_model_gives_cannot_lead_out_of_the_folder(app: App, issuer: str) -> None:
    path = app.folders.inbox / "a.pdf"
    path.write_bytes(issuer.encode())
    claim = custody.claim(path, app.folders.claimed)
    said = extraction(Metadata(doc_type=DocType.INVOICE, issuer=issuer, suggested_file_name=issuer))
    document = {"id": 1, "sha256": claim.sha256, "name": "a.pdf", "source": str(path)}
    filed = Path(app.steps.file(document, said.to_dict())["path"])
    assert filed.resolve().is_relative_to(app.folders.processed.resolve())
    assert filed.read_bytes() == issuer.encode()
    assert not filed.name.startswith((".", "-"))


def test_links_in_the_inbox_are_refused_and_what_they_lead_to_is_untouched(app: App, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "own.pdf").write_bytes(pdf_of())
    (app.folders.inbox / "link.pdf").symlink_to(outside / "own.pdf")
    (app.folders.inbox / "folder.pdf").symlink_to(outside)
    (app.folders.inbox / "gone.pdf").symlink_to(tmp_path / "nowhere")
    inbox = app.inbox()
    assert inbox.ready() == []
    for name in ("link.pdf", "folder.pdf", "gone.pdf"):
        assert not app.process(app.folders.inbox / name).success
        assert (app.folders.inbox / name).is_symlink()
    assert list(files(outside).values()) == [pdf_of()]
    assert files(app.folders.claimed) == {}


def test_of_a_hard_link_only_the_inbox_s_name_goes(app: App, tmp_path: Path) -> None:
    own = tmp_path / "own.pdf"
    own.write_bytes(b"no paper")
    os.link(own, app.folders.inbox / "shared.pdf")
    app.process(app.folders.inbox / "shared.pdf")
    assert own.read_bytes() == b"no paper"
    assert files(app.folders.inbox) == {}
    own.write_bytes(b"changed later")  # theirs to change, and ours stays what it was
    kept = app.folders.failed / "shared.pdf"
    assert kept.read_bytes() == b"no paper"


def test_a_file_that_becomes_a_link_between_look_and_copy_is_not_followed(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"a secret of the service")
    path = app.folders.inbox / "a.pdf"
    path.write_bytes(b"no paper")
    claim = custody.claim

    def swapped(source: Path, store: Path) -> custody.Claim:
        path.unlink()
        path.symlink_to(secret)
        return claim(source, store)

    monkeypatch.setattr(custody, "claim", swapped)
    result = app.process(path)
    assert (result.error or "").startswith("symlink_refused")
    assert b"a secret of the service" not in files(tmp_path / "ours").values()


def test_a_file_that_becomes_a_link_before_it_is_removed_leaves_its_target_alone(tmp_path: Path) -> None:
    target, path = tmp_path / "target.pdf", tmp_path / "a.pdf"
    target.write_bytes(b"same bytes")
    path.symlink_to(target)
    with pytest.raises(FileTrouble) as caught:
        custody.leave_inbox(path, hashlib.sha256(b"same bytes").hexdigest())
    assert caught.value.code == "symlink_refused"
    assert target.read_bytes() == b"same bytes"


def test_a_link_where_a_document_is_to_be_filed_is_not_written_through(app: App, tmp_path: Path) -> None:
    outside = tmp_path / "outside.pdf"
    outside.write_bytes(b"theirs")
    (app.folders.failed / "bad.pdf").symlink_to(outside)
    (app.folders.inbox / "bad.pdf").write_bytes(b"no paper")
    app.process(app.folders.inbox / "bad.pdf")
    assert outside.read_bytes() == b"theirs"
    assert (app.folders.failed / "bad (2).pdf").read_bytes() == b"no paper"


def test_a_link_where_the_reason_is_written_is_not_followed(app: App, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_bytes(b"theirs")
    (app.folders.failed / "bad.pdf.reason.json").symlink_to(outside)
    (app.folders.inbox / "bad.pdf").write_bytes(b"no paper")
    app.process(app.folders.inbox / "bad.pdf")
    assert outside.read_bytes() == b"theirs"
    with app.manager.get_session() as session:
        assert documents.require(session, 1).status is DocumentStatus.FAILED


def test_an_inbox_inside_or_around_our_folders_cannot_feed_itself(
    settings: Settings, sqlite_url: str
) -> None:
    place = settings.inbox_dir
    place.mkdir(parents=True)
    trap = settings.processed_dir
    trap.symlink_to(place)
    with pytest.raises(Exception, match="must not lie inside the inbox"), App(settings):
        pass


def test_many_identical_names_never_overwrite(app: App) -> None:
    for number in range(4):
        (app.folders.inbox / "same.pdf").write_bytes(f"no paper {number}".encode())
        app.process(app.folders.inbox / "same.pdf")
    kept = [content for path, content in files(app.folders.failed).items() if path.suffix == ".pdf"]
    assert sorted(kept) == [f"no paper {number}".encode() for number in range(4)]


def test_a_good_document_under_the_worst_name_is_read_like_any_other(app: App) -> None:
    path = app.folders.inbox / "\x1b[2J'; DROP TABLE documents; --\n.pdf"
    path.write_bytes(pdf_of(INVOICE))
    assert app.process(path).success
