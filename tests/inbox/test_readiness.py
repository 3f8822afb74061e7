"""A file is taken when it is whole and still, not merely quiet."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from autod.inbox.readiness import Gate, Readiness, looks_complete, stamp_of

GATE = Gate(quiet_seconds=0.5, patience_seconds=30)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "whole.pdf"
    with pikepdf.new() as pdf:
        for _ in range(30):
            pdf.add_blank_page()
        pdf.save(path, linearize=True)
    return path


def test_a_whole_file_is_complete(whole: Path) -> None:
    assert looks_complete(whole)


def test_every_shorter_beginning_of_a_linearized_file_is_incomplete(whole: Path) -> None:
    data = whole.read_bytes()
    part = whole.with_name("part.pdf")
    taken_early = []
    for length in range(0, len(data) - 6, 7):
        part.write_bytes(data[:length])
        if looks_complete(part):
            taken_early.append(length)
    assert taken_early == []


def test_padding_after_the_end_does_not_matter(whole: Path) -> None:
    whole.write_bytes(whole.read_bytes() + b"\r\n\x00\x00\x00")
    assert looks_complete(whole)


def test_bytes_before_the_header_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "shifted.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path)
    path.write_bytes(b"mail header\n" + path.read_bytes())
    assert looks_complete(path)


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.4", b"<html>not a pdf</html>", b"%PDF-1.4\nstartxref\n5\n%%EOF"]
)
def test_what_is_no_whole_pdf_is_incomplete(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(content)
    assert not looks_complete(path)


def test_a_whole_file_waits_until_it_is_still(whole: Path) -> None:
    assert GATE.decide(whole, 0.1, closed=False) is Readiness.WAIT
    assert GATE.decide(whole, 0.6, closed=False) is Readiness.READY


def test_a_whole_file_that_its_writer_closed_is_taken_at_once(whole: Path) -> None:
    assert GATE.decide(whole, 0.0, closed=True) is Readiness.READY


def test_an_incomplete_file_waits_even_when_closed_until_patience_ends(tmp_path: Path) -> None:
    part = tmp_path / "part.pdf"
    part.write_bytes(b"%PDF-1.4 and then the scanner paused")
    assert GATE.decide(part, 20, closed=True) is Readiness.WAIT
    assert GATE.decide(part, 31, closed=False) is Readiness.READY


def test_only_regular_files_have_a_stamp(tmp_path: Path, whole: Path) -> None:
    folder = tmp_path / "folder.pdf"
    folder.mkdir()
    link = tmp_path / "link.pdf"
    link.symlink_to(whole)
    assert stamp_of(folder) is None
    assert stamp_of(link) is None
    assert stamp_of(whole) is not None
