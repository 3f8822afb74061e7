"""A simulated power cut leaves what was flushed and nothing else is sure; each is tried with many seeds."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

from tests.torture.power import Disk, Journal

SEEDS = range(24)


def outcomes(tmp_path: Path, work: Callable[[Path, Journal], None]) -> set[tuple[tuple[str, bytes], ...]]:
    """What may lie in a folder that had the file ``old`` when the power is cut after ``work``."""
    found = set()
    for seed in SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        (folder / "old").write_bytes(b"old")
        journal = tmp_path / f"journal-{seed}"
        disk = Disk(journal, [folder], random.Random(seed))  # noqa: S311 - repeatable, keeps no secret
        notes = Journal(journal)
        work(folder, notes)
        notes.close()
        disk.cut()
        found.add(
            tuple(
                (str(p.relative_to(folder)), p.read_bytes()) for p in sorted(folder.rglob("*")) if p.is_file()
            )
        )
    return found


def flush_file(path: Path, journal: Journal) -> None:
    status = path.stat()
    journal.keep(str(path), status.st_ino)
    journal.file((status.st_ino, status.st_size, status.st_mtime_ns))


def flush_folder(folder: Path, journal: Journal) -> None:
    journal.folder(folder.stat().st_ino, {p.name: p.lstat().st_ino for p in folder.iterdir()})


def test_what_was_flushed_stays(tmp_path: Path) -> None:
    def work(folder: Path, journal: Journal) -> None:
        (folder / "new").write_bytes(b"new")
        flush_file(folder / "new", journal)
        flush_folder(folder, journal)

    assert outcomes(tmp_path, work) == {(("new", b"new"), ("old", b"old"))}


def test_bytes_that_were_not_flushed_may_be_there_emptied_cut_or_zeroed(tmp_path: Path) -> None:
    def work(folder: Path, journal: Journal) -> None:
        (folder / "new").write_bytes(b"new")
        flush_folder(folder, journal)

    found = {dict(files)["new"] for files in outcomes(tmp_path, work)}
    assert {b"new", b"", b"\0\0\0"} < found <= {b"new", b"", b"n", b"ne", b"\0\0\0"}


def test_a_file_that_was_written_to_after_its_flush_is_not_safe(tmp_path: Path) -> None:
    def work(folder: Path, journal: Journal) -> None:
        (folder / "old").write_bytes(b"longer")

    assert (("old", b""),) in outcomes(tmp_path, work)


def test_a_removal_and_a_new_name_may_be_undone_until_their_folder_is_flushed(tmp_path: Path) -> None:
    def work(folder: Path, journal: Journal) -> None:
        os.link(folder / "old", folder / "new")
        (folder / "old").unlink()

    both, neither = (("new", b"old"), ("old", b"old")), ()
    assert outcomes(tmp_path, work) == {both, neither, (("new", b"old"),), (("old", b"old"),)}


def test_a_renaming_is_done_or_undone_as_one(tmp_path: Path) -> None:
    def work(folder: Path, journal: Journal) -> None:
        journal.moved((folder / "old").stat().st_ino)
        (folder / "old").rename(folder / "new")

    assert outcomes(tmp_path, work) == {(("new", b"old"),), (("old", b"old"),)}


def test_a_folder_whose_name_was_not_flushed_may_be_gone_with_all_in_it(tmp_path: Path) -> None:
    def work(folder: Path, journal: Journal) -> None:
        (folder / "made").mkdir()
        os.link(folder / "old", folder / "made" / "new")
        flush_folder(folder / "made", journal)

    assert outcomes(tmp_path, work) == {(("old", b"old"),), (("made/new", b"old"), ("old", b"old"))}


def test_a_database_and_the_log_are_left_alone(tmp_path: Path) -> None:
    def work(folder: Path, journal: Journal) -> None:
        (folder / "logs").mkdir()
        (folder / "logs" / "log").write_bytes(b"line")
        (folder / "x.db-wal").write_bytes(b"pages")

    assert outcomes(tmp_path, work) == {(("logs/log", b"line"), ("old", b"old"), ("x.db-wal", b"pages"))}
