"""Giving files to a reading process, which may open none itself: documents open, results to be written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from autod import flushing
from autod.files import custody


@contextlib.contextmanager
def open_for(reads: Mapping[str, Path], writes: Mapping[str, Path] | None = None) -> Iterator[dict[str, int]]:
    """Descriptors by the names of ``reads`` and ``writes``, for one call of the sandbox.

    When the block ends well, what was written lies under its path, whole; otherwise nothing does. Who relies
    on it after a power cut flushes it.

    Raises:
        FileTrouble: a file cannot be opened, or a result cannot be put in its place.
    """
    with contextlib.ExitStack() as stack:
        descriptors: dict[str, int] = {}
        for name, path in reads.items():
            with custody.explained("cannot read the file"):
                descriptors[name] = stack.enter_context(custody.open_plain(path)).fileno()
        for name, path in (writes or {}).items():
            descriptors[name] = stack.enter_context(_taking_the_place_of(path))
        yield descriptors


@contextlib.contextmanager
def _taking_the_place_of(path: Path) -> Iterator[int]:
    """A descriptor of a new file that takes the place of ``path`` when the block ends well."""
    scratch = path.with_name(path.name + flushing.SCRATCH)
    with custody.explained("cannot write what was read"):
        scratch.unlink(missing_ok=True)  # what a crash left; a link there is not followed
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        yield descriptor
        with custody.explained("cannot write what was read"):
            scratch.replace(path)
    finally:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)


def cut(whole: Path, lengths: Mapping[Path, int]) -> None:
    """Make files of ``whole``'s bytes, one after the other with so many each, and remove it.

    Raises:
        FileTrouble: the file system refused.
    """
    with custody.explained("cannot read the file"), custody.open_plain(whole) as source:
        for path, length in lengths.items():
            with _taking_the_place_of(path) as descriptor, open(descriptor, "wb", closefd=False) as target:
                for start in range(0, length, custody.CHUNK):
                    target.write(source.read(min(custody.CHUNK, length - start)))
    with custody.explained("cannot remove a scratch file"):
        whole.unlink()
