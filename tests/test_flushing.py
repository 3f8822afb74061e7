"""What is relied on is flushed first: files before they get their names, folders after."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autod import flushing
from autod.files import custody

Acts = list[tuple[str, str]]


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> Acts:
    """What was flushed, renamed, linked and removed, in order: each with the name it is about."""
    told: Acts = []

    def spied(name: str, which: int) -> None:
        call: Callable[..., None] = getattr(os, name)

        def run(*arguments: object, **named: object) -> None:
            told.append((name, _name_of(arguments[which])))
            call(*arguments, **named)

        monkeypatch.setattr(os, name, run)

    for name, which in (("fsync", 0), ("replace", 1), ("link", 1), ("unlink", 0)):
        spied(name, which)
    monkeypatch.setattr(flushing, "FULL_FLUSH", None)
    return told


def _name_of(what: object) -> str:
    if isinstance(what, int):
        path = Path(f"/proc/self/fd/{what}")
        return path.readlink().name if path.exists() else "?"
    return Path(os.fsdecode(what)).name  # type: ignore[arg-type]


def test_a_file_is_flushed_before_it_gets_its_name_and_its_folder_after(tmp_path: Path, acts: Acts) -> None:
    flushing.write(tmp_path / "note.json", "text")
    [(first, scratch), *rest] = acts
    assert (first, scratch.endswith(flushing.SCRATCH)) == ("fsync", True)
    assert rest[:2] == [("replace", "note.json"), ("fsync", tmp_path.name)]
    assert (tmp_path / "note.json").read_text() == "text"
    assert [path.name for path in tmp_path.iterdir()] == ["note.json"]


def test_a_disk_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "note.json").write_text("before")

    def fails(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(flushing, "flush", fails)
    with pytest.raises(OSError, match="Input/output"):
        flushing.write(tmp_path / "note.json", "after")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


def test_a_folder_is_flushed_with_all_above_it_once(tmp_path: Path, acts: Acts) -> None:
    flushing.make_folder(tmp_path / "a" / "b")
    assert acts[-2:] == [("fsync", tmp_path.name), ("fsync", "a")]
    acts.clear()
    flushing.make_folder(tmp_path / "a" / "b")
    assert acts == []
    flushing.make_folder(tmp_path / "a" / "c")
    assert acts == [("fsync", "a")]


def test_a_folder_that_somebody_else_made_or_made_again_is_flushed(tmp_path: Path, acts: Acts) -> None:
    (tmp_path / "a").mkdir()
    flushing.make_folder(tmp_path / "a")
    assert acts[-1] == ("fsync", tmp_path.name)
    (tmp_path / "a").rename(tmp_path / "elsewhere")
    acts.clear()
    flushing.make_folder(tmp_path / "a")
    assert acts == [("fsync", tmp_path.name)]


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.EIO, True), (errno.ENOSPC, True), (errno.EINVAL, False), (errno.EACCES, False)],
)
def test_a_failing_disk_is_told_and_a_file_system_that_cannot_flush_folders_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, told: bool
) -> None:
    def refuses(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(flushing, "flush", refuses)
    if told:
        with pytest.raises(OSError, match=os.strerror(number)):
            flushing.flush_folder(tmp_path)
    else:
        flushing.flush_folder(tmp_path)


def test_the_bytes_are_in_their_new_place_for_good_before_the_claimed_copy_goes(
    tmp_path: Path, acts: Acts
) -> None:
    (tmp_path / "a.pdf").write_bytes(b"bytes")
    claim = custody.claim(tmp_path / "a.pdf", tmp_path / "store")
    assert acts[-4:-1] == [("replace", claim.path.name), ("fsync", "store"), ("unlink", acts[-2][1])] or [
        act for act in acts if act[0] != "unlink"
    ][-2:] == [("replace", claim.path.name), ("fsync", "store")]
    acts.clear()
    target = custody.file_away(claim.path, claim.sha256, tmp_path / "2026", "a.pdf")
    assert acts == [
        ("fsync", tmp_path.name),
        ("link", "a.pdf"),
        ("fsync", "2026"),
        ("unlink", claim.path.name),
    ]
    again = custody.claim(target, tmp_path / "store")
    acts.clear()
    custody.file_away(again.path, again.sha256, tmp_path / "2026", "a.pdf")
    assert acts == [("fsync", "a.pdf"), ("fsync", "2026"), ("unlink", again.path.name)]


def test_a_file_that_was_leaving_the_inbox_has_its_name_again_for_good_before_the_other_goes(
    tmp_path: Path, acts: Acts
) -> None:
    aside = tmp_path / f".a.pdf{custody.LEAVING}"
    aside.write_bytes(b"bytes")
    custody.put_back(tmp_path)
    assert acts == [("link", "a.pdf"), ("fsync", tmp_path.name), ("unlink", aside.name)]


def test_a_reason_that_is_cleared_stays_cleared(tmp_path: Path, acts: Acts) -> None:
    kept = tmp_path / "a.pdf"
    kept.write_bytes(b"bytes")
    kept.with_name("a.pdf" + custody.REASON).write_text("{}")
    custody.forget_failed(kept, custody.sha256_of(kept))
    assert acts[-1] == ("fsync", tmp_path.name)
    assert not list(tmp_path.iterdir())


def test_other_bytes_than_the_documents_are_never_filed(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"bytes")
    claim = custody.claim(tmp_path / "a.pdf", tmp_path / "store")
    claim.path.write_bytes(b"")
    with pytest.raises(custody.AutodError) as caught:
        custody.file_away(claim.path, claim.sha256, tmp_path / "2026", "a.pdf")
    assert caught.value.code == custody.LOST
    assert not list((tmp_path / "2026").iterdir())
    assert claim.path.exists()
