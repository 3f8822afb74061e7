"""What may be taken from the inbox, with a clock of our own."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
import pytest

from autod.errors import FileTrouble
from autod.files.kept import KEPT_SECONDS, kept_as, kept_path
from autod.files.writers import Writing
from autod.inbox.inbox import Inbox
from autod.inbox.readiness import Gate, changed_at


@dataclass
class Bench:
    """An inbox on a real folder, a clock that is moved by hand, and the troubles it told of."""

    folder: Path
    now: float = 1000.0
    wall: float = 0.0
    troubles: list[tuple[str, str]] = field(default_factory=list)
    writing: Writing = Writing.NOBODY
    asked: int = 0

    def __post_init__(self) -> None:
        self.inbox = Inbox(
            self.folder,
            Gate(quiet_seconds=0.5, patience_seconds=30),
            monotonic=lambda: self.now,
            wall=lambda: self.wall,
            on_trouble=self._trouble,
            writes=self._who_writes,
        )

    def _who_writes(self, _path: Path) -> Writing:
        self.asked += 1
        return self.writing

    def _trouble(self, path: Path, trouble: FileTrouble) -> None:
        self.troubles.append((path.name, trouble.code))

    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    def drop(self, name: str, content: bytes | None = None) -> Path:
        path = self.folder / name
        if content is None:
            with pikepdf.new() as pdf:
                pdf.add_blank_page()
                pdf.save(path)
        else:
            path.write_bytes(content)
        return path

    def names(self) -> list[str]:
        return [path.name for path in self.inbox.ready()]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return Bench(folder)


def test_a_new_file_is_ready_once_it_was_still(bench: Bench) -> None:
    bench.drop("a.pdf")
    assert bench.names() == []
    bench.pass_time(0.6)
    assert bench.names() == ["a.pdf"]


def test_a_file_that_lay_there_before_start_up_is_ready_at_once(bench: Bench) -> None:
    bench.wall = changed_at(bench.drop("a.pdf")) + 60
    assert bench.names() == ["a.pdf"]


def test_a_file_whose_writer_ends_while_it_is_looked_at_is_taken_once(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"

    def ends_meanwhile(_path: Path) -> Writing:
        if path.read_bytes().startswith(b"half"):
            path.write_bytes(b"whole: the writer goes on, and closes it")
        return Writing.NOBODY

    path.write_bytes(b"half")
    inbox = Inbox(
        tmp_path,
        Gate(quiet_seconds=0.0, patience_seconds=0.0),
        monotonic=lambda: 0.0,
        wall=lambda: 0.0,
        on_trouble=lambda *_: None,
        writes=ends_meanwhile,
    )
    taken: list[Path] = []
    for _ in range(3):
        for ready in inbox.ready():
            taken.append(ready)
            inbox.taken(ready, "hash of the whole")
    assert taken == [path]


def test_a_clock_that_went_backwards_only_means_waiting_here(bench: Bench) -> None:
    bench.wall = changed_at(bench.drop("a.pdf")) - 86400
    assert bench.names() == []
    bench.pass_time(0.6)
    assert bench.names() == ["a.pdf"]


def test_a_burst_of_writing_starts_the_wait_again(bench: Bench) -> None:
    bench.drop("a.pdf", b"%PDF-1.4 first part")
    bench.names()
    bench.pass_time(29)
    bench.drop("a.pdf", b"%PDF-1.4 first part and second part")
    bench.names()
    bench.pass_time(29)
    assert bench.names() == []
    bench.pass_time(2)
    assert bench.names() == ["a.pdf"]


def test_a_taken_file_is_left_alone_until_its_document_ends(bench: Bench) -> None:
    path = bench.drop("a.pdf")
    bench.names()
    bench.pass_time(1)
    bench.inbox.taken(path, "hash")
    assert bench.names() == []
    bench.inbox.ended("hash")
    assert bench.names() == ["a.pdf"]


def test_a_file_that_keeps_lying_there_is_taken_after_growing_pauses(bench: Bench) -> None:
    path = bench.drop("a.pdf")
    bench.names()
    bench.pass_time(1)
    for pause in (0, 5, 10, 20):
        bench.pass_time(pause + 0.1)
        assert bench.names() == ["a.pdf"]
        bench.inbox.taken(path, "hash")
        bench.inbox.ended("hash")
        assert bench.names() == (["a.pdf"] if pause == 0 else [])


def test_the_same_name_with_new_bytes_is_looked_at_again(bench: Bench) -> None:
    path = bench.drop("a.pdf")
    bench.names()
    bench.pass_time(1)
    bench.inbox.taken(path, "hash")
    bench.drop("a.pdf", path.read_bytes() + b"\n")
    bench.names()
    bench.pass_time(1)
    assert bench.names() == ["a.pdf"]


def test_a_link_and_a_folder_named_like_a_pdf_are_told_of_once_and_left(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "target.pdf").write_bytes(b"%PDF-1.4")
    (bench.folder / "link.pdf").symlink_to(tmp_path / "target.pdf")
    (bench.folder / "folder.pdf").mkdir()
    for _ in range(3):
        bench.pass_time(100)
        assert bench.names() == []
    assert sorted(bench.troubles) == [("folder.pdf", "not_a_file"), ("link.pdf", "symlink_refused")]


def test_hidden_files_and_other_kinds_are_left_alone(bench: Bench) -> None:
    for name in (".a.pdf", "notes.txt", "a.pdf.part"):
        bench.drop(name, b"%PDF-1.4")
    bench.pass_time(100)
    bench.names()
    bench.pass_time(100)
    assert bench.names() == []
    assert bench.troubles == []


def test_a_file_that_cannot_be_taken_is_told_of_once_and_tried_again_later(bench: Bench) -> None:
    path = bench.drop("a.pdf")
    bench.names()
    bench.pass_time(1)
    for _ in range(2):
        assert bench.names() == ["a.pdf"]
        bench.inbox.failed(path, FileTrouble("no", code="permission_denied"))
        assert bench.names() == []
        bench.pass_time(20)
    assert bench.troubles == [("a.pdf", "permission_denied")]


def test_a_file_that_vanishes_while_it_is_looked_at_is_forgotten(bench: Bench) -> None:
    path = bench.drop("a.pdf")
    bench.names()
    path.unlink()
    bench.pass_time(1)
    assert bench.names() == []
    assert bench.troubles == []


def test_oldest_files_come_first(bench: Bench) -> None:
    for age, name in ((10, "young.pdf"), (1000, "old.pdf"), (500, "middle.pdf")):
        os.utime(bench.drop(name), (2_000_000_000 - age, 2_000_000_000 - age))
    bench.names()
    bench.pass_time(1)
    assert bench.names() == ["old.pdf", "middle.pdf", "young.pdf"]


def test_strange_names_are_taken_too(bench: Bench) -> None:
    long_name = "x" * 251 + ".pdf"
    for name in ("new\nline.pdf", long_name, "UPPER.PDF", os.fsdecode(b"caf\xe9.pdf")):
        bench.drop(name)
    bench.names()
    bench.pass_time(1)
    assert len(bench.names()) == 4


def test_a_missing_inbox_is_no_end(bench: Bench) -> None:
    bench.folder.rmdir()
    assert bench.names() == []


def test_a_file_that_is_still_being_written_asks_for_a_short_wait(bench: Bench) -> None:
    assert bench.inbox.unsettled() is None
    bench.drop("a.pdf", b"%PDF-1.4 part")
    bench.names()
    assert bench.inbox.unsettled() == 0.5


def test_what_a_program_has_open_for_writing_is_not_taken_however_long_it_is_still(bench: Bench) -> None:
    bench.writing = Writing.SOMEBODY
    bench.drop("whole.pdf")
    bench.drop("part.pdf", b"%PDF-1.4 first part")
    for _ in range(100):
        assert bench.names() == []
        bench.pass_time(100)
    bench.writing = Writing.NOBODY
    assert sorted(bench.names()) == ["part.pdf", "whole.pdf"]


def test_people_are_told_once_of_a_file_that_is_held_open_also_when_it_is_written_to_now_and_then(
    bench: Bench,
) -> None:
    bench.writing = Writing.SOMEBODY
    path = bench.drop("a.pdf")
    bench.names()
    bench.pass_time(59)
    bench.names()
    assert (bench.troubles, bench.inbox.held_open()) == ([], [])
    for _ in range(5):
        bench.pass_time(90)
        bench.names()
        with path.open("ab") as stream:
            stream.write(b"\n")
        bench.names()
    assert bench.troubles == [("a.pdf", "file_held_open")]
    assert bench.inbox.held_open() == [path]
    assert bench.inbox.unsettled() is None
    bench.writing = Writing.NOBODY
    bench.pass_time(31)
    assert bench.names() == ["a.pdf"]
    assert bench.inbox.held_open() == []


def test_where_nobody_knows_who_writes_a_still_file_is_taken(bench: Bench) -> None:
    bench.writing = Writing.UNKNOWN
    bench.drop("a.pdf")
    bench.names()
    bench.pass_time(1)
    assert bench.names() == ["a.pdf"]


def keep(bench: Bench) -> Path:
    path = bench.drop("a.pdf")
    kept = kept_path(path, "0" * 64, path.stat())
    path.rename(kept)
    return kept


def test_a_kept_file_rests_for_its_time_and_is_then_handed_over(bench: Bench) -> None:
    bench.writing = Writing.UNKNOWN
    kept = keep(bench)
    for _ in range(int(KEPT_SECONDS / 10)):
        assert bench.names() == []
        assert bench.inbox.unsettled() is None
        bench.pass_time(9)
    assert bench.asked < 20
    bench.pass_time(KEPT_SECONDS)
    assert bench.names() == [kept.name]


def test_a_kept_file_s_time_goes_on_after_a_restart(bench: Bench) -> None:
    bench.writing = Writing.UNKNOWN
    kept = keep(bench)
    bench.wall = changed_at(kept) + KEPT_SECONDS + 1
    assert bench.names() == [kept.name]


def test_a_kept_file_is_handed_over_as_soon_as_nobody_can_write_to_it_any_more(bench: Bench) -> None:
    bench.writing = Writing.SOMEBODY
    kept = keep(bench)
    assert bench.names() == []
    bench.writing = Writing.NOBODY
    bench.pass_time(10)
    assert bench.names() == [kept.name]


def test_a_kept_file_that_changes_is_handed_over_once_it_is_complete_and_still(bench: Bench) -> None:
    bench.writing = Writing.UNKNOWN
    kept = keep(bench)
    bench.names()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-50])
    bench.names()
    bench.pass_time(10)
    assert bench.names() == []
    kept.write_bytes(whole + b"\n")
    bench.names()
    bench.pass_time(1)
    assert bench.names() == [kept.name]


def test_a_kept_file_that_has_to_stay_is_handed_over_again_after_growing_pauses(bench: Bench) -> None:
    bench.writing = Writing.UNKNOWN
    kept = keep(bench)
    bench.wall = changed_at(kept) + KEPT_SECONDS + 1
    for pause in (5, 10, 20):
        assert bench.names() == [kept.name]
        bench.inbox.put_off(kept)
        bench.pass_time(pause - 0.1)
        assert bench.names() == []
        bench.pass_time(0.2)


@pytest.mark.parametrize(
    "name",
    [
        "a.pdf",
        "two.dots.pdf",
        "new\nline.pdf",
        "x" * 251 + ".pdf",
        os.fsdecode(b"caf\xe9.pdf"),
        "\u00fc" * 125 + ".pdf",
    ],
)
def test_the_name_of_a_kept_file_says_what_it_was(bench: Bench, name: str) -> None:
    path = bench.drop(name)
    kept = kept_path(path, "ab" * 32, path.stat())
    path.rename(kept)
    known = kept_as(kept.name)
    assert known is not None
    assert name.endswith(known.name.removeprefix("\udcbc"))
    status = kept.stat()
    assert (known.sha256, known.size, known.modified_ns) == ("ab" * 32, status.st_size, status.st_mtime_ns)
    again = kept_as(kept_path(kept, "cd" * 32, status).name)
    assert again is not None and (again.name, again.sha256) == (known.name, "cd" * 32)
    assert kept_path(path, "ab" * 32, status) != kept_path(path, "ab" * 32, status)
