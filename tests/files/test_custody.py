"""Files change hands without a byte lost, overwritten or altered."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from autod.errors import AutodError, FileTrouble
from autod.files import custody
from autod.files.kept import KEPT_SECONDS, kept_as
from autod.files.writers import Writing
from tests.torture.faults import Do, Fault
from tests.torture.hooks import Torturer, lay

BYTES = b"%PDF-1.7 the bytes of a document"
HASH = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def claimed(tmp_path: Path) -> Path:
    source = tmp_path / "in" / "a.pdf"
    source.parent.mkdir()
    source.write_bytes(BYTES)
    return custody.claim(source, tmp_path / "store").path


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that has no hard links, or another file system than the store's."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "cross-device link")

    monkeypatch.setattr(os, "link", refuse)


def test_claim_copies_the_bytes_under_their_hash_and_leaves_the_source(tmp_path: Path, claimed: Path) -> None:
    assert claimed == tmp_path / "store" / f"{HASH}.pdf"
    assert claimed.read_bytes() == BYTES
    assert (tmp_path / "in" / "a.pdf").read_bytes() == BYTES
    assert [p.name for p in claimed.parent.iterdir()] == [claimed.name]


def test_claim_of_a_link_is_refused_and_copies_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"not yours")
    link = tmp_path / "link.pdf"
    link.symlink_to(secret)
    with pytest.raises(FileTrouble) as caught:
        custody.claim(link, tmp_path / "store")
    assert caught.value.code == "symlink_refused"
    assert list((tmp_path / "store").iterdir()) == []


def test_claim_of_a_pipe_returns_at_once_with_an_error(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.pdf"
    os.mkfifo(pipe)
    with pytest.raises(FileTrouble):
        custody.claim(pipe, tmp_path / "store")


def test_full_disk_while_claiming_leaves_no_partial_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(BYTES)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileTrouble) as caught:
        custody.claim(source, tmp_path / "store")
    assert caught.value.code == "disk_full"
    assert list((tmp_path / "store").iterdir()) == []
    assert source.read_bytes() == BYTES


def test_filing_moves_the_claimed_copy(tmp_path: Path, claimed: Path) -> None:
    target = custody.file_away(claimed, HASH, tmp_path / "processed" / "2026", "x.pdf")
    assert target == tmp_path / "processed" / "2026" / "x.pdf"
    assert target.read_bytes() == BYTES
    assert not claimed.exists()


def test_filing_never_overwrites_other_bytes(tmp_path: Path, claimed: Path) -> None:
    folder = tmp_path / "processed"
    folder.mkdir()
    (folder / "x.pdf").write_bytes(b"other")
    target = custody.file_away(claimed, HASH, folder, "x.pdf")
    assert target.name == "x (2).pdf"
    assert (folder / "x.pdf").read_bytes() == b"other"


def test_few_of_many_files_of_the_same_name_are_looked_at(
    tmp_path: Path, claimed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "processed"
    for number in range(50):
        other = tmp_path / "other.pdf"
        other.write_bytes(b"%d" % number)
        custody.file_away(other, custody.sha256_of(other), folder, "x.pdf")
    looked: list[Path] = []
    sha256_of = custody.sha256_of

    def looking(path: Path) -> str:
        looked.append(path)
        return sha256_of(path)

    monkeypatch.setattr(custody, "sha256_of", looking)
    target = custody.file_away(claimed, HASH, folder, "x.pdf")
    assert target.name == f"x ({HASH[:8]}).pdf"
    assert custody.file_away(claimed, HASH, folder, "x.pdf") == target
    assert len(list(folder.iterdir())) == 51
    assert len([path for path in looked if path.parent == folder]) < 20


@pytest.mark.parametrize("call", ["link", "path.lexists"])
def test_two_processes_that_file_the_same_bytes_at_once_leave_one_file(
    tmp_path: Path, claimed: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """The other one is quicker at each moment: it files, and removes the claimed copy that both share."""
    folder = tmp_path / "processed"
    place = os.path if call.startswith("path.") else os
    real = getattr(place, call.removeprefix("path."))

    def quicker(*arguments: Path) -> object:
        answer = real(*arguments) if place is os.path else None
        monkeypatch.setattr(place, real.__name__, real)
        custody.file_away(claimed, HASH, folder, "x.pdf")
        return answer if place is os.path else real(*arguments)

    monkeypatch.setattr(place, real.__name__, quicker)
    assert custody.file_away(claimed, HASH, folder, "x.pdf") == folder / "x.pdf"
    assert [path.name for path in folder.iterdir()] == ["x.pdf"]


def test_a_file_that_two_processes_put_back_into_the_inbox_is_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = tmp_path / ".x.pdf.leaving"
    aside.write_bytes(BYTES)
    link = os.link

    def quicker(source: Path, target: Path) -> None:
        link(source, target)
        link(source, target)

    monkeypatch.setattr(os, "link", quicker)
    custody.put_back(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x.pdf"]


def test_a_file_that_was_put_back_before_the_power_went_is_there_once(tmp_path: Path) -> None:
    """Its name was flushed; the removal of the other one was not, and is undone."""
    aside = tmp_path / ".x.pdf.leaving"
    aside.write_bytes(BYTES)
    os.link(aside, tmp_path / "x.pdf")
    custody.put_back(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x.pdf"]


def test_a_file_is_put_back_beside_another_one_that_has_its_name_now(tmp_path: Path) -> None:
    (tmp_path / ".x.pdf.leaving").write_bytes(BYTES)
    (tmp_path / "x.pdf").write_bytes(b"newer")
    custody.put_back(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "x.pdf": b"newer",
        "x (2).pdf": BYTES,
    }


def test_bytes_that_go_while_they_are_claimed_again_are_not_there_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(BYTES)

    def seen_and_gone(path: Path, sha256: str) -> bool:
        path.unlink()
        return sha256 == HASH

    monkeypatch.setattr(custody, "holds", seen_and_gone)
    assert not custody.claim_again(source, HASH, tmp_path / "store")


def test_filing_again_after_a_crash_finds_what_was_filed(tmp_path: Path, claimed: Path) -> None:
    first = custody.file_away(claimed, HASH, tmp_path / "processed", "x.pdf")
    assert custody.file_away(claimed, HASH, tmp_path / "processed", "x.pdf") == first
    assert len(list((tmp_path / "processed").iterdir())) == 1


def test_filing_with_neither_copy_nor_filed_file_says_custody_was_lost(tmp_path: Path) -> None:
    with pytest.raises(AutodError) as caught:
        custody.file_away(tmp_path / "gone.pdf", HASH, tmp_path / "processed", "x.pdf")
    assert caught.value.code == "custody_lost"


@pytest.mark.usefixtures("no_links")
def test_filing_across_file_systems_copies_checks_and_then_removes(tmp_path: Path, claimed: Path) -> None:
    target = custody.file_away(claimed, HASH, tmp_path / "processed", "x.pdf")
    assert target.read_bytes() == BYTES
    assert not claimed.exists()
    assert [p.name for p in target.parent.iterdir()] == ["x.pdf"]


@pytest.mark.usefixtures("no_links")
def test_filing_across_file_systems_never_overwrites(tmp_path: Path, claimed: Path) -> None:
    folder = tmp_path / "processed"
    folder.mkdir()
    (folder / "x.pdf").write_bytes(b"other")
    assert custody.file_away(claimed, HASH, folder, "x.pdf").name == "x (2).pdf"
    assert (folder / "x.pdf").read_bytes() == b"other"


@pytest.mark.usefixtures("no_links")
def test_a_copy_that_differs_from_the_original_is_not_filed(
    tmp_path: Path, claimed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed.parent.with_name("spare.pdf").write_bytes(b"something else")
    lay(Torturer([Fault("custody._copy:before", Do.REPLACE)], {}), custody, "_copy", monkeypatch.setattr)
    with pytest.raises(FileTrouble) as caught:
        custody.file_away(claimed, HASH, tmp_path / "processed", "x.pdf")
    assert caught.value.code == "disk_error"
    assert claimed.read_bytes() == b"something else"
    assert list((tmp_path / "processed").iterdir()) == []


def test_leaving_the_inbox_keeps_a_file_that_has_changed(tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(b"newer bytes")
    assert custody.leave_inbox(source, HASH) is False
    assert source.read_bytes() == b"newer bytes"


def test_leaving_the_inbox_removes_the_bytes_that_were_filed(tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(BYTES)
    assert custody.leave_inbox(source, HASH) is True
    assert not source.exists()


@pytest.mark.parametrize("writing", [Writing.SOMEBODY, Writing.UNKNOWN])
def test_leaving_the_inbox_keeps_the_file_itself_where_somebody_may_write_to_it(
    tmp_path: Path, writing: Writing
) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(BYTES)
    inode = source.stat().st_ino
    assert custody.leave_inbox(source, HASH, lambda _: writing) is True
    [path] = tmp_path.iterdir()
    known = kept_as(path.name)
    assert known is not None and (known.name, known.sha256, known.size) == ("a.pdf", HASH, len(BYTES))
    assert path.stat().st_ino == inode


def test_a_kept_file_is_let_go_only_with_its_bytes_and_when_nobody_writes_to_it(tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(BYTES)
    now = custody.changed_at(source)
    late = now + KEPT_SECONDS
    assert not custody.let_go(source, HASH, lambda _: Writing.SOMEBODY, late)
    assert not custody.let_go(source, "0" * 64, lambda _: Writing.NOBODY, late)
    assert not custody.let_go(source, HASH, lambda _: Writing.UNKNOWN, late - 1)
    assert source.exists()
    assert custody.let_go(source, HASH, lambda _: Writing.UNKNOWN, late)
    source.write_bytes(BYTES)
    assert custody.let_go(source, HASH, lambda _: Writing.NOBODY, now)
    assert not source.exists()


def test_the_rest_of_a_file_is_joined_where_it_belongs(tmp_path: Path) -> None:
    first, rest = tmp_path / "first", tmp_path / "rest"
    first.write_bytes(BYTES[:10])

    def is_whole(path: Path) -> bool:
        return path.read_bytes() == BYTES

    for content in (BYTES[10:], b"\0" * 10 + BYTES[10:]):
        rest.write_bytes(content)
        claim = custody.claim_joined(first, rest, tmp_path, is_whole)
        assert claim is not None and (claim.sha256, claim.size) == (HASH, len(BYTES))
        assert claim.path.read_bytes() == BYTES
        claim.path.unlink()
    for content in (b"", b"other", b"\0" * 9 + b"x" + BYTES[10:], b"\0" * 10):
        rest.write_bytes(content)
        assert custody.claim_joined(first, rest, tmp_path, is_whole) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "rest"]


@pytest.mark.parametrize("size", [0, 1, 10, custody.CHUNK, custody.CHUNK + 1])
def test_a_beginning_has_all_its_bytes_in_the_later_file_which_has_more(tmp_path: Path, size: int) -> None:
    earlier, later = tmp_path / "earlier", tmp_path / "later"
    content = os.urandom(size)
    earlier.write_bytes(content)
    later.write_bytes(content + b"x")
    assert custody.is_beginning_of(earlier, later)
    later.write_bytes(content)
    assert not custody.is_beginning_of(earlier, later)
    later.write_bytes(bytes([content[0] ^ 1]) + content[1:] + b"x" if content else b"")
    assert not custody.is_beginning_of(earlier, later)


def test_a_path_that_is_not_utf8_survives_being_written_down() -> None:
    path = Path(os.fsdecode(b"/in/caf\xe9.pdf"))
    text = custody.path_text(path)
    assert text.isascii()
    assert custody.path_from(text) == path
    assert custody.path_from(custody.path_text(Path("/in/café.pdf"))) == Path("/in/café.pdf")
