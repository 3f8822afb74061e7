"""Nothing lies in the inbox for ever without a word."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import structlog

from autod.inbox.inbox import Inbox
from autod.inbox.readiness import Gate
from autod.inbox.untaken import NEXT_STEPS, Namer, Why, in_words, steps_for, untaken

HOUR = 3600


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def _put(inbox: Path, name: str, content: bytes = b"PK\x03\x04") -> Path:
    path = inbox / name
    path.write_bytes(content)
    return path


NAMED = [
    ("..pdf", b"%PDF-1.7", Why.HIDDEN),
    (".scan.PDF", b"%PDF-1.7", Why.HIDDEN),
    ("letter.docx", b"PK", Why.OTHER),
    ("photo.JPG", b"\xff\xd8", Why.OTHER),
    ("pdf", b"", Why.OTHER),
    ("invoice.pdf.txt", b"plain", Why.OTHER),
    ("scan", b"%PDF-1.7", Why.UNNAMED),
    ("scan.pdf ", b"junk %PDF-1.4", Why.UNNAMED),
]


@pytest.mark.parametrize("name, content, why", NAMED, ids=[name for name, _, _ in NAMED])
def test_what_is_not_taken_is_named_with_the_reason(inbox: Path, name: str, content: bytes, why: Why) -> None:
    _put(inbox, name, content)
    (found,) = untaken(inbox, settled_seconds=-1)
    assert (found.path.name, found.why) == (name, why)
    assert found.next_step


@pytest.mark.parametrize(
    "name",
    [
        ".DS_Store", "._scan.pdf", "Thumbs.db", "desktop.ini", "~$letter.docx", ".scan.pdf.leaving",
        ".0123456789abcdef.part", ".autod-doctor-x", ".scan.pdf.Ab12Cd", "ordinary.pdf", "ORDINARY.PDF",
    ],
)  # fmt: skip
def test_what_is_taken_or_no_document_is_not_named(inbox: Path, name: str) -> None:
    _put(inbox, name)
    assert untaken(inbox, settled_seconds=-1) == []


@pytest.mark.parametrize("name", ["a.pdf.part", "a.crdownload", "a.tmp", "a.pdf~"])
def test_a_download_is_named_when_nobody_has_written_for_an_hour(
    inbox: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(inbox, name)
    assert untaken(inbox, settled_seconds=-1) == []
    later = time.time() + 2 * HOUR
    monkeypatch.setattr(time, "time", lambda: later)
    assert [item.why for item in untaken(inbox)] == [Why.UNFINISHED]


def test_folders_and_links_are_named_and_what_is_young_is_not(inbox: Path) -> None:
    (inbox / "below").mkdir()
    (inbox / "link").symlink_to(inbox)
    os.mkfifo(inbox / "pipe")
    assert untaken(inbox) == []
    assert {item.path.name: item.why for item in untaken(inbox, settled_seconds=-1)} == {
        "below": Why.FOLDER,
        "link": Why.OTHER,
        "pipe": Why.OTHER,
    }


REFUSED = {"link.pdf": Why.LINK, "dangling.PDF": Why.LINK, "folder.pdf": Why.FOLDER, "pipe.pdf": Why.SPECIAL}


def _refused(inbox: Path) -> None:
    """Everything that is named like a PDF and no file."""
    (inbox / "link.pdf").symlink_to(__file__)
    (inbox / "dangling.PDF").symlink_to(inbox / "nowhere")
    (inbox / "folder.pdf").mkdir()
    os.mkfifo(inbox / "pipe.pdf")


def test_what_the_inbox_refuses_is_named_and_what_it_takes_is_not(inbox: Path) -> None:
    _refused(inbox)
    _put(inbox, "paper.pdf", b"%PDF-1.7")
    assert untaken(inbox) == []
    found = untaken(inbox, settled_seconds=-1)
    assert {item.path.name: item.why for item in found} == REFUSED
    assert all(item.next_step for item in found)
    looked = Inbox(inbox, Gate(0, 0), monotonic=time.monotonic, wall=time.time, on_trouble=lambda *_: None)
    taken = {path.name for path in looked.ready()}
    assert taken == {"paper.pdf"} and taken.isdisjoint(REFUSED)


def test_the_log_is_told_of_what_is_refused_by_the_inbox_alone(inbox: Path) -> None:
    _refused(inbox)
    namer = Namer(inbox, settled_seconds=-1)
    with structlog.testing.capture_logs() as logged:
        assert {item.path.name for item in namer.tell()} == set(REFUSED)
    assert logged == []


def test_an_inbox_out_of_reach_names_nothing(tmp_path: Path) -> None:
    assert untaken(tmp_path / "nowhere") == []


def test_each_is_told_once_while_it_lies_there(inbox: Path) -> None:
    now = [0.0]
    namer = Namer(inbox, settled_seconds=-1, every_seconds=10, monotonic=lambda: now[0])
    path = _put(inbox, "a.docx")
    with structlog.testing.capture_logs() as logged:
        for _ in range(5):
            namer.tell()
            now[0] += 11
        _put(inbox, "b.docx")
        namer.tell()
        path.unlink()
        now[0] += 11
        namer.tell()
        _put(inbox, "a.docx")
        now[0] += 11
        namer.tell()
    assert [Path(record["file"]).name for record in logged] == ["a.docx", "b.docx", "a.docx"]
    assert {record["error"] for record in logged} == {"not_taken"}


def test_many_are_counted_and_the_first_few_named_with_their_reasons(inbox: Path) -> None:
    for number in range(7):
        _put(inbox, f"{number}.docx")
    _put(inbox, "..pdf")
    found = untaken(inbox, settled_seconds=-1)
    said = in_words(found)
    assert said.startswith(
        "8 not taken (not_taken): ..pdf: its name begins with a dot; 0.docx: it is no PDF;"
    )
    assert said.endswith("3.docx: it is no PDF; and 3 more")
    assert steps_for(found) == f"{NEXT_STEPS[Why.HIDDEN]} {NEXT_STEPS[Why.OTHER]}"


def test_names_that_no_screen_can_show_are_made_harmless(inbox: Path) -> None:
    _put(inbox, "a\x1b[31m\n.docx")
    _put(inbox, os.fsdecode(b"b\xff.docx"))
    assert [item.name for item in untaken(inbox, settled_seconds=-1)] == ["a?[31m?.docx", "b?.docx"]
