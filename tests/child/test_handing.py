"""Files are handed to a reading process open; a result is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from autod.child.handing import cut, open_for
from autod.errors import FileTrouble
from autod.open_files import read_text, write_bytes, write_text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_written_takes_its_place_when_the_call_ends_well(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("Müller", encoding="utf-8")
    (tmp_path / "out").write_text("of an earlier try")
    with open_for({"source": tmp_path / "in"}, {"target": tmp_path / "out"}) as files:
        write_text(files["target"], read_text(files["source"]))
        write_text(files["target"], " & Söhne")
        assert (tmp_path / "out").read_text() == "of an earlier try"
    assert (tmp_path / "out").read_text(encoding="utf-8") == "Müller & Söhne"
    assert names(tmp_path) == ["in", "out"]


def test_a_call_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="the reader failed"),
        open_for({}, {"target": tmp_path / "out"}) as files,
    ):
        write_text(files["target"], "half of")
        raise ValueError("the reader failed")
    assert names(tmp_path) == []


def test_what_a_crash_left_is_written_anew_and_a_link_there_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("untouched")
    (tmp_path / "out.part").symlink_to(tmp_path / "theirs")
    with open_for({}, {"target": tmp_path / "out"}) as files:
        write_text(files["target"], "new")
    assert ((tmp_path / "out").read_text(), (tmp_path / "theirs").read_text()) == ("new", "untouched")


@pytest.mark.parametrize("name", ["gone", "folder", "link"])
def test_what_is_no_file_of_its_own_is_refused_with_a_code(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "theirs").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    with pytest.raises(FileTrouble), open_for({"source": tmp_path / name}):
        pytest.fail("it was opened")


def test_a_result_that_cannot_be_written_is_the_file_systems_trouble(tmp_path: Path) -> None:
    with pytest.raises(FileTrouble), open_for({}, {"target": tmp_path / "missing" / "out"}):
        pytest.fail("it was opened")


def test_files_written_in_a_row_are_cut_apart(tmp_path: Path) -> None:
    pieces = {tmp_path / "a": b"x" * 3_000_000, tmp_path / "b": b"", tmp_path / "c": b"end"}
    with open_for({}, {"target": tmp_path / "all"}) as files:
        lengths = {path: write_bytes(files["target"], data) for path, data in pieces.items()}
    cut(tmp_path / "all", lengths)
    assert {path: path.read_bytes() for path in pieces} == pieces
    assert names(tmp_path) == ["a", "b", "c"]
