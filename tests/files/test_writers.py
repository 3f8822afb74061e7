"""Who has a file open for writing, as far as the system tells."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autod.files import writers
from autod.files.writers import Writing, who_writes
from tests.writer import Writer

ROOT = Path(__file__).resolve().parents[2]
NOBODY_USER = 65534

leases = pytest.mark.skipif(not hasattr(fcntl, "F_SETLEASE"), reason="the system has no leases")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF")
    if hasattr(fcntl, "F_SETLEASE") and who_writes(path) is Writing.UNKNOWN:
        pytest.skip("this file system does not tell")
    return path


@leases
def test_a_file_is_written_as_long_as_another_process_has_it_open_for_writing(path: Path) -> None:
    with Writer() as writer:
        for how in "+aw":
            assert who_writes(path) is Writing.NOBODY
            writer.open(path, how)
            assert who_writes(path) is Writing.SOMEBODY
            writer.write(path, b"more")
            assert who_writes(path) is Writing.SOMEBODY
            writer.close(path)
    assert who_writes(path) is Writing.NOBODY


@leases
def test_a_writer_that_dies_has_closed_the_file(path: Path) -> None:
    with Writer() as writer:
        writer.open(path, "a")
    assert who_writes(path) is Writing.NOBODY


@leases
def test_a_file_that_is_open_for_writing_here_or_mapped_is_written_too(path: Path) -> None:
    with path.open("r+b") as stream:
        mapped = mmap.mmap(stream.fileno(), 4)
    assert who_writes(path) is Writing.SOMEBODY
    mapped.close()
    assert who_writes(path) is Writing.NOBODY


@leases
def test_a_file_that_is_only_read_is_not_written(path: Path) -> None:
    with path.open("rb"):
        assert who_writes(path) is Writing.NOBODY


@leases
def test_asking_leaves_nothing_that_holds_up_a_writer(path: Path) -> None:
    who_writes(path)
    os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))


@leases
@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become another user")
def test_of_another_user_s_file_nothing_is_known_and_of_one_s_own_all(path: Path) -> None:
    own = path.with_name("own.pdf")
    own.write_bytes(b"%PDF")
    os.chown(own, NOBODY_USER, NOBODY_USER)
    path.parent.chmod(0o755)
    program = (
        "import os, sys; from autod.files.writers import _by_lease;"
        f"os.setgid({NOBODY_USER}); os.setuid({NOBODY_USER});"
        "print(*(_by_lease(int(number)) for number in sys.argv[1:]))"
    )
    files = [os.open(place, os.O_RDONLY) for place in (path, own)]
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, files)],
        cwd=ROOT,
        pass_fds=files,
        capture_output=True,
        text=True,
        check=True,
    )
    for descriptor in files:
        os.close(descriptor)
    assert done.stdout.split() == ["unknown", "nobody"]


@leases
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (errno.EAGAIN, Writing.SOMEBODY),
        (errno.EACCES, Writing.UNKNOWN),
        (errno.EINVAL, Writing.UNKNOWN),
        (errno.ENOLCK, Writing.UNKNOWN),
    ],
)
def test_what_the_kernel_says_no_to_is_understood(
    path: Path, monkeypatch: pytest.MonkeyPatch, answer: int, expected: Writing
) -> None:
    def refuse(_descriptor: int, command: int, _argument: int) -> int:
        if command == fcntl.F_SETLEASE:
            raise OSError(answer, os.strerror(answer))
        return 0

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    assert who_writes(path) is expected


@leases
def test_a_network_file_system_is_not_asked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "LOCAL", {})
    with Writer() as writer:
        writer.open(path, "a")
        assert who_writes(path) is Writing.UNKNOWN


def test_a_system_without_leases_knows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(fcntl, "F_SETLEASE", raising=False)
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF")
    assert who_writes(path) is Writing.UNKNOWN
