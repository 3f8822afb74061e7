"""Which files are open, as far as file events tell."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autod.files.writers import Writing, unknown
from autod.inbox import watch as watching
from autod.inbox.watch import OPEN_SECONDS, Watch
from tests.waiting import until
from tests.writer import Writer

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells of closing")


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    with Watch(tmp_path) as watch:
        yield watch


@linux
def test_a_file_that_was_written_and_not_closed_is_open(watch: Watch, tmp_path: Path) -> None:
    ask, path = watch.beside(unknown), tmp_path / "a.pdf"
    with Writer() as writer:
        for how in "wa":
            writer.open(path, how)
            writer.write(path, b"%PDF")
            until(lambda: ask(path) is Writing.SOMEBODY)
            writer.close(path)
            until(lambda: ask(path) is Writing.UNKNOWN)


@linux
def test_a_file_that_is_renamed_while_it_is_open_is_still_open(watch: Watch, tmp_path: Path) -> None:
    ask, part, path = watch.beside(unknown), tmp_path / ".a.pdf.part", tmp_path / "a.pdf"
    with Writer() as writer:
        writer.open(part)
        writer.write(part, b"%PDF")
        writer.rename(part, path)
        until(lambda: ask(path) is Writing.SOMEBODY)
        writer.close(path)
        until(lambda: ask(path) is Writing.UNKNOWN)


def test_what_the_kernel_knows_is_believed_and_not_the_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TELLS_CLOSING", True)
    watch, path = Watch(tmp_path), tmp_path / "a.pdf"
    watch.follow("modified", path, path)
    assert watch.beside(lambda _: Writing.NOBODY)(path) is Writing.NOBODY
    assert watch.beside(unknown)(path) is Writing.SOMEBODY


def test_news_of_a_closing_that_never_comes_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TELLS_CLOSING", True)
    seconds = [0.0]
    watch, path = Watch(tmp_path, lambda: seconds[0]), tmp_path / "a.pdf"
    watch.follow("modified", path, path)
    seconds[0] += OPEN_SECONDS
    assert watch.beside(unknown)(path) is Writing.UNKNOWN


def test_where_the_system_does_not_tell_of_closing_nothing_counts_as_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TELLS_CLOSING", False)
    watch, path = Watch(tmp_path), tmp_path / "a.pdf"
    watch.follow("modified", path, path)
    assert watch.beside(unknown)(path) is Writing.UNKNOWN
