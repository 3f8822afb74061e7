"""What may be taken from the inbox, with a clock of our own."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
import pytest

from autod.errors import FileTrouble
from autod.inbox.inbox import Inbox
from autod.inbox.readiness import Gate, changed_at


@dataclass
class Bench:
    """An inbox on a real folder, a clock that is moved by hand, and the troubles it told of."""

    folder: Path
    now: float = 1000.0
    wall: float = 0.0
    troubles: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.inbox = Inbox(
            self.folder,
            Gate(quiet_seconds=0.5, patience_seconds=30),
            monotonic=lambda: self.now,
            wall=lambda: self.wall,
            on_trouble=self._trouble,
        )

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
